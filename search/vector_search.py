"""The shots whose vectors are nearest to another, exactly or through an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Cast
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField

from search.index_choice import search_breadth, uses_index
from search.models import Encoder, ShotVector
from search.search_scope import Scope
from search.shot_lookup import Span, passing_keys

MOST_FILTERED_EXACT = 20_000
"""Vectors that a filter may leave for exact search to be the quicker way beside an index."""

MOST_BREADTH = 1000
"""HNSW's largest ef_search in pgvector."""

OVERFETCHED = 10
MOST_SCANNED = 40_000


class Near(NamedTuple):
    """A shot and the cosine of its vector to what was asked for, −1 to 1."""

    shot: Span
    cosine: float


def nearest_shots(
    encoder: Encoder, vector: NDArray[np.float32], scope: Scope, *, limit: int, without: Span | None = None
) -> list[Near]:
    """The scope's shots nearest to a vector of the encoder, the nearest first, `without` one that is known."""
    rows = scope.of_films(ShotVector.objects.filter(encoder=encoder))
    if without is not None:
        rows = rows.exclude(video=without.video_id, start_frame=without.start_frame)
    wanted = HalfVector(vector)
    if not uses_index(encoder) or _are_few(scope.passing(rows)):
        return _read(_exactly(scope.passing(rows), wanted), limit)
    if scope.shots is None:
        return _read(_through_index(rows, wanted, encoder), limit, breadth=max(search_breadth(encoder), limit))
    near = _read(_through_index(rows, wanted, encoder), limit * OVERFETCHED, breadth=MOST_BREADTH)
    passing = passing_keys([each.shot for each in near], scope)
    return [each for each in near if each.shot.key in passing][:limit]


def vector_of_shot(encoder: Encoder, video_id: int, *, frame: int) -> tuple[Span, NDArray[np.float32]] | None:
    """The shot around a frame and its vector; None where the encoder has none of it. Access is the caller's affair."""
    row = ShotVector.objects.filter(encoder=encoder, video=video_id, start_frame__lte=frame, end_frame__gt=frame)
    found = row.order_by("-start_frame").first()
    if found is None:
        return None
    span = Span(found.video_id, found.start_frame, found.end_frame)
    return span, as_array(found.vector)


def as_array(stored: Any) -> NDArray[np.float32]:
    """A stored vector, which a connection gives as pgvector's own type or as a list, as it was set up."""
    return np.asarray(stored.to_numpy() if isinstance(stored, HalfVector) else stored, dtype=np.float32)


def _are_few(rows: QuerySet[ShotVector]) -> bool:
    return rows.order_by().values("pk")[: MOST_FILTERED_EXACT + 1].count() <= MOST_FILTERED_EXACT


def _exactly(rows: QuerySet[ShotVector], wanted: HalfVector) -> QuerySet[ShotVector]:
    """Adding 0 keeps Postgres from an index, which gives no more than it likes of what a filter leaves."""
    distance = CosineDistance("vector", wanted) + Value(0.0)
    return rows.annotate(distance=distance).order_by("distance", "pk")


def _through_index(rows: QuerySet[ShotVector], wanted: HalfVector, encoder: Encoder) -> QuerySet[ShotVector]:
    """The expression is that of the index, the encoder's number a constant in it as well."""
    typed = Cast("vector", HalfVectorField(dimensions=encoder.dimension))
    return rows.annotate(distance=CosineDistance(typed, wanted)).order_by("distance")


def _read(rows: QuerySet[Any], limit: int, *, breadth: int | None = None) -> list[Near]:
    with _settings(breadth):
        found = list(rows.values_list("video_id", "start_frame", "end_frame", "distance")[:limit])
    near = [Near(Span(*span), 1.0 - distance) for *span, distance in found if not isnan(distance)]
    return sorted(near, key=lambda each: (-each.cosine, each.shot))


@contextmanager
def _settings(breadth: int | None) -> Iterator[None]:
    """Postgres told how to go about one query; nothing of it outlasts the query."""
    told = ["SET LOCAL jit = off"]
    if breadth is not None:
        told += [
            f"SET LOCAL hnsw.ef_search = {min(int(breadth), MOST_BREADTH)}",
            "SET LOCAL hnsw.iterative_scan = relaxed_order",
            f"SET LOCAL hnsw.max_scan_tuples = {MOST_SCANNED}",
        ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(told))
        yield
