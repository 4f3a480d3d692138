"""Flags of a scanned film as picture files: the five frames around each, side by side and magnified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ava.media.decode import decode_frame_set
from ava.media.video_info import VideoInfo
from qc.pixel.film_scan import FilmFindings
from qc.pixel.found import HALO_FRAMES, StuckPixel
from qc.pixel.patch_picture import paint_patch
from qc.pixel.patches import PATCH_SIDE_PX
from qc.pixel.upright import to_upright

MAGNIFIED = 4
MOST_STRIPS = 1000
"""More pictures than anybody looks at are not written: the surest flags come first."""


class Strip(NamedTuple):
    """One flag's file name and its frames ``uint8 (H, W, 3)`` RGB in one row."""

    name: str
    rgb: NDArray[np.uint8]


def write_strips(found: FilmFindings, *, path: Path, info: VideoInfo, folder: Path) -> list[str]:
    """Write a PNG for every flag into a folder, made when missing; gives their names. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for strip in _strips(found, path=path, info=info):
        Image.fromarray(strip.rgb).save(folder / strip.name)
        names.append(strip.name)
    return names


def _strips(found: FilmFindings, *, path: Path, info: VideoInfo) -> Iterator[Strip]:
    surest = sorted(zip(found.hot, found.patches, strict=True), key=lambda pair: -pair[0].confidence)
    for flag, patch in surest[:MOST_STRIPS]:
        place = to_upright(flag.x, flag.y, film=info)
        name = f"hot_{flag.frame_index:07d}_x{place.x:.0f}_y{place.y:.0f}.png"
        yield Strip(name, _magnify(list(paint_patch(patch.pixels, info=info))))
    for pixel in found.stuck[:MOST_STRIPS]:
        place = to_upright(pixel.x, pixel.y, film=info)
        name = f"stuck_{pixel.spans[0][0]:07d}_x{place.x:.0f}_y{place.y:.0f}.png"
        frames = decode_frame_set(path, info=info, frame_indices=_shown_frames(pixel))
        cut = [_cut(frame.rgb, x=round(place.x), y=round(place.y)) for frame in frames]
        if cut:
            yield Strip(name, _magnify(cut))


def _shown_frames(pixel: StuckPixel) -> list[int]:
    """Five frames spread evenly over the longest span that shows it."""
    start, end = max(pixel.spans, key=lambda span: span[1] - span[0])
    return [round(float(frame)) for frame in np.linspace(start, end - 1, 2 * HALO_FRAMES + 1)]


def _cut(rgb: NDArray[np.uint8], *, x: int, y: int) -> NDArray[np.uint8]:
    half = PATCH_SIDE_PX // 2
    padded = cv2.copyMakeBorder(rgb, half, half, half, half, cv2.BORDER_REPLICATE)
    return np.asarray(padded[y : y + PATCH_SIDE_PX, x : x + PATCH_SIDE_PX], dtype=np.uint8)


def _magnify(frames: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Frames in a row, each pixel as a square, so that nothing is blurred."""
    return np.hstack(frames).repeat(MAGNIFIED, axis=0).repeat(MAGNIFIED, axis=1)
