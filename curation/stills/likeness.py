"""How alike two frames are, from their signatures."""

import numpy as np
from numpy.typing import NDArray

from curation.stills.film import JudgedFilm

NEAR_IDENTICAL = 0.035
"""Distance below which a person takes two frames for the same picture."""
UNLIKE = 0.22
"""Distance from which on two frames are different pictures in every respect."""

_PREFIXES = ("signature.luma_", "signature.red_green_", "signature.yellow_blue_")
_COLOUR_WEIGHT = 1.5


def signatures_of(film: JudgedFilm, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the signatures of frames, ``float64 (N, D)``, scaled so that distances can be read off directly.

    Raises MissingSignal when the film has no signature.
    """
    luma, *colours = (sorted(name for name in film.signals if name.startswith(prefix)) for prefix in _PREFIXES)
    film.signal(luma[0] if luma else "signature.luma_00")
    columns = [film.signal(name)[frames] / np.sqrt(len(luma)) for name in luma]
    for names in colours:
        columns += [_COLOUR_WEIGHT * film.signal(name)[frames] / np.sqrt(len(names)) for name in names]
    return np.asarray(np.nan_to_num(np.stack(columns, axis=1)), dtype=np.float64)


def distances_to(signatures: NDArray[np.float64], signature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how unlike each of ``signatures (N, D)`` is to one ``(D,)``: 0 for the same, about 0.5 for opposites.

    It is the root mean square difference of the 8 x 8 mean lumas and 2 x 2 mean opponent colours, so a small subject
    that moves before a still ground changes it little.
    """
    return np.asarray(np.sqrt(np.square(signatures - signature).sum(axis=1)), dtype=np.float64)
