"""The Models page in a real browser: readable at every width, usable by keyboard, and alive while a fetch runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ava import model_files
from ava.weights.fetch_note import FetchNote, write_note
from ava.weights.store import WeightsStore
from ava.weights.store_folder import locked
from tests.chromium import needs_chromium, open_page
from tests.world import make_person

pytestmark = needs_chromium(timeout_s=120)
NAME = "openclip-vit-b-32"


@pytest.fixture
def store(settings, tmp_path: Path) -> WeightsStore:
    """A store in which one file is being fetched, one failed and one is damaged."""
    settings.AVA_WEIGHTS_DIR = tmp_path / "weights"
    store = model_files.weights_store()
    write_note(store.folder, NAME, FetchNote("fetching", 200_000_000, 605_143_316))
    write_note(store.folder, "objects-fasterrcnn", FetchNote("failed", reason="The server sent half a file."))
    (store.folder / "320n.onnx").write_bytes(bytes(12_150_158))
    store.verify("nudenet")
    return store


@pytest.fixture
def page(chromium: Browser, live_server: Any, store: WeightsStore) -> Iterator[Page]:
    root = make_person("root", is_superuser=True)
    with open_page(chromium, live_server, root, viewport={"width": 1400, "height": 900}) as page:
        page.goto(f"{live_server.url}/models/")
        yield page


def test_the_page_is_accessible_and_fits_at_every_width(page: Page, store: WeightsStore) -> None:
    with locked(store.folder, NAME):
        page.reload()
        for summary in page.locator(".model summary").all()[:8]:
            summary.click()
        for width in (1400, 820, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"]) for each in found] == [], width
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_fetch_is_followed_without_a_reload_until_it_is_over(page: Page, store: WeightsStore) -> None:
    row = page.locator(f"#model-{NAME}")
    with locked(store.folder, NAME):
        page.reload()
        expect(row.get_by_text("33 %")).to_be_visible()
        write_note(store.folder, NAME, FetchNote("fetching", 400_000_000, 605_143_316))
        expect(row.get_by_text("66 %")).to_be_visible(timeout=10_000)
        assert row.locator("progress").get_attribute("value") == "66"
        write_note(store.folder, NAME, FetchNote("failed", reason="The disk is full; make room."))
        expect(row.get_by_text("The disk is full; make room.")).to_be_visible(timeout=10_000)
    expect(row.get_by_role("button", name=f"Fetch {NAME}")).to_be_visible()


def test_a_damaged_file_is_removed_by_keyboard(page: Page, store: WeightsStore) -> None:
    row = page.locator("#model-nudenet")
    expect(row.get_by_text("Damaged")).to_be_visible()
    row.locator("summary", has_text="Remove").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(row.get_by_role("button", name="Remove nudenet now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("nudenet is removed.")
    expect(page.locator("#model-nudenet").get_by_text("Not installed")).to_be_visible()
    assert not (store.folder / "320n.onnx").exists()
