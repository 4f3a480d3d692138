"""Proposing string-outs of a two-hour film as an analysis leaves it: what somebody waits for who asks for one.

`manage.py bench moments --only string_out`; works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.moments_scoring import TRUTH, fill_long_film
from tests.bench.own_database import prepare_own_database, run_with_own_database

SECTION = "string-outs"
LENGTHS_S = (30.0, 60.0, 90.0, 600.0)
ROUNDS = 3


def measure(data: Path | None) -> list[Figure]:
    """The figures; ``data`` is not needed."""
    printed = run_with_own_database("tests.bench.moments_string_out", [])
    return [Figure(**each) for each in json.loads(printed.splitlines()[-1])]


def main_in_own_database() -> None:
    """Fill, have string-outs made and proposed again, and print the figures as JSON."""
    prepare_own_database()
    from ava.models import Team
    from curation.moment_choices import ranked
    from search.models import Reel
    from search.string_out_film import read_string_out_film
    from search.string_out_wishes import StringOutWish
    from search.string_outs import fit_to_length, make_string_out, propose_again
    from tests.bench.search_films import use_model_files
    from tests.world import make_person

    use_model_files()
    team = Team.objects.create(name="Cutting room")
    film, editor = fill_long_film(team), make_person("editor", team=team)
    read = read_string_out_film(film)  # scores the film's shots, which is kept
    figures = [
        ("a film read: scores, motion, sound, lines, cuts", least_s(lambda: read_string_out_film(film))),
        ("its shots ordered by score and variety",
         least_s(lambda: ranked(read.moments, film, variety_unit=0.5, spoiler_unit=0.15))),
    ]  # fmt: skip

    def make(length_s: float) -> Reel:
        return make_string_out(film, StringOutWish(film.pk, length_s), team=team, user=editor)

    figures += [(f"a string-out of {each:g} s, made", least_s(partial(make, each))) for each in LENGTHS_S]
    reel = make(60.0)
    lengths = iter(range(61, 61 + ROUNDS))
    figures.append(
        ("proposed again",
         least_s(lambda: propose_again(reel, StringOutWish(film.pk, float(next(lengths))), user=editor)))
    )  # fmt: skip
    figures.append(("fitted, where it is as long as wanted", least_s(lambda: fit_to_length(reel, user=editor))))
    print(json.dumps([Figure(SECTION, what, value, "s", TRUTH)._asdict() for what, value in figures]))


def least_s(call: Callable[[], object]) -> float:
    """The quickest of some rounds, in seconds: other work on the machine only adds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return min(spent)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main_in_own_database()
