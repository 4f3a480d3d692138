"""Places of a sensor at which flags come back, with what is told of each beside the map."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from numpy.typing import NDArray

from ava.models import Video
from qc.models import PixelFlag
from qc.pixel.places import describe_places
from qc.pixel.sensor_grid import Box, fill_strip, zoom_box
from qc.sensor_query import SensorQuery

PLACES_A_PAGE = 24
STRIP_PARTS = 200
_AROUND_PX = 48
"""How wide a part of the picture a place's link shows."""


class FlagRow(NamedTuple):
    """What a map reads of every flag."""

    pk: int
    x: float
    y: float
    kind: str
    state: str
    place: int | None
    video_id: int
    frame_index: int
    shot_id: int | None


class StateCount(NamedTuple):
    state: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place of several flags, or of a stuck pixel. ``strip``: the parts of the films in which it shows, as a path."""

    number: int
    x: float
    y: float
    flag_count: int
    frame_count: int
    shot_count: int
    is_stuck: bool
    states: Sequence[StateCount]
    strip: str
    review_address: str
    zoom_query: str


class FoundPlaces(NamedTuple):
    """Rows of flags by place, the one with the most flags first; ``single_count``: flags alone at theirs."""

    members: Sequence[NDArray[np.int64]]
    single_count: int


def gather_places(rows: Sequence[FlagRow]) -> FoundPlaces:
    """The indices of the flags at every place where several were raised, or a stuck pixel was."""
    places = np.array([-1 if row.place is None else row.place for row in rows], np.int64)
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-2))
    groups = np.split(order, starts[1:]) if len(rows) else []
    kept = [group for group in groups if places[group[0]] >= 0 and _comes_back(group, rows)]
    kept.sort(key=lambda group: (-len(group), int(places[group[0]])))
    return FoundPlaces(kept, len(rows) - sum(len(group) for group in kept))


def tell_places(
    found: FoundPlaces, *, rows: Sequence[FlagRow], query: SensorQuery, start: int, count: int = PLACES_A_PAGE
) -> list[PlaceRow]:
    """``count`` of the places from the one at ``start`` on, in one query for their spans."""
    shown = found.members[start : start + count]
    pks = [rows[index].pk for group in shown for index in group.tolist()]
    spans = dict(PixelFlag.objects.filter(pk__in=pks).values_list("pk", "spans"))
    return [_tell(group, rows=rows, query=query, spans=spans, number=start + n) for n, group in enumerate(shown, 1)]


def _comes_back(group: NDArray[np.int64], rows: Sequence[FlagRow]) -> bool:
    if len(group) > 1:
        return len({(rows[index].video_id, rows[index].frame_index) for index in group.tolist()}) > 1
    return rows[group[0]].kind == PixelFlag.Kind.STUCK


def _tell(
    group: NDArray[np.int64], *, rows: Sequence[FlagRow], query: SensorQuery, spans: dict[int, list[list[int]]],
    number: int,
) -> PlaceRow:  # fmt: skip
    members = [rows[index] for index in group.tolist()]
    starts, total = _offsets(query)
    place = describe_places(
        np.zeros(len(members), np.int64),
        x=[row.x for row in members],
        y=[row.y for row in members],
        frames=[starts[row.video_id] + row.frame_index for row in members],
    )[0]
    states = Counter(row.state for row in members)
    shown = [
        (starts[row.video_id] + start, starts[row.video_id] + end)
        for row in members
        for start, end in spans.get(row.pk, [])
    ]
    first = min(members, key=lambda row: (starts[row.video_id] + row.frame_index, row.pk))
    words = {"order": "place", "state": "all", "flag": first.pk}
    around = Box(place.x - _AROUND_PX / 2, place.y, place.x + _AROUND_PX / 2, place.y)
    sensor = query.sensor
    return PlaceRow(
        number=number,
        x=place.x,
        y=place.y,
        flag_count=place.flag_count,
        frame_count=_count_frames(shown, least=place.frame_count),
        shot_count=len({row.shot_id for row in members if row.shot_id is not None}),
        is_stuck=any(row.kind == PixelFlag.Kind.STUCK for row in members),
        states=[StateCount(value, label, states[value]) for value, label in PixelFlag.State.choices if states[value]],
        strip="".join(
            f"M{begin} 0V1H{end}V0Z" for begin, end in fill_strip(shown, frame_count=total, bins=STRIP_PARTS)
        ),
        review_address=f"{reverse('pixel-review', args=[query.title.pk])}?{urlencode(words)}",
        zoom_query=query.words(box=zoom_box(around, width=sensor.width, height=sensor.height, factor=1.0)),
    )


def _count_frames(spans: Sequence[tuple[int, int]], *, least: int) -> int:
    """In how many frames a place shows: each once, however many of its flags show in it."""
    count, reached = 0, 0
    for start, end in sorted(spans):
        count += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return max(count, least)


def _offsets(query: SensorQuery) -> tuple[dict[int, int], int]:
    """Where each film begins if they follow each other, and how many frames they have together."""
    videos: Sequence[Video] = [query.video] if query.video else query.sensor.videos
    starts: dict[int, int] = {}
    total = 0
    for video in videos:
        starts[video.pk] = total
        total += video.frame_count
    return starts, total
