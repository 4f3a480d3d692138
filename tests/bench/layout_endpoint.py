"""Serving a still on a canvas on the fly, uncached at 1536 × 864, its frame in the cache.

Works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database

SECTION = "canvas served on the fly"
FRAMES = 20
CANVAS, WIDTH_PX = "story-art", 1536
FORMATS = ("jpeg", "webp", "avif")
_ASKED = f"median of {FRAMES} frames of a 1080p film through Django's test client"


def measure() -> list[Figure]:
    """Time on the clock and of the processor for each format."""
    written = run_with_own_database("tests.bench.layout_endpoint", [])
    rows = json.loads(written.splitlines()[-1])
    return [Figure(SECTION, what, value, "ms", _ASKED) for what, value in rows]


def main(arguments: Sequence[str]) -> None:
    """In the process with the database of its own: print the figures as one line of JSON."""
    prepare_own_database()
    print(json.dumps(list(_serve())))


def _serve() -> Iterator[tuple[str, float]]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from ava.render.sample_film import render_test_film
    from tests.films import store_video
    from tests.world import make_world

    with tempfile.TemporaryDirectory(prefix="ava-bench-") as folder:
        settings.MEDIA_ROOT = folder
        path = Path(folder) / "film.mp4"
        render_test_film(path, seconds=4, width=1920, height=1080)
        world = make_world("bench")
        video = store_video(path, title=world.title)
        client = Client()
        client.force_login(world.editor)
        step = video.frame_count // FRAMES
        addresses = [reverse("canvas-picture", args=[f"v{video.pk}f{number * step}"]) for number in range(FRAMES)]
        asked = {"canvas": CANVAS, "format": "jpeg"}
        yield "the first picture of a frame, which is decoded", _median(client, addresses, asked | {"w": 320})[0]
        for format in FORMATS:
            wall, processor = _median(client, addresses, asked | {"w": WIDTH_PX, "format": format})
            yield f"{format}, uncached", wall
            yield f"{format}, uncached: processor time", processor
        yield "jpeg, cached", _median(client, addresses, asked | {"w": WIDTH_PX})[0]


def _median(client: object, addresses: Sequence[str], query: dict[str, object]) -> tuple[float, float]:
    """Milliseconds on the clock and of the processor until the whole file is there."""
    walls, processors = [], []
    for address in addresses:
        began, used = time.perf_counter(), time.process_time()
        answer = client.get(address, query)  # type: ignore[attr-defined]
        assert answer.status_code == 200 and answer.content, answer.content
        walls.append(1000 * (time.perf_counter() - began))
        processors.append(1000 * (time.process_time() - used))
    return statistics.median(walls), statistics.median(processors)


if __name__ == "__main__":
    main([])
