"""How well found pixel errors agree with known ones: matches, recall, precision, false alarms a minute, ROC."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np

from qc.defects.defect import Spot
from qc.pixel.found import HotPixel

RADIUS_PX = 2.0
DOUBLED_WITHIN_PX = 8.0
"""A second flag this near to an error that was found in the same frame is not false, only superfluous."""
_Z_95 = 1.959964


class Matches(NamedTuple):
    """Which flag found which error.

    ``found_by``: for each error the position of its flag, or None. ``false_alarms``: positions of flags with no error
    near them. ``doubled``: positions of further flags on errors that have one.
    """

    found_by: tuple[int | None, ...]
    false_alarms: tuple[int, ...]
    doubled: tuple[int, ...]

    @property
    def hit_count(self) -> int:
        """How many errors were found."""
        return sum(flag is not None for flag in self.found_by)


class Rate(NamedTuple):
    """``hits`` of ``total`` as a share 0–1 with the 95 % interval of Wilson (1927); NaN, 0 and 1 for none of none."""

    hits: int
    total: int
    value: float
    low: float
    high: float


class RecallRow(NamedTuple):
    """Recall of errors of a kind ("" for all) whose amplitude lies in ``low_level``..``high_level``, half-open."""

    kind: str
    low_level: float
    high_level: float
    recall: Rate


class RocPoint(NamedTuple):
    """What a threshold gives; ``precision`` is 1 where nothing is flagged."""

    threshold: float
    recall: float
    precision: float
    false_alarms_a_minute: float


def match(found: Sequence[HotPixel], truth: Sequence[Spot], *, radius_px: float = RADIUS_PX) -> Matches:
    """Match flags with errors of the same frame up to ``radius_px`` away, one to one, the nearest pairs first."""
    in_frame: dict[int, list[int]] = defaultdict(list)
    for position, each in enumerate(found):
        in_frame[each.frame_index].append(position)
    pairs = sorted(
        (_distance(found[flag], spot), error, flag)
        for error, spot in enumerate(truth)
        for flag in in_frame[spot.frame]
        if _distance(found[flag], spot) <= radius_px
    )
    found_by: list[int | None] = [None] * len(truth)
    used: set[int] = set()
    for _, error, flag in pairs:
        if found_by[error] is None and flag not in used:
            found_by[error] = flag
            used.add(flag)
    doubled = {
        flag
        for error, spot in enumerate(truth)
        if found_by[error] is not None
        for flag in in_frame[spot.frame]
        if flag not in used and _distance(found[flag], spot) <= max(radius_px, DOUBLED_WITHIN_PX)
    }
    false_alarms = tuple(flag for flag in range(len(found)) if flag not in used and flag not in doubled)
    return Matches(tuple(found_by), false_alarms, tuple(sorted(doubled)))


def _distance(flag: HotPixel, spot: Spot) -> float:
    return float(np.hypot(flag.x - spot.x, flag.y - spot.y))


def rate(hits: int, total: int) -> Rate:
    """Share of ``hits`` in ``total`` with its score interval at 95 % (Wilson, 1927, JASA 22, 209–212).

    Raises ValueError unless 0 <= hits <= total.
    """
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total} is no share: give 0 or more hits and no more than there are in all.")
    if total == 0:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    share, squared = hits / total, _Z_95**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    half = _Z_95 * sqrt(share * (1 - share) / total + squared / (4 * total**2)) / (1 + squared / total)
    return Rate(hits, total, share, max(0.0, middle - half), min(1.0, middle + half))


def recall_by(truth: Sequence[Spot], matches: Matches, *, levels: Sequence[float]) -> list[RecallRow]:
    """Recall of every kind, and of all as "", in bins of amplitude between rising ``levels``; none for empty bins."""
    rows = []
    for kind in ("", *sorted({spot.kind for spot in truth})):
        for low, high in pairwise(levels):
            hits = [
                flag is not None
                for spot, flag in zip(truth, matches.found_by, strict=True)
                if kind in ("", spot.kind) and low <= spot.amplitude < high
            ]
            if hits:
                rows.append(RecallRow(kind, low, high, rate(sum(hits), len(hits))))
    return rows


def precision(found: Sequence[HotPixel], matches: Matches) -> Rate:
    """Share of the flags that lie on errors; further flags on one error count neither way."""
    judged = len(found) - len(matches.doubled)
    return rate(judged - len(matches.false_alarms), judged)


def false_alarms_a_minute(matches: Matches, *, minutes: float) -> float:
    """False alarms for each minute of footage looked at; NaN for none."""
    return len(matches.false_alarms) / minutes if minutes > 0 else float("nan")


def roc(
    found: Sequence[HotPixel],
    truth: Sequence[Spot],
    *,
    minutes: float,
    thresholds: Sequence[float],
    radius_px: float = RADIUS_PX,
) -> list[RocPoint]:
    """Recall against false alarms a minute when flags of at least each threshold's confidence are kept.

    ``found`` are all flags of a run with a threshold below all of them; ``minutes`` of footage, errors and clean alike.
    """
    points = []
    for threshold in thresholds:
        kept = [flag for flag in found if flag.confidence >= threshold]
        matches = match(kept, truth, radius_px=radius_px)
        right = precision(kept, matches).value
        points.append(
            RocPoint(
                threshold,
                rate(matches.hit_count, len(truth)).value,
                1.0 if np.isnan(right) else right,
                false_alarms_a_minute(matches, minutes=minutes),
            )
        )
    return points
