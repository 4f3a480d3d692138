"""From a mark to new guesses, as the server sees it, in 2,000 and in 100,000 shots of 500 films.

`manage.py bench attributes --only speed`; works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database

CATALOGUES = (2_000, 100_000)
MARKS = 24
ANSWERED = 40
TRUTH = "its whole request"
SCRIPTS = {"HTTP_ACCEPT": "application/json"}


def measure(data: Path | None) -> list[Figure]:
    """The figures of both catalogues; ``data`` is not needed."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as `up` has it
    printed = (run_with_own_database("tests.bench.attributes_speed", [str(shots)]) for shots in CATALOGUES)
    return [Figure(**each) for told in printed for each in json.loads(told.splitlines()[-1])]


def main_in_own_database(shots: int) -> None:
    """Fill, teach, put to use, teach on, and print the figures as JSON."""
    prepare_own_database()
    from django.test import Client
    from django.urls import reverse

    from ava.models import Team
    from search import attribute_teaching, encoders
    from search.attribute_actions import make_attribute
    from search.attribute_examples import say
    from search.installed_encoders import sentence_encoder
    from tests.bench import search_catalogue as catalogue
    from tests.bench.search_films import use_model_files
    from tests.world import make_person

    use_model_files()
    team = Team.objects.create(name="Team")
    user = make_person("editor", team=team)
    encoder = catalogue.Turned(sentence_encoder().load().text)
    kinds = catalogue.make_kinds(encoder)
    row = catalogue.fill(shots, kinds, user=user)
    encoders.text_encoder = lambda _: encoder  # type: ignore[assignment]
    attribute = make_attribute(team, name="Laughing", user=user)
    films = attribute_teaching.load_shots(row, attribute_teaching.team_videos(team))
    chosen = np.random.default_rng(0).permutation(len(films))[:ANSWERED]
    for has_it in (True, False):
        spans = [attribute_teaching.span_of(films, int(each)) for each in chosen[has_it::2]]
        say(attribute, spans, has_it=has_it, user=user)
    client = Client()
    client.force_login(user)
    address, mark = reverse("attribute", args=[attribute.pk]), reverse("attribute-say", args=[attribute.pk])
    figures = [*_first_look(client, address, shots), *_marks(client, address, mark, shots)]
    print(json.dumps([figure._asdict() for figure in figures]))


def _first_look(client: Any, address: str, shots: int) -> list[Figure]:
    from django.core.cache import cache

    from search import attribute_vectors

    attribute_vectors._CACHE = attribute_vectors._Cache()
    cache.clear()
    began = time.perf_counter()
    assert client.get(address).status_code == 200
    return [Figure(_section(shots), "first look, vectors unread", 1000 * (time.perf_counter() - began), "ms", TRUTH)]


def _marks(client: Any, address: str, mark: str, shots: int) -> list[Figure]:
    """Each mark is sent, and then the part of the page that changes is asked for, as the page's script does."""
    import re

    said, looked, processor = [], [], []
    page = client.get(address, headers={"hx-request": "true"}).content.decode()
    for number in range(MARKS):
        clip = re.findall(r'data-guess="([0-9:]+)"', page)[0]
        began, worked = time.perf_counter(), time.process_time()
        answer = client.post(mark, {"yes" if number % 2 else "no": clip}, **SCRIPTS)
        between = time.perf_counter()
        page = client.get(address, headers={"hx-request": "true"}).content.decode()
        ended = time.perf_counter()
        assert answer.status_code == 200 and f'data-guess="{clip}"' not in page
        said.append(between - began)
        looked.append(ended - between)
        processor.append(time.process_time() - worked)
    both = np.add(said, looked)
    told = {"the mark": said, "new guesses": looked, "from mark to new guesses": both, "of it, Python works": processor}
    return [
        Figure(_section(shots), f"{what} p{at}", 1000 * float(np.percentile(times, at)), "ms", TRUTH)
        for what, times in told.items()
        for at in (50, 95)
    ]


def _section(shots: int) -> str:
    return f"attributes: {MARKS} marks one after the other in {shots:,} shots"


if __name__ == "__main__":
    main_in_own_database(int(sys.argv[1]))
