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
MOST_FRAMES_KEPT = 3000


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
        self._kept: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()

    def read(self, start_frame: int, end_frame: int) -> tuple[int, NDArray[np.uint8]]:
        """Frames of a half-open span as far as the film has them: the first one's number, and ``uint8 (N, H, W)``.

        A frame that cannot be decoded is stood in for by the one before it.
        """
        start, end = max(start_frame, 0), min(end_frame, self._film.info.frame_count)
        for (first, last), pictures in self._kept.items():
            if first <= start and end <= last:
                self._kept.move_to_end((first, last))
                return start, pictures[start - first : end - first]
        pictures = self._decode(start, end)
        self._kept[start, end] = pictures
        while len(self._kept) > 1 and sum(len(each) for each in self._kept.values()) > MOST_FRAMES_KEPT:
            self._kept.popitem(last=False)
        return start, pictures

    def _decode(self, start: int, end: int) -> NDArray[np.uint8]:
        film = self._film
        found: list[NDArray[np.uint8]] = []
        cv2.setNumThreads(1)
        for frame in decode_frames(
            film.path, info=film.info, start_frame=start, end_frame=end, max_side_px=DECODED_SIDE_PX
        ):
            picture = gray_within(frame.rgb, area=film.area, info=film.info)
            found += [found[-1] if found else picture] * (frame.index - start - len(found)) + [picture]
        found += found[-1:] * (end - start - len(found))
        return np.stack(found) if found else np.empty((0, 1, 1), dtype=np.uint8)
