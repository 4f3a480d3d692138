"""Networks that turn a face into a vector, and what the distance of two such vectors says."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FaceEncoder(NamedTuple):
    """One encoder: ``detector`` names the detector whose columns are its vectors, one row a row of "faces".

    Euclidean ``distance``s of two faces become log odds of their being one person, ``slope * (even_distance -
    distance)``, fitted on pairs of which as many are one person as are two.
    """

    detector: str
    dimensions: int
    even_distance: float
    slope: float

    def log_odds(self, distance: NDArray[np.floating]) -> NDArray[np.float64]:
        """Log odds that faces at these distances are one person; positive for yes."""
        return self.slope * (self.even_distance - np.asarray(distance, dtype=np.float64))

    def probability(self, distance: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probability, 0–1, that faces at these distances are one person, both being equally common."""
        return np.asarray(1 / (1 + np.exp(-self.log_odds(distance))))


FACENET = FaceEncoder("face_vectors_facenet", dimensions=512, even_distance=1.05, slope=12.0)
"""From the literature, as its file is not at hand where AVA is made. Even: between 1.11, a squared distance of 1.242 in
Schroff, Kalenichenko & Philbin (2015, FaceNet, on LFW), and the 1.04 of Serengil & Ozpinar (LightFace, 2020) for these
very parameters. The slope is far below what LFW's portraits would give, as faces in films are smaller and darker."""

RESNET = FaceEncoder("face_vectors_resnet", dimensions=128, even_distance=0.55, slope=33.0)
"""Logistic regression with equal weight of one and of two people, and of each person and each pair of people within.

One person: 1,762 pairs across shots and 1,380 within a shot of 16 people in eight films and portraits, 3,800 of a face
and itself shrunk to 20–80 px, blurred, darkened to 0.4 or compressed, and 29,000 across shots that are so changed. Two
people: 65,000 pairs of 107 people in 120 photographs and films, and 900,000 so changed. Clear pairs alone give even
0.54 and slope 43, faces of 24 px 0.56 and 35, of 20 px 0.57 and 28, blurred ones 0.56 and 26.
"""

ENCODERS = (FACENET, RESNET)
"""Best first; vectors of two encoders are never compared."""
