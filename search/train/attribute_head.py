"""The head of an attribute: a line through the space of one encoder, with what its scores mean as probabilities."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating]
"""``(N, D)``, every row of length 1."""

BELIEF = 1.645
"""Standard deviations either side of an interval that holds nine times in ten."""


class UnfitHead(ValueError):
    """A stored head cannot be read or is of vectors of another dimension; the sentence says what to do."""


class Calibration(NamedTuple):
    """What a score means: ``log odds = slope * score + offset``, and how surely (covariance of the two)."""

    slope: float
    offset: float
    slope_variance: float
    covariance: float
    offset_variance: float


class AttributeHead(NamedTuple):
    """``weights`` ``float64 (D,)`` and ``constant`` give a score, ``calibration`` its meaning; None: it has none yet,
    scores only order."""

    weights: NDArray[np.float64]
    constant: float
    calibration: Calibration | None = None

    def score(self, vectors: Vectors) -> NDArray[np.float64]:
        """Scores ``float64 (N,)``, higher is likelier. Raises ``UnfitHead`` for vectors of another dimension."""
        if vectors.ndim != 2 or vectors.shape[1] != len(self.weights):
            raise UnfitHead(
                f"This attribute was learnt on vectors of {len(self.weights)} numbers, these have "
                f"{vectors.shape[-1]}; teach it on the present encoder."
            )
        # In the precision of the vectors: 100,000 of them are turned into nothing larger first.
        return np.asarray(vectors @ self.weights.astype(vectors.dtype), dtype=np.float64) + self.constant


class Told(NamedTuple):
    """Probabilities ``float64 (N,)``, 0–1, with the ends between which they lie nine times in ten."""

    probability: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def tell(calibration: Calibration, scores: NDArray[np.float64]) -> Told:
    """What scores ``(N,)`` mean, with intervals by the delta method on the log odds."""
    odds = calibration.slope * scores + calibration.offset
    variance = (
        calibration.slope_variance * scores**2 + 2 * calibration.covariance * scores + calibration.offset_variance
    )
    reach = BELIEF * np.sqrt(np.maximum(variance, 0.0))
    return Told(logistic(odds), logistic(odds - reach), logistic(odds + reach))


def logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """``1 / (1 + exp(-odds))`` without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * odds)), dtype=np.float64)


def pack_head(head: AttributeHead) -> dict[str, Any]:
    """A head as JSON takes it."""
    return {
        "weights": head.weights.tolist(),
        "constant": head.constant,
        "calibration": None if head.calibration is None else list(head.calibration),
    }


def unpack_head(packed: Mapping[str, Any]) -> AttributeHead:
    """Read what ``pack_head`` wrote; raises ``UnfitHead`` where it is not that, or not all numbers."""
    try:
        weights = np.array(packed["weights"], dtype=np.float64)
        calibration = None if packed["calibration"] is None else Calibration(*map(float, packed["calibration"]))
        head = AttributeHead(weights, float(packed["constant"]), calibration)
    except (KeyError, TypeError, ValueError) as error:
        raise UnfitHead(f"What was stored of this version is no head ({error}); teach the attribute again.") from error
    numbers = [head.constant, *(calibration or ())]
    if weights.ndim != 1 or not np.isfinite(weights).all() or not all(map(math.isfinite, numbers)):
        raise UnfitHead("What was stored of this version is no head; teach the attribute again.")
    return head
