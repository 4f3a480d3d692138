"""Shots of photographs under a virtual camera whose motion is known from frame to frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.render.camera import CameraMove, Shake, View, ease_in_out, hold, linear
from ava.render.grade import Grain, make_vignette
from ava.render.layer import Layer, Pose, PoseAt
from ava.render.plate import Plate, crop_plate, load_plate, scale_plate
from ava.render.shot import ShotClock, ShotSpec, draw_shot, place_layer

WIDTH, HEIGHT, FPS = 640, 360, Fraction(25)
ENLARGED = 2.0
LEAST_TEXTURED = 0.6
"""Over a plain sky nobody can tell a pan from a still camera, and neither could a truth."""

KINDS = ("static", "pan", "tilt", "zoom", "handheld", "tracking")

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A rendered shot: its kind of camera, what is drawn, and how it was spoilt (grain in levels, x264's crf)."""

    kind: str
    spec: ShotSpec
    grain: float = 0.0
    crf: int | None = None
    has_subject: bool = False

    def frames(self) -> Frames:
        """All frames, ``uint8 (T, 360, 640, 3)``."""
        vignette = make_vignette(width=WIDTH, height=HEIGHT, strength_unit=0.0)
        grain = Grain(width=WIDTH, height=HEIGHT, strength=self.grain, rng=np.random.default_rng(7))
        drawn = [
            grain.apply(draw_shot(self.spec, clock, width=WIDTH, height=HEIGHT, vignette=vignette), frame_index=number)
            for number, clock in enumerate(self._clocks())
        ]
        return np.stack(drawn) if self.crf is None else _compress(drawn, crf=self.crf)

    def motion(self) -> NDArray[np.float64]:
        """Where a point of each frame was in the one before: ``scale, dx, dy`` ``(T - 1, 3)``, pixels of the frame."""
        ground = self.spec.layers[0]
        places = [place_layer(self.spec, ground, clock, width=WIDTH, height=HEIGHT) for clock in self._clocks()]
        rows = []
        for before, now in pairwise(places):
            scale = before.scale / now.scale
            rows.append((scale, before.dx - scale * now.dx, before.dy - scale * now.dy))
        return np.array(rows)

    def _clocks(self) -> Iterator[ShotClock]:
        return (ShotClock(number, self.spec.frames, float(FPS)) for number in range(self.spec.frames))


def render_clips(folder: Path, *, of_each_kind: int, seed: int = 0) -> Iterator[Clip]:
    """Shots of every kind over photographs of a folder, of many lengths, speeds and states of spoilage."""
    photographs = sorted(folder.glob("documerica/*.jpg"))
    for number in range(of_each_kind):
        for kind_number, kind in enumerate(KINDS):
            rng = np.random.default_rng([seed, kind_number, number])
            yield draw_clip(kind, photographs=photographs, rng=rng)


def draw_clip(kind: str, *, photographs: list[Path], rng: np.random.Generator) -> Clip:
    """One shot of a kind; half of them have somebody moving through (in tracking shots always, held by the camera)."""
    ground = _ground(photographs, rng)
    seconds = float(rng.uniform(1.4, 4.5))
    camera = _camera(kind, ground, seconds=seconds, rng=rng)
    layers: tuple[Layer, ...] = (Layer(ground),)
    has_subject = kind == "tracking" or bool(rng.random() < 0.5)
    if has_subject:
        layers += (_subject(kind, camera, photographs=photographs, seconds=seconds, rng=rng),)
    return Clip(
        kind,
        ShotSpec(kind, round(seconds * float(FPS)), layers, camera),
        grain=float(rng.choice([0.0, 3.0, 6.0])),
        crf=int(rng.choice([20, 28, 33])),
        has_subject=has_subject,
    )


def _ground(photographs: list[Path], rng: np.random.Generator) -> Plate:
    """A landscape-format photograph without its frame, enlarged; one with something to see nearly everywhere."""
    while True:
        plate = load_plate(photographs[int(rng.integers(len(photographs)))])
        if plate.width > plate.height:
            margin_x, margin_y = plate.width // 20, plate.height // 16
            inner = crop_plate(
                plate, x0=margin_x, y0=margin_y, x1=plate.width - margin_x, y1=plate.height - margin_y
            )
            if _textured_share(inner) >= LEAST_TEXTURED:
                return scale_plate(inner, factor=ENLARGED, sharpen_unit=0.5)


def _textured_share(plate: Plate) -> float:
    """Share of 16 × 16 parts of a plate whose luma varies by more than grain does."""
    luma = cv2.cvtColor(plate.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean, square = (cv2.resize(values, (16, 16), interpolation=cv2.INTER_AREA) for values in (luma, luma * luma))
    return float((square - mean * mean > 80).mean())


def _camera(kind: str, ground: Plate, *, seconds: float, rng: np.random.Generator) -> CameraMove:
    wide, high = ground.width, ground.height
    width = float(rng.uniform(0.42, 0.5)) * wide
    middle = View(wide / 2, high / 2, width)
    ease = linear if rng.random() < 0.5 else ease_in_out
    sign = 1 if rng.random() < 0.5 else -1
    if kind == "static":
        return hold(middle)
    if kind == "handheld":
        return hold(middle, shake=Shake(float(rng.uniform(0.006, 0.03)), rate_hz=float(rng.uniform(0.6, 1.4))))
    if kind == "zoom":
        ratio = float(np.exp(sign * rng.uniform(0.12, 0.6)))
        start = View(wide / 2, high / 2, width * min(ratio, 1.0) * 1.3)
        return CameraMove("push_in", start, View(wide / 2, high / 2, start.width / ratio), ease)
    free_x, free_y = (wide - width) / 2, (high - width * HEIGHT / WIDTH) / 2
    if kind == "tilt":
        down = sign * float(rng.uniform(0.4, 0.9)) * free_y
        across = float(rng.uniform(-0.1, 0.1)) * down
    else:
        across = sign * float(rng.uniform(0.25, 0.95)) * free_x
        down = float(rng.uniform(-0.1, 0.1)) * across
    start, end = (View(wide / 2 + way * across, high / 2 + way * down, width) for way in (-1, 1))
    return CameraMove("tilt" if kind == "tilt" else "pan", start, end, ease)


def _subject(
    kind: str, camera: CameraMove, *, photographs: list[Path], seconds: float, rng: np.random.Generator
) -> Layer:
    """A rounded piece of another photograph: held in the frame when tracked, else on its way through it."""
    source = scale_plate(load_plate(photographs[int(rng.integers(len(photographs)))]), factor=ENLARGED)
    view_height = camera.start.width * HEIGHT / WIDTH
    high = int(rng.uniform(0.55, 0.85) * view_height)
    wide = int(high * rng.uniform(0.45, 0.8))
    x0, y0 = (source.width - wide) // 2, (source.height - high) // 2
    piece = crop_plate(source, x0=x0, y0=y0, x1=x0 + wide, y1=y0 + high)
    plate = Plate(piece.rgb, _rounded(piece.width, piece.height))
    # Who walks along with a pan is tracked by it, so nobody does.
    way = np.sign(camera.end.x - camera.start.x) or (1 if rng.random() < 0.5 else -1)
    speed = -float(rng.uniform(0.1, 0.35) * way)

    def walk(time_s: float) -> Pose:
        time_unit = time_s / seconds
        bob = 0.006 * view_height * np.sin(2 * np.pi * 1.8 * time_s)
        view = camera.view(time_unit, time_s=time_s) if kind == "tracking" else camera.view(0.5, time_s=0.0)
        x = view.x + (0.0 if kind == "tracking" else (time_unit - 0.5) * speed * seconds * view.width)
        return Pose(x - wide / 2, view.y + view_height * 0.5 - high + bob)

    pose: PoseAt = walk
    return Layer(plate, pose)


def _rounded(width: int, height: int) -> NDArray[np.uint8]:
    matte = np.zeros((height, width), np.uint8)
    cv2.ellipse(matte, (width // 2, height // 5), (width // 4, height // 5), 0, 0, 360, 255, -1)
    cv2.ellipse(matte, (width // 2, height), (width // 2, round(height * 0.65)), 0, 180, 360, 255, -1)
    return np.asarray(cv2.GaussianBlur(matte, (0, 0), 1.5), dtype=np.uint8)


def _compress(frames: list[Frames], *, crf: int) -> Frames:
    """Through x264 and back."""
    file = BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream = output.add_stream("libx264", rate=FPS, options={"crf": str(crf), "preset": "veryfast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count = 1
        for frame in frames:
            output.mux(stream.encode(VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as film:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])
