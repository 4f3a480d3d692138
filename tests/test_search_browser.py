"""Searching in a real browser: worked from the keyboard, looping previews, an example and its region, every width."""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from search.models import DialogueLine, ReelClip, ShotDescription
from search.saved_searches import save_search
from search.word_vectors import words_of
from tests.chromium import needs_chromium, sign_in, start_chromium
from tests.search_world import make_description, make_dialogue_line
from tests.world import World, make_world

pytestmark = needs_chromium(timeout_s=240)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def film() -> bytes:
    """Four seconds of 25 frames, 64 × 36, that grow brighter."""
    content = io.BytesIO()
    with av.open(content, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for level in range(100):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), 2 * level, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return content.getvalue()


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    """Five shots of 20 frames; something is said in the third."""
    made = make_world("ours")
    ShotDescription.objects.all().delete()
    DialogueLine.objects.all().delete()
    for place, text in enumerate(("A red boat.", "A red lighthouse.", "A harbour.", "A red sail.", "A meadow.")):
        colours = ["red"] if "red" in text else ["green"]
        row = make_description(made.video, text, start=20 * place, end=20 * place + 20, colours=colours)
        ShotDescription.objects.filter(pk=row.pk).update(words=words_of(text))
    line = make_dialogue_line(made.video, "Nobody sails tonight.", start=45, end=55)
    DialogueLine.objects.filter(pk=line.pk).update(words=words_of(line.text))
    return made


@pytest.fixture
def page(browser: Browser, live_server: Any, world: World, film: bytes) -> Iterator[Page]:
    yield from open_search(browser, live_server, world, film)


def open_search(browser: Browser, live_server: Any, world: World, film: bytes, **options: Any) -> Iterator[Page]:
    """A page to which every frame is one picture and every film the same; no script of it may fail."""
    context = sign_in(browser, live_server, world.editor, **options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def show_film(route: Route) -> None:
        asked = re.match(r"bytes=(\d+)-", route.request.headers.get("range", "bytes=0-"))
        start = int(asked[1]) if asked else 0
        span = f"bytes {start}-{len(film) - 1}/{len(film)}"
        headers = {"Content-Type": "video/webm", "Content-Range": span, "Accept-Ranges": "bytes"}
        route.fulfill(status=206, body=film[start:], headers=headers)

    page.route(re.compile(r"/frames/\d+\.jpg"), lambda route: route.fulfill(body=picture(), content_type="image/png"))
    page.route(re.compile(r"/videos/\d+/play"), show_film)
    yield page
    context.close()
    assert errors == []


def visit(page: Page, path: str) -> None:
    """Open a page and wait until its scripts listen: a pointer that moves before that moves for nobody."""
    page.goto(path)
    expect(page.locator("html[data-bound]")).to_be_attached()


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 36), (90, 40, 40)).save(content, "PNG")
    return content.getvalue()


def playing_at(page: Page) -> Any:
    """Where in its film the one preview that plays is, in seconds; null where none plays."""
    return page.evaluate("() => document.querySelector('.hit-film.shown')?.currentTime ?? null")


def test_pages_of_searching_are_accessible_at_every_width(page: Page, world: World) -> None:
    save_search(world.editor, name="Red", query="colour=red")
    key = f"{world.video.pk}:0:20"
    paths = ["/search/", f"/search/?q=boat&colour=red&why={key}", "/search/saved/", "/search/?q=lihgthouse&scale=full",
             f"/search/?like=shot:{world.video.pk}:10&region=0.1,0.1,0.5,0.5&colour=red",
             f"/titles/{world.title.pk}/?video={world.video.pk}&found=colour%3Dred"]  # fmt: skip
    for path in paths:
        visit(page, path)
        page.wait_for_load_state("networkidle")
        for fold in page.locator("details.search-filters").all():
            fold.evaluate("fold => { fold.open = true; }")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == [], path


def test_where_the_bars_places_do_not_fit_they_are_a_menu_that_needs_no_script(
    browser: Browser, live_server: Any, world: World, film: bytes
) -> None:
    for page in open_search(browser, live_server, world, film, java_script_enabled=False):
        for width, fits in ((1440, True), (1024, True), (768, False), (390, False)):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto("/search/")
            expect(page.get_by_role("button", name="Menu")).to_be_visible(visible=not fits)
            expect(page.get_by_role("link", name="Reels")).to_be_visible(visible=fits)
            assert page.locator(".bar").evaluate("bar => bar.offsetHeight") <= 50
        page.get_by_role("button", name="Menu").press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Titles", exact=True)).to_be_focused()
        menu = page.locator(".bar-menu").bounding_box()
        assert menu is not None and menu["x"] >= 0 and menu["x"] + menu["width"] <= 390
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="Reels")).to_be_hidden()
        expect(page.get_by_role("button", name="Menu")).to_be_focused()
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("link", name="Reels").click()
        page.wait_for_url("**/reels/")


def test_a_search_is_worked_from_the_keyboard_into_a_reel_and_the_player(page: Page, world: World) -> None:
    visit(page, "/titles/new/")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.locator("#q").fill("re")
    page.wait_for_url("**/search/?q=re")
    page.locator("#q").press_sequentially("d")
    page.wait_for_url("**/search/?q=red")
    expect(page.locator("[data-hit]")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    first = page.locator("[data-open]").first
    expect(first).to_be_focused()
    page.wait_for_function("() => document.querySelector('.hit-film.shown')?.currentTime > 0")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-open]").nth(1)).to_be_focused()
    expect(page.locator(".hit-film")).to_have_count(1)
    page.keyboard.press("w")
    expect(page.locator("#why")).to_contain_text("What is known of the shot")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#why h2")).to_contain_text(first.locator(".hit-code").inner_text())
    page.keyboard.press("l")
    expect(page.locator("#notices")).to_contain_text("A shot is in the reel")
    assert ReelClip.objects.filter(reel=world.reel).count() == 2
    page.keyboard.press("t")
    expect(page.locator("#why [name=text]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#why")).to_be_hidden()
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/titles/{world.title.pk}/**")
    expect(page.locator(".found-mark")).to_have_count(3)
    page.keyboard.press("n")
    expect(page.locator(".found-told")).not_to_be_empty()
    page.go_back()
    page.wait_for_url("**/search/?q=red**")
    expect(page.locator("[data-hit]")).to_have_count(3)


def test_back_leads_to_before_the_typing_and_empty_fields_stay_out_of_addresses(page: Page) -> None:
    visit(page, "/search/?colour=red")
    page.locator("#q").fill("boat")
    page.wait_for_url("**/search/?q=boat&colour=red")
    page.locator("#q").fill("boat sail")
    page.wait_for_url("**/search/?q=boat%20sail&colour=red")
    page.go_back()
    page.wait_for_url("**/search/?colour=red")
    expect(page.locator("[data-hit]")).to_have_count(3)
    visit(page, "/search/?q=red")
    page.locator(".search-filters > summary").click()
    page.locator('[name="min_s"]').fill("5")
    page.locator('[name="max_s"]').fill("2")
    page.locator('[name="max_s"]').press("Enter")
    expect(page.locator("#results [role=alert]")).to_contain_text("swap them")


def test_a_preview_loops_within_its_shot_and_lets_go_of_the_film_when_it_stops(page: Page) -> None:
    visit(page, '/search/?q="sails tonight"')
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if request.url.endswith("/play") else None)
    page.locator("[data-open]").hover()
    page.wait_for_function("() => document.querySelector('.hit-film.shown')?.currentTime > 1.6")
    places = []
    for _ in range(14):
        page.wait_for_timeout(100)
        places.append(playing_at(page))
    assert all(place is not None and 1.55 <= place <= 2.6 for place in places), places
    assert any(later < before for before, later in pairwise(places)), places
    page.mouse.move(2, 2)
    expect(page.locator(".hit-film")).to_have_count(0)
    assert len(fetched) <= 2


def test_where_motion_is_not_wanted_only_a_key_plays(
    browser: Browser, live_server: Any, world: World, film: bytes
) -> None:
    for page in open_search(browser, live_server, world, film, reduced_motion="reduce"):
        visit(page, "/search/?q=red")
        page.locator("[data-open]").first.focus()
        page.locator("[data-open]").nth(1).hover()
        page.wait_for_timeout(400)
        expect(page.locator(".hit-film")).to_have_count(0)
        page.keyboard.press(" ")
        expect(page.locator(".hit-film.shown")).to_have_count(1)
        page.keyboard.press(" ")
        expect(page.locator(".hit-film")).to_have_count(0)


def test_a_picture_is_chosen_and_a_region_of_it_marked(page: Page) -> None:
    visit(page, "/search/?colour=red")
    file = {"name": "red.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("[data-picture-file]").set_input_files({**file, "buffer": b"none"})
    expect(page.locator("[data-picture-state]")).to_contain_text("but a text; choose the picture itself")
    page.locator("[data-picture-file]").set_input_files(file)
    page.wait_for_url("**/search/?colour=red&like=upload**")
    expect(page.locator("html[data-bound]")).to_be_attached()
    page.wait_for_function("() => document.querySelector('[data-example-picture] img').complete")
    box = page.locator("[data-example-picture]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_url("**region=0.25**")
    region = [float(value) for value in page.locator("#region").input_value().split(",")]
    assert np.allclose(region, (0.25, 0.25, 0.75, 0.75), atol=0.02)
    page.locator("[data-example-picture]").click()
    page.wait_for_url(lambda url: "region" not in url)
