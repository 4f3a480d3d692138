"""The stills board with 100,000 stills in Chromium: first paint, index, nodes, filters, scrolling, the next still.

Works in a Postgres of its own that is gone afterwards. The pictures themselves are small ones made here, so that the
figures are the board's and not a disk's.
"""

from __future__ import annotations

import io
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database
from tests.chromium import CHROMIUM

SECTION = "board"
STILLS = 100_000
ROUNDS = 3
_ASKED = f"{STILLS:,} stills with every signal, in Chromium at 1440 × 900, median of {ROUNDS}"


def measure(data: Path | None = None, *, stills: int = STILLS) -> list[Figure]:
    """Fill a database with so many stills, and use the board as an editor does; no figures without Chromium.

    The stills are made up: no footage is needed.
    """
    if CHROMIUM is None:
        return []
    written = run_with_own_database("tests.bench.curation_board", [str(stills)])
    rows = json.loads(written.splitlines()[-1])
    truth = _ASKED.replace(f"{STILLS:,}", f"{stills:,}")
    return [Figure(SECTION, what, value, unit, truth) for what, value, unit in rows]


def main(arguments: Sequence[str]) -> None:
    """In the process with the database of its own: print the figures as one line of JSON."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop in this thread
    prepare_own_database()
    title_id, user = fill(stills=int(arguments[0]))
    with _live_server() as address, _page(address, user) as page:
        board = f"{address}/titles/{title_id}/stills/"
        figures = [*_first_looks(page, board), *_filters(page), *_moves(page), *_culling(page)]
    print(json.dumps(figures))


def fill(*, stills: int) -> tuple[int, Any]:
    """One film with shots, and its stills with every signal that AVA measures; a tenth is picked."""
    from django.db import connection

    from ava.models import Shot
    from ava.signals import known_columns
    from curation.models import Decision
    from curation.still_tables import save_table
    from tests.world import make_film, make_world

    world = make_world("bench")
    film = make_film(world.title, name="long.mp4", frame_count=stills * 2)
    scales = ["medium", "close_up", "long", ""]
    Shot.objects.bulk_create(
        Shot(
            video=film, index=index, start_frame=index * 200, end_frame=index * 200 + 200, transition="cut",
            scale=scales[index % 4], camera=["static", "pan"][index % 2],
        )
        for index in range(-(-stills // 100))
    )  # fmt: skip
    names = [name for name in known_columns() if not name.startswith("signature.")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_FILL, [names, film.pk, stills])
    Decision.objects.bulk_create(
        Decision(video=film, frame_index=index * 20, user=world.editor, verdict="pick") for index in range(stills // 10)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    save_table(film)  # as an analysis does
    return world.title.pk, world.editor


_FILL = """
    INSERT INTO curation_still
        (video_id, shot_id, frame_index, timecode, rank, score, explanation, signals, image, provisional)
    SELECT shot.video_id, shot.id, n * 2, to_char(make_interval(secs => n * 2 / 25), 'HH24:MI:SS') || ':00',
        row_number() OVER (ORDER BY random()), 1 - n / 1e6, '{"sharpness": 0.5, "colour": 0.7}',
        (SELECT jsonb_object_agg(name, CASE WHEN name LIKE '%%count' THEN floor(random() * 4)
                                       ELSE round(random()::numeric, 5)::float8 END)
         FROM unnest(%s::text[]) name WHERE n >= 0), 'stills/one.jpg', false
    FROM generate_series(0, 10000000) n JOIN ava_shot shot ON shot.video_id = %s AND shot.index = n / 100
    WHERE n < %s
"""


def _first_looks(page: Any, board: str) -> Iterator[tuple[str, float, str]]:
    painted, listed, ready, told = [], [], [], []
    counted = "document.querySelector('[data-facet] [data-choice-count]').textContent !== ''"
    for _ in range(ROUNDS):
        page.goto("about:blank")
        page.goto(board, wait_until="commit")
        page.wait_for_selector("[data-ready]", state="attached", timeout=60_000)
        timing = page.evaluate(_PAINT)
        painted.append(timing["paint"])
        listed.append(timing["index"])
        ready.append(page.evaluate("performance.now()"))
        page.wait_for_function(counted, timeout=60_000)
        told.append(page.evaluate("performance.now()"))
        page.wait_for_load_state("networkidle")
    yield "first paint after the address is asked for", statistics.median(painted), "ms"
    yield "index of all stills fetched", statistics.median(listed), "ms"
    yield "grid of all stills ready for keys", statistics.median(ready), "ms"
    yield "counts of every answer shown", statistics.median(told), "ms"
    yield "elements in the grid", page.evaluate("document.querySelectorAll('.still-grid *').length"), "elements"


_PAINT = """() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    index: performance.getEntriesByType('resource').find(({ name }) => name.includes('index.json')).responseEnd,
})"""


def _filters(page: Any) -> Iterator[tuple[str, float, str]]:
    """From the change of a field until the number of stills has changed, without the wait for further typing."""
    wait_ms = 80
    for what, change in {
        "one face more, and all counts": "document.querySelector('[data-facet=faces] input').click()",
        "shots 1–300": "(() => { const box = document.getElementById('shot'); box.value = box.value ? '' : '1-300';"
        " box.dispatchEvent(new Event('input', { bubbles: true })); })()",
    }.items():
        took = [page.evaluate(_UNTIL_COUNTED % change) - wait_ms for _ in range(2 * ROUNDS)]
        yield f"filter: {what}", statistics.median(took), "ms"


_UNTIL_COUNTED = """() => new Promise((done, fail) => {
    setTimeout(() => fail(new Error('nothing came of it')), 60000);
    const began = performance.now();
    new MutationObserver((_, watcher) => { watcher.disconnect(); done(performance.now() - began); })
        .observe(document.querySelector('[data-count]'), { childList: true, characterData: true, subtree: true });
    %s;
})"""


def _moves(page: Any) -> Iterator[tuple[str, float, str]]:
    """The longest of 120 frames while the whole list is scrolled through, and a step of the cursor."""
    frames = page.evaluate(_SCROLL)
    yield "frame while scrolling, median", statistics.median(frames), "ms"
    yield "frame while scrolling, 95 of 100 quicker", sorted(frames)[int(len(frames) * 0.95)], "ms"
    yield "most elements in the grid while scrolling", page.evaluate("window.mostElements"), "elements"


_SCROLL = """() => new Promise((done) => {
    const scroller = document.querySelector('[data-scroller]');
    const step = (scroller.scrollHeight - scroller.clientHeight) / 120;
    const took = [];
    let before = performance.now();
    window.mostElements = 0;
    const next = (now) => {
        took.push(now - before);
        before = now;
        window.mostElements = Math.max(window.mostElements, document.querySelectorAll('.still-grid *').length);
        if (took.length === 120) return done(took.slice(1));
        scroller.scrollTop += step;
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
})"""


def _culling(page: Any) -> Iterator[tuple[str, float, str]]:
    """From the key to the large picture of the next still on the screen, after a second of looking at each."""
    page.evaluate("document.querySelector('[data-scroller]').scrollTop = 0")
    page.click("[data-cull]")
    page.wait_for_function("document.querySelectorAll('[data-strip-frame]').length > 3")
    page.wait_for_selector("[data-viewer] [data-picture]", timeout=60_000)
    took = []
    for _ in range(2 * ROUNDS):
        time.sleep(1)
        took.append(page.evaluate(_NEXT))
    yield "culling: from the key to the next still, large", statistics.median(took), "ms"


_NEXT = """() => new Promise((done, fail) => {
    setTimeout(() => fail(new Error('nothing came of it')), 60000);
    const began = performance.now();
    const large = /w=1920/;
    const look = () => {
        const picture = document.querySelector('[data-picture]');
        const frame = new URLSearchParams(location.search).get('still');
        const isThere = picture?.src.includes(`/${frame}.jpg`) && large.test(picture.src) && picture.complete;
        if (isThere) done(performance.now() - began);
        else requestAnimationFrame(look);
    };
    const key = new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true });
    document.querySelector('[data-viewer]').dispatchEvent(key);
    requestAnimationFrame(look);
})"""


@contextmanager
def _live_server() -> Iterator[str]:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.terminate()


@contextmanager
def _page(address: str, user: Any) -> Iterator[Any]:
    """A page that is signed in, to which every still is one small picture."""
    from django.conf import settings
    from django.test import Client
    from PIL import Image
    from playwright.sync_api import sync_playwright

    picture = io.BytesIO()
    Image.radial_gradient("L").resize((1920, 1080)).save(picture, format="JPEG")
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    show: Callable[[Any], None] = lambda route: route.fulfill(body=picture.getvalue(), content_type="image/jpeg")  # noqa: E731
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
        page = context.new_page()
        page.route(re.compile(r"/frames/\d+\.jpg|/image\.jpg"), show)
        yield page
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
