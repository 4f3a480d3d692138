"""The table of a film's stills: made from what is stored of them, kept packed in one row, and read in one go."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import NamedTuple

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from ava.annotate.shot_inspection import FACES
from ava.findings import load_detections, looked_at_frames
from ava.models import Shot, Video
from ava.picture_area import known_area
from ava.shots.shot_scale import SCALES
from ava.video_facts import video_info
from curation.models import BoardTable, LogoLook, PeopleAction
from curation.people_filters import living_faces
from curation.people_selectors import cast_scope
from curation.stills.closer_looks import find_rows, gather_people, locate_subjects
from curation.stills.film import JudgedFilm, Signals
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import StillTable
from curation.stills.table_packing import PackedTable, pack_table, unpack_table
from curation.stills.vectors import Appearances, build_table
from curation.violence_signal import tell_violence, violence_stamp

VERSION = 1
"""Raise it when a table is made otherwise; stored ones are then made anew when they are next read."""

_MOST_STILLS_CACHED = 250_000


class _Origin(NamedTuple):
    """What a table was made from, as far as a look at the database tells: it is outdated where this differs.

    How many stills there are, the newest of them, the last that somebody said of the cast, the parts of a score, and
    what violence is told by.
    """

    stills: int
    newest_still: int
    newest_word: int
    parts: str
    violence: str


def save_table(video: Video, *, signals: Signals | None = None) -> StillTable:
    """Describe a film's stills and keep the table; `signals` are those of `still_signals`, when the caller has them.

    To be called after every change of the stills or of what is known of them.
    """
    origin = _origin(video)
    packed = pack_table(_make_table(video, signals=signals))
    layout = {"origin": list(origin), **packed.layout}
    row, _ = BoardTable.objects.update_or_create(
        video=video, defaults={"version": VERSION, "layout": layout, "data": packed.data}
    )
    return _CACHE.put(video.pk, row.updated_at, unpack_table(packed))  # rounded alike for everybody


def load_table(video: Video) -> StillTable:
    """The table of a film's stills; made anew where there is none or the stills have changed since.

    Tables are kept in memory and shared: nobody may write into their arrays. A constant number of queries, one of which
    reads the data, of a table that has not been read before.
    """
    origin = _origin(video)
    stored = BoardTable.objects.filter(video=video).values_list("version", "layout__origin", "updated_at").first()
    if stored is None or stored[0] != VERSION or stored[1] != list(origin):
        return save_table(video)
    cached = _CACHE.get(video.pk, stored[2])
    if cached is not None:
        return cached
    row = BoardTable.objects.filter(video=video).values_list("layout", "data", "updated_at").first()
    if row is None:
        return save_table(video)
    return _CACHE.put(video.pk, row[2], unpack_table(PackedTable(row[0], bytes(row[1]))))


def _origin(video: Video) -> _Origin:
    stills = video.stills.order_by().aggregate(count=Count("pk"), newest=Max("pk"))
    word = PeopleAction.objects.filter(scope=cast_scope(video.title)).order_by("-pk").values_list("pk", flat=True)
    parts = " ".join(FRAME_PARTS)
    return _Origin(stills["count"], stills["newest"] or 0, word.first() or 0, parts, violence_stamp(video))


def _make_table(video: Video, *, signals: Signals | None) -> StillTable:
    from curation.services import known_shots, still_signals  # services save tables

    signals = still_signals(video) if signals is None else signals
    film = JudgedFilm(signals, known_shots(video), video_info(video).fps)
    rows = video.stills.order_by("frame_index").filter(frame_index__lt=film.frame_count)
    explained = dict(rows.values_list("frame_index", "explanation"))
    frames = np.array(list(explained), dtype=np.int64)
    table = build_table(
        film,
        frames,
        scales=_scales(video, frames),
        subjects=locate_subjects(load_detections(video, "saliency"), frames, area=known_area(video)),
        people=_people(video, frames),
        maturity=_maturity(video, frames, signals=signals),
    )
    _fill_parts(table, explained)
    return table


def _fill_parts(table: StillTable, explained: Mapping[int, Mapping[str, float]]) -> None:
    """Where measurements are out of date, what a still was judged by before holds."""
    for name in FRAME_PARTS:
        values = table.parts[name]
        for row in np.flatnonzero(np.isnan(values)):
            values[row] = explained[int(table.frames[row])].get(name, np.nan)


def _scales(video: Video, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """The scale of each frame's shot as a place in SCALES, NaN where none is known."""
    shots = list(Shot.objects.filter(video=video).order_by("start_frame").values_list("start_frame", "scale"))
    if not shots:
        return np.full(len(frames), np.nan)
    starts = np.array([start for start, _ in shots], dtype=np.int64)
    places = np.array([SCALES.index(scale) if scale in SCALES else np.nan for _, scale in shots], dtype=np.float64)
    return places[np.clip(np.searchsorted(starts, frames, side="right") - 1, 0, len(shots) - 1)]


def _people(video: Video, frames: NDArray[np.int64]) -> Appearances:
    faces = living_faces().filter(track__video=video, track__character__isnull=False).order_by()
    pairs = np.array(list(faces.values_list("frame_index", "track__character")), dtype=np.int64).reshape(-1, 2)
    looks = looked_at_frames(video, FACES)
    return gather_people(frames, seen_in=pairs[:, 0], character=pairs[:, 1], looks=looks)


def _maturity(video: Video, frames: NDArray[np.int64], *, signals: Signals) -> dict[str, NDArray[np.float32]]:
    unknown = np.full(len(frames), np.nan, dtype=np.float32)
    told = tell_violence(video, frames)
    violence = unknown.copy() if isinstance(told, str) else told.astype(np.float32)
    measured = {
        kind: signals[f"{kind}.probability"][frames] if f"{kind}.probability" in signals else unknown.copy()
        for kind in ("nudity", "text")
    }
    return {**measured, "logos": _avoided_logos(video, frames), "violence": violence}


def _avoided_logos(video: Video, frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """How likely each frame shows a logo to be avoided; NaN where it was not searched, or several teams see the title:
    one team's logos are none of another's business."""
    values = np.full(len(frames), np.nan, dtype=np.float32)
    teams = list(video.title.teams.values_list("pk", flat=True)[:2])
    if len(teams) != 1:
        return values
    looks = LogoLook.objects.filter(video=video, logo__team=teams[0], logo__is_wanted=False, probability__isnull=False)
    highest = looks.order_by().values_list("frame_index").annotate(highest=Max("probability"))
    found = np.array(list(highest), dtype=np.float64).reshape(-1, 2)
    row, is_still = find_rows(frames, found[:, 0].astype(np.int64))
    values[row] = found[is_still, 1]
    return values


class _Cache:
    """Tables read before, the latest used last, of a limited number of stills altogether."""

    def __init__(self) -> None:
        self._tables: OrderedDict[int, tuple[datetime, StillTable]] = OrderedDict()
        self._lock = Lock()

    def get(self, video_pk: int, updated_at: datetime) -> StillTable | None:
        with self._lock:
            held = self._tables.get(video_pk)
            if held is None or held[0] != updated_at:
                return None
            self._tables.move_to_end(video_pk)
            return held[1]

    def put(self, video_pk: int, updated_at: datetime, table: StillTable) -> StillTable:
        with self._lock:
            self._tables[video_pk] = (updated_at, table)
            self._tables.move_to_end(video_pk)
            while len(self._tables) > 1 and sum(len(each) for _, each in self._tables.values()) > _MOST_STILLS_CACHED:
                self._tables.popitem(last=False)
        return table


_CACHE = _Cache()
