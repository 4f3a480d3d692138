"""Page-shaped reads of the stills board: as many queries for 50 stills as for 100,000, and none that reads them all."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from numpy.typing import NDArray

from ava.models import Title, User, Video
from ava.signal_names import LIGHT, SignalGroup, SignalName, group_signals, name_signals
from curation.active_filters import ActiveFilter, active_filters
from curation.board_cards import describe_frames
from curation.board_narrowing import Narrowing, NarrowingChoice, offered_narrowings, read_narrowing
from curation.board_sequence import board_sequence
from curation.decisions import count_verdicts
from curation.models import Still
from curation.people_filters import MODE_WORDS, MODES
from curation.still_facts import FACETS, Facet
from curation.still_filters import StillFilters
from curation.still_people import MANY, Person, cast_of_board

STILLS_A_PAGE = 48
OVERLAYS = (
    ("F", "faces", "Faces"),
    ("G", "grid", "Thirds"),
    ("S", "saliency", "Saliency"),
    ("T", "text", "Text"),
    ("M", "motion", "Motion"),
    ("B", "bodies", "Bodies"),
)
"""What can be laid over a large still: its key, its name in addresses and scripts, its label."""

SAMPLED_STILLS = 400
"""Stills, spread evenly over the ranks, that tell what was measured: reading every still's takes seconds of a film
with 100,000."""

_COLUMN = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class BoardPage:
    videos: list[Video]
    video: Video | None
    signals: list[SignalName]
    facets: list[Facet]
    cast: list[Person]
    filters: StillFilters
    narrowing: Narrowing | None
    narrowings: list[NarrowingChoice]
    sequence: NDArray[np.int64] | None
    active: list[ActiveFilter]
    stills: QuerySet[Still]
    total: int
    is_provisional: bool

    @property
    def signal_groups(self) -> list[SignalGroup]:
        return group_signals(self.signals)

    @property
    def people(self) -> list[Person]:
        """Who is offered as a filter: those who are seen in this film, and those who are asked for all the same."""
        return [person for person in self.cast if person.is_seen or person.pk in self.filters.people]

    @property
    def are_people_many(self) -> bool:
        return len(self.people) >= MANY

    @property
    def people_modes(self) -> Mapping[str, str]:
        return MODES

    @property
    def people_mode_words(self) -> Mapping[str, str]:
        return MODE_WORDS

    @property
    def open_groups(self) -> set[str]:
        """Groups of signals that are shown unfolded: those with a filter in force and, at first, the light's."""
        return {name.group for name in self.signals if name.column in self.filters.ranges} or {LIGHT}

    @cached_property
    def counts(self) -> dict[str, int]:
        """Verdict → stills of the whole film that have it."""
        found = count_verdicts(self.video) if self.video else {}
        decided = {"pick": found.get("pick", 0), "reject": found.get("reject", 0)}
        return decided | {"undecided": max(self.total - sum(decided.values()), 0)}

    @cached_property
    def ranks(self) -> Mapping[int, int] | None:
        """Frame → rank where the board's order is not the analysis's."""
        if self.sequence is None:
            return None
        return {frame: place for place, frame in enumerate(self.sequence.tolist(), start=1)}

    @cached_property
    def listed(self) -> "Sequence[int] | QuerySet[Still, int]":
        """The frames that pass, in the order asked for; of a plain board no more are read than are looked at."""
        frames = self.stills.values_list("frame_index", flat=True)
        if self.is_plain:
            return frames
        if self.filters.sort != "rank" or self.sequence is None:
            return list(frames)
        there = np.fromiter(frames.order_by(), dtype=np.int64)
        ordered = self.sequence[np.isin(self.sequence, there)]
        return [*ordered.tolist(), *np.setdiff1d(there, ordered).tolist()]

    @property
    def is_plain(self) -> bool:
        """Whether it shows all stills as the analysis ranks them."""
        is_whole = not self.filters.are_any and self.narrowing is None
        return is_whole and self.filters.sort == "rank" and self.sequence is None

    def neighbours(self, frame: int, *, side: int) -> "Neighbours":
        """Frames before and after one in the list, at most `side` each way, and where it stands."""
        if not self.is_plain:
            frames = list(self.listed)
            place = frames.index(frame) if frame in frames else None
            if place is None:
                return Neighbours([], [], None, len(frames))
            before, after = frames[max(place - side, 0) : place], frames[place + 1 : place + 1 + side]
            return Neighbours(before, after, place, len(frames))
        here = self.stills.filter(frame_index=frame).values_list("rank", "pk").first()
        if here is None:
            return Neighbours([], [], None, self.total)
        rank, pk = here
        frames_of = self.stills.values_list("frame_index", flat=True)
        above = frames_of.filter(rank__lte=rank).exclude(rank=rank, pk__gte=pk)  # a range first, for its index
        below = frames_of.filter(rank__gte=rank).exclude(rank=rank, pk__lte=pk)
        nearest = list(above.order_by("-rank", "-pk")[:side])
        return Neighbours(nearest[::-1], list(below[:side]), above.count(), self.total)


class Neighbours(NamedTuple):
    """Frames `before` and `after` one in a list `of` so many, in its order; `place` counts from 0, None: not in it."""

    before: list[int]
    after: list[int]
    place: int | None
    of: int


def choose_video(title: Title, *, video_id: str) -> tuple[list[Video], Video | None]:
    """The title's videos and the one meant: by its id, else the newest that has stills, else the newest.

    Each carries `is_provisional`, whether its best still is; None without stills.
    """
    best = Still.objects.filter(video=OuterRef("pk")).order_by("rank", "id").values("provisional")[:1]
    videos = list(title.videos.defer("frame_pts", "keyframes").annotate(is_provisional=Subquery(best)))
    asked = (each for each in videos if str(each.pk) == video_id)
    with_stills = (each for each in videos if each.is_provisional is not None)
    return videos, next(asked, None) or next(with_stills, None) or next(iter(videos), None)


def read_board(title: Title, *, query: QueryDict, user: User) -> BoardPage:
    """What the board was asked to show, of which film; hardly anything is read of its stills yet."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    stills = Still.objects.filter(video=video) if video else Still.objects.none()
    total = stills.count()
    columns = measured_columns(video, total=total) if video else []
    signals = name_signals(columns)
    cast = cast_of_board(video) if video else []
    filters = StillFilters.read(
        query, columns=[name.column for name in signals], people=[person.pk for person in cast]
    )
    narrowing = read_narrowing(query, video=video, user=user) if video else None
    narrowed = filters.narrow(stills, video=video)
    return BoardPage(
        videos=videos,
        video=video,
        signals=signals,
        facets=known_facets(video, columns=columns, chosen=filters.facets) if video else [],
        cast=cast,
        filters=filters,
        narrowing=narrowing,
        narrowings=offered_narrowings(video, user=user) if video else [],
        sequence=board_sequence(video, query=query, user=user) if video else None,
        active=active_filters(filters, query=query, signals=signals, cast=cast, narrowing=narrowing),
        stills=narrowed.filter(frame_index__in=narrowing.frames) if narrowing else narrowed,
        total=total,
        is_provisional=bool(video and video.is_provisional),
    )


def board_cards(board: BoardPage, *, number: str) -> Page:
    """One page of stills with their decisions, as the board shows them before its script runs."""
    page = Paginator(board.listed, STILLS_A_PAGE).get_page(number)
    frames = list(page.object_list)
    page.object_list = (
        describe_frames(board.video, frames, cast=board.cast, ranks=board.ranks) if board.video and frames else []
    )
    return page


def measured_columns(video: Video, *, total: int) -> list[str]:
    """Every "annotator.column" that stills of a film have values of; one still may lack what another has.

    Of a film with more than `SAMPLED_STILLS` stills, so many are asked.
    """
    query = """
        SELECT DISTINCT key FROM curation_still, jsonb_object_keys(signals) key
        WHERE video_id = %s AND rank %% %s = 0
    """
    step = max(total // SAMPLED_STILLS, 1)
    with connection.cursor() as cursor:
        cursor.execute(query, [video.pk, step])
        return sorted(key for (key,) in cursor.fetchall() if _COLUMN.fullmatch(key))


def known_facets(video: Video, *, columns: Collection[str], chosen: Collection[str]) -> list[Facet]:
    """The facets that something is known for, of the stills' measurements or of the shots, and those in force."""
    named = video.shots.aggregate(scale=Count("pk", filter=~Q(scale="")), camera=Count("pk", filter=~Q(camera="")))
    have = {("shot", name) for name, count in named.items() if count} | {("signals", name) for name in columns}
    return [
        facet
        for facet in FACETS
        if facet.name in chosen or any((choice.test.source, choice.test.name) in have for choice in facet.choices)
    ]
