"""A film as trailers are looked for in it: small pictures of the whole, and exact frames of likely places."""

from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, crop, scale_area
from ava.media.colour import to_gray
from ava.media.decode import decode_frames
from ava.media.video_info import VideoInfo

TILE_WIDTH_PX = 160
TILES_A_SECOND = 2
DECODED_SIDE_PX = 192
BLOCK_FRAMES = 12
"""Frames are read and kept in blocks of this many, from the film's first one on."""
MOST_FRAMES_KEPT = 4800


class FilmPictures(NamedTuple):
    """A film's file, its picture without bars, and small pictures of it: gray ``tiles`` ``uint8 (N, h, w)`` without
    bars, of the frames ``tile_frames`` ``int64 (N,)`` in order."""

    path: Path
    info: VideoInfo
    area: Area | None
    tiles: NDArray[np.uint8]
    tile_frames: NDArray[np.int64]

    @property
    def fps(self) -> float:
        return float(self.info.fps)

    @property
    def aspect(self) -> float:
        """Width by height of the picture without bars."""
        x0, y0, x1, y1 = self.area or (0, 0, self.info.width, self.info.height)
        return (x1 - x0) / (y1 - y0)


def sample_film(path: Path, *, info: VideoInfo, area: Area | None) -> FilmPictures:
    """Take a film's small pictures from the film itself, two a second; where a filmstrip is kept, that is cheaper."""
    step = max(1, round(float(info.fps) / TILES_A_SECOND))
    tiles, numbers = [], []
    for frame in decode_frames(path, info=info, max_side_px=TILE_WIDTH_PX):
        if frame.index % step == 0:
            tiles.append(gray_within(frame.rgb, area=area, info=info))
            numbers.append(frame.index)
    stacked = np.stack(tiles) if tiles else np.empty((0, 1, 1), dtype=np.uint8)
    return FilmPictures(path, info, area, stacked, np.array(numbers, dtype=np.int64))


def gray_within(rgb: NDArray[np.uint8], *, area: Area | None, info: VideoInfo) -> NDArray[np.uint8]:
    """Gray of a film's picture ``uint8 (h, w, 3)`` of any size, without its bars."""
    if area is not None:
        rgb = crop(rgb, scale_area(area, film_size=(info.width, info.height), size=(rgb.shape[1], rgb.shape[0])))
    return to_gray(np.ascontiguousarray(rgb))


class FilmReader:
    """Gives exact frames of a film, gray and small, and keeps the last ones: likely places are often close together."""

    def __init__(self, film: FilmPictures) -> None:
        self._film = film
        self._kept: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()

    def read(self, start_frame: int, end_frame: int) -> tuple[int, NDArray[np.uint8]]:
        """Frames of a half-open span as far as the film has them: the first one's number, and ``uint8 (N, H, W)``.

        A frame that cannot be decoded is stood in for by the one before it.
        """
        start, end = max(start_frame, 0), min(end_frame, self._film.info.frame_count)
        if start >= end:
            return start, np.empty((0, 1, 1), dtype=np.uint8)
        blocks = range(start // BLOCK_FRAMES, (end - 1) // BLOCK_FRAMES + 1)
        missing = [block for block in blocks if block not in self._kept]
        if missing:
            self._decode(missing[0], missing[-1] + 1)
        for block in blocks:
            self._kept.move_to_end(block)
        pictures = np.concatenate([self._kept[block] for block in blocks])
        while len(self._kept) > max(MOST_FRAMES_KEPT // BLOCK_FRAMES, len(blocks)):
            self._kept.popitem(last=False)
        first = blocks[0] * BLOCK_FRAMES
        return start, pictures[start - first : end - first]

    def _decode(self, first_block: int, end_block: int) -> None:
        """Decode and keep blocks; what stands in for a frame does not depend on which blocks are read together."""
        film = self._film
        found: dict[int, NDArray[np.uint8]] = {}
        cv2.setNumThreads(1)
        start, end = first_block * BLOCK_FRAMES, min(end_block * BLOCK_FRAMES, film.info.frame_count)
        for frame in decode_frames(
            film.path, info=film.info, start_frame=start, end_frame=end, max_side_px=DECODED_SIDE_PX
        ):
            found[frame.index] = gray_within(frame.rgb, area=film.area, info=film.info)
        nothing = np.zeros(next(iter(found.values())).shape if found else (1, 1), dtype=np.uint8)
        for block in range(first_block, end_block):
            numbers = range(block * BLOCK_FRAMES, min((block + 1) * BLOCK_FRAMES, end))
            last = next((found[number] for number in numbers if number in found), nothing)
            pictures = []
            for number in numbers:
                last = found.get(number, last)
                pictures.append(last)
            self._kept[block] = np.stack(pictures)
