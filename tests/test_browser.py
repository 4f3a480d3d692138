"""A newcomer's first minutes in a real browser: `up`, sign in, watch the demo film, pick and download a still."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ava.render.demo import plan_demo_film
from ava.render.demo_pictures import load_demo_pictures
from ava.render.film import describe_film
from ava.render.truth import Span
from tests.chromium import CHROMIUM
from tests.installation import Installation, installation, reachable_folder

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    with reachable_folder() as folder, installation(folder / "home") as running:
        yield running


@pytest.fixture(scope="module")
def page(chromium: Browser, running: Installation) -> Iterator[Page]:
    name, password = running.wait_until_said(r"Sign in as (\S+) with the password (\S+)").groups()
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(running.address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{running.address}/")
    yield page
    context.close()


def wait_for_title(page: Page, running: Installation) -> None:
    """Rendering the demo film takes a minute before it can be seen."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if running.query("SELECT 1 FROM ava_job"):
            return
        time.sleep(1)
    raise AssertionError(f"no demo film:\n{running.say()}")


def check_accessibility(page: Page) -> None:
    serious = [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.timeout(600)
def test_a_newcomer_goes_from_sign_in_to_a_downloaded_still(page: Page, running: Installation, tmp_path: Path):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    wait_for_title(page, running)

    page.goto(f"{running.address}/jobs/")
    expect(page.get_by_text("Measuring frames").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile(r"^Done$", re.I)).first).to_be_visible(timeout=540_000)  # live, no reload
    check_accessibility(page)

    page.goto(running.address)
    page.get_by_role("link", name=re.compile("Demo film")).first.click()
    expect(page.locator("video")).to_be_visible()
    check_accessibility(page)

    page.goto(f"{page.url.split('?')[0]}stills/")
    cards = page.locator('.still[role="option"]')
    expect(cards.first).to_be_focused()  # the keys work from the start; nobody needs a mouse
    assert cards.count() >= 8
    check_accessibility(page)

    with page.expect_response(re.compile("/decide/")):  # the page shows a decision before the server has it
        page.keyboard.press("p")
    picked = page.locator('.still[data-verdict="pick"]')
    expect(picked).to_have_count(1)
    expect(cards.nth(1)).to_be_focused()
    assert len(running.query("SELECT frame_index FROM curation_decision WHERE verdict = 'pick'")) == 1
    page.keyboard.press("Control+z")
    expect(picked).to_have_count(0)
    expect(cards.first).to_be_focused()

    page.keyboard.press("Enter")
    viewer = page.locator("[data-viewer]")
    expect(viewer).to_be_visible()
    expect(viewer.get_by_text("Why rank 1")).to_be_visible()
    with page.expect_download() as waiting:
        viewer.get_by_role("link", name="PNG").click()
    download = waiting.value
    target = tmp_path / "still.png"
    download.save_as(target)
    assert re.search(r"\d\d-\d\d-\d\d-\d\d.*\.png$", download.suggested_filename)
    with Image.open(target) as still:
        assert still.size == (1280, 720)
        assert any(re.search(r"\d\d:\d\d:\d\d:\d\d", str(value)) for value in still.info.values())
    assert errors == []


def test_the_demo_films_stills_show_no_black_defocused_or_title_frame(page: Page, running: Installation):
    pictures = running.home / "weights"
    truth = describe_film(plan_demo_film(load_demo_pictures(pictures_dir=pictures)))
    frames = [frame for (frame,) in running.query("SELECT frame_index FROM curation_still ORDER BY rank")]
    assert len(frames) >= 12
    titles = [Span(text.start_frame, text.end_frame) for text in truth.texts if text.kind in {"title", "credits"}]
    mixed = [Span(each.start_frame, each.end_frame) for each in truth.transitions]
    bad = [*truth.black, *truth.defocused, *titles, *mixed]
    hits = [frame for frame in frames for span in bad if span.start_frame <= frame < span.end_frame]
    assert hits == []
