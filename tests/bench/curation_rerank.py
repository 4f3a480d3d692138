"""How soon a board is ordered anew after a slider moves: the arithmetic alone, and asked for through the site.

The site answers in a process with a Postgres of its own. Every question has weights that were not asked for before,
so that nothing is answered from memory; the table of the stills is read once, as on a board that is open.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from curation.stills.order import order_stills
from curation.stills.purposes import BALANCED
from curation.stills.table import StillTable
from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database
from tests.still_tables import make_table

SIZES = (5_000, 50_000, 100_000)
ROUNDS = {5_000: 15, 50_000: 5, 100_000: 3}


def measure(data: Path | None) -> list[Figure]:
    """Medians for 5,000, 50,000 and 100,000 stills; the footage is not needed."""
    figures = [figure for size in SIZES for figure in _compute(size)]
    for size in SIZES:
        told = json.loads(run_with_own_database("tests.bench.curation_rerank", [str(size)]).splitlines()[-1])
        figures.append(Figure("ranking anew", f"{size:,} stills through the site", told["ms"], "ms", _TRUTH))
        figures.append(
            Figure("ranking anew", f"{size:,} stills, first question of a process", told["first_ms"], "ms", _TRUTH)
        )
    return figures


_TRUTH = "median; made-up stills of 400 kinds"


def made_up(size: int) -> StillTable:
    """Stills of 400 kinds, all usable."""
    table = make_table(size, scenes=400)
    return replace(table, parts={name: 0.5 + values / 2 for name, values in table.parts.items()})


def _compute(size: int) -> list[Figure]:
    """Time that passed, and the processor's own, which does not grow with what else a machine does."""
    table, weights = made_up(size), _changing()

    def order() -> None:
        order_stills(table, replace(BALANCED, weights=next(weights)))

    took, worked = (_median_ms(order, rounds=ROUNDS[size], clock=clock) for clock in _CLOCKS)
    return [
        Figure("ranking anew", f"{size:,} stills, arithmetic alone", took, "ms", _TRUTH),
        Figure("ranking anew", f"{size:,} stills, processor time of it", worked, "ms", _TRUTH),
    ]


_CLOCKS = (time.perf_counter, time.process_time)


def _changing() -> Any:
    """Weights of which no two are alike."""
    return ({**BALANCED.weights, "colour": 0.01 * number} for number in count(1))


def _median_ms(
    work: Callable[[], object], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    work()
    took = []
    for _ in range(rounds):
        began = clock()
        work()
        took.append((clock() - began) * 1000)
    return statistics.median(took)


def main(arguments: Sequence[str]) -> None:
    """In the process with the database: fill it, ask, and print the medians as JSON."""
    size = int(arguments[0])
    prepare_own_database()
    from django.test import Client

    title, user = _fill(size)
    client = Client()
    client.force_login(user)
    client.get("/account/")  # what a process does once belongs to no page
    numbers = count(1)

    def ask() -> None:
        answer = client.get(f"/titles/{title}/stills/order.json?w.colour={next(numbers) * 0.1:.1f}")
        if len(answer.json()["frames"]) != size:
            raise SystemExit(f"The order was answered with {answer.status_code}.")

    began = time.perf_counter()
    ask()
    first_ms = (time.perf_counter() - began) * 1000
    print(json.dumps({"first_ms": first_ms, "ms": _median_ms(ask, rounds=ROUNDS[size])}))


def _fill(size: int) -> tuple[int, Any]:
    """A film with that many stills and their table; its title, and who may see it."""
    from curation.models import BoardTable, Still
    from curation.still_tables import VERSION, _origin
    from curation.stills.table_packing import pack_table
    from tests.world import make_film, make_world

    world, table = make_world("bench"), made_up(size)
    film = make_film(world.title, name="long.mp4", frame_count=table.frame_count)
    Still.objects.bulk_create(
        (
            Still(video=film, frame_index=frame, timecode="00:00:00:00", rank=place + 1, score=0.5, explanation={})
            for place, frame in enumerate(table.frames.tolist())
        ),
        batch_size=5000,
    )
    packed = pack_table(table)
    layout = {"origin": list(_origin(film)), **packed.layout}
    BoardTable.objects.create(video=film, version=VERSION, layout=layout, data=packed.data)
    return world.title.pk, world.editor


if __name__ == "__main__":
    main(sys.argv[1:])
