"""How much of a film is about each character, and who is therefore main, secondary, or an extra."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.people.spans import merge_spans
from curation.people.track_facts import TrackFacts

Importance = Literal["main", "secondary", "extra"]

PART_WEIGHTS = {"size": 0.4, "centrality": 0.2, "sharpness": 0.2, "dialogue": 0.2}
"""What makes a second on screen count: a large face in the middle, in focus, while somebody speaks."""

CLOSE_UP_HEIGHT_UNIT = 0.4
"""A face as high as this fills the picture as a close-up does; larger ones count no more."""

LEADING_SHARE = 0.05
"""Whoever leads a film is seen for at least this part of it; where nobody is, nobody's prominence reaches 1."""

MAIN_BETWEEN = (0.25, 0.6)
EXTRA_BETWEEN = (0.015, 0.1)
"""Shares of the leading character's prominence between which the line to the main characters, and to extras, lies."""


class Prominences(NamedTuple):
    """One row a character, C of them by rising number.

    ``character`` ``int64 (C,)``; ``prominence`` ``float64 (C,)`` 0–1; ``screen_time_s`` ``float64 (C,)``; ``parts``
    each ``float64 (C,)`` 0–1, "dialogue" and "sharpness" NaN where not known; ``importance`` of each.
    """

    character: NDArray[np.int64]
    prominence: NDArray[np.float64]
    screen_time_s: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]]
    importance: tuple[Importance, ...]


def rate_prominence(facts: TrackFacts, *, fps: Mapping[int, float], duration_s: float) -> Prominences:
    """Rate how much of the films everyone is: time on screen, and how much each second of it counts.

    ``fps`` of every film in ``facts``, ``duration_s`` of all films together. A character's prominence is the time
    in which it is seen (a frame counts once, however many of its tracks show it), times the weighted mean of the parts
    (``PART_WEIGHTS``; those not known are left out), as a share of the leading character's. Larger clusters of faces
    as the more important characters: Netflix's "AVA" (2018) and the centralities of RoleNet (Weng, Chu & Wu 2009).
    """
    character, row = np.unique(facts.character, return_inverse=True)
    tempo = np.array([fps[film] for film in facts.film.tolist()], dtype=np.float64)
    length_s = np.maximum(facts.end_frame - facts.start_frame, 0) / tempo
    screen_time_s = _screen_times(facts, row=row, tempo=tempo, count=len(character))
    looks = {
        "size": np.clip(facts.height_unit.astype(np.float64) / CLOSE_UP_HEIGHT_UNIT, 0, 1),
        "centrality": facts.centrality_unit.astype(np.float64),
        "sharpness": facts.sharpness_unit.astype(np.float64),
        "dialogue": facts.dialogue_unit.astype(np.float64),
    }
    means = {
        name: _weighted_mean(values, weights=length_s, row=row, count=len(character))
        for name, values in looks.items()
    }
    weighted_s = screen_time_s * _join_parts(means)
    leading_s = max(float(weighted_s.max(initial=0.0)), LEADING_SHARE * duration_s)
    prominence = weighted_s / leading_s if leading_s > 0 else np.zeros(len(character))
    longest_s = float(screen_time_s.max(initial=0.0))
    parts = {"screen_time": screen_time_s / longest_s if longest_s > 0 else screen_time_s} | means
    return Prominences(character, prominence, screen_time_s, parts, judge_importance(prominence))


def judge_importance(prominence: NDArray[np.float64]) -> tuple[Importance, ...]:
    """Tell main characters from secondary ones and extras by the widest gaps in their prominences, 0–1.

    RoleNet (Weng, Chu & Wu 2009) cuts where sorted values differ most. Here the cut is the widest gap by ratio, and it
    lies within ``MAIN_BETWEEN`` (``EXTRA_BETWEEN``): so equals stay together, one person alone is not split off
    from nobody, and no film needs settings of its own.
    """
    main_from = find_gap(prominence, between=MAIN_BETWEEN)
    extra_below = find_gap(prominence, between=EXTRA_BETWEEN)
    return tuple(
        "main" if value >= main_from else "extra" if value < extra_below else "secondary" for value in prominence
    )


def find_gap(values: NDArray[np.float64], *, between: tuple[float, float]) -> float:
    """Find the middle (geometric) of the widest gap, by ratio, between sorted values within two positive bounds."""
    inside = values[(values > between[0]) & (values < between[1])]
    steps = np.log(np.concatenate([[between[0]], np.sort(inside), [between[1]]]))
    widest = int(np.argmax(np.diff(steps)))
    return float(np.exp((steps[widest] + steps[widest + 1]) / 2))


def _screen_times(
    facts: TrackFacts, *, row: NDArray[np.int64], tempo: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Seconds in which each character is seen, over all films."""
    films, film = np.unique(facts.film, return_inverse=True)
    seconds_per_frame = np.zeros(len(films))
    seconds_per_frame[film] = 1 / tempo
    spans = merge_spans(row * len(films) + film, start_frame=facts.start_frame, end_frame=facts.end_frame)
    length_s = (spans.end_frame - spans.start_frame) * seconds_per_frame[spans.owner % max(len(films), 1)]
    return np.bincount(spans.owner // max(len(films), 1), weights=length_s, minlength=count).astype(np.float64)


def _weighted_mean(
    values: NDArray[np.float64], *, weights: NDArray[np.float64], row: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Mean of each row's known values, clipped to 0–1; NaN where none is known."""
    known = np.isfinite(values) & (weights > 0)
    total = np.bincount(row[known], weights=weights[known], minlength=count)
    summed = np.bincount(row[known], weights=(weights * np.clip(values, 0, 1))[known], minlength=count)
    return np.asarray(np.divide(summed, total, out=np.full(count, np.nan), where=total > 0))


def _join_parts(means: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Weighted mean of the known parts, 0 where none is known."""
    values = np.stack([means[name] for name in PART_WEIGHTS])
    weights = np.array(list(PART_WEIGHTS.values()))[:, None] * np.isfinite(values)
    total = weights.sum(axis=0)
    summed = (weights * np.nan_to_num(values)).sum(axis=0)
    return np.asarray(np.divide(summed, total, out=np.zeros(len(total)), where=total > 0))
