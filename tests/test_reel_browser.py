"""A reel in a real browser: played through, trimmed by keys, ordered, taken back, readable at every width, and live."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ava.models import Shot, Team
from search.models import Reel
from search.reels import add_clips, create_reel, note, standing_clips, take_out
from search.string_out_wishes import StringOutWish
from search.string_outs import make_string_out
from tests.chromium import needs_chromium, open_page
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = needs_chromium(timeout_s=240)


@pytest.fixture
def reel(hints: list[tuple[Any, ...]], tmp_path: Any) -> Reel:
    """Of two films: the frames 10–19 and 30–39 of one, 5–14 of the other, 40–49 taken out."""
    team = Team.objects.create(name="Team")
    user, title = make_user("anna", team=team), make_title("Zwölf", team=team)
    films = [
        store_video(
            write_film(tmp_path / f"{frames}.webm", codec="libvpx", frames=frames, width=160, height=90), title=title
        )
        for frames in (60, 70)
    ]
    reel = create_reel(team, name="A reel", user=user)
    spans = [(films[0].pk, 10, 20), (films[1].pk, 5, 15), (films[0].pk, 30, 40), (films[0].pk, 40, 50)]
    add_clips(reel, spans, user=user)
    take_out(standing_clips(reel)[3], user=user)
    return reel


@pytest.fixture
def page(chromium: Browser, live_server: Any, reel: Reel) -> Iterator[Page]:
    with open_page(chromium, live_server, reel.created_by) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


def order(reel: Reel) -> list[tuple[int, int]]:
    return [(clip.in_frame, clip.out_frame) for clip in standing_clips(reel)]


def test_a_reel_is_played_trimmed_ordered_and_taken_back_from_the_keyboard(page: Page, reel: Reel) -> None:
    for path in ("/reels/", f"/reels/{reel.pk}/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"]) for each in found] == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    page.set_viewport_size({"width": 1440, "height": 900})
    now, clock = page.locator("[data-now]"), page.locator("[data-clock]")
    expect(now).to_contain_text("1 of 3")
    watch = "new MutationObserver(() => seen.push(now.textContent[0])).observe(now, {childList: true})"
    now.evaluate(f"now => {{ window.seen = []; {watch}; }}")
    page.keyboard.press(" ")
    expect(clock).to_have_text("00:00:01:04 / 00:00:01:05", timeout=20_000)
    expect(page.locator('[data-act="play"]')).to_have_attribute("data-playing", "false")
    assert list(dict.fromkeys(page.evaluate("seen"))) == ["1", "2", "3"]

    page.keyboard.press("ArrowUp")
    expect(now).to_contain_text("2 of 3")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(clock).to_contain_text("00:00:00:12 /")
    page.keyboard.press("i")
    expect(clock).to_contain_text("/ 00:00:01:03")
    page.keyboard.press("}")
    page.keyboard.press("]")
    expect(page.locator(".reel-clip").nth(1)).to_contain_text(re.compile(r"00:00:00:08\D+00:00:00:16"))
    assert order(reel) == [(10, 20), (8, 16), (30, 40)]
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("#notices")).to_contain_text("Moved.")
    assert order(reel) == [(8, 16), (10, 20), (30, 40)]
    page.keyboard.press("Delete")
    expect(page.locator(".reel-clip")).to_have_count(2)
    expect(page.locator("summary", has_text="Taken out (2)")).to_be_visible()
    for said in ("you took a clip out", "you moved a clip", "you trimmed a clip"):
        page.keyboard.press("Control+z")
        expect(page.locator("#notices")).to_contain_text(f"Taken back: {said}.")
    assert order(reel) == [(10, 20), (7, 16), (30, 40)]
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#notices")).to_contain_text("Done again")
    assert order(reel) == [(10, 20), (8, 16), (30, 40)]


def test_clips_are_dragged_noted_and_trimmed_by_forms_and_previews_loop(page: Page, reel: Reel) -> None:
    page.goto(f"/reels/{reel.pk}/")
    expect(page.locator("[data-now]")).to_contain_text("1 of 3")
    clips = page.locator(".reel-clip")
    first = clips.nth(0).locator(".reel-picture")
    clips.nth(0).locator('input[name="text"]').fill("Not sent yet")
    clips.nth(0).locator('input[name="text"]').blur()
    clips.nth(2).locator(".reel-picture").drag_to(first, target_position={"x": 5, "y": 40})
    expect(page.locator("#notices")).to_contain_text("Moved.")
    assert order(reel) == [(30, 40), (10, 20), (5, 15)]
    expect(clips.nth(1).locator('input[name="text"]')).to_have_value("Not sent yet")
    clips.nth(1).locator('input[name="text"]').fill("Colder")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Noted.")
    clips.nth(1).locator("summary").click()
    clips.nth(1).locator('input[name="in_frame"]').fill("00:00:00:12")
    clips.nth(1).get_by_role("button", name="Trim", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Trimmed.")
    assert order(reel)[1] == (12, 20) and standing_clips(reel)[1].note == "Colder"
    expect(clips.nth(1)).to_contain_text("00:00:00:12")
    film = clips.nth(2).locator("video")
    film.hover()
    page.wait_for_function("film => !film.paused && film.currentTime > 0.4", arg=film.element_handle())
    page.wait_for_function("film => film.currentTime < 0.4", arg=film.element_handle())
    assert 0.19 <= film.evaluate("film => film.currentTime") <= 0.62


def test_a_string_out_is_fitted_and_proposed_again_beside_its_wanted_length(page: Page, reel: Reel) -> None:
    film = standing_clips(reel)[0].video
    edges = range(0, film.frame_count + 1, 10)
    Shot.objects.bulk_create(
        Shot(video=film, index=index, start_frame=start, end_frame=end, transition="cut")
        for index, (start, end) in enumerate(itertools.pairwise(edges))
    )
    wish = StringOutWish(film.pk, length_s=1, spoiler=0)
    made = make_string_out(film, wish, team=reel.team, user=reel.created_by, name="Shots")
    page.goto(f"/reels/{made.pk}/")
    clips, head = page.locator(".reel-clip"), page.locator("[data-reel-head]")
    expect(page.locator("[data-now]")).to_contain_text("1 of 2")
    expect(head).to_contain_text("of 1 s: 5 frames short")
    page.locator("summary", has_text="Propose again").click()
    assert Axe().run(page).response["violations"] == []
    clips.nth(1).get_by_role("button", name="Take clip 2 out").click()
    expect(head).to_contain_text("of 1 s: 15 frames short")
    page.get_by_label("Length in seconds").fill("5")
    page.get_by_role("button", name="Propose again").click()
    expect(head).to_contain_text("of 5 s: 3 s short")
    expect(clips).to_have_count(5)
    page.get_by_label("Add a moment like clip 1 behind it").click()
    expect(page.locator("#notices")).to_contain_text("No other shot of this film is left.")
    page.keyboard.press("Control+z")
    expect(head).to_contain_text("of 1 s: 15 frames short")
    page.keyboard.press("Control+z")
    expect(head).to_contain_text("of 1 s: 5 frames short")
    assert len(standing_clips(made)) == 2


def test_without_scripts_every_form_does_its_work(chromium: Browser, live_server: Any, reel: Reel) -> None:
    note(standing_clips(reel)[0], text="First", user=reel.created_by)
    with open_page(chromium, live_server, reel.created_by, java_script_enabled=False) as page:
        page.goto(f"/reels/{reel.pk}/")
        assert page.locator(".reel-clip video[controls]").count() == 3
        page.get_by_label("Move clip 1 one place to the end").click()
        expect(page.locator("#notices")).to_contain_text("Moved.")
        page.get_by_label("Take clip 3 out").click()
        page.locator("summary", has_text="Taken out").click()
        page.get_by_role("button", name="Bring the clip of").first.click()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#notices")).to_contain_text("Taken back: you brought a clip back.")
        assert order(reel) == [(5, 15), (10, 20)]
