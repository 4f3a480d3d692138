"""Stuck and dead pixels: places of the sensor whose own level stays while their surroundings change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc.pixel.found import StuckPixel
from qc.pixel.stuck_evidence import LOOK_EVERY, Evidence, Hits, join_evidence, place_keys

LEAST_LOOKS = 6
LEAST_INDEPENDENT = 3
"""Looks between which the surroundings have changed by CHANGED_LEVELS."""
CHANGED_LEVELS = 6
LONGEST_GAP_LOOKS = 12
"""Looks in a row that may miss it, as something of its own level passes by, without ending its span."""
LEAST_SHOWN = 0.5
"""Part of the looks of a span that have to show it."""
LEAST_SHARPNESS = 0.7
"""How far it stands out at two pixels' distance, in parts of that at three: an optical image has no such impulse."""
LEAST_CONTRAST = 12.0
STILL_LEVELS = 4.0
"""Standard deviation of its own level, up to which it counts as constant."""
STILL_BESIDE_RING = 0.6
"""And that in parts of its surroundings' deviation: what is lit changes with what is around it."""
MERGE_PX = 3.0
LARGEST_PX = 9


class _Place(NamedTuple):
    x: float
    y: float
    plane: int
    hits: Hits
    independent: int


def find_stuck(
    evidence: Sequence[bytes], *, frame_count: int, shots: Sequence[tuple[int, int]] = ()
) -> list[StuckPixel]:
    """The stuck and dead pixels of a film, in order of place, from the packed evidence of its spans.

    ``shots`` are half-open spans of frames; without any the film counts as one. Raises ValueError for evidence that
    cannot be read.
    """
    joined = join_evidence(evidence)
    places = _places(joined)
    convicted = [place for place in places if _does_not_answer(place)]
    groups = _group(convicted)
    return [
        pixel
        for members in groups
        if (pixel := _describe(members, joined=joined, places=places, frame_count=frame_count)) is not None
    ]


def _places(evidence: Evidence) -> list[_Place]:
    keys = place_keys(evidence.hits)
    order = np.lexsort((evidence.hits["frame"], keys))
    hits, keys = evidence.hits[order], keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return [_place(members, evidence) for members in np.split(hits, starts[1:])] if len(hits) else []


def _place(hits: Hits, evidence: Evidence) -> _Place:
    plane, x, y = int(hits["kind"][0]) // 2, float(hits["x"][0]), float(hits["y"][0])
    if plane:
        across, down = (of / max(part, 1) for of, part in zip(evidence.size, evidence.chroma_size, strict=True))
        x, y = (x + 0.5) * round(across) - 0.5, (y + 0.5) * round(down) - 0.5
    return _Place(x, y, plane, hits, _independent_looks(hits["ring"]))


def _independent_looks(ring: NDArray[np.uint8]) -> int:
    """How often the surroundings are new: a look counts when they differ from those of the last that counted."""
    count, last = 0, -CHANGED_LEVELS
    for level in ring.tolist():
        if abs(level - last) >= CHANGED_LEVELS:
            count, last = count + 1, level
    return count


def _does_not_answer(place: _Place) -> bool:
    hits = place.hits
    if len(hits) < LEAST_LOOKS or place.independent < LEAST_INDEPENDENT:
        return False
    contrast = float(np.median(hits["contrast"]))
    if contrast < LEAST_CONTRAST or float(np.median(hits["sharpness"])) < LEAST_SHARPNESS * contrast:
        return False
    own, around = float(hits["value"].std()), float(hits["ring"].std())
    return own <= min(STILL_LEVELS, STILL_BESIDE_RING * around)


def _group(places: Sequence[_Place]) -> list[list[_Place]]:
    """Places that touch, as one pixel error each; more than LARGEST_PX in one are none."""
    groups: list[list[_Place]] = []
    for place in sorted(places, key=lambda each: (each.y, each.x, each.plane)):
        near = [group for group in groups if any(_distance(place, member) <= MERGE_PX for member in group)]
        groups = [group for group in groups if not any(group is other for other in near)]
        groups.append([member for group in near for member in group] + [place])
    return [group for group in groups if len(group) <= LARGEST_PX]


def _distance(one: _Place, other: _Place) -> float:
    return max(abs(one.x - other.x), abs(one.y - other.y))


def _describe(
    members: Sequence[_Place], *, joined: Evidence, places: Sequence[_Place], frame_count: int
) -> StuckPixel | None:
    luma = [place for place in members if place.plane == 0] or list(members)
    weight = np.array([float(np.median(place.hits["contrast"])) for place in luma])
    x = float(np.average([place.x for place in luma], weights=weight))
    y = float(np.average([place.y for place in luma], weights=weight))
    beside = [place.hits for place in places if max(abs(place.x - x), abs(place.y - y)) <= 2]
    frames = np.unique(np.concatenate([hits["frame"] for hits in beside]))
    spans = _spans(frames, joined.looks, frame_count=frame_count)
    if not spans:
        return None
    best = luma[int(np.argmax(weight))]
    amplitude = float(np.median(best.hits["value"].astype(np.float64) - best.hits["ring"]))
    independent = max(place.independent for place in members)
    confidence = 1 - 0.5 ** (independent - 1)
    return StuckPixel(x, y, len(luma), spans, amplitude, confidence, independent)


def _spans(
    shown: NDArray[np.int32], looks: NDArray[np.int32], *, frame_count: int
) -> tuple[tuple[int, int], ...]:
    """Half-open spans of frames from the first to the last look that shows it, gaps of a few looks bridged."""
    at = np.searchsorted(looks, shown)
    runs = np.split(at, np.flatnonzero(np.diff(at) > LONGEST_GAP_LOOKS) + 1)
    kept = [run for run in runs if len(run) >= LEAST_SHOWN * (run[-1] - run[0] + 1) and len(run) > 1]
    return tuple((int(looks[run[0]]), min(int(looks[run[-1]]) + LOOK_EVERY, frame_count)) for run in kept)
