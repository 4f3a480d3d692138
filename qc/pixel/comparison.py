"""Whether a new version of the pixel network may take its parent's place: never with worse recall."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from qc.pixel.held_out import CONFIRMED, HELD_OUT_VERSION, Measures, Scores

LOWEST, HIGHEST = 0.02, 0.98
MARGIN_LOGIT = 0.5
"""How far below what was enough on the validation set the threshold is put, against chance on other footage."""


class Verdict(NamedTuple):
    """``is_fit``: recall is not worse for any kind. ``sentence`` says it, and what became of the false alarms."""

    is_fit: bool
    sentence: str


def choose_threshold(new: Scores, parent: Scores, *, parent_threshold: float) -> float:
    """The highest threshold with which the new network misses no more of any kind than its parent, less a margin.

    Both scores are of the same validation windows. 0.02–0.98; the parent's own where nothing is planted.
    """
    wanted = Counter(kind for kind, value in _errors(parent) if value >= parent_threshold)
    enough = [
        sorted((value for kind, value in _errors(new) if kind == name), reverse=True)[count - 1]
        for name, count in wanted.items()
    ]
    if not enough:
        return parent_threshold
    lowest = min(max(min(enough), LOWEST), HIGHEST)
    logit = math.log(lowest / (1 - lowest)) - MARGIN_LOGIT
    return min(max(1 / (1 + math.exp(-logit)), LOWEST), HIGHEST)


def threshold_for_recall(scores: Scores, *, recall: float = 0.995) -> float:
    """The highest threshold, 0.02–0.98, at which this share of all errors is found; 0.5 where nothing is planted."""
    values = sorted((value for _, value in _errors(scores)), reverse=True)
    if not values:
        return 0.5
    return min(max(values[max(math.ceil(recall * len(values)), 1) - 1], LOWEST), HIGHEST)


def compare(new: Measures, parent: Measures, *, parent_name: str) -> Verdict:
    """Compare two networks' measures on the same held-out set."""
    worse = [kind for kind, (hits, _) in parent.recall.items() if new.recall.get(kind, (0, 0))[0] < hits]
    if worse:
        told = "; ".join(
            f"{kind}: {new.recall.get(kind, (0, 0))[0]} of {parent.recall[kind][1]} instead of {parent.recall[kind][0]}"
            for kind in worse
        )
        return Verdict(False, f"It finds fewer errors than {parent_name} and cannot be released ({told}).")
    found, total = new.found
    return Verdict(
        True,
        f"It finds {found:,} of {total:,} errors, {parent_name} {parent.found[0]:,}, and fewer of no kind. "
        + _tell_alarms(new, parent),
    )


def pack_measures(new: Measures, parent: Measures | None, *, verdict: Verdict) -> dict[str, object]:
    """Measures as plain values, to be kept beside the version."""
    return {
        "held_out_version": HELD_OUT_VERSION,
        "own": _pack(new),
        "parent": None if parent is None else _pack(parent),
        "is_fit": verdict.is_fit,
        "verdict": verdict.sentence,
    }


def _errors(scores: Scores) -> Sequence[tuple[str, float]]:
    return [*scores.errors, *((CONFIRMED, value) for is_error, value in scores.judged if is_error)]


def _tell_alarms(new: Measures, parent: Measures) -> str:
    if new.alarms == parent.alarms:
        return f"False alarms: {new.alarms:,}, as many as before."
    if not parent.alarms:
        return f"False alarms: {new.alarms:,}, none before."
    change = 100 * abs(new.alarms - parent.alarms) / parent.alarms
    direction = "fewer" if new.alarms < parent.alarms else "more"
    return f"False alarms: {new.alarms:,} instead of {parent.alarms:,}, {change:.0f} % {direction}."


def _pack(measures: Measures) -> dict[str, object]:
    return {
        "recall": {kind: list(counts) for kind, counts in measures.recall.items()},
        "found": list(measures.found),
        "false_alarms": measures.false_alarms,
        "rejected": list(measures.rejected),
    }
