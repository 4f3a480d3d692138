"""How alike two frames are, from their signatures."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.film import JudgedFilm, MissingSignal

NEAR_IDENTICAL = 0.035
"""Distance below which a person takes two frames for the same picture."""
UNLIKE = 0.22
"""Distance from which on two frames are different pictures in every respect."""

_PREFIXES = ("signature.luma_", "signature.red_green_", "signature.yellow_blue_")
_COLOUR_WEIGHT = 1.5


class Looks(NamedTuple):
    """Signatures of some frames, ``float64 (N, D)``, scaled so that distances can be read off, and the sums of
    their squares, ``(N,)``."""

    signatures: NDArray[np.float64]
    squares: NDArray[np.float64]

    def distances(self, index: int) -> NDArray[np.float64]:
        """Return how unlike all frames are to one of them: 0 for the same, about 0.5 for opposites.

        It is the root mean square difference of the 8 x 8 mean lumas and 2 x 2 mean opponent colours, so a small
        subject that moves before a still ground changes it little.
        """
        # By the binomial formula it is one product of a matrix, which counts where there are thousands of stills.
        products = self.signatures @ self.signatures[index]
        squares = self.squares + self.squares[index] - 2 * products
        return np.asarray(np.sqrt(np.maximum(squares, 0)), dtype=np.float64)


def looks_of(film: JudgedFilm, frames: NDArray[np.int64]) -> Looks:
    """Collect the looks of frames from their signatures; raises MissingSignal when the film has none."""
    luma, *colours = (sorted(name for name in film.signals if name.startswith(prefix)) for prefix in _PREFIXES)
    if not luma:
        raise MissingSignal("The signal signature has not been measured; run the analysis again.")
    columns = [film.signal(name, frames) / np.sqrt(len(luma)) for name in luma]
    for names in colours:
        columns += [_COLOUR_WEIGHT * film.signal(name, frames) / np.sqrt(len(names)) for name in names]
    signatures = np.asarray(np.nan_to_num(np.stack(columns, axis=1)), dtype=np.float64)
    return Looks(signatures, np.asarray(np.square(signatures).sum(axis=1), dtype=np.float64))
