"""Layers: plates at places in a scene, laid over one another as the camera sees them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.render.camera import View
from ava.render.plate import Plate, Rgb
from ava.render.truth import Box

SHUTTER_UNIT = 0.5
"""A 180° shutter: light is gathered during half of the time from one frame to the next."""
_LEAST_BLUR_PX = 1.5
_HALF_SIZE_BELOW = 0.55


class Pose(NamedTuple):
    """Where a plate's top left corner lies in the scene, and scene pixels per plate pixel; ``light`` dims an
    added layer, 0–1."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    light: float = 1.0


PoseAt = Callable[[float], Pose]
"""Pose at a time in seconds from the beginning of the shot."""


class Affine(NamedTuple):
    """Frame pixels from plate pixels: ``x' = scale * x + dx``, ``y' = scale * y + dy``."""

    scale: float
    dx: float
    dy: float

    def move_box(self, box: Box) -> Box:
        """Carry a box of the plate over into the frame."""
        x0, y0, x1, y1 = box
        return (
            x0 * self.scale + self.dx,
            y0 * self.scale + self.dy,
            x1 * self.scale + self.dx,
            y1 * self.scale + self.dy,
        )


def stay(x: float = 0.0, y: float = 0.0, *, scale: float = 1.0) -> PoseAt:
    """A plate that does not move."""
    pose = Pose(x, y, scale)
    return lambda time_s: pose


@dataclass(frozen=True)
class Layer:
    """A plate in a scene.

    ``parallax`` is how much of the camera's travel the layer sees: 1 for what the camera looks at, less
    for what is far away, more for what is near. ``blend`` "add" adds light (flames, glows) and takes no matte.
    """

    plate: Plate
    pose: PoseAt = field(default_factory=stay)
    parallax: float = 1.0
    blend: Literal["over", "add"] = "over"

    def affine(self, view: View, *, home: View, time_s: float, width: int, height: int) -> Affine:
        """Place the plate in a frame; ``home`` is the view that parallax is measured from."""
        pose = self.pose(time_s)
        x = home.x + (view.x - home.x) * self.parallax
        y = home.y + (view.y - home.y) * self.parallax
        frame_per_scene = width / view.width
        left, top = x - view.width / 2, y - view.width * height / width / 2
        return Affine(pose.scale * frame_per_scene, (pose.x - left) * frame_per_scene, (pose.y - top) * frame_per_scene)


def draw_layer(
    frame: Rgb | None,
    layer: Layer,
    *,
    affine: Affine,
    light: float,
    blur_px: tuple[float, float],
    width: int,
    height: int,
) -> Rgb:
    """Draw one layer onto ``frame`` (None for the first, which fills the frame, mirrored beyond its edges).

    ``blur_px`` is how far the layer moves in the frame while the shutter is open.
    """
    rgb, matte, affine = _halved(layer.plate, affine)
    if frame is None:
        return _smear(_warp(rgb, affine, width, height, border=cv2.BORDER_REFLECT_101), blur_px)
    region = _region(affine, rgb.shape, blur_px, width=width, height=height)
    if region is None:
        return frame
    x0, y0, x1, y1 = region
    local = Affine(affine.scale, affine.dx - x0, affine.dy - y0)
    drawn = _smear(_warp(rgb, local, x1 - x0, y1 - y0, border=cv2.BORDER_CONSTANT), blur_px)
    under = frame[y0:y1, x0:x1]
    if layer.blend == "add":
        frame[y0:y1, x0:x1] = cv2.addWeighted(under, 1.0, drawn, light, 0)
        return frame
    cover = np.full(rgb.shape[:2], 255, np.uint8) if matte is None else matte
    cover = _smear(_warp(cover, local, x1 - x0, y1 - y0, border=cv2.BORDER_CONSTANT), blur_px)
    frame[y0:y1, x0:x1] = _lay_over(under, drawn, cover)
    return frame


def _lay_over(under: Rgb, over: Rgb, cover: NDArray[np.uint8]) -> Rgb:
    share = cv2.merge([cover, cover, cover])
    front = cv2.multiply(over, share, scale=1 / 255)
    back = cv2.multiply(under, cv2.bitwise_not(share), scale=1 / 255)
    return np.asarray(cv2.add(front, back), dtype=np.uint8)


def _halved(plate: Plate, affine: Affine) -> tuple[Rgb, NDArray[np.uint8] | None, Affine]:
    """Shrink a plate that is shown much smaller than it is, so that sampling it does not alias."""
    rgb, matte = plate.rgb, plate.matte
    while affine.scale < _HALF_SIZE_BELOW and min(rgb.shape[:2]) > 4:
        size = (rgb.shape[1] // 2, rgb.shape[0] // 2)
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if matte is not None:
            matte = np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        affine = Affine(affine.scale * 2, affine.dx, affine.dy)
    return rgb, matte, affine


def _warp(plane: NDArray[np.uint8], affine: Affine, width: int, height: int, *, border: int) -> NDArray[np.uint8]:
    # Pixel centres lie at halves: the same point has to be scaled about the corner, not about a centre.
    shift = 0.5 * affine.scale - 0.5
    matrix = np.array([[affine.scale, 0, affine.dx + shift], [0, affine.scale, affine.dy + shift]])
    return np.asarray(
        cv2.warpAffine(plane, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border),
        dtype=np.uint8,
    )


def _smear(plane: NDArray[np.uint8], blur_px: tuple[float, float]) -> NDArray[np.uint8]:
    """Blur along a straight line: what a moving picture leaves on an open shutter."""
    length = float(np.hypot(*blur_px))
    if length < _LEAST_BLUR_PX:
        return plane
    if abs(blur_px[1]) < 0.05 * length:
        return np.asarray(cv2.blur(plane, (max(2, round(length)), 1)), dtype=np.uint8)
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), dtype=np.float32)
    step = (blur_px[0] / length, blur_px[1] / length)
    for distance in np.linspace(-length / 2, length / 2, 4 * half):
        x, y = half + distance * step[0], half + distance * step[1]
        left, top = int(x), int(y)
        for row, column, share in (
            (top, left, (1 - x % 1) * (1 - y % 1)),
            (top, left + 1, (x % 1) * (1 - y % 1)),
            (top + 1, left, (1 - x % 1) * (y % 1)),
            (top + 1, left + 1, (x % 1) * (y % 1)),
        ):
            kernel[min(row, 2 * half), min(column, 2 * half)] += share
    return np.asarray(cv2.filter2D(plane, -1, kernel / kernel.sum()), dtype=np.uint8)


def _region(
    affine: Affine, shape: tuple[int, ...], blur_px: tuple[float, float], *, width: int, height: int
) -> tuple[int, int, int, int] | None:
    """The part of the frame that the layer can touch, or None."""
    margin = int(np.hypot(*blur_px)) + 2
    x0, y0, x1, y1 = affine.move_box((0, 0, shape[1], shape[0]))
    left, top = max(int(x0) - margin, 0), max(int(y0) - margin, 0)
    right, bottom = min(int(x1) + margin, width), min(int(y1) + margin, height)
    return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None
