"""One picture on all canvases in a real browser: what is dragged shows at once, the server's exact layout follows."""

import io
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from curation.layout.box import Box
from curation.layout.layouts import Placement
from curation.layout_choices import choose, chosen_for
from curation.models import LayoutStep, TeamCanvas
from curation.picture_rows import row_of_frame
from tests.chromium import needs_chromium, open_listening_page, start_chromium
from tests.test_browser_overlays import check_accessibility
from tests.world import World, make_logo, make_world

pytestmark = needs_chromium(timeout_s=180)
FRAME = 10
LAYOUT_MESSAGE = """([video, frame]) => window.line.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(
  { type: "layout", video_id: video, frame_index: frame, artwork_id: null }) }))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


def picture(format: str = "PNG") -> bytes:
    """A bright disc on a dark ground, 640 × 360."""
    down, across = np.mgrid[0:360, 0:640]
    disc = (across - 420) ** 2 + (down - 150) ** 2 < 70**2
    written = io.BytesIO()
    Image.fromarray(np.where(disc[..., None], [240, 200, 60], [30, 40, 50]).astype(np.uint8)).save(written, format)
    return written.getvalue()


@pytest.fixture
def world() -> World:
    """Frame 10 is a still with its preview; nothing is chosen for it."""
    world = make_world("home")
    TeamCanvas.objects.all().delete()
    LayoutStep.objects.all().delete()
    world.still.image.save("preview.jpg", ContentFile(picture("JPEG")))
    return world


@pytest.fixture
def page(browser: Browser, world: World, live_server: Any) -> Iterator[Page]:
    with open_listening_page(browser, live_server, world.editor, picture=picture) as page:
        yield page


def open_layout(page: Page, world: World, query: str = "") -> None:
    page.goto(reverse("frame-layout", args=[world.video.pk, FRAME]) + query)
    page.wait_for_function("document.querySelector('[data-only-script]').hidden === false")


def chosen(world: World) -> Any:
    return chosen_for(row_of_frame(world.video, FRAME))


def stage(page: Page, key: str) -> Any:
    return page.locator(f'[data-canvas-stage="{key}"]')


def window_of(page: Page, key: str) -> Box:
    """What of the picture a canvas shows, in its pixels, as it is drawn."""
    return Box(
        *page.evaluate(
            """(key) => {
              const stage = document.querySelector(`[data-canvas-stage="${key}"]`).getBoundingClientRect();
              const image = document.querySelector(`[data-canvas-stage="${key}"] img`).getBoundingClientRect();
              const scale = 640 / image.width;
              const [x, y] = [(stage.left - image.left) * scale, (stage.top - image.top) * scale];
              return [x, y, x + stage.width * scale, y + stage.height * scale];
            }""",
            key,
        )
    )


def press_at(page: Page, target: Any, *, by: tuple[float, float]) -> None:
    """Takes hold of something in its middle and moves it; it is still held."""
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] / 2, y + by[1] / 2)
    page.mouse.move(x + by[0], y + by[1])


def expect_fresh(page: Page) -> Any:
    return page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true")


def test_canvases_follow_the_focal_point_while_it_is_dragged_and_are_exact_after(page: Page, world: World) -> None:
    open_layout(page, world)
    before = window_of(page, "box-art")
    scale = 640 / page.locator("[data-original]").bounding_box()["width"]
    press_at(page, page.locator("[data-focal]"), by=(-100, 0))
    page.wait_for_timeout(50)
    assert window_of(page, "box-art").x0 == pytest.approx(before.x0 - 100 * scale, abs=2)
    assert not LayoutStep.objects.exists(), "nothing is chosen before it is let go"
    with expect_fresh(page):
        page.mouse.up()
    expect(page.locator('[data-part="focal"]')).to_contain_text(f"Chosen by {world.editor}")
    said = page.evaluate("JSON.parse(document.querySelector('#layout-state').textContent)")
    assert chosen(world).focal_point == pytest.approx((said["focal_point"]["x"], said["focal_point"]["y"]))
    exact = next(each["crop"] for each in said["canvases"] if each["key"] == "box-art")
    page.wait_for_timeout(50)
    assert window_of(page, "box-art") == pytest.approx(exact, abs=1)


def test_a_crop_is_panned_in_its_canvas_and_resized_on_the_original_in_its_ratio(page: Page, world: World) -> None:
    open_layout(page, world)
    before = window_of(page, "square")
    scale = before.width / stage(page, "square").bounding_box()["width"]
    press_at(page, stage(page, "square").locator("img").first, by=(40, 0))
    with expect_fresh(page):
        page.mouse.up()
    assert chosen(world).crops["square"].x0 == pytest.approx(before.x0 - 40 * scale, abs=2)
    with expect_fresh(page):
        press_at(page, page.locator('[data-handle="bottom right"]'), by=(-60, -5))
        page.mouse.up()
    after = chosen(world).crops["square"]
    assert after.width < before.width - 20 and after.width == pytest.approx(after.height, abs=1)
    expect(page.locator('[data-part="said-square"]')).to_contain_text(f"Crop by {world.editor}")
    assert "canvas=square" in page.url


def test_a_drag_that_the_browser_takes_away_changes_nothing(page: Page, world: World) -> None:
    open_layout(page, world)
    before = window_of(page, "square")
    press_at(page, stage(page, "square").locator("img").first, by=(40, 0))
    stage(page, "square").dispatch_event("pointercancel", {"pointerId": 1})
    page.mouse.up()
    page.wait_for_timeout(100)
    assert window_of(page, "square") == pytest.approx(before, abs=0.5)
    assert not LayoutStep.objects.exists()


def test_the_wheel_zooms_the_canvas_that_has_the_focus_and_scrolls_past_others(page: Page, world: World) -> None:
    open_layout(page, world)
    before = window_of(page, "square")
    stage(page, "square").hover()
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(100)
    assert window_of(page, "square") == pytest.approx(before, abs=0.5)
    stage(page, "square").focus()
    with expect_fresh(page):
        page.mouse.wheel(0, -200)
    assert chosen(world).crops["square"].width < before.width - 20


def test_an_overlay_is_dragged_to_another_place(page: Page, world: World) -> None:
    open_layout(page, world, "?canvas=story-art")
    logo = stage(page, "story-art").locator('[data-overlay-kind="logo"]')
    before = logo.bounding_box()
    press_at(page, logo, by=(30, 10))
    with expect_fresh(page):
        page.mouse.up()
    assert ("story-art", "logo") in chosen(world).placements
    after = logo.bounding_box()
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((30, 10), abs=1.5)


def test_everything_is_done_by_keys_and_undone(page: Page, world: World) -> None:
    open_layout(page, world)
    first = window_of(page, "square")
    stage(page, "square").focus()
    with expect_fresh(page):
        for key in ("+", "Shift++", "ArrowRight", "Shift+ArrowLeft"):
            page.keyboard.press(key)
    assert chosen(world).crops["square"].width == pytest.approx(first.width / 1.03 / 1.15, abs=2)
    assert LayoutStep.objects.count() == 1, "keys that follow one another are one action"
    with expect_fresh(page):
        page.keyboard.press("Control+z")
    assert chosen(world).crops == {}
    with expect_fresh(page):
        page.keyboard.press("Control+Shift+Z")
    assert "square" in chosen(world).crops
    with expect_fresh(page):
        page.keyboard.press("r")
    assert chosen(world).crops == {}
    page.keyboard.press("Tab")
    expect(stage(page, "square").locator("[data-overlay-kind]").first).to_be_focused()
    page.locator("[data-focal]").focus()
    with expect_fresh(page):
        page.keyboard.press("Shift+ArrowDown")
    assert chosen(world).focal_point is not None
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Canvases", exact=True)).to_be_visible()


def test_a_title_is_fitted_into_its_place_on_every_canvas(page: Page, world: World) -> None:
    open_layout(page, world, "?show=overlays")
    page.get_by_label("Title treatment").first.fill("The long voyage of a lonely disc")
    expect(stage(page, "classic").locator('[data-overlay-kind="title"]')).to_contain_text("lonely")
    page.wait_for_url("**title=The+long+voyage**")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('[data-overlay-kind="title"]:not([hidden])')].flatMap((place) => {
          const range = document.createRange();
          range.selectNodeContents(place.querySelector("span"));
          const [box, words] = [place.getBoundingClientRect(), range.getBoundingClientRect()];
          const fits = words.left >= box.left - 1 && words.right <= box.right + 1 && words.height <= box.height + 2;
          return fits && words.width > 20 ? [] : [[place.parentElement.dataset.canvasStage, box, words]];
        })"""
    )
    assert outside == []
    page.reload()
    expect(page.get_by_label("Title treatment").first).to_have_value("The long voyage of a lonely disc")
    expect(page.locator(".layout-safe").first).to_be_hidden()


def test_a_teams_logo_or_one_from_this_computer_lies_over_every_canvas(page: Page, world: World) -> None:
    logo = make_logo(world.team, "with picture", picture="logos/a.png")
    address = reverse("logo-picture", args=[logo.pk])
    page.route(f"**{address}", lambda route: route.fulfill(body=picture(), content_type="image/png"))
    open_layout(page, world)
    page.get_by_label("Logo", exact=True).select_option("with picture")
    expect(page.locator(f'[data-overlay-kind="logo"] img[src="{address}"]')).to_have_count(7)
    expect(page).to_have_url(re.compile(f"logo={logo.pk}"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
    page.get_by_label("Logo from this computer").set_input_files(
        [{"name": "logo.png", "mimeType": "image/png", "buffer": picture()}]
    )
    expect(page.locator('[data-overlay-kind="logo"] img[src^="blob:"]')).to_have_count(7)
    assert sent == [], "a picture from this computer stays on it"


def test_what_a_colleague_chooses_appears(page: Page, world: World) -> None:
    open_layout(page, world)
    choose(row_of_frame(world.video, FRAME), subject="focal", value=[100, 50], user=world.administrator)
    page.evaluate(LAYOUT_MESSAGE, [world.video.pk, FRAME])
    expect(page.locator('[data-part="focal"]')).to_contain_text(f"Chosen by {world.administrator}")
    expect(page.locator("[data-focal]")).to_have_attribute("style", re.compile(r"left: 15\.625%"))


def test_reviewers_can_move_nothing(browser: Browser, world: World, live_server: Any) -> None:
    with open_listening_page(browser, live_server, world.reviewer, picture=picture) as page:
        open_layout(page, world)
        before = window_of(page, "square")
        press_at(page, stage(page, "square").locator("img").first, by=(40, 0))
        page.mouse.up()
        stage(page, "square").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
        assert window_of(page, "square") == before
        check_accessibility(page)


def test_a_link_to_a_canvas_is_copied_and_says_how_long_it_holds(page: Page, world: World) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_layout(page, world, "?canvas=square")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#notices")).to_contain_text("For 30 days")
    link = page.evaluate("navigator.clipboard.readText()")
    assert f"/i/v{world.video.pk}f{FRAME}?canvas=square&expires=" in link and "signature=" in link


def test_the_preview_stands_in_for_a_film_that_cannot_be_read(page: Page, world: World) -> None:
    page.route(re.compile(r"/frames/\d+\.jpg"), lambda route: route.fulfill(status=422, body="No film."))
    open_layout(page, world)
    expect(page.locator("[data-unreadable]")).to_contain_text("small preview")
    preview = reverse("still-image", args=[world.still.pk])
    expect(stage(page, "square").locator("img").first).to_have_attribute("src", preview)
    page.wait_for_function("document.querySelector('[data-original] > img').naturalWidth === 640")


def test_an_overlay_that_loses_its_place_leaves_the_focus_to_its_canvas(page: Page, world: World) -> None:
    covered = Placement("title", None, why="No place is free.", moved_from=Box(0, 0, 90, 40), collides=("a face",))
    choose(row_of_frame(world.video, FRAME), subject="title", canvas="square", value=[0, 0, 90, 40], user=world.editor)
    open_layout(page, world, "?canvas=square")
    title = stage(page, "square").locator('[data-overlay-kind="title"]')
    title.focus()
    with patch("curation.layout.placing._propose", return_value=covered), expect_fresh(page):
        page.keyboard.press("r")
    expect(title).to_be_hidden()
    expect(stage(page, "square")).to_be_focused()
    expect(stage(page, "square").locator('[data-ghost-kind="title"]')).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_runs_out_of_the_window(width: int, page: Page, world: World) -> None:
    choose(row_of_frame(world.video, FRAME), subject="focal", value=[100, 50], user=world.editor)
    choose(row_of_frame(world.video, FRAME), subject="crop", canvas="square", value=[0, 0, 300, 300], user=world.editor)
    page.set_viewport_size({"width": width, "height": 900})
    open_layout(page, world, f"?canvas=square&frames={world.video.pk}:20")
    for fold in page.locator("details:visible > summary").all():
        fold.click()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
