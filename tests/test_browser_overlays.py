"""What lies over the large still, curves and filters in a real browser, over rows whose truth is known."""

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, Route, expect

from ava.annotate.shot_inspection import FACE_TRACKS, FACE_TRACKS_COLUMNS, columns_of
from ava.detectors import detector_versions
from ava.models import Annotation, Detection, Inspection, Shot, Video, WorkState
from ava.packing import pack_integers, pack_values
from curation.models import Still
from tests.chromium import needs_chromium, sign_in, start_chromium
from tests.world import World, make_still, make_world

pytestmark = needs_chromium(timeout_s=180)
FACE = (200, 90, 320, 250)
LOOKED_AT, FOLLOWED = 10, 11
PEAKS = {21: 0.8, 60: 0.95}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture
def world() -> World:
    """A face was found in frame 10 and followed to frame 11; frames 10, 20, 21 and 22 are stills."""
    world = make_world("home")
    Shot.objects.update(scale="medium", camera="pan")
    Still.objects.update(signals={"faces.count": 1, "colour_names.red": 0.3})
    for rank, (frame, faces) in enumerate({20: 0, 21: 2, 22: 2}.items(), start=2):
        make_still(world.video, frame, rank=rank, shot=world.shot, signals={"faces.count": faces, "text.count": 0})
    add_findings(world.video)
    return world


def add_findings(video: Video) -> None:
    video.inspections.all().delete()
    inspection = Inspection.objects.create(
        video=video, index=0, start_frame=0, end_frame=100, looks=pack_integers(np.array([LOOKED_AT])),
        state=WorkState.DONE,
    )  # fmt: skip
    face = dict.fromkeys(columns_of("faces"), np.nan) | dict(zip(("x0", "y0", "x1", "y1"), FACE, strict=True))
    save_rows(inspection, "faces", {LOOKED_AT: face | {"nose_x": 260, "nose_y": 170, "roll_deg": 0}})
    track = dict.fromkeys(FACE_TRACKS_COLUMNS, 0.0) | dict(zip(("x0", "y0", "x1", "y1"), FACE, strict=True))
    followed = track | {"is_detected": 0, "row": -1}
    save_rows(inspection, FACE_TRACKS, {LOOKED_AT: track | {"is_detected": 1}, FOLLOWED: followed})


def save_rows(inspection: Inspection, detector: str, rows: dict[int, dict[str, float]]) -> None:
    columns = columns_of(detector)
    values = np.array([[row[column] for column in columns] for row in rows.values()], dtype=np.float32)
    Detection.objects.create(
        inspection=inspection, detector=detector, version=detector_versions()[detector], columns=list(columns),
        frames=pack_integers(np.array(list(rows))), values=pack_values(values),
    )  # fmt: skip


def picture(*, width: int = 640, height: int = 360) -> bytes:
    """A black frame with a white block where the face is."""
    image = Image.new("L", (width, height))
    scale = width / 640
    x0, y0, x1, y1 = (round(side * scale) for side in FACE)
    ImageDraw.Draw(image).rectangle((x0, y0, x1 - 1, y1 - 1), fill=255)
    written = io.BytesIO()
    image.save(written, format="PNG")
    return written.getvalue()


@pytest.fixture
def page(browser: Browser, world: World, live_server: Any) -> Iterator[Page]:
    """A signed-in page to which every frame of the film is the same picture; `asked` holds overlays' addresses."""
    context = sign_in(browser, live_server, world.editor)
    page = context.new_page()
    page.asked = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))

    def show(route: Route) -> None:
        route.fulfill(body=picture(), content_type="image/png")

    def lay_over(route: Route) -> None:
        page.asked.append(route.request.url)  # type: ignore[attr-defined]
        if route.request.url.endswith(".json"):
            route.continue_()
        else:
            route.fulfill(body=picture(), content_type="image/png")

    page.route(re.compile(r"/frames/\d+\.jpg|/image\.jpg"), show)
    page.route(re.compile(r"/frames/\d+/(findings\.json|saliency\.png|motion\.png)"), lay_over)
    yield page
    context.close()


def open_still(page: Page, world: World, query: str = "") -> None:
    page.goto(reverse("stills", args=[world.title.pk]) + f"?still={LOOKED_AT}{query}")
    expect(page.locator("[data-overlays]")).to_be_visible()
    expect(page.locator(".still-grid .still")).to_have_count(4)


def box_of_face(page: Page) -> list[float]:
    """Where the face's box is drawn, in the window's pixels, without its line's width."""
    sides: list[float] = page.evaluate(
        """() => {
          const box = document.querySelector(".overlay-faces rect.stroke");
          const [matrix, { x, y, width, height }] = [box.getScreenCTM(), box.getBBox()];
          const at = (x, y) => new DOMPoint(x, y).matrixTransform(matrix);
          const [from, to] = [at(x, y), at(x + width, y + height)];
          return [from.x, from.y, to.x, to.y];
        }"""
    )
    return sides


def block_in(page: Page) -> list[float]:
    """Where the picture's white block is on the screen, in the window's pixels."""
    stage = page.locator("[data-stage]").bounding_box()
    assert stage is not None
    shot: NDArray[np.uint8] = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=stage))).convert("L"))
    rows, columns = np.flatnonzero((shot > 127).sum(axis=1) > 20), np.flatnonzero((shot > 127).sum(axis=0) > 20)
    x, y = stage["x"], stage["y"]
    return [x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1]


@pytest.mark.parametrize("size", [(1440, 900), (1024, 600), (390, 844)], ids=str)
def test_a_faces_box_lies_on_the_face_at_any_size_of_the_window_and_at_full_zoom(
    size: tuple[int, int], page: Page, world: World
) -> None:
    page.set_viewport_size({"width": 900, "height": 900})
    open_still(page, world, "&overlay=faces")
    expect(page.locator(".overlay-faces rect.stroke")).to_have_count(1)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function("document.querySelector('[data-picture]').naturalWidth > 0")
    for zoomed in (False, True):
        if zoomed:
            page.keyboard.press("z")
            page.wait_for_function("document.querySelector('[data-canvas]').style.width === '640px'")
        drawn = box_of_face(page)
        page.keyboard.press("f")
        expect(page.locator(".overlay-faces")).to_have_count(0)
        assert drawn == pytest.approx(block_in(page), abs=1), f"zoomed: {zoomed}"
        page.keyboard.press("f")
        expect(page.locator(".overlay-faces rect.stroke")).to_have_count(1)


def test_each_key_and_button_lays_its_overlay_over_the_still_and_takes_it_away(page: Page, world: World) -> None:
    open_still(page, world)
    layers = {"f": "faces", "g": "grid", "s": "saliency", "t": "text", "m": "motion", "b": "people"}
    for key, layer in layers.items():
        button = page.locator(f'[data-overlay][aria-keyshortcuts="{key.upper()}"]')
        page.keyboard.press(key)
        expect(page.locator(f".overlay-{layer}")).to_have_count(1)
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        expect(page.locator(f".overlay-{layer}")).to_have_count(0)
        expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-overlay-layer] > *")).to_have_count(0)


def test_the_thirds_leave_the_bars_out(page: Page, world: World) -> None:
    Video.objects.update(picture_area=[0, 60, 640, 300])
    open_still(page, world, "&overlay=grid")
    expect(page.locator(".overlay-grid line.stroke")).to_have_count(4)
    lines = page.evaluate(
        """() => [...document.querySelectorAll(".overlay-grid line.stroke")].map(
          (line) => ["x1", "y1", "x2", "y2"].map((end) => Number(line.getAttribute(end))))"""
    )
    wanted = [[640 / 3, 60, 640 / 3, 300], [0, 140, 640, 140], [1280 / 3, 60, 1280 / 3, 300], [0, 220, 640, 220]]
    assert np.array(lines) == pytest.approx(np.array(wanted))


def test_a_still_without_overlays_asks_the_server_for_none(page: Page, world: World) -> None:
    open_still(page, world)
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer-head")).to_contain_text("Frame 20")
    expect(page.locator(".overlay-grid")).to_have_count(1)
    assert page.asked == []  # type: ignore[attr-defined]
    page.keyboard.press("m")
    expect(page.locator(".overlay-motion image")).to_have_count(1)
    assert [address.rpartition("/frames/")[2] for address in page.asked] == ["20/motion.png"]  # type: ignore[attr-defined]


def test_overlays_stay_from_still_to_still_in_the_address_and_on_the_next_visit(page: Page, world: World) -> None:
    open_still(page, world)
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile("overlay=faces%2Cgrid"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer-head")).to_contain_text("Frame 20")
    expect(page.locator(".overlay-grid")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("overlay"))
    open_still(page, world)
    expect(page.locator(".overlay-faces rect.stroke")).to_have_count(1)
    expect(page.locator(".overlay-grid")).to_have_count(1)
    open_still(page, world, "&overlay=text")
    expect(page.locator(".overlay-text")).to_have_count(1)
    expect(page.locator(".overlay-grid")).to_have_count(0)


def test_between_looks_a_followed_face_is_dashed_and_named_so(page: Page, world: World) -> None:
    open_still(page, world, "&overlay=faces,text")
    line = page.locator(".overlay-faces rect.stroke")
    expect(line).to_have_css("stroke-dasharray", "none")
    page.keyboard.press(".")
    expect(page.locator(".viewer-head")).to_contain_text(f"Frame {FOLLOWED}")
    expect(line).to_have_css("stroke-dasharray", re.compile(r"\d"))
    expect(page.locator(".overlay-faces text")).to_have_text("1 followed")
    expect(page.locator("[data-overlay-note]")).to_contain_text("This frame was not looked at closely.")
    page.get_by_role("link", name=f"frame {LOOKED_AT}").click()
    expect(page.locator(".viewer-head")).to_contain_text(f"Frame {LOOKED_AT}")
    expect(line).to_have_css("stroke-dasharray", "none")


def test_the_panel_tells_what_is_known_and_the_help_lists_the_keys(page: Page, world: World) -> None:
    open_still(page, world)
    facts = page.locator(".facts-seen")
    expect(facts).to_contain_text("Shot scaleMedium")
    expect(facts).to_contain_text("CameraPan")
    page.keyboard.press("?")
    for words in ("Faces, their landmarks", "Grid of thirds", "Saliency", "Motion: what moves", "Bodies and objects"):
        expect(page.locator("[data-help]")).to_contain_text(words)


# --- curves --------------------------------------------------------------------------------------------------


def draw_peaks(world: World) -> None:
    """Brightness is 0.1 but for two single frames."""
    values = np.full((100, len(world.annotation.columns)), 0.1, dtype=np.float32)
    for frame, value in PEAKS.items():
        values[frame, 0] = value
    Annotation.objects.filter(pk=world.annotation.pk).update(values=pack_values(values))


def open_title(page: Page, world: World, query: str) -> None:
    page.goto(reverse("title", args=[world.title.pk]) + query)
    expect(page.locator(".timeline.bound")).to_be_visible()


def shown_frame(page: Page) -> Any:
    return page.locator(".frame-count [data-frame]")


def test_a_click_on_a_peak_goes_to_its_very_frame(page: Page, world: World) -> None:
    draw_peaks(world)
    open_title(page, world, "?signals=exposure.brightness")
    peaks = page.get_by_role("group", name="Peaks of Brightness").get_by_role("button")
    expect(peaks).to_have_count(2)
    expect(peaks.first).to_have_accessible_name("Peak of Brightness, 0.8, at 00:00:00:21, frame 21")
    peaks.nth(1).click()
    expect(shown_frame(page)).to_have_text("60")
    expect(page).to_have_url(re.compile("frame=60"))


def test_the_keyboard_goes_from_peak_to_peak_and_with_enter_to_the_frame(page: Page, world: World) -> None:
    draw_peaks(world)
    open_title(page, world, "?signals=exposure.brightness")
    expect(page.locator(".peak")).to_have_count(2)
    page.get_by_role("slider", name="Place in the film").focus()
    page.keyboard.press("Tab")
    reading = page.locator("[data-reading]")
    expect(reading).to_have_text("Brightness 0.8 · 00:00:00:21")
    page.keyboard.press("ArrowRight")
    expect(reading).to_have_text("Brightness 0.95 · 00:00:02:10")
    page.keyboard.press("Enter")
    expect(shown_frame(page)).to_have_text("60")
    told = "00:00:02:10, frame 60, shot 1  Medium, pan, Brightness 0.95"
    expect(page.get_by_role("slider", name="Place in the film")).to_have_attribute("aria-valuetext", told)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(shown_frame(page)).to_have_text("21")


def test_curves_are_found_by_a_word_several_at_once_and_remembered(page: Page, world: World) -> None:
    open_title(page, world, "?signals=exposure.brightness")
    page.get_by_text("Choose signals").click()
    page.get_by_placeholder("Find a signal").fill("shadow")
    expect(page.locator(".signal-choice:visible")).to_have_count(1)
    page.get_by_label("Crushed blacks").check()
    page.get_by_placeholder("Find a signal").fill("no such thing")
    expect(page.get_by_text("No signal is called that.")).to_be_visible()
    expect(page).to_have_url(re.compile("signals=exposure.brightness%2Cexposure.clipped_low"))
    chips = page.locator("[data-chosen] .chip")
    expect(chips).to_have_count(2)
    open_title(page, world, "")
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="Hide Brightness").click()
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("Crushed blacks")


# --- the board -----------------------------------------------------------------------------------------------


def test_filters_become_chips_that_take_them_away(page: Page, world: World) -> None:
    page.goto(reverse("stills", args=[world.title.pk]))
    count = page.locator("[data-count]")
    expect(count).to_have_text("4 stills")
    page.get_by_role("group", name="Faces").locator("label", has_text="2").click()
    expect(count).to_have_text("2 of 4 stills")
    page.get_by_role("checkbox", name="Red").check()
    expect(count).to_have_text("0 of 4 stills")
    expect(page).to_have_url(re.compile("faces=2&colour=red"))
    page.reload()
    expect(count).to_have_text("0 of 4 stills")
    page.get_by_role("button", name="Colours: Red").click()
    expect(count).to_have_text("2 of 4 stills")
    page.get_by_role("link", name="Remove all filters").click()
    expect(count).to_have_text("4 stills")
    expect(page.locator(".drop-chip")).to_have_count(0)
    expect(page.locator(".pill input:checked")).to_have_count(0)


def check_accessibility(page: Page) -> None:
    serious = [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_with_all_of_it_shown(width: int, page: Page, world: World) -> None:
    draw_peaks(world)
    page.set_viewport_size({"width": width, "height": 900})
    open_still(page, world, "&overlay=faces,grid,saliency,text,motion,bodies")
    expect(page.locator(".overlay-motion image")).to_have_count(1)
    check_accessibility(page)
    page.keyboard.press("Escape")
    check_accessibility(page)
    page.goto(reverse("stills", args=[world.title.pk]) + "?faces=2&colour=red")
    expect(page.locator("[data-active-filter]")).to_have_count(2)
    check_accessibility(page)
    open_title(page, world, "?signals=exposure.brightness,faces.count")
    expect(page.locator(".peak").first).to_be_attached()
    page.get_by_text("Choose signals").click()
    check_accessibility(page)
