"""The review of pixel flags in a real browser: judged from the keyboard, at once, by two people without collisions."""

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from ava.models import User
from qc.models import FlagClaim, FlagPatch, PixelDecision, PixelFlag
from qc.pixel.patches import PATCH_SIDE_PX, Patch, pack_patch
from tests.chromium import needs_chromium, sign_in, start_chromium
from tests.world import World, make_person, make_pixel_flag, make_world

pytestmark = needs_chromium(timeout_s=180)
FLAGS = 8


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture
def world(hints: list[Any]) -> World:
    """Eight flags with patches, lit in the middle of the middle frame; three of them at one place."""
    world = make_world("pixels")
    world.pixel_flag.delete()
    pixels = np.full((5, PATCH_SIDE_PX, PATCH_SIDE_PX, 3), 128, np.uint8)
    pixels[..., 0], pixels[2, 24, 24, 0] = 40, 235
    for number in range(FLAGS):
        place = {"x": 50.0, "y": 40.0} if number >= FLAGS - 3 else {"x": 100.0 + 20 * number, "y": 200.0}
        flag = make_pixel_flag(world.video, frame=10 + number, confidence=0.9 - number / 100, **place)
        patch = Patch(int(flag.x) - 24, int(flag.y) - 24, pixels)
        FlagPatch.objects.create(flag=flag, x0=patch.x0, y0=patch.y0, side_px=PATCH_SIDE_PX, pixels=pack_patch(patch))
    return world


def open_review(browser: Browser, live_server: Any, world: World, user: User, **options: Any) -> Page:
    """The review page of somebody, with grey whole frames: the film's file does not exist."""
    grey = io.BytesIO()
    Image.new("RGB", (640, 360), (70, 70, 70)).save(grey, "PNG")
    page = sign_in(browser, live_server, user, **options).new_page()
    picture = {"body": grey.getvalue(), "content_type": "image/png"}
    page.route(re.compile(r"/frames/\d+\.jpg"), lambda route: route.fulfill(**picture))
    page.goto(f"/titles/{world.title.pk}/pixels/review/")
    expect(page.locator(".flag:not([hidden]) .patch-canvas")).to_be_visible(timeout=20_000)
    return page


@pytest.fixture
def page(browser: Browser, live_server: Any, world: World) -> Iterator[Page]:
    page = open_review(browser, live_server, world, world.reviewer)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []


def shown(page: Page) -> int:
    return int(page.locator(".flag:not([hidden])").get_attribute("data-flag") or 0)


def wait_for_ahead(page: Page) -> None:
    expect(page.locator(".flag[hidden] .patch-canvas").nth(1)).to_be_attached(timeout=20_000)


def flags() -> list[PixelFlag]:
    return list(PixelFlag.objects.order_by("-confidence"))


def test_keys_judge_flag_after_flag_and_undo_brings_one_back(page: Page, world: World) -> None:
    first, second, third = flags()[:3]
    wait_for_ahead(page)
    waiting: list[Route] = []
    page.route(re.compile("/decide/$"), lambda route: waiting.append(route))
    page.keyboard.press("y")
    expect(page.locator(f"#flag-{second.pk}")).to_be_visible()  # before the server has answered
    page.unroute(re.compile("/decide/$"))
    assert not PixelDecision.objects.exists()
    waiting[0].continue_()
    page.keyboard.press("n")
    expect(page.locator(f"#flag-{third.pk}")).to_be_visible()
    expect(page.locator("[data-progress]")).to_have_text(f"2 of {FLAGS}")
    assert page.url.endswith(f"flag={third.pk}")
    assert dict(PixelDecision.objects.values_list("flag", "verdict")) == {first.pk: "confirmed", second.pk: "rejected"}
    page.keyboard.press("Control+z")
    expect(page.locator(f"#flag-{second.pk}")).to_be_visible()
    expect(page.locator("[data-progress]")).to_have_text(f"1 of {FLAGS}")
    expect(page.locator("[data-announce]")).to_contain_text("Taken back")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(f"#flag-{third.pk}")).to_be_visible()  # what comes after the one that is judged again
    expect(page.locator("[data-progress]")).to_have_text(f"2 of {FLAGS}")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#flag-{second.pk}")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(f"#flag-{third.pk}")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(f"#flag-{second.pk}")).to_be_visible()


def test_one_word_for_all_at_a_place(page: Page, world: World, live_server: Any) -> None:
    same = flags()[-3:]
    page.goto(f"{live_server.url}/titles/{world.title.pk}/pixels/review/?flag={same[0].pk}")
    expect(page.locator(".patch-canvas").first).to_be_visible()
    wait_for_ahead(page)
    page.keyboard.press("a")
    expect(page.locator(".flag:not([hidden]) [data-scope-hint]")).to_contain_text("P: all 3 at this place")
    page.keyboard.press("p")
    expect(page.locator(".flag:not([hidden]) [data-verdict=rejected]")).to_contain_text("Reject all 3")
    page.keyboard.press("n")
    expect(page.locator("#notices")).to_contain_text("3 flags are rejected")
    assert list(PixelFlag.objects.filter(state="rejected").order_by("-confidence")) == same
    expect(page.locator(".flag:not([hidden]) [name=scope][value=one]")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(page.locator(f"#flag-{same[0].pk}")).to_be_visible()
    assert not PixelFlag.objects.exclude(state="open").exists()


def test_frames_blink_in_place_until_they_are_stopped_and_stepped(page: Page) -> None:
    flag = page.locator(".flag:not([hidden])")
    middle = "canvas => canvas.getContext('2d').getImageData(24, 24, 1, 1).data[0]"
    canvas = flag.locator(".patch-canvas")
    expect(flag.locator("[data-shown]")).to_contain_text("+1")  # comes by itself
    page.keyboard.press("Space")
    expect(flag.locator(".patch-stage.is-flagged")).to_be_visible()
    assert canvas.evaluate(middle) > 200
    page.keyboard.press(",")
    expect(flag.locator("[data-shown]")).to_contain_text("−1")
    assert canvas.evaluate(middle) < 100
    page.keyboard.press(".")
    page.keyboard.press("d")
    assert canvas.evaluate(middle) == 255
    zoomed = "canvas => canvas.getBoundingClientRect().width"
    before = canvas.evaluate(zoomed)
    page.keyboard.press("+")
    assert canvas.evaluate(zoomed) == before / 12 * 16
    page.keyboard.press("]")
    expect(flag.locator('[data-said="gamma"]')).to_have_text("1.2")
    assert "is-toned" in (page.locator("[data-pixel-review]").get_attribute("class") or "")


def test_who_prefers_less_motion_gets_a_still_flag(browser: Browser, live_server: Any, world: World) -> None:
    page = open_review(browser, live_server, world, world.reviewer, reduced_motion="reduce")
    expect(page.locator(".flag:not([hidden]) [data-do=blink]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".flag:not([hidden]) .is-flagged")).to_be_visible()
    page.context.close()


def test_two_reviewers_never_have_the_same_flag(page: Page, browser: Browser, live_server: Any, world: World) -> None:
    wait_for_ahead(page)
    second = make_person("second", team=world.team, role="reviewer")
    other = open_review(browser, live_server, world, second)
    wait_for_ahead(other)
    held = list(FlagClaim.objects.values_list("user", "flag"))
    assert len({user for user, _ in held}) == 2 and len({flag for _, flag in held}) == len(held)
    assert shown(page) != shown(other)
    other.goto(f"{live_server.url}/titles/{world.title.pk}/pixels/review/?flag={shown(page)}")
    expect(other.locator("[data-held]")).to_contain_text("has this flag before them")
    expect(other.locator(".flag:not([hidden]) .patch-canvas")).to_be_visible(timeout=20_000)
    other.keyboard.press("y")
    expect(other.locator("#notices")).to_contain_text("A colleague has this flag")
    other.context.close()
    assert not PixelDecision.objects.exists()


def test_a_missed_error_is_marked_with_the_cross(page: Page) -> None:
    flag = flags()[0]
    page.keyboard.press("m")
    for key in ("ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#notices")).to_contain_text("Added: a pixel error")
    added = PixelFlag.objects.exclude(added_by=None).get()
    assert (added.x, added.y, added.frame_index) == (flag.x + 1, flag.y + 10, flag.frame_index)


def test_review_and_list_are_accessible_and_fit_at_every_width(page: Page, world: World, live_server: Any) -> None:
    for path in ("review/", ""):
        page.goto(f"{live_server.url}/titles/{world.title.pk}/pixels/{path}")
        page.wait_for_load_state("networkidle")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"], each["nodes"][0]["target"]) for each in found] == [], path
