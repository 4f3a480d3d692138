"""The vectors of many films' shots at once, kept in memory while they are what the database holds."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple, TypeVar

import numpy as np
from django.contrib.postgres.aggregates import StringAgg
from django.core.cache import cache
from django.db.models import BinaryField, Count, F, Func, QuerySet, Value
from numpy.typing import NDArray

from ava.models import Team, Video
from search.models import Encoder, ShotVector

HELD_S = 20.0
"""What vectors there are is looked at again after so long: of 100,000 shots that takes longer than all the rest of a
lesson, and a guess about a shot that has got another vector meanwhile is still about its frames."""

_HEADER_BYTES = 4
_MOST_SHOTS_CACHED = 250_000

Stamps = tuple[tuple[int, str], ...]
Found = TypeVar("Found")


class ShotTable(NamedTuple):
    """N shots of any films, by film and then by time: `video_id`, half-open spans and the `place` of each in its film,
    int64 (N,); `made_from` of each vector; `vectors` float32 (N, D) of length 1. Shared: nobody may write into it."""

    video_id: NDArray[np.int64]
    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]
    place: NDArray[np.int64]
    made_from: NDArray[np.str_]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:  # of shots, not of columns
        return len(self.video_id)

    def only(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "ShotTable":
        return ShotTable(*(column[rows] for column in self))


def team_videos(team: Team | int) -> QuerySet[Video]:
    """The films that a team's attributes are about."""
    return Video.objects.filter(title__teams=team).order_by()


def load_shots(encoder: Encoder, videos: QuerySet[Video]) -> ShotTable:
    """The shots of films with a vector of this encoder; what was read before is read again only where it changed.

    Films that joined or left are known at once, other changes within `HELD_S`.
    """
    films = sorted(videos.values_list("pk", flat=True))
    return _CACHE.get(encoder, _held(f"stamps-{encoder.pk}", films, lambda: _stamps(encoder, films)))


def known_encoders(serving: Sequence[Encoder], videos: QuerySet[Video]) -> dict[int, int]:
    """How many shots of films have a vector of each encoder, by its number; none for those that know none.

    Looked at as rarely as `load_shots` does.
    """
    films = sorted(videos.values_list("pk", flat=True))
    numbers = [encoder.pk for encoder in serving]

    def count() -> dict[int, int]:
        rows = ShotVector.objects.filter(encoder__in=numbers, video__in=films).order_by()
        return dict(rows.values_list("encoder").annotate(count=Count("pk")))

    return _held("known-" + "-".join(map(str, numbers)), films, count)


def _held(name: str, films: Sequence[int], find: Callable[[], Found]) -> Found:
    """What was found for these films at most `HELD_S` ago, by any process."""
    digest = hashlib.sha256(",".join(map(str, films)).encode()).hexdigest()
    found: Found = cache.get_or_set(f"search-attributes-{name}-{digest}", find, HELD_S)
    return found


def _stamps(encoder: Encoder, films: Sequence[int]) -> Stamps:
    mine = ShotVector.objects.filter(encoder=encoder, video__in=films)
    stamp = Func(StringAgg("made_from", Value(""), order_by="start_frame"), function="md5")
    rows = mine.order_by().values("video_id").annotate(stamp=stamp, count=Count("pk"))
    return tuple(sorted((row["video_id"], f"{row['count']}-{row['stamp']}") for row in rows))


def read_film(encoder: Encoder, video_id: int) -> ShotTable:
    """The shots of one film, straight from the database."""
    return _read(encoder, [video_id])


def _read(encoder: Encoder, video_ids: Sequence[int]) -> ShotTable:
    rows = ShotVector.objects.filter(encoder=encoder, video__in=video_ids).order_by("video_id", "start_frame")
    packed = Func(F("vector"), function="halfvec_send", output_field=BinaryField())  # text would take ten times as long
    found = list(rows.values_list("video_id", "start_frame", "end_frame", "made_from", packed))
    spans = np.array([row[:3] for row in found], dtype=np.int64).reshape(-1, 3)
    numbers = b"".join(bytes(row[4])[_HEADER_BYTES:] for row in found)
    vectors = np.frombuffer(numbers, dtype=">f2").astype(np.float32).reshape(len(found), encoder.dimension)
    _, first = np.unique(spans[:, 0], return_index=True)
    lengths = np.diff([*first, len(found)])
    place = np.arange(len(found), dtype=np.int64) - np.repeat(first, lengths)
    made_from = np.array([row[3] for row in found], dtype=np.str_)
    return ShotTable(spans[:, 0], spans[:, 1], spans[:, 2], place, made_from, vectors)


def _join(tables: Sequence[ShotTable]) -> ShotTable:
    return ShotTable(*(np.concatenate(columns) for columns in zip(*tables, strict=True)))


class _Cache:
    """Tables read before, the latest used last, of a limited number of shots altogether."""

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[int, Stamps], ShotTable] = OrderedDict()
        self._lock = Lock()

    def get(self, encoder: Encoder, stamps: Stamps) -> ShotTable:
        key = (encoder.pk, stamps)
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
            known = self._known_films(encoder, stamps)
        missing = [video for video, _ in stamps if video not in known]
        table = _read(encoder, missing)
        if known:
            films = known | {video: table.only(table.video_id == video) for video in missing}
            table = _join([films[video] for video, _ in stamps])
        with self._lock:
            self._tables[key] = table
            while len(self._tables) > 1 and sum(map(len, self._tables.values())) > _MOST_SHOTS_CACHED:
                self._tables.popitem(last=False)
        return table

    def _known_films(self, encoder: Encoder, stamps: Stamps) -> dict[int, ShotTable]:
        """Films that the last table of this encoder holds as they are now."""
        last = next((key for key in reversed(self._tables) if key[0] == encoder.pk), None)
        if last is None:
            return {}
        table = self._tables[last]
        return {video: table.only(table.video_id == video) for video, _ in set(stamps) & set(last[1])}


_CACHE = _Cache()
