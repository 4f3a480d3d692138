"""Spans of frames that belong to many: merged, so that time in which somebody is seen twice counts once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Spans(NamedTuple):
    """Columns ``int64 (S,)``: whose span it is, and its frames, half-open; sorted by owner, then by start."""

    owner: NDArray[np.int64]
    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]


def merge_spans(
    owner: NDArray[np.int64], *, start_frame: NDArray[np.int64], end_frame: NDArray[np.int64]
) -> Spans:
    """Merge each owner's spans that overlap or touch; all ``int64 (T,)`` in any order, empty spans are left out."""
    filled = end_frame > start_frame
    owner, start_frame, end_frame = owner[filled], start_frame[filled], end_frame[filled]
    if not len(owner):
        return Spans(*(np.empty(0, dtype=np.int64) for _ in range(3)))
    # Owners are laid one after the other on one axis, with a gap between them, so that one sweep merges all.
    names, place = np.unique(owner, return_inverse=True)
    first = int(start_frame.min())
    shift = place * (int(end_frame.max()) - first + 2) - first
    order = np.argsort(start_frame + shift, kind="stable")
    starts, ends = (start_frame + shift)[order], (end_frame + shift)[order]
    reach = np.maximum.accumulate(ends)
    heads = np.flatnonzero(np.concatenate([[True], starts[1:] > reach[:-1]]))
    tails = np.concatenate([heads[1:], [len(starts)]]) - 1
    back = shift[order][heads]
    return Spans(names[place[order][heads]], starts[heads] - back, reach[tails] - back)
