"""Asking for stills by who is in them, in a real browser: by portrait and name, together, alone and not at all."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from curation.models import Character, FaceTrack, Still
from tests.chromium import needs_chromium, open_listening_page
from tests.people_world import make_character, make_track
from tests.test_browser_overlays import (
    FACE,
    LOOKED_AT,
    add_findings,
    browser,  # noqa: F401 (a fixture)
    check_accessibility,
    picture,
)
from tests.world import World, make_still, make_world

pytestmark = needs_chromium(timeout_s=180)
SEEN = {LOOKED_AT: "Ann", 20: "Ann, Bob", 21: "Bob", 22: "", 23: "Ann, nobody"}


@pytest.fixture
def world() -> World:
    """Ann, Bob and somebody unknown in five stills; Ann's face of frame 10 is where the detector found it."""
    world = make_world("home")
    FaceTrack.objects.all().delete()
    Character.objects.all().delete()
    Still.objects.all().delete()
    add_findings(world.video)
    cast = {name: make_character(world.title, name=name) for name in ("Ann", "Bob")}
    for rank, (frame, names) in enumerate(SEEN.items(), start=1):
        make_still(world.video, frame, rank=rank, shot=world.shot, signals={"faces.count": 1})
        for place, name in enumerate(filter(None, names.split(", "))):
            track = make_track(
                world.video, person=place, character=cast.get(name), start_frame=frame, end_frame=frame + 1,
                x0=100 + 250 * place,
            )  # fmt: skip
            if frame == LOOKED_AT:
                track.faces.update(x0=FACE[0], y0=FACE[1], x1=FACE[2], y1=FACE[3])
    return world


@pytest.fixture
def page(browser: Browser, world: World, live_server: Any) -> Iterator[Page]:  # noqa: F811 (the fixture)
    with open_listening_page(browser, live_server, world.editor, picture=picture) as page:
        yield page


def board(page: Page, world: World, query: str = "") -> None:
    page.goto(reverse("stills", args=[world.title.pk]) + query)
    expect(page.locator(".still-grid")).to_be_visible()


def expect_stills(page: Page, *frames: int) -> None:
    expect(page.locator("[data-count]")).to_have_text(
        f"{len(SEEN)} stills" if len(frames) == len(SEEN) else f"{len(frames)} of {len(SEEN)} stills"
    )
    codes = [f"00:00:0{frame // 25}:{frame % 25:02d}" for frame in frames]
    expect(page.locator(".still-grid .still .still-line")).to_have_text([re.compile(code) for code in codes])


def test_characters_are_asked_for_any_all_alone_and_not_at_all(page: Page, world: World) -> None:
    board(page, world)
    ann, bob = (page.get_by_role("checkbox", name=name) for name in ("Ann", "Bob"))
    expect(page.locator(".person-choice", has=ann)).to_contain_text("3")
    ann.check()
    expect_stills(page, 10, 20, 23)
    bob.check()
    expect_stills(page, 10, 20, 21, 23)
    modes = page.get_by_label("Show stills with")
    for mode, frames in {"all": (20,), "only": (20,), "none": (22,)}.items():
        modes.select_option(mode)
        expect_stills(page, *frames)
    bob.uncheck()
    modes.select_option("only")
    expect_stills(page, 10)
    expect(page).to_have_url(re.compile(r"people=\d+&people_mode=only"))
    page.reload()
    expect_stills(page, 10)
    page.get_by_role("button", name="Only: Ann").click()
    expect_stills(page, *SEEN)
    expect(ann).not_to_be_checked()


def test_a_stills_words_name_who_is_in_it(page: Page, world: World) -> None:
    board(page, world)
    expect(page.get_by_role("option", name="Still at 00:00:00:20, shot 1, Ann and Bob, one face")).to_be_visible()


def test_names_that_colleagues_give_meanwhile_are_there_at_once_and_keep_the_filter(page: Page, world: World) -> None:
    board(page, world)
    page.get_by_role("checkbox", name="Bob").check()
    expect_stills(page, 20, 21)
    Character.objects.filter(name="Bob").update(name="Robert")
    message = {"type": "people", "scope_id": world.title.pk}
    page.evaluate(f"line.dispatchEvent(new MessageEvent('message', {{data: {json.dumps(json.dumps(message))}}}))")
    expect(page.get_by_role("checkbox", name="Robert")).to_be_checked()
    expect(page.get_by_role("button", name="Any of: Robert")).to_be_visible()
    expect(page.get_by_role("option", name="Ann and Robert")).to_be_visible()
    expect_stills(page, 20, 21)


def test_among_many_a_character_is_found_by_a_part_of_the_name(page: Page, world: World) -> None:
    for number in range(14):
        character = make_character(world.title, name=f"Zoë {number}")
        make_track(world.video, person=number, character=character, start_frame=90, end_frame=91 + number % 9)
    board(page, world)
    search = page.get_by_label("Find a character by name")
    page.get_by_role("checkbox", name="Ann").check()
    search.fill("zoe 1")
    expect(page.locator(".person-choice:visible")).to_have_count(1 + 5)
    expect(page.get_by_role("checkbox", name="Ann")).to_be_visible()
    expect_stills(page, 10, 20, 23)
    search.fill("xyz")
    expect(page.get_by_text("Nobody of this name is in the film.")).to_be_visible()
    search.press("Escape")
    expect(page.locator(".person-choice:visible")).to_have_count(16)


def test_the_large_still_names_each_face_beside_it_and_at_its_box(page: Page, world: World) -> None:
    board(page, world, f"?still={LOOKED_AT}&overlay=faces")
    expect(page.locator(".overlay-faces text")).to_have_text("1 Ann")
    expect(page.locator(".faces-seen a")).to_have_text("Ann")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing_serious_in_the_filters(width: int, page: Page, world: World) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    ann = Character.objects.get(name="Ann")
    board(page, world, f"?people={ann.pk}&people_mode=all")
    if width < 1100:
        page.get_by_text("Filters and order").click()
    expect(page.locator(".people-choices")).to_be_visible()
    check_accessibility(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
