"""Exact search or an index: chosen for every encoder by how many vectors of it there are."""

import logging
import time
from typing import Literal, NamedTuple

import numpy as np
from django.conf import settings
from django.db import connection

from search.models import Encoder, ShotVector

logger = logging.getLogger(__name__)

Method = Literal["auto", "exact", "hnsw"]

MOST_EXACT_VALUES = 50_000 * 512
"""Numbers (vectors times dimension) up to which comparing with every vector leaves most of the speed bar's 100 ms to
the rest of a search: 200,000 vectors of 512 take 117 ms on two cores; see `manage.py bench search`."""

DROPPED_BELOW = 0.5
"""Share of that size below which an index is dropped again, so that none is built and dropped in turns."""

CONNECTIONS, BUILD_BREADTH = 16, 200
"""HNSW's M and ef_construction (Malkov and Yashunin 2018). Of a million vectors, pgvector's own 64 found .82 of the ten
nearest with an ef_search of 400 and .90 with 1,000; 200 find .88 and .96, and take about twice as long to build."""

BREADTHS = ((100_000, 400), (1_000_000, 1000))
"""Numbers of vectors, and the ef_search that finds .95 of the ten nearest of so many; pgvector allows 1,000."""

BUILD_MEMORY = "2GB"
_LOOKED_UP_FOR_S = 10.0
_LOCK_CLASS = int.from_bytes(b"hnsw", "big", signed=True)


class Index(NamedTuple):
    """An index as Postgres knows it: whether it is whole, and of how many vectors."""

    is_whole: bool
    vectors: float


_known: dict[tuple[str, int], tuple[float, Index | None]] = {}


def forced_method() -> Method:
    """The one switch, `AVA_VECTOR_SEARCH`: "exact" or "hnsw" for all encoders, "auto" by size."""
    method: Method = settings.AVA_VECTOR_SEARCH
    return method


def uses_index(encoder: Encoder) -> bool:
    """Whether searches among an encoder's vectors go through an index: where there is one and it is not forbidden."""
    return forced_method() != "exact" and has_index(encoder)


def has_index(encoder: Encoder) -> bool:
    """Whether an index of the encoder's vectors is there and whole."""
    index = _known_index(encoder)
    return index is not None and index.is_whole


def search_breadth(encoder: Encoder) -> int:
    """HNSW's ef_search, vectors that are looked at before the nearest are told: more of them in larger indexes."""
    index = _known_index(encoder)
    return round(float(np.interp(index.vectors if index else 0, *zip(*BREADTHS, strict=True))))


def wants_index(encoder: Encoder) -> bool:
    """Whether the measured number of an encoder's vectors asks for an index."""
    method = forced_method()
    if method != "auto":
        return method == "hnsw"
    values = ShotVector.objects.filter(encoder=encoder).count() * encoder.dimension
    index = _read_index(encoder)
    return values > MOST_EXACT_VALUES * (DROPPED_BELOW if index and index.is_whole else 1.0)


def renew_indexes() -> list[str]:
    """Build the indexes that sizes ask for and drop those they do not; gives a sentence for each that changed.

    Searches go on meanwhile; where another process is at it, nothing is done. Not within a transaction.
    """
    changed = []
    for encoder in Encoder.objects.defer("weights").order_by("pk"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, encoder.pk])
            if not cursor.fetchone()[0]:
                continue
            try:
                changed += _renew(encoder)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, encoder.pk])
    return changed


def index_name(encoder: Encoder) -> str:
    return f"shot_vector_hnsw_{encoder.pk}"


def _renew(encoder: Encoder) -> list[str]:
    index, wanted = _read_index(encoder), wants_index(encoder)
    if (index is not None and index.is_whole) if wanted else index is None:
        return []
    _known.clear()
    if index is not None:  # unwanted, or what a killed build left
        _run(f"DROP INDEX CONCURRENTLY IF EXISTS {index_name(encoder)}")
    if not wanted:
        return [f"The index of {encoder} was dropped: so few vectors are compared exactly."]
    logger.info("Building the index of %s", encoder)
    began = time.monotonic()
    _build(encoder)
    _known.clear()
    return [f"The index of {encoder} was built in {time.monotonic() - began:.0f} s."]


def _build(encoder: Encoder) -> None:
    _run(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
    try:
        _run(
            f"CREATE INDEX CONCURRENTLY {index_name(encoder)} ON search_shotvector USING hnsw "
            f"((vector::halfvec({encoder.dimension})) halfvec_cosine_ops) "
            f"WITH (m = {CONNECTIONS}, ef_construction = {BUILD_BREADTH}) WHERE encoder_id = {encoder.pk}"
        )
    finally:
        _run("RESET maintenance_work_mem")


def _run(statement: str) -> None:
    """A statement made of numbers and names of this file only."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _known_index(encoder: Encoder) -> Index | None:
    """Looked up every few seconds."""
    key = (connection.settings_dict["NAME"], encoder.pk)
    until, known = _known.get(key, (0.0, None))
    if time.monotonic() >= until:
        known = _read_index(encoder)
        _known[key] = (time.monotonic() + _LOOKED_UP_FOR_S, known)
    return known


def _read_index(encoder: Encoder) -> Index | None:
    """What Postgres knows of it: one that is not whole was begun and not finished. None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid, reltuples FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "WHERE indexrelid = to_regclass(%s)",
            [index_name(encoder)],
        )
        row = cursor.fetchone()
    return None if row is None else Index(*row)
