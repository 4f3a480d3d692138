"""The board in a real browser: culling, comparing, counts that follow the filters, undo by action, and colleagues."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from curation.decisions import current_decisions, decide
from curation.models import Decision, Still
from tests.chromium import needs_chromium, open_listening_page
from tests.test_browser_overlays import (
    browser,  # noqa: F401 (a fixture)
    check_accessibility,
    picture,
)
from tests.world import World, make_still, make_world

pytestmark = needs_chromium(timeout_s=180)


@pytest.fixture
def world() -> World:
    """Eight stills, ranked 1–8, at the frames 10–17; the first half show one face, three of all are red."""
    world = make_world("home")
    Decision.objects.all().delete()
    Still.objects.all().delete()
    for place in range(8):
        signals = {"faces.count": 1 if place < 4 else 0, "colour_names.red": 0.4 if place % 3 == 0 else 0.0}
        explanation = {"sharpness": 1 - place / 10, "colour": 0.5}
        make_still(
            world.video, 10 + place, rank=place + 1, shot=world.shot, signals=signals, explanation=explanation
        )
    return world


@pytest.fixture
def page(browser: Browser, world: World, live_server: Any) -> Iterator[Page]:  # noqa: F811 (the fixture)
    with open_listening_page(browser, live_server, world.editor, picture=picture) as page:
        yield page


def open_board(page: Page, world: World, query: str = "") -> None:
    page.goto(reverse("stills", args=[world.title.pk]) + query)
    expect(page.locator("[data-board][data-ready]")).to_be_attached()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def verdicts(world: World) -> dict[int, str]:
    return {frame: state.verdict for frame, state in current_decisions(world.video).items() if state.verdict}


def expect_told(page: Page, sentence: str) -> None:
    expect(page.locator(".notice").filter(has_text=sentence)).to_be_visible()


def test_a_selection_is_decided_undone_and_done_again_as_one_action(page: Page, world: World) -> None:
    open_board(page, world)
    expect(page.locator(".still-grid .still").first).to_be_focused()
    with page.expect_response(re.compile("/decide/")):
        press(page, "Shift+ArrowRight", "Shift+ArrowRight", "x")
    assert verdicts(world) == {10: "reject", 11: "reject", 12: "reject"}
    with page.expect_response(re.compile("/decide/")):
        press(page, "p")
    assert verdicts(world)[13] == "pick", "the still that followed had the focus"
    press(page, "Control+z", "Control+z")
    expect_told(page, "Undone: 3 stills are as they were.")
    assert verdicts(world) == {}
    press(page, "Control+z")
    expect_told(page, "There is nothing left to undo.")
    press(page, "Control+Shift+z")
    expect_told(page, "Done again: 3 stills are rejected.")
    assert verdicts(world) == {10: "reject", 11: "reject", 12: "reject"}
    press(page, "Control+z")
    expect_told(page, "Undone: 3 stills are as they were.")
    assert verdicts(world) == {}, "what was done again is one action, too"


def test_a_selection_outlives_what_is_fetched_later_and_keys_mean_what_is_seen(page: Page, world: World) -> None:
    held: list[Route] = []
    page.route(re.compile(r"part=facts"), lambda route: held.append(route))
    open_board(page, world)
    expect(page.locator(".still-grid .still").first).to_be_focused()
    press(page, "Shift+ArrowRight")
    with page.expect_response(re.compile("part=facts")):
        held.pop().continue_()
    page.wait_for_load_state("networkidle")
    press(page, "Shift+ArrowRight")
    expect(page.locator('.still-grid .still[aria-selected="true"]')).to_have_count(3)

    make_still(world.video, 5, rank=9, shot=world.shot)  # comes first among rows; its facts keep the page waiting
    page.evaluate("() => window.line.dispatchEvent(new Event('open'))")
    page.evaluate("() => window.line.dispatchEvent(new Event('open'))")
    for _ in range(100):
        page.wait_for_timeout(50)
        if held:
            break
    with page.expect_response(re.compile("/decide/")):
        press(page, "x")
    assert verdicts(world) == {10: "reject", 11: "reject", 12: "reject"}
    for route in held:
        route.continue_()
    expect(page.locator("[data-count]")).to_have_text("9 stills")
    expect(page.locator('.still-grid .still[data-verdict="reject"]')).to_have_count(3)


def test_culling_shows_one_after_the_other_and_takes_a_better_instant(page: Page, world: World) -> None:
    open_board(page, world)
    page.get_by_role("link", name="Cull one by one").click()
    viewer = page.locator("[data-viewer]")
    expect(viewer).to_have_class(re.compile("culling"))
    here = page.locator('[data-strip-frame][aria-current="true"]')
    expect(here).to_have_attribute("data-strip-frame", "10")
    press(page, "p")
    expect(here).to_have_attribute("data-strip-frame", "11")
    expect(page.locator('[data-strip-frame="10"]')).to_have_attribute("data-verdict", "pick")
    expect(page).to_have_url(re.compile(r"view=cull&still=11|still=11&view=cull"))
    page.locator('[data-strip-frame="17"]').click()
    expect(here).to_have_attribute("data-strip-frame", "17")
    press(page, ".", ".")
    expect(viewer.get_by_role("button", name="Take this frame instead")).to_be_visible()
    expect(page).to_have_url(re.compile("still=19.*from=17|from=17.*still=19"))
    check_accessibility(page)
    with page.expect_response(re.compile("/decide/")):
        press(page, "r")
    expect(here).to_have_attribute("data-strip-frame", "19")
    assert verdicts(world) == {10: "pick", 19: "pick"}
    press(page, "Escape")
    expect(page).not_to_have_url(re.compile("view=|still="))
    expect(page.locator(".still-grid .still")).to_have_count(9)


def test_stills_side_by_side_zoom_together_and_are_decided_on(page: Page, world: World) -> None:
    open_board(page, world)
    expect(page.locator(".still-grid .still").first).to_be_focused()
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "c")
    stills = page.locator("[data-compared-frame]")
    expect(stills).to_have_count(3)
    expect(stills.first).to_be_focused()
    expect(page.locator(".compared-parts tbody tr").first).to_contain_text("Sharp subject")
    expect(page.locator(".compared-parts tbody tr").first).to_contain_text("−0.20")
    check_accessibility(page)
    press(page, "z", "ArrowRight", "ArrowDown")
    transforms = page.eval_on_selector_all("[data-compared-stage] img", "all => all.map((one) => one.style.transform)")
    assert len(set(transforms)) == 1 and transforms[0].startswith("scale(")
    assert "-" in transforms[0], "all look to the same place, right of the middle"
    press(page, "z", "ArrowRight")
    expect(stills.nth(1)).to_be_focused()
    with page.expect_response(re.compile("/decide/")):
        press(page, "x")
    expect(stills.nth(1)).to_contain_text("Rejected")
    with page.expect_response(re.compile("/comparisons/")) as said:
        press(page, "Enter")
    assert said.value.ok
    assert sorted(world.video.comparisons.filter(better_frame=11).values_list("worse_frame", flat=True)) == [10, 12]
    press(page, "Escape")
    expect(page).not_to_have_url(re.compile("compare="))
    assert verdicts(world) == {11: "reject"}


def test_counts_tell_what_each_answer_would_leave(page: Page, world: World) -> None:
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    open_board(page, world)

    def counts(facet: str) -> dict[str, str]:
        return page.eval_on_selector_all(  # type: ignore[no-any-return]
            f'[data-facet="{facet}"] [data-choice-count]',
            "all => Object.fromEntries(all.map((one) => [one.dataset.choiceCount, one.textContent]))",
        )

    expect(page.locator('[data-facet="faces"] [data-choice-count="1"]')).to_have_text("4")
    assert counts("faces")["0"] == "4" and counts("colour")["red"] == "3"
    page.locator('[data-facet="faces"] label').filter(has=page.locator('input[value="1"]')).click()
    expect(page.locator("[data-count]")).to_have_text("4 of 8 stills")
    assert counts("faces")["0"] == "4", "beside it, these would come"
    assert counts("colour")["red"] == "2"
    expect(page.locator('[data-verdict-count="pick"]')).to_have_text("1")
    page.locator("label").filter(has=page.locator('input[name="verdict"][value="pick"]')).click()
    expect(page.locator("[data-count]")).to_have_text("1 of 8 stills")
    expect(page.locator('[data-verdict-count="undecided"]')).to_have_text("3")
    assert counts("faces")["0"] == "0"


def test_a_narrowed_board_keeps_its_order_and_is_widened_by_taking_the_chip_away(page: Page, world: World) -> None:
    open_board(page, world, "?frames=11,13,15&verdict=undecided")
    expect(page.locator("[data-count]")).to_have_text("3 of 8 stills")
    page.locator("#sort").select_option("time")
    expect(page).to_have_url(re.compile("frames=11"))
    page.get_by_role("button", name="3 chosen frames").click()
    expect(page.locator("[data-count]")).to_have_text("8 stills")
    expect(page).not_to_have_url(re.compile("frames="))


def test_what_colleagues_decide_shows_at_once_with_their_name_and_nothing_is_lost(page: Page, world: World) -> None:
    open_board(page, world)
    first = page.locator(".still-grid .still").first
    expect(first).to_be_focused()
    colleague = world.administrator

    def tell(**message: Any) -> None:
        message |= {"video_id": world.video.pk, "title_id": world.title.pk, "user": colleague.username}
        data = json.dumps(json.dumps(message))
        page.evaluate(f"() => window.line.dispatchEvent(new MessageEvent('message', {{ data: {data} }}))")

    tell(type="decision", frame_index=10, verdict="pick", stars=2)
    expect(first).to_have_attribute("data-verdict", "pick")
    expect(first.locator(".still-mark")).to_have_attribute("title", f"Decided by {colleague.username}")
    states = [{"frame_index": frame, "verdict": "reject", "stars": 0} for frame in (11, 12)]
    tell(type="decisions", states=states)
    expect(page.locator('.still-grid .still[data-verdict="reject"]')).to_have_count(2)
    expect(page.locator('[data-verdict-count="reject"]')).to_have_text("2")
    expect(first).to_be_focused()  # what others do takes nobody's place away

    decide(world.video, frame_index=13, user=colleague, verdict="pick")  # while the line was broken
    page.evaluate("() => window.line.dispatchEvent(new Event('open'))")
    page.evaluate("() => window.line.dispatchEvent(new Event('open'))")
    expect(page.locator(".still-grid .still").nth(3)).to_have_attribute("data-verdict", "pick")
