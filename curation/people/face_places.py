"""Which of the followed people a box in some frame belongs to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_boxes import find_overlaps

LEAST_OVERLAP = 0.3
"""Intersection over union below which a box is somebody else's."""


def interpolate_box(
    looks: NDArray[np.int64], boxes: NDArray[np.float32], *, frame_index: int
) -> NDArray[np.float32]:
    """Tell where a face is in a frame, ``float32 (4,)``: between the looks on either side, else as in the nearest one.

    ``looks`` ``int64 (L,)`` ascending, at least one, with its ``boxes`` ``float32 (L, 4)``.
    """
    return np.array([np.interp(frame_index, looks, side) for side in boxes.T], dtype=np.float32)


def match_boxes(boxes: NDArray[np.float32], places: NDArray[np.float32]) -> Sequence[int | None]:
    """Give each of ``boxes`` ``(N, 4)`` the index of the one of ``places`` ``(M, 4)`` that it covers best, or None.

    The closest pair first, each place once.
    """
    matched: list[int | None] = [None] * len(boxes)
    if not len(boxes) or not len(places):
        return matched
    overlaps = find_overlaps(boxes, places)
    while overlaps.max() >= LEAST_OVERLAP:
        box, place = (int(each) for each in np.unravel_index(np.argmax(overlaps), overlaps.shape))
        matched[box] = place
        overlaps[box, :] = overlaps[:, place] = -1
    return matched
