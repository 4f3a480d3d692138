"""The shots in which spans of films lie."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from search.models import ShotDescription
from search.search_scope import Scope

Row = TypeVar("Row", bound=Model)


class Span(NamedTuple):
    """Frames of a film, half-open."""

    video_id: int
    start_frame: int
    end_frame: int

    @property
    def key(self) -> tuple[int, int]:
        return self.video_id, self.start_frame

    @property
    def middle_frame(self) -> int:
        return (self.start_frame + self.end_frame) // 2


def at_places(rows: QuerySet[Row], places: Iterable[tuple[int, int]]) -> QuerySet[Row]:
    """Rows that begin at one of some (video, start_frame); Postgres looks up each place by itself."""
    videos, frames = zip(*places, strict=True) if (places := list(places)) else ((), ())
    table = rows.model._meta.db_table
    sql = (  # a table's name of this code, and numbers as parameters
        "SELECT kept.id FROM unnest(%s::bigint[], %s::bigint[]) AS place (video_id, start_frame) "  # noqa: S608
        f'JOIN "{table}" AS kept USING (video_id, start_frame)'
    )
    return rows.filter(pk__in=RawSQL(sql, [list(videos), list(frames)]))  # noqa: S611


_SHOT_AT = """
    SELECT here.place, shot.start_frame, shot.end_frame
    FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS here (video_id, frame, place)
    CROSS JOIN LATERAL (
        SELECT start_frame, end_frame FROM search_shotdescription
        WHERE video_id = here.video_id AND start_frame <= here.frame ORDER BY start_frame DESC LIMIT 1
    ) AS shot
    WHERE shot.end_frame > here.frame
"""


def shots_at(spans: Sequence[Span], scope: Scope) -> list[Span | None]:
    """For each span the shot that its middle lies in, as shots are described.

    The span itself where no shot is described there; None where the scope's filters let it not pass.
    """
    if not spans:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SHOT_AT, [[span.video_id for span in spans], [span.middle_frame for span in spans]])
        described = {place - 1: (start, end) for place, start, end in cursor.fetchall()}
    shots = [
        Span(span.video_id, *described.get(place, (span.start_frame, span.end_frame)))
        for place, span in enumerate(spans)
    ]
    if scope.shots is None:
        return list(shots)
    passing = passing_keys([shot for place, shot in enumerate(shots) if place in described], scope)
    return [shot if shot.key in passing else None for shot in shots]


def passing_keys(shots: Sequence[Span], scope: Scope) -> set[tuple[int, int]]:
    """Of some shots, the (video, start_frame) of those that pass the scope's filters."""
    rows = ShotDescription.objects.all() if scope.shots is None else scope.shots
    near = at_places(rows, (shot.key for shot in shots))
    return set(near.order_by().values_list("video_id", "start_frame"))
