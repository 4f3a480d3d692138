"""Coverage: which visual elements of a film its picks show too little of, or too much, and what would mend it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.clusters import rate_quality
from curation.stills.elements import Element
from curation.stills.table import StillTable, combine_vectors

MISSING, UNDER, FAIR, OVER = "missing", "under", "fair", "over"

LEAST_OF_FILM = 0.06
"""A film is said to have an element from this share of it on; nobody misses what is rarer."""

LEAST_EXPECTED = 0.5
"""Nothing is missing that so few picks, at the film's share of it, would have less of: one still cannot show it all."""

UNDER_SHARE, OVER_SHARE = 0.5, 2.0
"""Picks show too little of an element below this share of what the film does, and too much from the other on."""

LEAST_EXCESS = 0.15
"""Nothing is shown too much whose share among the picks is not this far above the film's."""

FEW = 3
MOST_NAMED = 5
"""What is missing, in one sentence."""

LEAST_APART = 0.12
"""Stills that are proposed for one gap differ by this much at least."""


class Coverage(NamedTuple):
    """One element: its share 0–1 of the film, of all its stills and of the picks, and what follows: "missing", "under",
    "fair" or "over". The film's is by how long the stills that have it stand for; stills of which it is not known
    whether they have it do not count. ``picks_share`` is NaN without a pick of which it is known."""

    element: Element
    film_share: float
    stills_share: float
    picks_share: float
    pick_count: int
    verdict: str

    @property
    def is_gap(self) -> bool:
        """Whether the picks lack something that the film has."""
        return self.verdict in (MISSING, UNDER)


def measure_coverage(table: StillTable, picks: NDArray[np.int64], elements: Sequence[Element]) -> list[Coverage]:
    """Compare picks, rows of the table, with the film and with its stills, element by element.

    Elements that no still has are left out: only what the film has can be missed.
    """
    return [_compare(table, picks, element) for element in elements if element.has.any()]


def list_gaps(coverage: Sequence[Coverage]) -> list[Coverage]:
    """What the picks lack: what is missing before what there is too little of, what the film has most of first."""
    gaps = [each for each in coverage if each.is_gap]
    return sorted(gaps, key=lambda gap: (gap.verdict != MISSING, -gap.film_share))


def tell_coverage(coverage: Sequence[Coverage], *, pick_count: int) -> list[str]:
    """Say in sentences what the picks lack and have too much of; one that says so where nothing is to be said."""
    if not pick_count:
        return ["Nothing is picked yet."]
    gaps = list_gaps(coverage)
    lacking = [gap.element.lack for gap in gaps if gap.verdict == MISSING]
    sentences = [f"You have {_enumerate(lacking[:MOST_NAMED])}."] if lacking else []
    if len(lacking) > MOST_NAMED:
        sentences.append(f"Missing are also {len(lacking) - MOST_NAMED} other elements of the film.")
    sentences += [
        f"Few of your picks are {gap.element.phrase}: {_percent(gap.picks_share)} of them, "
        f"{_percent(gap.film_share)} of the film."
        for gap in gaps
        if gap.verdict == UNDER
    ]
    sentences += [
        f"Many of your picks are {each.element.phrase}: {_percent(each.picks_share)} of them, "
        f"{_percent(each.film_share)} of the film."
        for each in sorted(coverage, key=lambda each: each.film_share - each.picks_share)
        if each.verdict == OVER
    ]
    if not sentences and pick_count < FEW:
        return ["So few picks cannot show what is missing: pick a few more."]
    return sentences or ["Your picks show the film as it is: nothing is missing, nothing is shown too often."]


def fill_gap(table: StillTable, gap: Coverage, *, taken: NDArray[np.int64], count: int) -> list[int]:
    """The best stills that have what is lacking, unlike one another: up to ``count`` rows, best first.

    ``taken`` are rows that are not proposed: what is picked already, or was rejected.
    """
    quality, vectors = rate_quality(table), combine_vectors(table)
    has = gap.element.has.copy()
    has[taken] = False
    rows = np.flatnonzero(has)
    rows = rows[np.argsort(-quality[rows], kind="stable")]
    chosen: list[int] = []
    while len(rows) and len(chosen) < count:
        best = int(rows[0])
        chosen.append(best)
        rows = rows[np.linalg.norm(vectors[rows] - vectors[best], axis=1) >= LEAST_APART]
    return chosen


def _compare(table: StillTable, picks: NDArray[np.int64], element: Element) -> Coverage:
    known_frames = float(table.film_frames[element.is_known].sum())
    film = float(table.film_frames[element.has].sum()) / known_frames if known_frames else 0.0
    known = int(element.is_known[picks].sum())
    count = int(element.has[picks].sum())
    stills = float(element.has.sum()) / max(int(element.is_known.sum()), 1)
    share = count / known if known else np.nan
    verdict = _judge(film, share, count=count, known=known)
    if element.is_absence and verdict in (MISSING, UNDER):
        verdict = FAIR
    return Coverage(element, film, stills, share, count, verdict)


def _judge(film_share: float, picks_share: float, *, count: int, known: int) -> str:
    """``count`` of the ``known`` picks have the element."""
    is_wanted = film_share >= LEAST_OF_FILM and film_share * known >= LEAST_EXPECTED
    if is_wanted and not count:
        return MISSING
    if is_wanted and picks_share < UNDER_SHARE * film_share:
        return UNDER
    if count > 1 and picks_share >= OVER_SHARE * film_share and picks_share - film_share >= LEAST_EXCESS:
        return OVER
    return FAIR


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _enumerate(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
