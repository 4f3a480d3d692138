"""Shots: a scene, a camera, a look, and the letters over it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.render.camera import CameraMove
from ava.render.grade import Grade
from ava.render.layer import SHUTTER_UNIT, Affine, Layer, draw_layer
from ava.render.lettering import TextCue
from ava.render.plate import Rgb
from ava.render.truth import Box

Course = Callable[[float], float]
"""A value that changes through a shot: from the share of time 0–1 that has gone by."""
_VISIBLE_UNIT = 0.4


def constant(value: float) -> Course:
    """A value that stays."""
    return lambda time_unit: value


def ramp(start: float, end: float, *, begin_unit: float = 0.0, end_unit: float = 1.0) -> Course:
    """A value that goes evenly from ``start`` to ``end`` between two moments and stays before and after."""

    def course(time_unit: float) -> float:
        share = (time_unit - begin_unit) / max(end_unit - begin_unit, 1e-9)
        return start + (end - start) * min(max(share, 0.0), 1.0)

    return course


@dataclass(frozen=True)
class ShotSpec:
    """One shot: ``frames`` long, from its first own frame to its last.

    ``layers`` are drawn in order, the first fills the frame. ``exposure`` gives stops, ``defocus`` the blur's
    standard deviation as a share of the frame's width, both over the shot's time.
    """

    name: str
    frames: int
    layers: tuple[Layer, ...]
    camera: CameraMove
    grade: Grade = field(default_factory=Grade)
    exposure: Course = field(default_factory=lambda: constant(0.0))
    defocus: Course = field(default_factory=lambda: constant(0.0))
    texts: tuple[TextCue, ...] = ()


@dataclass(frozen=True, slots=True)
class ShotClock:
    """Where in its shot a frame lies: ``frame`` from the first drawn one, ``count`` drawn in all."""

    frame: float
    count: int
    fps: float

    @property
    def time_unit(self) -> float:
        """Share of the shot that has gone by, 0–1."""
        return self.frame / max(self.count - 1, 1)

    @property
    def time_s(self) -> float:
        """Seconds into the shot."""
        return self.frame / self.fps

    def moved(self, frames: float) -> "ShotClock":
        """The same clock a little earlier or later."""
        return ShotClock(self.frame + frames, self.count, self.fps)


def draw_shot(shot: ShotSpec, clock: ShotClock, *, width: int, height: int, vignette: NDArray[np.uint8]) -> Rgb:
    """Draw one frame of a shot without letters and grain: ``uint8 (height, width, 3)``."""
    frame: Rgb | None = None
    for layer in shot.layers:
        affine = place_layer(shot, layer, clock, width=width, height=height)
        frame = draw_layer(
            frame,
            layer,
            affine=affine,
            light=layer.pose(clock.time_s).light,
            blur_px=_shutter_travel(shot, layer, clock, width=width, height=height),
            width=width,
            height=height,
        )
    assert frame is not None, "a shot has at least one layer"
    sigma_px = shot.defocus(clock.time_unit) * width
    if sigma_px > 0.3:
        frame = _defocus(frame, sigma_px=sigma_px)
    graded = cv2.LUT(frame, shot.grade.look_up(exposure_stops=shot.exposure(clock.time_unit)))
    return np.asarray(cv2.multiply(graded, vignette, scale=1 / 255), dtype=np.uint8)


def place_layer(shot: ShotSpec, layer: Layer, clock: ShotClock, *, width: int, height: int) -> Affine:
    """Return how a layer's plate lies in the frame at a moment."""
    view = shot.camera.view(clock.time_unit, time_s=clock.time_s)
    home = shot.camera.view(0.5, time_s=0.5 * clock.count / clock.fps)
    return layer.affine(view, home=home, time_s=clock.time_s, width=width, height=height)


def _shutter_travel(shot: ShotSpec, layer: Layer, clock: ShotClock, *, width: int, height: int) -> tuple[float, float]:
    """How far the middle of the layer, or of the frame, moves while the shutter is open, in frame pixels."""
    before = place_layer(shot, layer, clock.moved(-SHUTTER_UNIT / 2), width=width, height=height)
    after = place_layer(shot, layer, clock.moved(SHUTTER_UNIT / 2), width=width, height=height)
    # The plate's point that is seen in the middle of the frame now.
    now = place_layer(shot, layer, clock, width=width, height=height)
    x, y = (width / 2 - now.dx) / now.scale, (height / 2 - now.dy) / now.scale
    return (
        (after.scale - before.scale) * x + after.dx - before.dx,
        (after.scale - before.scale) * y + after.dy - before.dy,
    )


def frame_travel_unit(shot: ShotSpec, clock: ShotClock) -> float:
    """How far the camera moves from this frame to the next, as a share of the view's width."""
    now = shot.camera.view(clock.time_unit, time_s=clock.time_s)
    later = clock.moved(1.0)
    then = shot.camera.view(later.time_unit, time_s=later.time_s)
    return float(np.hypot(then.x - now.x, then.y - now.y)) / now.width


def _defocus(frame: Rgb, *, sigma_px: float) -> Rgb:
    """Blur; wide blurs are made at a smaller size, where nothing is lost by it."""
    if sigma_px <= 4:
        return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma_px), dtype=np.uint8)
    size = (frame.shape[1], frame.shape[0])
    small = cv2.resize(frame, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / 4)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def visible_faces(shot: ShotSpec, clock: ShotClock, *, width: int, height: int) -> list[tuple[str, Box, float]]:
    """List the faces in a frame: person, box cut at the frame's edges, share inside it.

    Faces of which less than two fifths are inside are left out.
    """
    found: list[tuple[str, Box, float]] = []
    for layer in shot.layers:
        affine = place_layer(shot, layer, clock, width=width, height=height)
        for face in layer.plate.faces:
            x0, y0, x1, y1 = affine.move_box(face.box)
            inside = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
            area = max(inside[2] - inside[0], 0.0) * max(inside[3] - inside[1], 0.0)
            visible = area / ((x1 - x0) * (y1 - y0))
            if visible >= _VISIBLE_UNIT:
                found.append((face.person, inside, visible))
    return found
