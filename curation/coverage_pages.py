"""What the page of coverage shows: the elements of a film against those of its picks, and what would fill the gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from django.http import QueryDict
from numpy.typing import NDArray

from ava.models import Title, User, Video
from curation.board_cards import StillCard, describe_frames
from curation.cluster_pages import VECTOR_LABELS, name_elements
from curation.decisions import current_decisions
from curation.models import Decision, PickList
from curation.pages import choose_video
from curation.pick_list_frames import listed_frames
from curation.selectors import access_pick_lists
from curation.still_people import cast_of_board
from curation.still_tables import load_table
from curation.stills.coverage import (
    MISSING,
    OVER,
    UNDER,
    Coverage,
    fill_gap,
    list_gaps,
    measure_coverage,
    tell_coverage,
)
from curation.stills.diversity import Diversity, measure_diversity
from curation.stills.table import StillTable

GAPS_SHOWN = 6
STILLS_A_GAP = 4
VERDICT_WORDS = {MISSING: "Missing", UNDER: "Too few", OVER: "Too many"}


class Choice(NamedTuple):
    """What the film is compared with: its picks, or a pick list (`list_pk`); rows of the table, and frames that nobody
    is asked to pick again."""

    list_pk: int | None
    name: str
    rows: NDArray[np.int64]
    taken: NDArray[np.int64]


class Bar(NamedTuple):
    """One element in percent; `picks_percent` is None where nothing is known of any pick."""

    label: str
    film_percent: float
    picks_percent: float | None
    verdict: str
    words: str
    swatch: str


class Bars(NamedTuple):
    label: str
    bars: list[Bar]


class Gap(NamedTuple):
    lack: str
    percent: float
    cards: list[StillCard]


class Spread(NamedTuple):
    """How unlike two stills are on average in one respect, in percent: picks and all stills; None for too few."""

    label: str
    picks_percent: float | None
    stills_percent: float | None


@dataclass(frozen=True)
class CoveragePage:
    """`effective` is how many wholly different stills the picks are worth."""

    videos: list[Video]
    video: Video | None
    lists: list[PickList]
    choice: Choice | None
    sentences: list[str]
    groups: list[Bars]
    gaps: list[Gap]
    spreads: list[Spread]
    effective: float
    still_count: int

    @property
    def pick_count(self) -> int:
        return len(self.choice.rows) if self.choice else 0


class CoverageResult(NamedTuple):
    """Picks of a film measured against it."""

    table: StillTable
    choice: Choice
    coverage: list[Coverage]
    sentences: list[str]
    diversity: Diversity


def compare_picks(video: Video, *, pick_list: PickList | None) -> CoverageResult:
    """Measure the picks of a film, or its stills in a pick list, against the film."""
    table = load_table(video)
    choice = _choose(video, table, pick_list=pick_list)
    coverage = measure_coverage(table, choice.rows, name_elements(table, cast_of_board(video)))
    sentences = tell_coverage(coverage, pick_count=len(choice.rows))
    return CoverageResult(table, choice, coverage, sentences, measure_diversity(table, choice.rows))


def read_coverage_page(title: Title, *, query: QueryDict, user: User, pick_list: PickList | None) -> CoveragePage:
    """Everything the page shows, in a constant number of queries."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    lists = list(access_pick_lists(user).filter(title=title, is_deleted=False))
    if video is None:
        return CoveragePage(videos, None, lists, None, [], [], [], [], 0.0, 0)
    found = compare_picks(video, pick_list=pick_list)
    return CoveragePage(
        videos=videos,
        video=video,
        lists=lists,
        choice=found.choice,
        sentences=found.sentences,
        groups=_bars(found.coverage),
        gaps=_gaps(video, found),
        spreads=_spreads(found),
        effective=found.diversity.effective,
        still_count=len(found.table),
    )


def gap_frames(found: CoverageResult) -> list[tuple[Coverage, list[int]]]:
    """What the picks lack, each with the frames of the best stills that have it."""
    gaps = list_gaps(found.coverage)[:GAPS_SHOWN]
    return [(gap, [int(frame) for frame in found.table.frames[_fill(found, gap)]]) for gap in gaps]


def _fill(found: CoverageResult, gap: Coverage) -> list[int]:
    return fill_gap(found.table, gap, taken=found.choice.taken, count=STILLS_A_GAP)


def _choose(video: Video, table: StillTable, *, pick_list: PickList | None) -> Choice:
    """Rows of what is chosen, and of what is chosen or rejected."""
    states = current_decisions(video)
    rejected = [frame for frame, state in states.items() if state.verdict == Decision.Verdict.REJECT]
    if pick_list is None:
        frames = [frame for frame, state in states.items() if state.verdict == Decision.Verdict.PICK]
        name = "Picks"
    else:
        frames = [key.frame_index for key in listed_frames(pick_list) if key.video_id == video.pk]
        name = pick_list.name
    rows = _rows(table, frames)
    return Choice(pick_list.pk if pick_list else None, name, rows, np.union1d(rows, _rows(table, rejected)))


def _rows(table: StillTable, frames: Sequence[int]) -> NDArray[np.int64]:
    return np.flatnonzero(np.isin(table.frames, np.array(frames, dtype=np.int64)))


def _bars(coverage: Sequence[Coverage]) -> list[Bars]:
    grouped = groupby(coverage, key=lambda each: each.element.vector)
    return [Bars(VECTOR_LABELS[vector], [_bar(each) for each in members]) for vector, members in grouped]


def _bar(each: Coverage) -> Bar:
    return Bar(
        label=each.element.label,
        film_percent=100 * each.film_share,
        picks_percent=None if np.isnan(each.picks_share) else 100 * each.picks_share,
        verdict=each.verdict,
        words=VERDICT_WORDS.get(each.verdict, ""),
        swatch=each.element.label if each.element.vector == "palette" else "",
    )


def _gaps(video: Video, found: CoverageResult) -> list[Gap]:
    filled = gap_frames(found)
    frames = list(dict.fromkeys(frame for _, frames in filled for frame in frames))
    described = describe_frames(video, frames, cast=cast_of_board(video)) if frames else []
    cards = {card.frame_index: card for card in described}
    return [
        Gap(gap.element.lack, 100 * gap.film_share, [cards[frame] for frame in frames])
        for gap, frames in filled
        if frames
    ]


def _spreads(found: CoverageResult) -> list[Spread]:
    stills = measure_diversity(found.table, np.arange(len(found.table)))
    rows = [Spread("Altogether", _percent(found.diversity.index), _percent(stills.index))]
    return rows + [
        Spread(VECTOR_LABELS[name], _percent(index), _percent(stills.by_vector[name]))
        for name, index in found.diversity.by_vector.items()
    ]


def _percent(index: float) -> float | None:
    return None if np.isnan(index) else 100 * index

