"""The pages of logos in a real browser: readable at every width, usable by keyboard, alive during a search."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ava.models import Team
from curation.models import Logo, LogoLook
from tests.chromium import needs_chromium, open_page
from tests.drawn_logos import draw_logos
from tests.world import World, make_logo, make_still, make_world

pytestmark = needs_chromium(timeout_s=120)


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    world = make_world("ours")
    make_logo(world.team, "Wanted mark", is_wanted=True, seen_in=world.still)
    Team.objects.create(name="Empty").memberships.create(user=world.editor, role="editor")
    return world


@pytest.fixture
def page(chromium: Browser, live_server: Any, world: World) -> Iterator[Page]:
    with open_page(chromium, live_server, world.editor) as page:
        page.goto(f"{live_server.url}/logos/")
        yield page


def test_every_page_is_accessible_and_fits_at_every_width(page: Page, world: World, live_server: Any) -> None:
    own = f"/logos/{world.logo.pk}/"
    for path in ("/logos/", own, f"{own}edit/", f"{own}delete/", "/logos/new/"):
        page.goto(f"{live_server.url}{path}")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"]) for each in found] == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_a_logo_is_added_from_a_file_and_deleted_by_keyboard(page: Page, world: World, tmp_path: Path) -> None:
    file = tmp_path / "shield.png"
    Image.fromarray(draw_logos()["shield"]).save(file)
    page.get_by_role("link", name="Add a logo").click()
    page.get_by_label("Team").select_option(label=world.team.name)
    page.get_by_label("Name", exact=True).fill("Shield")
    page.get_by_label("Picture").set_input_files(file)
    page.get_by_role("button", name="Add the logo").press("Enter")
    expect(page.locator("#notices")).to_contain_text("“Shield” is added.")
    logo = Logo.objects.get(name="Shield")
    shown = page.locator(f"#logo-{logo.pk} img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 341, "its margins are cut off"
    page.get_by_role("link", name="Delete Shield…").press("Enter")
    page.get_by_role("button", name="Delete it").press("Enter")
    expect(page.locator("#notices")).to_contain_text("“Shield” is deleted.")
    assert not Logo.objects.filter(pk=logo.pk).exists()


def test_the_page_follows_a_search_and_keeps_the_focus_meanwhile(page: Page, world: World) -> None:
    still = make_still(world.video, 20, rank=2)
    page.reload()
    expect(page.get_by_text("2 searches left")).to_be_visible()
    change = page.locator(f"#change-{world.logo.pk}")
    change.focus()
    for logo in Logo.objects.all():
        LogoLook.objects.create(
            logo=logo, video=still.video, frame_index=20, version=1, words=logo.brand_words, probability=0,
            text_version=1,
        )  # fmt: skip
    expect(page.get_by_text("Searching the stills")).to_have_count(0, timeout=10_000)
    expect(page.locator(f"#change-{world.logo.pk}")).to_be_focused()
    assert page.locator("#logos").get_attribute("hx-trigger") is None
