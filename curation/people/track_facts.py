"""What prominence and interactions are worked out from: one row a track whose character is known."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TrackFacts(NamedTuple):
    """Columns of one length, T; a row is one track of one character in one film.

    ``character`` and ``film`` are any numbers that tell them apart, ``int64``; ``shot`` and ``scene`` count within the
    film, ``int64``, ``scene`` −1 where scenes are not known; ``start_frame`` and ``end_frame`` are half-open,
    ``int64``; ``height_unit`` the face's share of the picture's height, ``centrality_unit`` 1 in the middle and 0 in
    the corners, ``sharpness_unit`` 0–1, ``dialogue_unit`` the share of the track's time in which there is dialogue,
    0–1: ``float32``, NaN where not known.
    """

    character: NDArray[np.int64]
    film: NDArray[np.int64]
    shot: NDArray[np.int64]
    scene: NDArray[np.int64]
    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]
    height_unit: NDArray[np.float32]
    centrality_unit: NDArray[np.float32]
    sharpness_unit: NDArray[np.float32]
    dialogue_unit: NDArray[np.float32]
