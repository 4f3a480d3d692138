"""Stuck and dead pixels: places of the sensor whose own level stays while the light around them changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc.pixel.found import StuckPixel
from qc.pixel.stuck_evidence import LOOK_EVERY, Evidence, Hits, join_evidence, place_keys
from qc.pixel.stuck_proof import LEAST_LOOKS, MOST_UNPROVEN_CONFIDENCE, count_independent, prove

LONGEST_GAP_LOOKS = 12
"""Looks in a row that may miss it, as something of its own level passes by, without ending its span."""
LEAST_SHOWN = 0.5
"""Part of the looks of a span that have to show it."""
LEAST_COVERED = 0.25
"""Part of a film's looks from which spans that prove nothing alone may do so together."""
SAME_LEVEL = 8
"""By how much its level may differ between spans."""
MERGE_PX = 3.0
LARGEST_PX = 9


MOST_RESTING = 20
"""Places proven by their shape alone; more of them are a graphic or texture."""
LETTERING_ACROSS_PX, LETTERING_DOWN_PX, LETTERING_DOTS = 80.0, 12.0, 2
"""So many others so near in a line of it make a place a dot of lettering: timecode, titles, logos."""
LEAST_FRAMES = LOOK_EVERY * LEAST_LOOKS
"""No film that is shorter gives enough looks."""


class _Place(NamedTuple):
    x: float
    y: float
    plane: int
    hits: Hits
    confidence: float = 0.0
    independent: int = 0


def find_stuck(
    evidence: Sequence[bytes], *, frame_count: int, shots: Sequence[tuple[int, int]] = ()
) -> list[StuckPixel]:
    """The stuck and dead pixels of a film, row by row, from the packed evidence of its spans, in any order.

    Each is reported once, however many shots show it. A look speaks for one only when the light around it has
    changed since the last that did: a highlight that rests counts once. Spans end within LOOK_EVERY frames of the
    truth where it stands out of its surroundings; ``shots`` (half-open) let a span that nearly reaches a cut reach
    it. Raises ValueError for evidence that cannot be read.
    """
    joined = join_evidence(evidence)
    judged = (_convict(place, joined.looks) for place in _places(joined))
    groups = _group([place for place in judged if place is not None])
    cuts = sorted({frame for shot in shots for frame in shot} | {0, frame_count})
    return [_describe(members, joined=joined, cuts=np.array(cuts)) for members in _without_graphics(groups)]


def _places(evidence: Evidence) -> Iterator[_Place]:
    """Every pixel of every plane that was seen often enough to be asked about."""
    keys = place_keys(evidence.hits)
    order = np.lexsort((evidence.hits["frame"], keys))
    _, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
    enough = counts >= LEAST_LOOKS
    for start, count in zip(starts[enough].tolist(), counts[enough].tolist(), strict=True):
        hits = evidence.hits[order[start : start + count]]
        x, y = _luma_places(hits[:1], evidence)
        yield _Place(float(x[0]), float(y[0]), int(hits["kind"][0]) // 2, hits)


def _luma_places(hits: Hits, evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where impulses lie in the luma plane; a pixel of chroma is the middle of those that share it."""
    places = []
    for name, of, part in zip(("x", "y"), evidence.size, evidence.chroma_size, strict=True):
        step = np.where(hits["kind"] < 2, 1, round(of / max(part, 1)))
        places.append((hits[name] + 0.5) * step - 0.5)
    return places[0], places[1]


def _convict(place: _Place, looks: NDArray[np.int32]) -> _Place | None:
    """The place with the impulses that prove it stuck; None where nothing does."""
    runs = [place.hits[run] for run in _runs(place.hits["frame"], looks)]
    proofs = [prove(run) for run in runs]
    proven = [run for run, proof in zip(runs, proofs, strict=True) if proof]
    if not proven and sum(map(len, runs)) >= LEAST_COVERED * len(looks):
        proofs.append(prove(np.concatenate(runs)))
        proven = runs
    if not any(proofs):
        return None
    levels = [float(np.median(run["value"])) for run in proven]
    alike = [run for run in runs if min(abs(float(np.median(run["value"])) - level) for level in levels) <= SAME_LEVEL]
    independent = sum(count_independent(run) for run in proven)
    return place._replace(hits=np.concatenate(alike), confidence=max(proofs), independent=independent)


def _runs(frames: NDArray[np.int32], looks: NDArray[np.int32]) -> list[slice]:
    """Stretches of a place's impulses without long gaps that show it most of the time."""
    at = np.searchsorted(looks, frames)
    ends = [0, *(np.flatnonzero(np.diff(at) > LONGEST_GAP_LOOKS) + 1).tolist(), len(at)]
    spans = [slice(start, end) for start, end in pairwise(ends) if end - start > 1]
    return [run for run in spans if run.stop - run.start >= LEAST_SHOWN * (at[run.stop - 1] - at[run.start] + 1)]


def _group(places: Sequence[_Place]) -> list[list[_Place]]:
    """Places that touch, as one pixel error each; more than LARGEST_PX in one are none."""
    groups: list[list[_Place]] = []
    for place in sorted(places, key=lambda each: (each.y, each.x, each.plane)):
        near = [group for group in groups if any(_distance(place, member) <= MERGE_PX for member in group)]
        groups = [group for group in groups if not any(group is other for other in near)]
        groups.append([member for group in near for member in group] + [place])
    return [group for group in groups if len({(each.x, each.y) for each in group if not each.plane}) <= LARGEST_PX]


def _without_graphics(groups: Sequence[list[_Place]]) -> list[list[_Place]]:
    """Groups but for dots of lettering, which come several together, and what many shapes alone would prove."""
    apart = [group for group in groups if _neighbours(group, groups) < LETTERING_DOTS]
    resting = [group for group in apart if max(each.confidence for each in group) <= MOST_UNPROVEN_CONFIDENCE]
    return apart if len(resting) <= MOST_RESTING else [group for group in apart if group not in resting]


def _neighbours(group: list[_Place], groups: Sequence[list[_Place]]) -> int:
    """How many others are in one line with it."""
    x, y = group[0].x, group[0].y
    others = (other[0] for other in groups if other is not group)
    return sum(abs(each.x - x) <= LETTERING_ACROSS_PX and abs(each.y - y) <= LETTERING_DOWN_PX for each in others)


def _distance(one: _Place, other: _Place) -> float:
    return max(abs(one.x - other.x), abs(one.y - other.y))


def _describe(members: Sequence[_Place], *, joined: Evidence, cuts: NDArray[np.int64]) -> StuckPixel:
    luma = [place for place in members if place.plane == 0] or list(members)
    weight = np.array([float(np.median(place.hits["contrast"])) for place in luma])
    x = float(np.average([place.x for place in luma], weights=weight))
    y = float(np.average([place.y for place in luma], weights=weight))
    best = luma[int(np.argmax(weight))]
    independent = max(place.independent for place in members)
    return StuckPixel(
        x=x,
        y=y,
        area_px=len({(place.x, place.y) for place in luma}),
        spans=_spans(_frames_of(members, joined=joined), looks=joined.looks, cuts=cuts),
        amplitude=float(np.median(best.hits["value"].astype(np.float64) - best.hits["ring"])),
        confidence=max(place.confidence for place in members),
        looks=independent,
    )


def _frames_of(members: Sequence[_Place], *, joined: Evidence) -> NDArray[np.int32]:
    """Frames that show a convicted pixel in any plane: what is too faint in luma may show in colour."""
    x, y = _luma_places(joined.hits, joined)
    frames = [place.hits["frame"] for place in members]
    for place in members:
        beside = (np.abs(x - place.x) < 1) & (np.abs(y - place.y) < 1) & (joined.hits["kind"] // 2 != place.plane)
        frames.append(joined.hits["frame"][beside])
    return np.unique(np.concatenate(frames))


def _spans(
    frames: NDArray[np.int32], *, looks: NDArray[np.int32], cuts: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    """Half-open spans from the first to the last look that shows it; a cut that lies within one look ends them."""
    spans = []
    for run in _runs(frames, looks):
        first, end = int(frames[run][0]), int(frames[run][-1]) + 1
        before = cuts[(cuts > first - LOOK_EVERY) & (cuts <= first)]
        after = cuts[(cuts >= end) & (cuts < end + LOOK_EVERY)]
        spans.append((int(before[-1]) if len(before) else first, int(after[0]) if len(after) else end))
    return tuple(spans)
