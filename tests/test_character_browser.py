"""A character's page and the questions in a real browser: by keyboard, by dragging, accessible at every width."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from curation.models import Character, Difference, FaceTrack
from tests.chromium import needs_chromium, no_script_may_fail, open_page
from tests.people_world import make_character, make_track
from tests.test_character_pages import add_lookalike, add_tracks
from tests.world import World, make_world

pytestmark = needs_chromium(timeout_s=180)


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    world = make_world("ours")
    Character.objects.all().delete()
    FaceTrack.objects.all().delete()
    world.video.frame_count = 1000
    world.video.save()
    return world


@pytest.fixture
def anna(world: World) -> Character:
    """Anna with six faces, two of them Bea's; Bea with six; and somebody who may be Bea."""
    anna, bea = make_character(world.title, name="Anna", is_kept=True), make_character(world.title, name="Bea")
    add_tracks(world.video, anna, person=1, count=4)
    add_tracks(world.video, anna, person=2, count=2, start=20, confidence=0.4)
    add_tracks(world.video, bea, person=2, count=6, start=100)
    return anna


@pytest.fixture
def page(chromium: Browser, live_server: Any, world: World) -> Iterator[Page]:
    with open_page(chromium, live_server, world.editor) as page, no_script_may_fail(page):
        yield page


def open_character(page: Page, live_server: Any, character: Character, query: str = "") -> None:
    page.goto(f"{live_server.url}{reverse('character', args=[character.scope_id, character.pk])}{query}")
    expect(page.locator("[data-script-only]").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def open_questions(page: Page, live_server: Any, world: World) -> None:
    page.goto(f"{live_server.url}{reverse('people-questions', args=[world.title.pk])}")
    expect(page.locator("[data-question]:not([hidden])")).to_be_focused()


def check(page: Page, what: str) -> None:
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        nodes = [(each["id"], [node["html"][:120] for node in each["nodes"][:2]]) for each in found]
        assert nodes == [], (what, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (what, width)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_both_pages_are_accessible_and_fit_at_every_width(page: Page, world: World, anna: Character, live_server: Any):
    add_lookalike(world.video, of=2, start=150)
    open_character(page, live_server, anna)
    check(page, "character")
    page.keyboard.press("Tab")
    page.locator("[data-tick]").first.focus()
    page.keyboard.press("m")
    expect(page.locator("[data-move-dialog]")).to_be_visible()
    check(page, "chooser")
    page.keyboard.press("Escape")
    page.locator("[data-open-track]").first.click()
    expect(page.locator("[data-track-dialog]")).to_be_visible()
    check(page, "single faces")
    nobody = make_character(world.title, name="Nobody", is_kept=True)
    page.goto(f"{live_server.url}{reverse('character', args=[world.title.pk, nobody.pk])}")
    check(page, "nobody")
    open_questions(page, live_server, world)
    check(page, "questions")


def test_faces_are_ticked_as_a_range_and_moved_to_somebody_found_by_typing(
    page: Page, world: World, anna: Character, live_server: Any
):
    open_character(page, live_server, anna, "?order=doubt")
    boxes = page.locator("[data-tracks] [data-tick]")
    boxes.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#tracks-form [data-ticked]")).to_have_text("2 ticked")
    page.keyboard.press("m")
    page.keyboard.type("be")
    expect(page.locator("[data-choices] [aria-selected=true]")).to_contain_text("Bea")
    page.keyboard.press("Enter")
    expect(page.locator("#appearances-heading")).to_have_text("4 appearances")
    expect(boxes).to_have_count(4)
    assert page.evaluate("document.activeElement.matches('[data-tick]')"), "the next face has the focus"
    assert Character.objects.get(name="Bea").tracks.count() == 8
    page.keyboard.press("Control+z")
    expect(boxes).to_have_count(6)
    assert anna.tracks.count() == 6


def test_a_new_person_is_made_by_a_name_that_nobody_has(page: Page, world: World, anna: Character, live_server: Any):
    open_character(page, live_server, anna)
    page.locator("[data-tick]").nth(4).check()
    page.keyboard.press("m")
    page.keyboard.type("Cleo")
    page.keyboard.press("Enter")
    expect(page.locator("#side-cast")).to_contain_text("Cleo")
    assert Character.objects.get(name="Cleo").tracks.count() == 1


def test_one_key_says_what_the_focused_face_is(page: Page, world: World, anna: Character, live_server: Any):
    open_character(page, live_server, anna)
    boxes = page.locator("[data-tracks] [data-tick]")
    first = int(boxes.first.get_attribute("value") or 0)
    boxes.first.focus()
    page.keyboard.press("c")
    expect(page.locator(f"#track-{first}")).to_contain_text("Confirmed")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(boxes).to_have_count(5)
    assert FaceTrack.objects.filter(is_face=False).count() == 1
    page.keyboard.press("s")
    expect(boxes).to_have_count(4)
    assert Character.objects.count() == 3
    for _ in range(2):
        page.locator("#tracks-form").get_by_role("button", name="Undo").click()
    expect(boxes).to_have_count(6)


def test_faces_are_dragged_onto_somebody(page: Page, world: World, anna: Character, live_server: Any):
    open_character(page, live_server, anna)
    bea = Character.objects.get(name="Bea")
    page.locator("[data-tick]").nth(4).check()
    page.locator("[data-tick]").nth(5).check()
    page.locator("[data-track]").nth(5).drag_to(page.locator(f'[data-give="{bea.pk}"]'))
    expect(page.locator("#appearances-heading")).to_have_text("4 appearances")
    assert bea.tracks.count() == 8


def test_enter_opens_the_film_at_the_frame(page: Page, world: World, anna: Character, live_server: Any):
    open_character(page, live_server, anna)
    page.locator("[data-tick]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/titles/{world.title.pk}/?video={world.video.pk}&frame=4")


def test_a_name_is_edited_where_it_stands_and_somebody_elses_asks_for_merging(
    page: Page, world: World, anna: Character, live_server: Any
):
    open_character(page, live_server, anna)
    name = page.get_by_label("Name", exact=True)
    name.fill("Annette")
    name.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Annette")
    expect(page).to_have_title(f"Annette · {world.title.name} · AVA")
    name.fill("bea")
    page.get_by_role("button", name="Merge with Bea").click()
    bea = Character.objects.get(name="Bea")
    page.wait_for_url(f"**/people/{bea.pk}/**")
    expect(page.locator("#appearances-heading")).to_have_text("12 appearances")


def test_single_faces_of_an_appearance_are_moved(page: Page, world: World, anna: Character, live_server: Any):
    track = make_track(
        world.video, person=1, character=anna, start_frame=800, end_frame=850, looks=[800, 820, 840], shot_index=90
    )  # fmt: skip
    open_character(page, live_server, anna, f"?track={track.pk}")
    dialog = page.locator("[data-track-dialog]")
    expect(dialog.locator("[data-tick]")).to_have_count(3)
    dialog.locator("[data-tick]").nth(2).check()
    page.keyboard.press("m")
    page.keyboard.type("Bea")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    bea = Character.objects.get(name="Bea")
    assert bea.tracks.filter(faces__frame_index=840).count() == 1
    page.wait_for_url(lambda address: "track=" not in address)


def test_the_proposal_to_split_is_taken_with_one_click(page: Page, world: World, live_server: Any):
    mixed = make_character(world.title, name="Mixed")
    add_tracks(world.video, mixed, person=1, count=8)
    add_tracks(world.video, mixed, person=2, count=5, start=50)
    open_character(page, live_server, mixed)
    expect(page.get_by_role("heading", name="Two people?")).to_be_visible()
    page.get_by_role("button", name="Split", exact=True).click()
    expect(page.locator("#appearances-heading")).to_have_text("8 appearances")
    expect(page.get_by_role("heading", name="Two people?")).to_have_count(0)


def test_many_appearances_come_as_the_page_is_scrolled(page: Page, world: World, live_server: Any):
    anna = make_character(world.title)
    add_tracks(world.video, anna, person=1, count=250)
    open_character(page, live_server, anna)
    boxes = page.locator("[data-tracks] [data-tick]")
    for shown in (240, 250):
        page.locator("[data-more]").scroll_into_view_if_needed()
        expect(boxes).to_have_count(shown)
    assert len(set(boxes.evaluate_all("boxes => boxes.map((box) => box.value)"))) == 250
    expect(page.locator("[data-more]")).to_have_count(0)


def add_questions(world: World, *, count: int) -> None:
    """So many pairs of characters who may be one person."""
    for number in range(count):
        start = 20 * number
        add_tracks(world.video, make_character(world.title), person=10 + number, count=6, start=start)
        add_lookalike(world.video, of=10 + number, start=start + 10, toward=90 + number)


def test_questions_are_answered_by_one_key_each_and_undone(page: Page, world: World, live_server: Any):
    add_questions(world, count=4)
    open_questions(page, live_server, world)
    place, shown = page.locator("[data-place]"), page.locator("[data-question]:not([hidden])")
    expect(place).to_have_text("1 of 4")
    keys = [shown.get_attribute("data-question")]
    page.keyboard.press("n")
    expect(place).to_have_text("2 of 4")
    expect(shown).to_be_focused()
    keys.append(shown.get_attribute("data-question"))
    page.keyboard.press("y")
    expect(place).to_have_text("3 of 4")
    keys.append(shown.get_attribute("data-question"))
    page.keyboard.press("s")
    expect(place).to_have_text("3 of 3")
    assert len(set(keys)) == 3
    page.wait_for_load_state("networkidle")
    assert Difference.objects.filter(stands=True).count() == 1
    assert Character.objects.exclude(merged_into=None).count() == 1
    page.keyboard.press("Control+z")
    expect(shown).to_have_attribute("data-question", keys[2] or "")
    page.keyboard.press("Control+z")
    expect(shown).to_have_attribute("data-question", keys[1] or "")
    expect(shown).to_be_focused()
    page.wait_for_load_state("networkidle")
    assert Character.objects.exclude(merged_into=None).count() == 0


def test_the_next_question_has_the_focus_before_the_server_has_answered(page: Page, world: World, live_server: Any):
    add_questions(world, count=3)
    open_questions(page, live_server, world)
    page.route("**/people/do/", lambda route: (page.wait_for_timeout(700), route.continue_()))
    first = page.locator("[data-question]:not([hidden])").get_attribute("data-question")
    waited_ms = page.evaluate(
        """async (first) => {
            const start = performance.now();
            document.querySelector("[data-question]:not([hidden]) [data-answer=no]").click();
            while (document.activeElement.dataset.question === first || !document.activeElement.dataset.question)
                await new Promise(requestAnimationFrame);
            return performance.now() - start;
        }""",
        first,
    )
    assert waited_ms < 300
    expect(page.locator("[data-place]")).to_have_text("2 of 3")


def test_the_last_answer_ends_the_questions(page: Page, world: World, live_server: Any):
    add_questions(world, count=1)
    open_questions(page, live_server, world)
    page.keyboard.press("y")
    expect(page.locator("[data-nothing]")).to_be_focused()
    expect(page.locator("[data-nothing]")).to_contain_text("You answered 1 question")
    expect(page.get_by_role("link", name="Back to the people")).to_be_visible()
