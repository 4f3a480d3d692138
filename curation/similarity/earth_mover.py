"""The earth mover's part of the similarity index."""

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.similarity.grading import Graded

STEPS = 4
"""Steps of luma, and of each chroma axis, into which a signature's colours are sorted."""
REACH = 2.0
MOST_COLOURS = 24
FALL = 1.2
"""Mean way, in units of the usual spread, over which the part falls to 1/e."""


def compare_colours(first: Graded, second: Graded) -> float:
    """How little colour must be carried how far to make one picture's colours the other's: 1 nothing, towards 0.

    The earth mover's distance (Rubner, Tomasi & Guibas, 2000) between signatures of up to 24 mean colours and their
    shares, with Euclid's distance in evened-out L*a*b*; given as exp(−distance / 1.2).
    """
    distance, _, _ = cv2.EMD(_signature(first), _signature(second), cv2.DIST_L2)
    return float(np.exp(-max(distance, 0.0) / FALL))


def _signature(picture: Graded) -> NDArray[np.float32]:
    """Shares and mean colours ``float32 (K, 4)``, the commonest first; the rarest are left out."""
    colours = np.column_stack([picture.luma, picture.chroma.real, picture.chroma.imag])
    steps = np.clip(((colours / REACH + 1) / 2 * STEPS).astype(np.int64), 0, STEPS - 1)
    cells = (steps[:, 0] * STEPS + steps[:, 1]) * STEPS + steps[:, 2]
    shares = np.bincount(cells, minlength=STEPS**3).astype(np.float64)
    sums = np.stack([np.bincount(cells, weights=column, minlength=STEPS**3) for column in colours.T], axis=1)
    kept = np.argsort(-shares, kind="stable")[: min(MOST_COLOURS, int(np.count_nonzero(shares)))]
    means = sums[kept] / shares[kept, None]
    rows = np.column_stack([shares[kept] / shares[kept].sum(), means])
    return np.ascontiguousarray(rows, dtype=np.float32)
