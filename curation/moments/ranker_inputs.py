"""A film's shots as the ranking network sees them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.shot_features import FilmShots, film_places


class ShotArrays(NamedTuple):
    """See ``curation.moments.network.ShotInputs``; float32 (S, F), (S, F) and (S, D), or None."""

    places: NDArray[np.float32]
    known: NDArray[np.float32]
    pictures: NDArray[np.float32] | None


def shot_arrays(shots: FilmShots, *, dimension: int) -> ShotArrays:
    """Ranks within the film, what is known, and embeddings if they have ``dimension`` numbers.

    Of embeddings the film's mean is taken away: what all of its shots share tells none of them from another. Rows
    that are zeros or not finite stay zeros; of another dimension, or in a film of one shot, there are none.
    """
    places = film_places(shots.values)
    known = np.isfinite(shots.values).astype(np.float32)
    if not dimension or shots.vectors is None or shots.vectors.shape[1] != dimension:
        return ShotArrays(places, known, None)
    given = np.asarray(shots.vectors, dtype=np.float64)
    has_one = np.isfinite(given).all(axis=1) & (np.nan_to_num(given) != 0).any(axis=1)
    pictures = np.zeros(given.shape, dtype=np.float32)
    if has_one.sum() > 1:
        centred = given[has_one] - given[has_one].mean(axis=0)
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        pictures[has_one] = centred / np.maximum(np.sqrt(np.mean(lengths**2)), 1e-6)
    return ShotArrays(places, known, pictures)
