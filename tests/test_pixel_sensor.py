"""The sensor map and quality control's first page: what they show, to whom, and in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route

from qc.models import PixelFlag, PixelReview
from qc.pixel.sensor_grid import Box, count_cells, fill_strip, zoom_box
from tests.chromium import needs_chromium, open_page
from tests.world import World, make_film, make_person, make_pixel_flag, make_world

SEEN = "/titles/{}/pixels/sensor/"


def test_cells_count_the_flags_of_a_box_and_no_others() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 100, (2, 500))
    box = Box(20, 10, 60, 50)
    cells = count_cells([*x, np.nan, 1e300], y=[*y, 1.0, 5.0], box=box, columns=8)
    inside = (x + 0.5 >= 20) & (x + 0.5 < 60) & (y + 0.5 >= 10) & (y + 0.5 < 50)
    assert sum(cell.flag_count for cell in cells) == inside.sum()
    first = cells[0]
    in_first = (x + 0.5 >= first.x) & (x + 0.5 < first.x + 5) & (y + 0.5 >= first.y) & (y + 0.5 < first.y + 5)
    assert first.side == 5 and first.flag_count == in_first.sum()
    assert count_cells([], y=[], box=box) == []


@pytest.mark.parametrize(
    ("spans", "frames", "runs"),
    [
        ([(0, 100)], 100, [(0, 10)]), ([(95, 300)], 100, [(9, 10)]), ([(0, 1), (50, 51)], 100, [(0, 1), (5, 6)]),
        ([(0, 1), (10, 20), (20, 21)], 100, [(0, 3)]), ([(5, 5), (-9, -1), (200, 300)], 100, []), ([(0, 9)], 0, []),
        ([(3, 4)], 5, [(6, 8)]),
    ],
)  # fmt: skip
def test_strips_are_filled_where_something_shows(
    spans: list[tuple[int, int]], frames: int, runs: list[tuple[int, int]]
) -> None:
    assert fill_strip(spans, frame_count=frames, bins=10) == runs


def test_zooming_keeps_the_picture_s_shape_and_stays_inside() -> None:
    whole = Box(0, 0, 640, 360)
    near = zoom_box(Box(600, 340, 640, 360), width=640, height=360, factor=2.0)
    assert near == (560, 315, 640, 360)
    assert zoom_box(near, width=640, height=360, factor=100.0) == whole
    assert zoom_box(near, width=640, height=360, factor=0.001).width == 24
    assert zoom_box(Box(0, 0, 10, 5), width=10, height=5, factor=0.1) == (0, 0, 10, 5)


@pytest.fixture
def world(db: None) -> World:
    """A title with a place of four flags in two films, a stuck pixel, and two flags on their own."""
    return make_sensor_world()


def make_sensor_world() -> World:
    world = make_world("s")
    PixelFlag.objects.all().delete()
    other = make_film(world.title, name="b.mp4")
    for video, frame, off, state in (
        (world.video, 10, 0.0, "open"), (world.video, 40, 0.4, "confirmed"), (world.video, 70, -0.3, "open"),
        (other, 5, 0.2, "disputed"),
    ):  # fmt: skip
        make_pixel_flag(video, frame=frame, x=200 + off, y=100 - off, state=state)
    make_pixel_flag(world.video, frame=0, x=400, y=300, kind="stuck", spans=[[0, 30], [60, 90]])
    make_pixel_flag(world.video, frame=3, x=10, y=10, state="rejected")
    make_pixel_flag(world.video, frame=3, x=600, y=20, state="unsure")
    return world


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(world: World, *, user: Any = None, **query: Any) -> Any:
    answer = signed_in(user or world.editor).get(SEEN.format(world.title.pk), query)
    assert answer.status_code == 200
    return answer.context["page"]


def test_places_where_flags_come_back_are_listed_with_what_is_known_of_them(world: World) -> None:
    page = shown(world)
    assert (page.total, page.place_count, page.single_count) == (7, 2, 2)
    fullest, stuck = page.places
    assert (fullest.number, fullest.flag_count, fullest.frame_count, fullest.is_stuck) == (1, 4, 4, False)
    assert (fullest.x, fullest.y) == pytest.approx((200.075, 99.925))
    assert [(each.state, each.count) for each in fullest.states] == [("open", 2), ("confirmed", 1), ("disputed", 1)]
    assert stuck.is_stuck and (stuck.flag_count, stuck.frame_count) == (1, 60)
    flag = PixelFlag.objects.get(frame_index=10)
    assert fullest.review_address.endswith(f"?order=place&state=all&flag={flag.pk}")
    count = sum(video.frame_count for video in world.title.videos.all())
    ends = [int(end) for end in re.findall(r"H(\d+)", stuck.strip)]
    assert ends == [-(-30 * 200 // count), -(-90 * 200 // count)]


def test_every_flag_is_drawn_once_by_kind_and_state(world: World) -> None:
    page = shown(world)
    drawn = {(spots.kind, spots.state): spots.path.count("M") for spots in page.spots}
    assert drawn == {
        ("hot", "open"): 2, ("hot", "confirmed"): 1, ("hot", "disputed"): 1, ("hot", "rejected"): 1,
        ("hot", "unsure"): 1, ("stuck", "open"): 1,
    }  # fmt: skip
    assert {row.label: row.count for row in page.legend}["Stuck, open"] == 1
    assert next(spots.path for spots in page.spots if spots.state == "rejected") == "M10.50 10.50h0"


def test_filters_and_the_part_that_is_seen_stand_in_the_address(world: World) -> None:
    assert shown(world, state="open").total == 3
    assert shown(world, kind="stuck").total == 1
    assert shown(world, video=world.video.pk).total == 6
    part = shown(world, box="0,0,160,90")
    assert (part.total, part.seen, part.is_zoomed) == (7, 1, True)
    assert part.query.box == (0, 0, 160, 90)
    words = part.query.words(state="open")
    assert "box=0.0%2C0.0%2C160.0%2C90.0" in words and "state=open" in words


def test_a_crowd_is_counted_by_cells_and_drawn_one_by_one_when_zoomed_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qc.sensor_pages.MOST_SPOTS", 4)
    page = shown(world)
    assert sum(drawn.cell.flag_count for drawn in page.cells) == 7 and page.points == ()
    assert sum(spots.path.count("M") for spots in page.spots) == 2
    near = shown(world, box="0,0,160,90")
    assert near.cells == () and [point[1:3] for point in near.points] == [(10.5, 10.5)]


@pytest.mark.parametrize(
    "query",
    [
        {"box": "a,b"}, {"box": "nan,0,1,1"}, {"box": "1e300,0,2e300,5"}, {"box": "5,5,1,1"}, {"box": "\x00"},
        {"state": "\x00", "kind": "x", "video": "\x00"}, {"video": "9" * 40}, {"size": "0x0"}, {"page": "-1"},
        {"page": "9" * 40},
    ],
)  # fmt: skip
def test_what_an_address_says_wrongly_is_ignored(world: World, query: dict[str, str]) -> None:
    page = shown(world, **query)
    assert (page.total, page.query.box, page.page) == (7, page.query.sensor.whole, 1)


def test_films_of_another_size_have_a_map_of_their_own(world: World) -> None:
    film = make_film(world.title, name="c.mp4")
    film.width, film.height = 320, 180
    film.save()
    make_pixel_flag(film, frame=2, x=200, y=100)
    assert [sensor.name for sensor in shown(world).sensors] == ["640x360", "320x180"]
    assert shown(world).total == 7 and shown(world, size="320x180").total == 1
    assert shown(world, video=film.pk).query.sensor.name == "320x180"


def test_a_title_without_films_and_one_without_flags_say_so(world: World) -> None:
    PixelFlag.objects.all().delete()
    client = signed_in(world.editor)
    assert b"No flags yet" in client.get(SEEN.format(world.title.pk)).content
    world.title.videos.all().delete()
    assert b"No film yet" in client.get(SEEN.format(world.title.pk)).content


def test_outsiders_see_neither_map_nor_titles(world: World) -> None:
    client = signed_in(make_person("out", team=make_world("o").team, role="reviewer"))
    assert client.get(SEEN.format(world.title.pk)).status_code == 404
    assert "title-s" not in client.get(reverse("qc-home")).content.decode()


def test_the_first_page_counts_what_waits_for_whom(world: World) -> None:
    page = signed_in(world.reviewer).get(reverse("qc-home")).context["page"]
    (row,) = page.rows.object_list
    assert (row.waiting, row.total, row.settled, row.percent, page.waiting) == (3, 7, 3, 42, 3)
    assert page.model is None
    page = signed_in(world.administrator).get(reverse("qc-home")).context["page"]
    assert page.rows.object_list[0].waiting is None and page.waiting == 0
    PixelReview.objects.create(title=world.title, reviews_wanted=2)
    page = signed_in(world.reviewer).get(reverse("qc-home")).context["page"]
    assert page.waiting == 4  # the disputed one as well, of which the reviewer has not spoken


def test_those_who_review_or_administer_are_led_to_it_and_editors_not(world: World) -> None:
    for user, is_led in (
        (world.reviewer, True), (world.administrator, True), (make_person("root", is_superuser=True), True),
        (world.editor, False),
    ):  # fmt: skip
        page = signed_in(user).get(reverse("titles")).content.decode()
        assert (f'href="{reverse("qc-home")}"' in page) == is_led


@pytest.fixture
def page(chromium: Browser, live_server: Any, transactional_db: None) -> Iterator[Page]:
    world = make_sensor_world()
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="36"><rect width="64" height="36"/></svg>'
    with open_page(chromium, live_server, world.reviewer) as page:
        page.route(re.compile(r"/frames/\d+\.jpg"), lambda route: _show(route, picture))
        page.goto(SEEN.format(world.title.pk))
        page.locator("html[data-bound]").wait_for()  # a key pressed before that is pressed for nobody
        yield page


def _show(route: Route, picture: bytes) -> None:
    route.fulfill(body=picture, content_type="image/svg+xml")


class TestInChromium:
    pytestmark = needs_chromium(timeout_s=90)

    def test_the_map_zooms_by_wheel_keys_and_buttons_and_opens_flags(self, page: Page) -> None:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        frame = page.locator("[data-sensor-frame]")
        frame.focus()
        page.keyboard.press("+")
        page.wait_for_url(re.compile("box=160.0%2C90.0%2C480.0%2C270.0"))
        page.locator("#sensor-said", has_text="4 of 7 flags in this part").wait_for()
        assert page.evaluate("document.activeElement.matches('[data-sensor-frame]')")
        page.get_by_role("link", name="Whole picture").click()
        page.wait_for_url(re.compile(r"/sensor/$"))
        page.locator("#sensor-said", has_text=re.compile("^7 flags")).wait_for()
        edge = frame.bounding_box()
        assert edge is not None
        at = (edge["x"] + edge["width"] * 400.5 / 640, edge["y"] + edge["height"] * 300.5 / 360)
        page.mouse.move(*at)
        assert page.locator("[data-sensor-tip]").inner_text() == "Stuck at 400, 300, frame 0"
        page.mouse.wheel(0, -400)
        page.wait_for_url(re.compile("box="))
        page.mouse.move(at[0] + 1, at[1])  # what lay under the pointer still does
        assert page.locator("[data-sensor-tip]").inner_text() == "Stuck at 400, 300, frame 0"
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert [each["id"] for each in Axe().run(page).response["violations"]] == []
        page.set_viewport_size({"width": 1440, "height": 900})
        page.mouse.click(*at)
        page.wait_for_url(re.compile(r"/pixels/review/.*flag=\d+"))
        page.goto(reverse("qc-home"))
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
        assert errors == []
