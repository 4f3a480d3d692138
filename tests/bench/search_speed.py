"""From words to ranked page data in 100,000 shots, and how often the index finds what exact search finds.

`manage.py bench search --only speed`; works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database
from tests.bench.peak_memory import PeakMemory

SHOTS = 100_000
ROUNDS = 2
NEAREST = 10
PROCESSOR = ("Python", "Postgres")
"""Whose processor time is told: unlike the time that passes, it is hardly other on a busy machine."""
FILTERED_FILMS = 5
"""Of 500: one in a hundred."""


def measure(data: Path | None) -> list[Figure]:
    """The figures of 100,000 shots."""
    return measure_catalogue(SHOTS)


def measure_catalogue(shots: int) -> list[Figure]:
    """Start a database, and measure in a process that knows no other."""
    printed = run_with_own_database("tests.bench.search_speed", [str(shots)])
    return [Figure(**each) for each in json.loads(printed.splitlines()[-1])]


def main_in_own_database(shots: int) -> None:
    """Fill, search with and without an index, and print the figures as JSON."""
    prepare_own_database()
    os.environ["OMP_NUM_THREADS"] = "2"
    from ava.models import Team
    from search import encoders
    from search.installed_encoders import sentence_encoder
    from tests.bench import search_catalogue as catalogue
    from tests.world import make_person

    user = make_person("editor", team=Team.objects.create(name="Team"))
    encoder = catalogue.Turned(_sentence_tower(sentence_encoder))
    began = time.perf_counter()
    kinds = catalogue.make_kinds(encoder)
    row = catalogue.fill(shots, kinds, user=user)
    _say(f"{shots:,} shots were written in {time.perf_counter() - began:.0f} s")
    encoders.serving = lambda: [row]  # type: ignore[assignment]
    encoders.text_encoder = lambda _: encoder  # type: ignore[assignment]
    figures = _measure_all(row, encoder, kinds, shots=shots, user=user)
    print(json.dumps([figure._asdict() for figure in figures]))


def _sentence_tower(installed: Callable[[], Any]) -> Any:
    from django.conf import settings

    settings.AVA_WEIGHTS_DIR = settings.BASE_DIR / "var" / "weights"
    found = installed()
    found.require()
    return found.load().text


def _measure_all(row: Any, encoder: Any, kinds: Any, *, shots: int, user: Any) -> list[Figure]:
    from django.conf import settings
    from django.db import connection

    from search.index_choice import BUILD_MEMORY, MOST_EXACT_VALUES, renew_indexes
    from tests.bench import search_catalogue as catalogue

    section = f"search in {shots:,} shots of {catalogue.DIMENSION} numbers"
    figures: list[Figure] = []

    def add(what: str, value: float, unit: str, truth: str = "") -> None:
        figures.append(Figure(section, what, value, unit, truth))
        _say(f"{what}: {value:.3f} {unit} {truth}")

    def time_searches(name: str) -> None:
        for label, films in (("all films", ()), ("1 % of the films", _some_films())):
            steps = _time_searches(films, user=user)
            names = [step for step in steps[0] if step not in {"total", "page", *PROCESSOR}]
            for percent in (50, 95):
                told = ", ".join(f"{step} {_percentile(steps, step, percent):.1f}" for step in names)
                add(f"{name}, {label}: p{percent}", _percentile(steps, "page", percent), "ms", told)
            for percent in (50, 95):
                told = ", ".join(f"{step} {_percentile(steps, step, percent):.1f}" for step in PROCESSOR)
                both = [{"both": sum(each[step] for step in PROCESSOR)} for each in steps]
                value = _percentile(both, "both", percent)
                add(f"{name}, {label}: processor time p{percent}", value, "ms", f"{told}; parallel workers apart")

    settings.AVA_VECTOR_SEARCH = "exact"
    time_searches("exact")
    settings.AVA_VECTOR_SEARCH = "hnsw"
    began = time.perf_counter()
    with PeakMemory(psutil.Process(connection.connection.info.backend_pid).parent()) as memory:
        _say("; ".join(renew_indexes()))
    add("building the index", time.perf_counter() - began, "s", "M and ef_construction as index_choice has them")
    add("memory of building", (memory.peak - memory.start) / 2**20, "MiB", f"all of Postgres; {BUILD_MEMORY} allowed")
    vectors_mib = shots * catalogue.DIMENSION * 2 / 2**20
    add("the index's size", _index_bytes(row) / 2**20, "MiB", f"{vectors_mib:,.0f} MiB of vectors")
    time_searches("HNSW")
    oracle = _oracle(encoder, kinds, shots)
    for label, films in (("all films", ()), ("1 % of the films", _some_films())):
        add(f"recall@{NEAREST} of HNSW, {label}", _recall(row, encoder, oracle, films, user=user), "", "of exact_top's")
    chosen = "HNSW" if shots * catalogue.DIMENSION > MOST_EXACT_VALUES else "exact"
    add(f"chosen by size: {chosen}", shots * catalogue.DIMENSION / MOST_EXACT_VALUES, "of the size", "from 1 on HNSW")
    return figures


def _time_searches(films: Sequence[int], *, user: Any) -> list[dict[str, float]]:
    """Milliseconds by step of every query, several times over; the first round warms up and is not counted."""
    from search.engine import search
    from search.query import read_query, write_query
    from search.result_cards import make_cards
    from tests.bench.search_catalogue import QUERIES

    steps = []
    for turn in range(ROUNDS + 1):
        for text in QUERIES:
            began, processor = time.perf_counter(), _processor_ms()
            query = read_query({"q": text, "title": list(films)})
            results = search(query, user=user)
            found = time.perf_counter()
            make_cards(results.hits, user=user, query=write_query(query))
            ended = time.perf_counter()
            spent = {step: value - processor[step] for step, value in _processor_ms().items()}
            if turn:
                page = {"cards": 1000 * (ended - found), "page": 1000 * (ended - began)}
                steps.append(results.took_ms | page | spent)
    return steps


def _processor_ms() -> dict[str, float]:
    """Processor time so far of this process and of its connection's server process."""
    from django.db import connection

    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return dict(zip(PROCESSOR, (1000 * time.process_time(), int(server.split()[0]) / 1e6), strict=True))


def _recall(row: Any, encoder: Any, oracle: NDArray[np.float16], films: Sequence[int], *, user: Any) -> float:
    """Share of the exact nearest that the index finds; those of equal cosine count as found."""
    from search.embed.exact import exact_top
    from search.query import Query
    from search.search_scope import read_scope
    from search.vector_search import nearest_shots
    from tests.bench.search_catalogue import QUERIES

    scope = read_scope(Query(titles=tuple(films)), user=user)
    each = len(oracle) // 500
    rows = oracle[: each * FILTERED_FILMS] if films else oracle
    shares = []
    for text in QUERIES:
        vector = encoder.encode_texts([text])[0]
        half = vector.astype(np.float16).astype(np.float32)
        best = _blockwise_top(rows, half, exact_top)
        near = nearest_shots(row, vector, scope, limit=200)[:NEAREST]
        shares.append(sum(entry.cosine >= best[-1] - 1e-6 for entry in near) / NEAREST)
    return float(np.mean(shares))


def _blockwise_top(rows: NDArray[np.float16], wanted: NDArray[np.float32], exact_top: Any) -> list[float]:
    """Cosines of the nearest, the oracle asked block by block."""
    cosines: list[float] = []
    for start in range(0, len(rows), 100_000):
        cosines += [match.cosine for match in exact_top(rows[start : start + 100_000], wanted, NEAREST)]
    return sorted(cosines, reverse=True)[:NEAREST]


def _oracle(encoder: Any, kinds: Any, shots: int) -> NDArray[np.float16]:
    from tests.bench.search_catalogue import make_shots

    return np.concatenate([block.vectors for block in make_shots(shots, kinds)])


def _some_films() -> tuple[int, ...]:
    from ava.models import Title

    return tuple(Title.objects.order_by("pk").values_list("pk", flat=True)[:FILTERED_FILMS])


def _index_bytes(row: Any) -> int:
    from django.db import connection

    from search.index_choice import index_name

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [index_name(row)])
        return int(cursor.fetchone()[0])


def _percentile(steps: list[dict[str, float]], step: str, percent: float) -> float:
    return float(np.percentile([each.get(step, 0.0) for each in steps], percent))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main_in_own_database(int(sys.argv[1]))
