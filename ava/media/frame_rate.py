"""The exact rate of a film, and whether it has one."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Rates that film and television use; a film stored with coarse timestamps is one of them, rarely something near.
STANDARD_RATES = tuple(
    Fraction(rate)
    for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60", "120000/1001", "120")
)
FASTEST_RATE = 1000
ROUNDING = Fraction(4, 10_000)  # 24 and 23.976 are 10 of these apart
REGULAR_SHARE = 0.95  # of the steps between frames that must follow a rate for it to name the film's rate


class FrameRate(NamedTuple):
    """fps: exact rate; is_vfr: whether some frame is off that rate's clock by more than half a frame."""

    fps: Fraction
    is_vfr: bool


def frame_rate(pts: NDArray[np.int64], *, time_base: Fraction, claimed: Iterable[Fraction]) -> FrameRate:
    """Find the rate that explains frame times: pts int64 (N,) strictly increasing, in time_base units.

    claimed are the rates that the file itself names, likeliest first; standard rates are tried after them.
    Where no rate explains 95 % of the steps, the average rate is returned and is_vfr is True.
    """
    named = [rate for rate in claimed if 0 < rate <= FASTEST_RATE]
    rates = [*(_standard(rate) for rate in named), *named, *STANDARD_RATES]
    if len(pts) < 2:
        return FrameRate(rates[0], False)
    for rate in rates:
        step = float(1 / (rate * time_base))
        drift = np.abs(pts - pts[0] - np.arange(len(pts)) * step)
        if drift.max() <= max(1.0, 0.1 * step):
            return FrameRate(rate, False)
    regular = _regular_step(np.diff(pts))
    if regular is not None:
        nearest = min(rates, key=lambda rate: abs(float(1 / (rate * time_base)) - regular))
        if abs(float(1 / (nearest * time_base)) - regular) <= 0.0005 * regular:
            return FrameRate(nearest, True)
    average = (len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base)
    return FrameRate(average.limit_denominator(100_000), True)


def _standard(rate: Fraction) -> Fraction:
    """The standard rate that a file's rounded one means, or the rate itself."""
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= nearest * ROUNDING else rate


def _regular_step(steps: NDArray[np.int64]) -> float | None:
    """The mean of the steps that agree with the median, in ticks; None where too few do."""
    median = float(np.median(steps))
    agree = np.abs(steps - median) <= max(1.0, 0.02 * median)
    return float(steps[agree].mean()) if agree.mean() >= REGULAR_SHARE else None
