"""Footage with known pixel errors, without any, and with what only looks like them; withheld from all training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frames
from ava.media.planes import read_planes
from ava.media.probe import probe
from ava.media.reader import read_pictures
from qc.defects.compress import encode
from qc.defects.defect import Planted, RgbFrames, Spot
from qc.defects.find import find_lookalikes
from qc.defects.light import LUMA
from qc.defects.plant import plant
from qc.pixel.found import HALO_FRAMES
from qc.pixel.model_file import PixelModelFile
from qc.pixel.scan import CONTEXT_FRAMES, PixelScanner, SpanFindings
from qc.pixel.visible import threshold_at

WITHHELD = {
    "flower.mp4": (0, 150),
    "friday.mp4": (0, 183),
    "car-detection.mp4": (0, 375),
    "googlework_short.mp4": (0, 1020),
    "sintel_trailer_480p.mp4": (600, 1200),
    "popeye_sinbad_p3.mkv": (0, 240),
}
"""Films and half-open spans of frames of them that no training and no tuning sees."""
TUNED_ON = {
    "asl_five_people_montage.mp4": (0, 240),
    "big_buck_bunny_0_30.webm": (0, 240),
    "sintel_trailer_480p.mp4": (0, 240),
    "chaplin.mp4": (0, 240),
}
"""What the thresholds of the other methods are set on."""
STORED = {
    "lossless": ("h264", 0),
    "h264": ("h264", 18),
    "hevc": ("hevc", 22),
    "prores": ("prores", 3),
    "mjpeg": ("mjpeg", 3),
}
"""How planted footage is stored: codec and quality (see qc.defects.compress). All but ProRes is 4:2:0."""
WITHHELD_SEED, TUNING_SEED = 7, 8
SEGMENTS, SEGMENT_FRAMES = 4, 12
SPOTS_A_FRAME = 2
"""Few, as in films: a frame full of them is a swarm, and that is what grain, rain and sparks come in."""
LOOKALIKE_FRAMES = 36
_AROUND_PX = 16
_LARGEST = (640, 960)


class Seen(NamedTuple):
    """A planted error, whether it is visible before any compression, and how much of it is left after it."""

    spot: Spot
    is_visible: bool
    left: float
    is_left_visible: bool


class Clip(NamedTuple):
    """A file to be searched, how long it plays, and the errors in it; ``name`` says what it is."""

    name: str
    path: Path
    minutes: float
    errors: tuple[Seen, ...] = ()
    start_frame: int = 0
    end_frame: int | None = None

    def halved(self) -> tuple[Clip, Clip]:
        """The first and the second half of a clip whose end is known."""
        middle = (self.start_frame + (self.end_frame or self.start_frame)) // 2
        half = self._replace(minutes=self.minutes / 2)
        return half._replace(end_frame=middle), half._replace(start_frame=middle)


def planted_clips(
    data: Path, folder: Path, *, films: Mapping[str, tuple[int, int]], seed: int, stored: Sequence[str]
) -> Iterator[Clip]:
    """Segments of films with errors planted, in each of the ways to store them."""
    for film, span in films.items():
        for number in range(SEGMENTS):
            rng = np.random.default_rng([seed, number, len(film)])
            clean = _segment(data, film, span, number)
            planted = _plant_inside(clean, rng=rng)
            luma = np.stack([to_luma(rgb) for rgb in clean])
            lit = np.stack([to_luma(rgb) for rgb in planted.frames]).astype(np.int16) - luma
            before = [
                _judge(luma[spot.frame], lit[spot.frame], planted.mask[spot.frame], spot) for spot in planted.spots
            ]
            for way in stored:
                codec, quality = STORED[way]
                path = folder / f"{seed}-{Path(film).stem}-{number}-{way}.film"
                path.write_bytes(encode(planted.frames, codec=codec, quality=quality))
                raised = _decode(path, size=clean.shape[1:3]).astype(np.int16) - luma
                errors = tuple(
                    _look_again(raised[spot.frame], planted.mask[spot.frame], spot, least)
                    for spot, least in zip(planted.spots, before, strict=True)
                )
                yield Clip(f"{film} {way}", path, len(clean) / 24 / 60, errors)


def _plant_inside(clean: RgbFrames, *, rng: np.random.Generator) -> Planted:
    """Plant in all but the two first and last frames: in a film, hardly any frame lacks its neighbours."""
    inner = slice(HALO_FRAMES, len(clean) - HALO_FRAMES)
    planted = plant(clean[inner], rng=rng, count=SPOTS_A_FRAME * (inner.stop - inner.start))
    frames, mask = clean.copy(), np.zeros(clean.shape[:3], dtype=np.bool_)
    frames[inner], mask[inner] = planted.frames, planted.mask
    spots = tuple(spot._replace(frame=spot.frame + HALO_FRAMES) for spot in planted.spots)
    return Planted(frames, mask, spots)


def clean_clips(data: Path, *, films: Mapping[str, tuple[int, int]]) -> Iterator[Clip]:
    """The films themselves."""
    for film, (start, end) in films.items():
        info = probe(_path(data, film))
        end = min(end, info.frame_count)
        yield Clip(film, _path(data, film), (end - start) / float(info.fps) / 60, (), start, end)


def lookalike_clips(data: Path, folder: Path, *, films: Mapping[str, tuple[int, int]], seed: int) -> Iterator[Clip]:
    """Each kind of lookalike over two of the films, H.264 of high quality; three seconds of a kind."""
    for film, (start, _) in [*films.items()][:2]:
        clean = _read(data, film, start, start + LOOKALIKE_FRAMES)[:, :384, :640]
        for number, lookalike in enumerate(find_lookalikes()):
            rng = np.random.default_rng([seed, number, len(film)])
            path = folder / f"{seed}-{number}-{Path(film).stem}.film"
            path.write_bytes(encode(lookalike.add(clean, rng), codec="h264", quality=16))
            yield Clip(lookalike.name, path, len(clean) / 24 / 60)


def scan_span(clip: Clip, model: PixelModelFile, *, least_confidence: float | None = None) -> SpanFindings:
    """What a scan finds in a clip, of the confidence from which spots are flagged unless another is asked for."""
    info = probe(clip.path)
    end = clip.end_frame or info.frame_count
    scanner = PixelScanner(
        model, info=info, start_frame=clip.start_frame, end_frame=end, least_confidence=least_confidence
    )
    first = max(0, clip.start_frame - CONTEXT_FRAMES)
    for index, picture in read_pictures(clip.path, info=info, start_frame=first):
        if index >= end + CONTEXT_FRAMES:
            break
        if index >= first:
            scanner.add(index, read_planes(picture))
    return scanner.finish()


def _path(data: Path, film: str) -> Path:
    return data / "video" / film


def _segment(data: Path, film: str, span: tuple[int, int], number: int) -> RgbFrames:
    last = min(span[1], probe(_path(data, film)).frame_count) - SEGMENT_FRAMES
    start = span[0] + (last - span[0]) * (2 * number + 1) // (2 * SEGMENTS)
    frames = _read(data, film, start, start + SEGMENT_FRAMES)
    top, left = (max(0, side - most) // 2 for side, most in zip(frames.shape[1:3], _LARGEST, strict=True))
    return np.ascontiguousarray(frames[:, top : top + _LARGEST[0], left : left + _LARGEST[1]])


def _read(data: Path, film: str, start: int, end: int) -> RgbFrames:
    path = _path(data, film)
    frames = decode_frames(path, info=probe(path), start_frame=start, end_frame=end)
    # Sides are stored even; an odd line more would be made up by the encoder.
    return np.stack([frame.rgb[: frame.rgb.shape[0] // 2 * 2, : frame.rgb.shape[1] // 2 * 2] for frame in frames])


def _decode(path: Path, *, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Luma of a file's frames, full range, ``uint8 (T, H, W)``."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack([to_luma(rgb) for rgb in frames])[:, : size[0], : size[1]]


def to_luma(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma in full range, ``uint8 (H, W)``."""
    return np.asarray(cv2.transform(rgb, LUMA[None]), dtype=np.uint8)


def _judge(luma: NDArray[np.uint8], lit: NDArray[np.int16], mask: NDArray[np.bool_], spot: Spot) -> float:
    """Levels from which an error of this size is plainly visible at its place.

    Its size is that of an even spot with as much light and the same peak (Ricco's law); ``lit`` is what it added.
    """
    own = np.maximum(lit[_pixels_of(mask, spot)], 0)
    area = float(own.sum()) / max(1.0, float(own.max(initial=0)))
    return threshold_at(luma, x=spot.x, y=spot.y, area_px=max(1.0, area))


def _look_again(raised: NDArray[np.int16], mask: NDArray[np.bool_], spot: Spot, least: float) -> Seen:
    left = float(raised[_pixels_of(mask, spot)].max(initial=0))
    return Seen(spot, spot.amplitude >= least, left, left >= least)


def _pixels_of(mask: NDArray[np.bool_], spot: Spot) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of an error: of the connected pixels near it whose middle is nearest to its place."""
    top, left = (max(0, round(at) - _AROUND_PX) for at in (spot.y, spot.x))
    part = mask[top : top + 2 * _AROUND_PX + 1, left : left + 2 * _AROUND_PX + 1].astype(np.uint8)
    _, labels, _, middles = cv2.connectedComponentsWithStats(part, connectivity=8)
    apart = np.hypot(middles[1:, 0] + left - spot.x, middles[1:, 1] + top - spot.y)
    rows, columns = np.nonzero(labels == 1 + np.argmin(apart)) if len(apart) else np.nonzero(part)
    return rows + top, columns + left
