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
RESNET = FaceEncoder("face_vectors_resnet", dimensions=128, even_distance=0.62, slope=20.0)
ENCODERS = (FACENET, RESNET)
"""Best first; vectors of two encoders are never compared."""
