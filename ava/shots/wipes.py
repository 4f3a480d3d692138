"""Wipes: passages in which the new picture uncovers the screen part by part."""

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals
from ava.shots.passages import (
    Fits,
    Passage,
    Way,
    choose_passages,
    end_distance,
    find_ends,
    fit_film,
    sample_offsets,
    scaled_lengths,
)

HALF_LENGTHS_FRAMES = (4, 6, 8, 11, 15, 20, 27)
"""Half lengths that are tried, at 25 frames a second; what crosses the screen faster is mostly an object."""

STRAY_SCALE = 0.03
WEAKEST_WIPE = 0.2
"""Strength from which no object or camera move in hand-checked and rendered films was taken for a wipe."""


def find_wipes(film: FilmSignals, *, fps: float, taken: NDArray[np.bool_]) -> list[Passage]:
    """Find wipes, in order of time.

    While a wipe runs, every cell of the signature shows either the old picture or the new one, and the
    share of the new one grows steadily. ``taken`` bool ``(frame_count,)`` marks frames that are explained
    already.
    """
    halves = scaled_lengths(HALF_LENGTHS_FRAMES, fps=fps)
    return choose_passages(film, fit_film(film, _fit_edges, halves=halves, weakest=WEAKEST_WIPE), taken=taken)


def _fit_edges(way: Way, half: int) -> Fits:
    """How far cells stray from both pictures, and the new one's share from steady growth, around M middle
    frames."""
    ends = find_ends(way, half=half)
    reach = end_distance(half)
    old, new = way.smooth[ends.middle - reach], way.smooth[ends.middle + reach]
    change = new - old
    weight = np.square(change)
    stray = np.zeros(len(ends.middle))
    offsets = sample_offsets(half)
    for offset in offsets:
        cells = way.cells[ends.middle + offset]
        nearest = np.minimum(np.square(cells - old), np.square(cells - new)).sum(axis=1) / ends.length
        turned = np.clip((cells - old) * change / np.maximum(weight, 1e-9), 0, 1)
        share = (weight * turned).sum(axis=1) / ends.length
        stray += nearest + np.square(share - (offset + half + 1) / (2 * half + 2))
    strength = ends.strength * np.exp(-stray / len(offsets) / STRAY_SCALE)
    return Fits(half, ends.middle + way.first_frame, np.asarray(strength, dtype=np.float32), np.empty((len(stray), 0)))
