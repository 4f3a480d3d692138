"""Server time of the pages with 1,000 titles and 5,000 stills, beside that of a page that shows nothing.

`manage.py bench pages [--titles N] [--stills N]`; works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence

from tests.bench.own_database import prepare_own_database, run_with_own_database

ROUNDS = 15


def main(arguments: Sequence[str]) -> None:
    """Start a database, and measure in a process that knows no other."""
    print(run_with_own_database("tests.bench.pages", arguments), end="")


def measure(arguments: Sequence[str]) -> None:
    """Fill the database, ask for each page again and again, and print the medians."""
    parser = argparse.ArgumentParser(prog="manage.py bench pages", description=__doc__)
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument("--stills", type=int, default=5000)
    options = parser.parse_args(arguments)
    prepare_own_database()
    from django.test import Client

    title_id, user = fill(titles=options.titles, stills=options.stills)
    client = Client()
    client.force_login(user)
    bare = median_ms(client, "/account/")
    print(f"{options.titles:,} titles, {options.stills:,} stills; a bare page takes {bare:.1f} ms")
    for name, address in pages(title_id).items():
        took = median_ms(client, address)
        print(f"{name:24} {took:7.1f} ms   {took / bare:5.1f} × a bare page")


def pages(title_id: int) -> dict[str, str]:
    board = f"/titles/{title_id}/stills/"
    narrowed = "?verdict=undecided&sort=-exposure.brightness&exposure.brightness.min=0.2"
    return {
        "titles": "/",
        "titles, last page": "/?page=999",
        "titles, searched": "/?q=7&state=done&sort=analysed",
        "title": f"/titles/{title_id}/",
        "board": board,
        "board, narrowed": board + narrowed,
        "board, large still": board + "?still=100",
        "board, index of stills": board + "index.json",
        "jobs": "/jobs/",
    }


def fill(*, titles: int, stills: int) -> tuple[int, object]:
    """Titles with a film and a finished job each, the first with all the stills and a decision on every tenth."""
    from ava.models import Job, Shot, Title
    from curation.models import Decision, Still
    from tests.world import make_film, make_measurements, make_world

    world = make_world("bench")
    film = make_film(world.title, name="long.mp4", frame_count=stills * 2)
    make_measurements(film)
    for number in range(titles - 1):
        title = Title.objects.create(name=f"Title {number}")
        title.teams.add(world.team)
        Job.objects.create(video=make_film(title), state="done")
    shots = Shot.objects.bulk_create(
        Shot(video=film, index=index, start_frame=index * 20, end_frame=index * 20 + 20, transition="cut")
        for index in range(stills // 10)
    )
    names = ("brightness", "contrast", "clipped_low", "clipped_high", "a", "b", "c", "d", "e", "f", "g", "h")
    Still.objects.bulk_create(
        Still(
            video=film, shot=shots[index * 2 // 20], frame_index=index * 2, timecode=f"00:00:{index % 60:02d}:00",
            rank=index + 1, score=1 - index / stills, explanation={"sharpness": 0.5, "colour": 0.7},
            signals={f"exposure.{name}": round(index % 97 / 97, 5) for name in names}, image="stills/one.jpg",
        )
        for index in range(stills)
    )  # fmt: skip
    Decision.objects.bulk_create(
        Decision(video=film, frame_index=index * 20, user=world.editor, verdict="pick") for index in range(stills // 10)
    )
    return world.title.pk, world.editor


def median_ms(client: object, address: str) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        response = client.get(address)  # type: ignore[attr-defined]
        took.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
    return statistics.median(took)


if __name__ == "__main__":
    measure(sys.argv[1:])
