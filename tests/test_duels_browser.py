"""Comparing stills in a real browser: one key a choice, the next pair at once, and undo brings the pair back."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from ava.models import Team, Title, Video
from curation import compare_page
from curation.models import Comparison
from tests.chromium import needs_chromium, open_page
from tests.still_tables import make_table
from tests.world import make_film, make_person, make_still

pytestmark = needs_chromium(timeout_s=120)


@pytest.fixture
def video(monkeypatch: pytest.MonkeyPatch, hints: list[tuple]) -> Video:
    table = make_table(20, scenes=8, seed=4)
    monkeypatch.setattr(compare_page, "load_table", lambda video: table)
    title = Title.objects.create(name="film")
    title.teams.add(Team.objects.create(name="artwork"))
    video = make_film(title, frame_count=table.frame_count)
    for rank, frame in enumerate(table.frames.tolist(), 1):
        make_still(video, frame, rank=rank, timecode=f"tc {frame}")
    return video


@pytest.fixture
def page(chromium: Browser, live_server: Any, video: Video) -> Iterator[Page]:
    picture = cv2.imencode(".jpg", np.full((360, 640, 3), 90, np.uint8))[1].tobytes()
    with open_page(chromium, live_server, make_person("ed", team=Team.objects.get())) as page:
        # The film's file does not exist; that frames are cut out of films is tested where they are.
        page.route("**/frames/**", lambda route: route.fulfill(body=picture, content_type="image/jpeg"))
        page.goto(f"{live_server.url}{reverse('compare', args=[video.title_id])}")
        page.wait_for_load_state("networkidle")
        expect(page.locator("[data-duel-zoom]")).to_be_visible()  # the script is there
        yield page
        connections.close_all()  # the test's own within Playwright's loop; outside it there is another


def shown(page: Page) -> str:
    return page.locator("[data-duel]").get_attribute("data-duel") or ""


def test_a_key_chooses_the_next_pair_is_there_and_undo_brings_the_last_one_back(page: Page) -> None:
    first = shown(page)
    left, right = map(int, first.split("-"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-duel]")).not_to_have_attribute("data-duel", first)
    expect(page.locator("[data-own-count]")).to_have_text("1")
    second = shown(page)
    page.keyboard.press("s")
    expect(page.locator("[data-duel]")).not_to_have_attribute("data-duel", second)
    assert second in page.url and shown(page) != first
    page.keyboard.press("Control+z")
    expect(page.locator("[data-duel]")).to_have_attribute("data-duel", first)
    expect(page.locator("[data-own-count]")).to_have_text("0")
    said = Comparison.objects.get()
    assert (said.better_frame, said.worse_frame, said.stands) == (right, left, False)


def test_both_are_zoomed_at_the_same_place_and_the_page_is_accessible_at_every_width(page: Page) -> None:
    page.keyboard.press("z")
    page.locator(".duel-frame").first.hover(position={"x": 20, "y": 20})
    origins = page.locator(".duel-frame img").evaluate_all("all => all.map(one => one.style.transformOrigin)")
    assert len(set(origins)) == 1 and origins[0] not in ("", "50% 50%")
    expect(page.locator("[data-duel-zoom]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("z")
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"]) for each in found] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
