"""Stills that their maturity holds back: which, why, and what it costs them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ava.models import Video
from ava.pages import frame_timecode
from curation.board_order import kept_by_maturity, order_board
from curation.maturity_overrides import newest_of
from curation.models import MaturityOverride, Still
from curation.still_tables import load_table
from curation.stills.maturity import KINDS
from curation.stills.maturity_curves import HELD_BACK_BELOW
from curation.stills.weighting import Weighting

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class KindJudged:
    """One kind of one still: its `probability`, 0–1 or None where not known, the share of the score that is `kept`,
    and what an editor `said`, if anything holds."""

    kind: str
    probability: float | None
    kept: float
    said: MaturityOverride | None

    @property
    def verdict(self) -> str:
        return self.said.verdict if self.said else ""

    @property
    def percent(self) -> int | None:
        return None if self.probability is None else round(self.probability * 100)

    @property
    def cost_percent(self) -> int:
        return round((1 - self.kept) * 100)


@dataclass(frozen=True, slots=True)
class HeldStill:
    """A still of which maturity leaves `kept`, 0–1: `rank` with it and `rank_without`, both from 1, and the scores."""

    frame_index: int
    timecode: str
    still_id: int | None
    kept: float
    rank: int
    rank_without: int
    score: float
    score_without: float
    kinds: list[KindJudged]

    @property
    def ranks_lost(self) -> int:
        return self.rank - self.rank_without

    @property
    def telling(self) -> list[KindJudged]:
        """The kinds that take something away or of which somebody said something, the costliest first."""
        return sorted((each for each in self.kinds if each.kept < 1 or each.said), key=lambda each: each.kept)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a film holds back under a weighting: `stills` that lose most first, at most MOST_SHOWN of `count`, and
    those that editors `allowed` against what was measured."""

    stills: list[HeldStill]
    allowed: list[HeldStill]
    count: int
    of: int


def held_back(video: Video, weighting: Weighting) -> HeldBack:
    """List the stills whose score is cut below HELD_BACK_BELOW, and those whose cut somebody has lifted."""
    table = load_table(video)
    kept, newest = kept_by_maturity(video, table), newest_of(video)
    rows = np.flatnonzero(kept.whole < HELD_BACK_BELOW)
    rows = rows[np.argsort(kept.whole[rows], kind="stable")]
    said = {frame for (frame, _), row in newest.items() if row.verdict == MaturityOverride.Verdict.ALLOW}
    allowed = np.flatnonzero(np.isin(table.frames, list(said)) & (kept.whole >= HELD_BACK_BELOW))
    shown = np.concatenate([rows[:MOST_SHOWN], allowed[:MOST_SHOWN]])
    described = _describe(video, shown, weighting=weighting, newest=newest)
    first = len(rows[:MOST_SHOWN])
    return HeldBack(described[:first], described[first:], count=len(rows), of=len(table))


def judge_frame(video: Video, frame_index: int, *, weighting: Weighting) -> HeldStill | None:
    """What maturity does to one still; None for a frame that is not among the stills."""
    table = load_table(video)
    rows = np.flatnonzero(table.frames == frame_index)
    return _describe(video, rows, weighting=weighting, newest=newest_of(video))[0] if len(rows) else None


def _describe(
    video: Video, rows: NDArray[np.int64], *, weighting: Weighting, newest: Mapping[tuple[int, str], MaturityOverride]
) -> list[HeldStill]:
    if not len(rows):
        return []
    table = load_table(video)
    kept = kept_by_maturity(video, table)
    with_it, without = (order_board(video, weighting, with_maturity=each) for each in (True, False))
    frames = table.frames[rows]
    ranks, ranks_without = (_places(each.frames, frames) for each in (with_it, without))
    ids = dict(Still.objects.filter(video=video, frame_index__in=frames.tolist()).values_list("frame_index", "pk"))
    return [
        HeldStill(
            frame_index=frame,
            timecode=frame_timecode(video, frame),
            still_id=ids.get(frame),
            kept=float(kept.whole[row]),
            rank=int(place) + 1,
            rank_without=int(place_without) + 1,
            score=float(with_it.scores[place]),
            score_without=float(without.scores[place_without]),
            kinds=[
                KindJudged(
                    kind,
                    _known(table.maturity.get(kind), row),
                    float(kept.by_kind[kind][row]),
                    _holding(newest.get((frame, kind))),
                )
                for kind in KINDS
            ],
        )
        for row, frame, place, place_without in zip(rows, frames.tolist(), ranks, ranks_without, strict=True)
    ]


def _places(order: NDArray[np.int64], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where frames stand in an order that has them all."""
    by_frame = np.argsort(order)
    return np.asarray(by_frame[np.searchsorted(order, frames, sorter=by_frame)])


def _known(probabilities: NDArray[np.float32] | None, row: int) -> float | None:
    if probabilities is None or np.isnan(probabilities[row]):
        return None
    return float(probabilities[row])


def _holding(row: MaturityOverride | None) -> MaturityOverride | None:
    return row if row is not None and row.verdict else None
