"""The panel of weights in a real browser: every move orders the board anew, and the address carries it."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from curation.models import MaturityOverride, RankingProfile
from curation.stills.table import StillTable
from tests.chromium import needs_chromium
from tests.still_tables import make_table
from tests.test_board_browser import open_board, page, world  # noqa: F401 (fixtures)
from tests.test_browser_overlays import browser, check_accessibility  # noqa: F401 (a fixture)
from tests.world import World

pytestmark = needs_chromium(timeout_s=180)


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> StillTable:
    """The eight stills of the board: sharpness falls from the first to the last, colour rises."""
    made = make_table(8, scenes=8, frame_count=100)
    parts = {name: np.full(8, 0.8, dtype=np.float32) for name in made.parts}
    parts["sharpness"], parts["colour"] = np.linspace(0.9, 0.6, 8), np.linspace(0.6, 0.9, 8)
    made = replace(made, frames=np.arange(10, 18), parts=parts, looks=np.eye(8, dtype=np.float32))
    for module in ("board_order", "held_back"):
        monkeypatch.setattr(f"curation.{module}.load_table", lambda video: made)
    return made


def shown(page: Page) -> list[int]:  # noqa: F811 (the fixture)
    """Frames on the board, best first."""
    lines = page.locator(".still-grid > *").all_text_contents()
    return [int(re.findall(r"\d\d:\d\d:(\d\d):(\d\d)", line)[0][1]) for line in lines]


def slide(page: Page, name: str, value: float) -> None:  # noqa: F811 (the fixture)
    slider = page.locator(f'input[name="{name}"][data-weight]')
    with page.expect_response(re.compile(r"/order\.json")):
        slider.evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }", value
        )


def test_a_slider_orders_the_board_anew_and_the_address_keeps_the_weights(page: Page, world: World) -> None:  # noqa: F811
    open_board(page, world, "?variety=0")
    page.locator(".ranking > summary").click()
    slide(page, "w.sharpness", 40)
    slide(page, "w.colour", 0)
    expect(page.locator(".still-grid > *").first).to_contain_text(":10")
    assert shown(page) == list(range(10, 18))
    slide(page, "w.sharpness", 0)
    slide(page, "w.colour", 40)
    expect(page.locator(".still-grid > *").first).to_contain_text(":17")
    assert shown(page) == list(range(17, 9, -1))
    assert "w.colour=40" in page.url and "w.sharpness=0" in page.url and "variety=0" in page.url
    assert page.locator('[data-percent="w.sharpness"]').text_content() == "0 %"
    page.reload()
    expect(page.locator(".still-grid > *").first).to_contain_text(":17")
    check_accessibility(page)


def test_a_weighting_is_kept_for_the_team_and_then_asked_for_by_its_name(page: Page, world: World) -> None:  # noqa: F811
    open_board(page, world)
    page.locator(".ranking > summary").click()
    slide(page, "w.colour", 33)
    page.get_by_text("Keep for the team").click()
    page.locator("#weighting-name").fill("Night")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page).to_have_url(re.compile("purpose=Night"))
    kept = RankingProfile.objects.get(name="Night")
    assert kept.weights["colour"] == 33
    expect(page.locator("[data-purpose-label]")).to_contain_text("Night")
    assert "w.colour" not in page.url


def test_holding_a_still_back_moves_it_behind_and_says_who_did(page: Page, world: World) -> None:  # noqa: F811
    MaturityOverride.objects.all().delete()
    open_board(page, world, "?variety=0&still=10")
    section = page.locator("[data-maturity]")
    with page.expect_response(re.compile(r"/order\.json")):
        section.get_by_role("button", name="Violence: hold back").click()
    expect(section).to_contain_text("Held back by editor-home")
    assert MaturityOverride.objects.get().verdict == "hold"
    page.locator("[data-close]").click()
    expect(page.locator(".still-grid > *").last).to_contain_text(":10")


def test_without_script_the_panel_is_a_form(world: World) -> None:  # noqa: F811
    client = Client()
    client.force_login(world.editor)
    board = reverse("stills", args=[world.title.pk])
    text = client.get(f"{board}?variety=0&verdict=undecided").content.decode()
    form: Any = re.search(r'<form method="get" class="ranking-form".*?</form>', text, re.S)
    assert 'name="verdict" value="undecided"' in form[0] and 'name="w.colour"' in form[0] and "<button" in form[0]
    weights = "&".join(f"w.{part}=0" for part in ("sharpness", "soundness", "people", "expression"))
    text = client.get(f"{board}?variety=0&w.colour=40&{weights}").content.decode()
    assert re.findall(r"still=(\d+)", text)[0] == "17"
