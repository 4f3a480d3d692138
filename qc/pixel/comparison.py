"""Whether a new version of the pixel network may take its parent's place: never with worse recall."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qc.pixel.held_out import CONFIRMED, HELD_OUT_VERSION, Measures, Scores

LOWEST, HIGHEST = 0.02, 0.98
MOST_LOST, ONE_LOST_IN = 4, 20
ALL = "all errors"
_MARGIN_LOGIT = 0.02
"""Scans judge tiles, whose sums of floats may end otherwise by a hair."""


Recall = Mapping[str, tuple[int, int]]
"""Kind → (found, all)."""


class Verdict(NamedTuple):
    """``is_fit``: recall is not worse for any kind. ``sentence`` says it, and what became of the false alarms."""

    is_fit: bool
    sentence: str


def choose_threshold(sets: Sequence[tuple[Scores, Scores]], *, parent_threshold: float) -> float:
    """The highest threshold with which a network finds in every set as much as its parent at its own threshold.

    ``sets``: the network's and its parent's scores of the same windows; what is as much, `find_losses` says. 0.02–0.98:
    where that is too high, recall is worse all the same. The parent's threshold where nothing is planted.
    """
    wanted = [_recall(parent, threshold=parent_threshold) for _, parent in sets]
    values = sorted({value for new, _ in sets for _, value in _errors(new)}, reverse=True)
    if not values or not any(wanted):
        return parent_threshold

    def is_enough(value: float) -> bool:
        return not any(
            find_losses(_recall(new, threshold=value), theirs) for (new, _), theirs in zip(sets, wanted, strict=True)
        )

    place = bisect_left(values, True, key=is_enough)
    lowest = min(max(values[place] if place < len(values) else LOWEST, LOWEST), HIGHEST)
    logit = math.log(lowest / (1 - lowest)) - _MARGIN_LOGIT
    return min(max(1 / (1 + math.exp(-logit)), LOWEST), HIGHEST)


def find_losses(new: Recall, parent: Recall) -> list[str]:
    """What a network finds less of than its parent: all planted errors together, and kinds; empty when recall is kept.

    Together none may be lost. Of a single kind, and of those that reviewers confirmed, up to four may be (five fewer
    would come by chance once in 32 times: the sign test), but not more than one in twenty.
    """
    lost = {kind: hits - new.get(kind, (0, 0))[0] for kind, (hits, _) in parent.items()}
    told = [kind for kind, count in lost.items() if count > min(MOST_LOST, parent[kind][1] // ONE_LOST_IN)]
    return told or ([ALL] if sum(count for kind, count in lost.items() if kind != CONFIRMED) > 0 else [])


def threshold_for_recall(scores: Scores, *, recall: float = 0.99, least: float = LOWEST) -> float:
    """The highest threshold, ``least``–0.98, at which this share of all errors is found; 0.5 where none is planted."""
    values = sorted((value for _, value in _errors(scores)), reverse=True)
    if not values:
        return 0.5
    return min(max(values[max(math.ceil(recall * len(values)), 1) - 1], least), HIGHEST)


def compare(new: Measures, parent: Measures, *, parent_name: str, chosen: float | None = None) -> Verdict:
    """Compare two networks' measures on the same held-out set. ``chosen``: the threshold that `choose_threshold` gave
    the new one; None where it came with one."""
    if worse := find_losses(new.recall, parent.recall):
        told = "; ".join(_tell_loss(kind, new, parent) for kind in worse)
        reason = "" if chosen is None else f", even with its threshold lowered to {chosen:.2f}"
        return Verdict(False, f"It finds fewer errors than {parent_name}{reason}, and cannot be released ({told}).")
    found, total = new.found
    set_so = "" if chosen is None else f"; its threshold, {chosen:.2f}, was chosen for that"
    return Verdict(
        True,
        f"It finds {found:,} of {total:,} errors, {parent_name} {parent.found[0]:,}, and no kind notably less often"
        f"{set_so}. {_tell_alarms(new, parent)}",
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


def _recall(scores: Scores, *, threshold: float) -> Recall:
    errors = _errors(scores)
    totals = Counter(kind for kind, _ in errors)
    hits = Counter(kind for kind, value in errors if value >= threshold)
    return {kind: (hits[kind], total) for kind, total in totals.items()}


def _tell_loss(kind: str, new: Measures, parent: Measures) -> str:
    if kind == ALL:
        return f"{new.found[0]:,} of {parent.found[1]:,} instead of {parent.found[0]:,}"
    hits, total = parent.recall[kind]
    return f"{kind}: {new.recall.get(kind, (0, 0))[0]} of {total} instead of {hits}"


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
