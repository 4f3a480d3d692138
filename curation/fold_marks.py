"""Where measures of folds are drawn on their common scale."""

from dataclasses import dataclass

LEFT_END, RIGHT_END = 0.4, 1.0
"""Measures between which folds are drawn; 0.5 is chance for an area under the ROC curve."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure and where on its scale it is drawn, 0–100."""

    value: float
    x: float


def place_mark(value: float) -> Mark:
    """Place a measure of 0–1 that chance alone brings to about a half."""
    share = (value - LEFT_END) / (RIGHT_END - LEFT_END)
    return Mark(value, round(100 * min(max(share, 0.0), 1.0), 1))
