"""Lists, notes and exports in a real browser: readable at every width, ordered and taken back from the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from curation.models import Export
from curation.notes import write_note
from curation.pick_list_frames import FrameKey, listed_frames
from curation.pick_lists import add_frames
from tests.chromium import needs_chromium, open_page
from tests.world import World, make_world

pytestmark = needs_chromium(timeout_s=240)


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    world = make_world("ours")
    frames = [FrameKey(world.video.pk, frame) for frame in (20, 30)]
    add_frames(world.pick_list, frames=frames, user=world.editor)
    write_note(world.video, frame_index=20, user=world.administrator, text=f"@{world.editor} look")
    Export.objects.filter(pk=world.export.pk).update(wanted={"stills": [[world.video.pk, 10]], "formats": ["png"]})
    return world


@pytest.fixture
def page(chromium: Browser, live_server: Any, world: World) -> Iterator[Page]:
    with open_page(chromium, live_server, world.editor) as page:
        yield page


def test_pages_are_accessible_and_a_list_is_ordered_from_the_keyboard(
    page: Page, world: World, live_server: Any
) -> None:
    title = f"/titles/{world.title.pk}"
    one = f"/lists/{world.pick_list.pk}/"
    for path in (f"{title}/lists/", f"{title}/exports/", f"/exports/{world.export.pk}/", "/mentions/", one):
        page.goto(f"{live_server.url}{path}")
        page.wait_for_load_state("networkidle")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"]) for each in found] == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    expect(page.locator("[data-copy]")).to_be_visible()
    page.locator("[data-listed] li").nth(2).locator("a").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#notices")).to_contain_text("Moved.")
    assert [key.frame_index for key in listed_frames(world.pick_list)] == [10, 30, 20]
    page.keyboard.press("Control+z")
    expect(page.locator("#notices")).to_contain_text("the order is as before")
    assert [key.frame_index for key in listed_frames(world.pick_list)] == [10, 20, 30]
