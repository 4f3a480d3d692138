"""What the closer looks at a film found in its stills: where the subject is, and who is shown."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area
from ava.annotate.base import Detections
from ava.annotate.saliency import X, Y
from curation.stills.vectors import Appearances

MOST_CAST = 40
"""Characters that are told apart in a table: those in the most stills."""


def find_rows(
    frames: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows of ascending ``frames`` that hold those wanted, and which of those wanted ``(M,)`` there are."""
    is_there = np.isin(wanted, frames)
    return np.searchsorted(frames, wanted[is_there]), is_there


def locate_subjects(saliency: Detections, frames: NDArray[np.int64], *, area: Area) -> NDArray[np.float64]:
    """Centroid of what draws the eye in each still, ``float64 (N, 2)``, 0–1 of the picture without bars; NaN where the
    saliency detector did not look. ``saliency`` is its table, in film pixels, ``area`` the film's picture in them."""
    x0, y0, x1, y1 = area
    row, is_still = find_rows(frames, saliency.frame_index)
    centres = saliency.values[is_still][:, [X, Y]].astype(np.float64)
    places = np.full((len(frames), 2), np.nan)
    places[row] = np.clip((centres - (x0, y0)) / (max(x1 - x0, 1), max(y1 - y0, 1)), 0, 1)
    return places


def gather_people(
    frames: NDArray[np.int64],
    *,
    seen_in: NDArray[np.int64],
    character: NDArray[np.int64],
    looks: NDArray[np.int64],
) -> Appearances:
    """Who is in each still: faces ``(F,)`` by the frame that they are ``seen_in`` and the key of their character.

    ``looks`` are the frames in which faces were looked for. Of more than MOST_CAST characters those in the fewest
    stills are nobody known.
    """
    row, is_still = find_rows(frames, seen_in)
    seen = np.unique(np.stack([row, character[is_still]], axis=1), axis=0)
    keys, counts = np.unique(seen[:, 1], return_counts=True)
    cast = keys[np.lexsort((keys, -counts))][:MOST_CAST]
    shown = np.zeros((len(frames), len(cast)), dtype=np.bool_)
    for column, key in enumerate(cast):
        shown[seen[seen[:, 1] == key, 0], column] = True
    is_known = np.isin(frames, looks) | shown.any(axis=1)
    return Appearances(tuple(cast.tolist()), shown, np.asarray(is_known, dtype=np.bool_))
