"""The people page in a real browser: the graph, and a cast put right by mouse and by keyboard alone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from curation.graph_places import settle_places
from curation.models import Character, FaceTrack, PeopleAction
from tests.chromium import needs_chromium, sign_in
from tests.people_world import make_cast, make_character, make_track
from tests.world import World, make_film, make_world

pytestmark = needs_chromium(timeout_s=180)
NAMES = ("Ann", "Ben", "Cat", "Dan", "Eve", "Fay")


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    """A film of six named people, the most prominent first, and a poster."""
    world = make_world("ours")
    world.face_track.delete()
    world.job.delete()
    for index, name in enumerate(NAMES):
        character = make_character(world.title, name=name, importance="main" if index < 2 else "secondary")
        make_track(world.video, person=index, character=character, start_frame=0, end_frame=96 - 12 * index)
    poster = make_character(world.title, name="Poster")
    make_track(world.video, person=40, character=poster, start_frame=0, end_frame=100, is_static=True)
    settle_places(world.title)
    return world


@pytest.fixture
def visit(chromium: Browser, live_server: Any, world: World) -> Iterator[Callable[..., Page]]:
    """Open the people page as an editor."""
    opened: list[Page] = []

    def open_page(query: str = "", **context: Any) -> Page:
        page = sign_in(chromium, live_server, world.editor, **context).new_page()
        opened.append(page)
        page.goto(f"{live_server.url}{reverse('people', args=[world.title.pk])}{query}")
        if context.get("java_script_enabled", True):
            page.wait_for_function(
                "document.getElementById('do-merge')?.disabled ?? true"
            )  # the page's script is there
        return page

    yield open_page
    for page in opened:
        page.context.close()


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    return visit()


def of(name: str) -> Character:
    return Character.objects.get(name=name)


def row(page: Page, name: str) -> Locator:
    return page.locator(f"#cast-{of(name).pk}")


def node(page: Page, name: str) -> Locator:
    return page.locator(f"#node-{of(name).pk}")


def edge(page: Page, *names: str) -> Locator:
    first, second = sorted(of(name).pk for name in names)
    return page.locator(f'.edge[data-first="{first}"][data-second="{second}"]')


def tick(page: Page, *names: str) -> None:
    for name in names:
        row(page, name).locator("[data-tick]").check()


def check_page(page: Page, *, where: str) -> None:
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"]) for each in found] == [], (where, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)


def test_the_page_is_accessible_and_fits_with_few_many_and_no_people(visit: Callable[..., Page], world: World) -> None:
    check_page(visit(), where="six people")
    check_page(visit("?view=table"), where="table")
    crowd = make_film(world.title, name="crowd.mp4", frame_count=6000)
    make_cast(crowd, people=60, shots=240)
    for number in range(30):
        extra = make_character(world.title, importance="extra")
        make_track(crowd, person=90 + number, character=extra, start_frame=0, end_frame=9)
    settle_places(world.title)
    page = visit(f"?video={crowd.pk}")
    page.locator("#extras summary").click()
    check_page(page, where="crowd")
    FaceTrack.objects.all().delete()
    check_page(visit(), where="nobody")


def test_every_node_of_a_crowd_can_be_hit_and_all_pictures_are_there(visit: Callable[..., Page], world: World) -> None:
    crowd = make_film(world.title, name="crowd.mp4", frame_count=6000)
    make_cast(crowd, people=60, shots=240)
    settle_places(world.title)
    for width in (1440, 390):
        page = visit(f"?video={crowd.pk}&shown=60", viewport={"width": width, "height": 900})
        nodes = page.locator(".node")
        assert nodes.count() > 55
        missed = nodes.evaluate_all(
            """all => all.filter(node => {
                 node.scrollIntoView({ block: "center", behavior: "instant" });
                 const box = node.querySelector(".node-ring").getBoundingClientRect();
                 const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                 return hit?.closest(".node") !== node || box.width < 16;
               }).map(node => node.id)"""
        )
        assert missed == [], width


def test_pointing_at_somebody_lights_up_whom_they_meet_and_says_how_long(page: Page) -> None:
    node(page, "Ann").hover()
    expect(page.locator(".graph-drawing")).to_have_class(re.compile("is-lit"))
    expect(node(page, "Ben")).to_have_class(re.compile(r"\blit\b"))
    expect(node(page, "Ben").locator(".node-together")).to_have_text("3 s")
    caption = page.locator("[data-caption]")
    expect(caption).to_contain_text("Ann, main, 4 s on screen. Meets Ben (3 s), Cat (3 s), Dan (2 s)")
    expect(caption.get_by_role("link", name="All faces of Ann")).to_have_attribute(
        "href", reverse("character", args=[of("Ann").scope_id, of("Ann").pk])
    )
    page.mouse.move(5, 5)
    expect(page.locator(".graph-drawing")).not_to_have_class(re.compile("is-lit"))


def test_nodes_come_in_the_order_of_their_prominence_by_keyboard_and_light_up_too(page: Page) -> None:
    page.locator("#shown").focus()
    for name in NAMES:
        page.keyboard.press("Tab")
        expect(node(page, name)).to_be_focused()
        expect(node(page, name)).to_have_class(re.compile("chosen"))


def test_a_click_opens_the_stills_of_one_and_on_an_edge_those_of_two(page: Page, world: World) -> None:
    board = reverse("stills", args=[world.title.pk])
    node(page, "Cat").click()
    expect(page).to_have_url(re.compile(rf"{board}\?video={world.video.pk}&people={of('Cat').pk}$"))
    page.go_back()
    edge(page, "Ann", "Ben").dispatch_event("click")
    both = "&".join(f"people={pk}" for pk in sorted([of("Ann").pk, of("Ben").pk]))
    expect(page).to_have_url(re.compile(rf"{board}\?video={world.video.pk}&{both}&people_mode=all$"))


def test_the_slider_hides_the_least_prominent_at_once_and_the_address_remembers(page: Page) -> None:
    slider = page.locator("#shown")
    slider.focus()
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(page.locator(".graph-shown output")).to_have_text("4 of 6")
    expect(node(page, "Dan")).to_be_visible()
    expect(node(page, "Eve")).to_be_hidden()
    expect(edge(page, "Ann", "Eve")).to_be_hidden()
    assert "shown=4" in page.url
    page.reload()
    expect(node(page, "Dan")).to_be_visible()
    expect(node(page, "Eve")).to_be_hidden()


def test_the_weight_is_switched_without_losing_the_place(page: Page) -> None:
    page.evaluate("scrollTo({ top: 120, behavior: 'instant' })")
    page.get_by_role("link", name="In a shot").click()
    expect(page.locator("#together-shot")).to_have_attribute("aria-current", "true")
    assert "together=shot" in page.url
    assert page.evaluate("scrollY") == 120
    page.go_back()
    expect(page.locator("#together-frame")).to_have_attribute("aria-current", "true")


def test_a_name_is_written_in_place_left_by_escape_and_taken_back(page: Page) -> None:
    character, box = of("Cat"), row(page, "Cat").locator("[data-name]")
    row(page, "Cat").locator("[data-faces]").focus()
    page.keyboard.press("n")
    expect(box).to_be_focused()
    page.keyboard.type("Nobody")
    page.keyboard.press("Escape")
    expect(box).to_have_value("Cat")
    page.keyboard.press("n")
    page.keyboard.type("Catherine")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Catherine")
    expect(page.locator(f"#name-{character.pk}")).to_be_focused()
    expect(page.locator(f"#node-{character.pk} .node-name")).to_have_text("Catherine")
    page.locator(f"#faces-{character.pk}").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(f"#name-{character.pk}")).to_have_value("Cat")
    expect(page.locator(f"#faces-{character.pk}")).to_be_focused()
    assert PeopleAction.objects.filter(scope=character.scope, kind="name").exclude(sentence="action-ours").count() == 1


def test_ticked_people_are_merged_from_the_keyboard_and_parted_again(page: Page) -> None:
    row(page, "Eve").locator("[data-faces]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("[data-ticked-words]")).to_have_text("Eve and Fay")
    eve, fay = of("Eve"), of("Fay")
    page.keyboard.press("m")
    expect(page.locator(f"#cast-{fay.pk}")).to_have_count(0)
    expect(page.locator(f"#node-{fay.pk}")).to_have_count(0)
    expect(page.locator("[data-said]")).to_contain_text("Fay and Eve are one person")
    expect(page.locator("[data-tick]:checked")).to_have_count(0)
    fay.refresh_from_db()
    assert fay.merged_into_id == eve.pk
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#cast-{fay.pk}")).to_be_visible()


def test_one_dragged_onto_another_is_merged_into_them_and_the_mark_says_so(page: Page) -> None:
    dan, ben = of("Dan"), of("Ben")
    source, target = row(page, "Dan").locator("[data-faces]"), row(page, "Ben")
    target.scroll_into_view_if_needed()
    source.hover()
    page.mouse.down()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 20)
    page.mouse.move(box["x"] + 310, box["y"] + 24)
    expect(target).to_have_attribute("data-drop", "Merge Dan into Ben")
    page.mouse.up()
    expect(page.locator(f"#cast-{dan.pk}")).to_have_count(0)
    dan.refresh_from_db()
    assert dan.merged_into_id == ben.pk


def test_several_are_made_extras_in_one_action_that_one_undo_takes_back(page: Page) -> None:
    tick(page, "Cat", "Dan")
    page.get_by_role("button", name="Extra").click()
    expect(page.locator("[data-said]")).to_have_text("Cat and Dan are extras.")
    assert [of(name).importance for name in ("Cat", "Dan")] == ["extra", "extra"]
    page.keyboard.press("Control+z")
    expect(page.locator(f"#importance-{of('Cat').pk}")).to_have_value("secondary")
    assert [of(name).importance for name in ("Cat", "Dan")] == ["secondary", "secondary"]


def test_what_is_no_face_goes_and_comes_back(page: Page) -> None:
    poster = of("Poster")
    page.locator(f"#faces-{poster.pk}").focus()
    page.keyboard.press("x")
    expect(page.locator(f"#cast-{poster.pk}")).to_have_count(0)
    assert not poster.tracks.filter(is_face=True).exists()
    page.keyboard.press("Control+z")
    expect(page.locator(f"#cast-{poster.pk}")).to_be_visible()


def test_importance_and_lock_are_set_at_once(page: Page) -> None:
    page.locator(f"#importance-{of('Fay').pk}").select_option("main")
    expect(page.locator("[data-said]")).to_have_text("Fay is a main character.")
    lock = page.locator(f"#lock-{of('Fay').pk}")
    lock.press("Enter")
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(lock).to_be_focused()
    assert (of("Fay").importance, of("Fay").is_locked) == ("main", True)


def test_a_refusal_is_said_and_nothing_changes(page: Page) -> None:
    box = row(page, "Cat").locator("[data-name]")
    box.fill("Ann")
    box.press("Enter")
    expect(page.locator("#notices .error")).to_be_visible()
    expect(box).to_have_value("Cat")
    assert Character.objects.filter(name="Ann").count() == 1


def test_a_colleagues_change_comes_in_without_disturbing_what_is_being_done(page: Page, world: World) -> None:
    tick(page, "Ben", "Dan")
    box = row(page, "Cat").locator("[data-name]")
    box.fill("Half a na")
    page.evaluate("scrollTo({ top: 300, behavior: 'instant' })")
    scrolled = page.evaluate("scrollY")
    Character.objects.filter(name="Fay").update(name="Felicity")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(row(page, "Felicity").locator("[data-name]")).to_have_value("Felicity")
    expect(box).to_have_value("Half a na")
    expect(box).to_be_focused()
    expect(page.locator("[data-tick]:checked")).to_have_count(2)
    expect(page.locator("[data-ticked-words]")).to_have_text("Ben and Dan")
    assert page.evaluate("scrollY") == scrolled


def test_a_click_on_a_strip_goes_to_that_frame_of_the_film(page: Page, world: World) -> None:
    strip = page.locator(f"#strip-{of('Ann').pk}")
    box = strip.bounding_box()
    strip.click(position={"x": box["width"] * 0.5, "y": box["height"] / 2})
    expect(page).to_have_url(re.compile(rf"{world.title.get_absolute_url()}\?video={world.video.pk}&frame=(49|50|51)$"))


def test_without_scripts_people_are_named_and_merged_as_well(visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False)
    box = row(page, "Cat").locator("[data-name]")
    box.fill("Caterina")
    box.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Caterina")
    tick(page, "Dan", "Eve")
    page.locator("#merge-into").select_option(label="Ann")
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("#notices")).to_contain_text("are one person")
    assert set(Character.objects.filter(merged_into=of("Ann")).values_list("name", flat=True)) == {"Dan", "Eve"}
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "Dan")).to_be_visible()
