"""Where a film's frames show logos: by their pictures in what is decoded, by their words in what was read."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, crop, scale_area
from ava.annotate.brand_words import find_brand_words
from ava.annotate.logos import MOST_FRAME_SIDE_PX, LogoMatcher
from ava.media.decode import decode_frame_set
from ava.media.video_info import VideoInfo

Corners = tuple[tuple[float, float], ...]


class Line(NamedTuple):
    """A line that was read: its words, the probability 0–1 that it is lettering, its box in pixels of the film."""

    words: str
    probability: float
    box: tuple[float, float, float, float]


class Find(NamedTuple):
    """A logo in a frame: the four ``corners`` in pixels of the film, clockwise from its own top left, its
    ``probability`` 0–1, and the ``words`` that were read for it (empty where its picture was seen)."""

    corners: Corners
    probability: float
    words: str = ""


def find_pictures(
    path: Path,
    *,
    info: VideoInfo,
    area: Area,
    frame_indices: Sequence[int],
    pictures: Mapping[int, NDArray[np.uint8]],
) -> Iterator[tuple[int, dict[int, list[Find]]]]:
    """Match logos, RGBA ``uint8 (H, W, 4)`` by number, in frames of a film; yields each frame with the finds by number.

    Frames are seen at a longer side of at most ``MOST_FRAME_SIDE_PX`` and without what lies outside ``area``. Those
    that cannot be decoded are left out. Raises what decoding raises.
    """
    if not frame_indices:
        return
    # As in measuring: whatever splits its work over threads may do so differently each time.
    cv2.setNumThreads(1)
    matcher = LogoMatcher({str(number): picture for number, picture in sorted(pictures.items())})
    frames = decode_frame_set(path, info=info, frame_indices=frame_indices, max_side_px=MOST_FRAME_SIDE_PX)
    for frame in frames:
        size = (frame.rgb.shape[1], frame.rgb.shape[0])
        within = scale_area(area, film_size=(info.width, info.height), size=size)
        scale = np.array([info.width / size[0], info.height / size[1]])
        found: dict[int, list[Find]] = {number: [] for number in pictures}
        for match in matcher.match(np.ascontiguousarray(crop(frame.rgb, within))):
            corners = (match.quadrilateral + within[:2]) * scale
            found[int(match.name)].append(Find(_pairs(corners), match.probability))
        yield frame.index, found


def find_words(lines: Sequence[Line], *, names: Sequence[str]) -> list[Find]:
    """Find brand names among the lines that were read in a frame, the surest first.

    The corners are those of the line. Probability: that the line is lettering at all, times the share of the name's
    letters that were read alike (see ``find_brand_words``).
    """
    found = []
    for word in find_brand_words([line.words for line in lines], names=names):
        x0, y0, x1, y1 = lines[word.line].box
        sure = min(max(lines[word.line].probability, 0.0), 1.0) * word.likeness
        found.append(Find(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), sure, word.words))
    return sorted(found, key=lambda find: -find.probability)


def _pairs(corners: NDArray[np.floating]) -> Corners:
    return tuple((float(x), float(y)) for x, y in corners)
