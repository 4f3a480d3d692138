"""Who a frame shows and how they look in it, as two signals that stills are ranked and filtered by."""

import numpy as np
from numpy.typing import NDArray

PROMINENCE, EXPRESSION = "people.prominence", "people.expression"
PEOPLE_SIGNALS = (PROMINENCE, EXPRESSION)

FULL_SIZE_UNIT = 0.1
"""A face of this share of the picture's height shows its character fully; a smaller one does so in proportion."""

MAIN_SHARE = 0.25
"""The main faces of a frame are those that count at least this share of the one that counts most."""


def lay_out_people(
    frame_index: NDArray[np.int64],
    *,
    prominence: NDArray[np.floating],
    expression: NDArray[np.floating],
    size: NDArray[np.floating],
    looks: NDArray[np.int64],
    frame_count: int,
) -> dict[str, NDArray[np.float32]]:
    """Lay out what is known of faces over the film: two signals, each ``float32 (frame_count,)``.

    A row of the four columns, each ``(N,)`` and in any order, is one face in a frame: its character's ``prominence``
    0–1, NaN where nobody was recognised, its ``expression`` 0–1, NaN where not known, and its ``size`` as a share of
    the picture's height. ``looks`` are the frames that were looked at.

    "people.prominence" is that of the most prominent person shown, small faces counting in proportion: 0 in a looked-at
    frame where nobody is recognised. "people.expression" is the least expression among the main faces, which are the
    most prominent ones, or where nobody is recognised the largest: NaN where no face or no expression is known. Both
    are NaN where nobody looked; what lies outside the film is left out.
    """
    shown, suited = np.full(frame_count, np.nan), np.full(frame_count, np.nan)
    shown[looks[(looks >= 0) & (looks < frame_count)]] = 0.0
    inside = (frame_index >= 0) & (frame_index < frame_count)
    frames, count = frame_index[inside], np.nan_to_num(np.asarray(size[inside], dtype=np.float64))
    weight = np.clip(np.nan_to_num(np.asarray(prominence[inside], dtype=np.float64)), 0, 1)
    weight = weight * np.minimum(count / FULL_SIZE_UNIT, 1)
    np.fmax.at(shown, frames, weight)
    largest = np.zeros(frame_count)
    np.maximum.at(largest, frames, count)
    is_main = np.where(
        shown[frames] > 0, weight >= MAIN_SHARE * shown[frames], count >= MAIN_SHARE * largest[frames]
    )
    np.fmin.at(suited, frames[is_main], np.clip(np.asarray(expression[inside], dtype=np.float64)[is_main], 0, 1))
    return {PROMINENCE: shown.astype(np.float32), EXPRESSION: suited.astype(np.float32)}
