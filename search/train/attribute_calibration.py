"""What the scores of a head mean: probabilities, fitted to scores of examples that it had not seen."""

import numpy as np
from numpy.typing import NDArray

from search.train.attribute_head import Calibration, logistic

_STEPS = 60
_HOLD = 1e-3
"""Weight that holds slope and offset finite where examples are told apart without a fault."""


def calibrate(scores: NDArray[np.float64], has_it: NDArray[np.bool_]) -> Calibration | None:
    """Fit a sigmoid to scores ``(N,)`` of examples ``bool (N,)``; None where higher scores do not mean likelier, or
    one side is missing.

    Platt (1999), "Probabilistic outputs for support vector machines", with his smoothed targets, which keep a few
    examples from promising certainty; Newton steps with halving as Lin, Lin and Weng (2007). The covariance is the
    inverse of the curvature at the solution. Examples stand as they are, not balanced: they were chosen by their
    scores, which leaves the probability at a score what it is.
    """
    positive = int(has_it.sum())
    if not positive or positive == len(scores) or not np.isfinite(scores).all():
        return None
    high, low = (positive + 1) / (positive + 2), 1 / (len(scores) - positive + 2)
    targets = np.where(has_it, high, low)
    centre, spread = float(scores.mean()), float(scores.std())
    if spread < 1e-12:
        return None
    rows = np.stack([(scores - centre) / spread, np.ones(len(scores))], axis=1)
    solution, curvature = _newton(rows, targets)
    if solution[0] <= 0:
        return None
    # Back from standard scores: slope and offset are linear in those of the standard ones.
    back = np.array([[1 / spread, 0.0], [-centre / spread, 1.0]])
    slope, offset = back @ solution
    covariance = back @ np.linalg.inv(curvature) @ back.T
    return Calibration(
        float(slope), float(offset), float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1])
    )


def log_loss(probability: NDArray[np.float64], has_it: NDArray[np.bool_]) -> float:
    """Mean surprise in nats; NaN of none."""
    if not len(probability):
        return float("nan")
    right = np.clip(np.where(has_it, probability, 1 - probability), 1e-9, 1.0)
    return float(-np.log(right).mean())


def _newton(
    rows: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    solution = np.array([0.0, float(np.log(targets.mean() / (1 - targets.mean())))])
    worth = _worth(rows, targets, solution)
    hold = _HOLD * np.eye(2)
    curvature = hold
    for _ in range(_STEPS):
        likely = logistic(rows @ solution)
        slope = rows.T @ (likely - targets) + _HOLD * solution
        curvature = (rows * (likely * (1 - likely))[:, None]).T @ rows + hold
        step = np.linalg.solve(curvature, slope)
        length = 1.0
        while length > 1e-6 and _worth(rows, targets, solution - length * step) > worth:
            length /= 2
        solution = solution - length * step
        worth = _worth(rows, targets, solution)
        if float(np.abs(length * step).max()) < 1e-6:
            break
    return solution, curvature


def _worth(rows: NDArray[np.float64], targets: NDArray[np.float64], solution: NDArray[np.float64]) -> float:
    odds = rows @ solution
    return float((np.logaddexp(0.0, odds) - targets * odds).sum() + 0.5 * _HOLD * (solution**2).sum())
