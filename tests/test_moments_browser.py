"""Moments in a real browser: looked at and picked by keys, played again and again, narrowed, and made a string-out."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ava.models import Job, Shot, Team, Video, WorkState
from search.models import Reel
from search.reels import standing_clips
from tests.chromium import needs_chromium, no_script_may_fail, open_page
from tests.films import make_title, store_video
from tests.footage import write_film
from tests.world import make_person

pytestmark = needs_chromium(timeout_s=240)

LENGTHS = (40, 30, 50, 25, 55)
STARTS = tuple(sum(LENGTHS[:at]) for at in range(len(LENGTHS)))


@pytest.fixture
def film(hints: list[tuple[Any, ...]], tmp_path: Any) -> Video:
    """Five shots; nothing is known of them but their lengths, so that without variety the longest come first."""
    team = Team.objects.create(name="Team")
    path = write_film(tmp_path / "film.webm", codec="libvpx", frames=sum(LENGTHS), width=160, height=90)
    film = store_video(path, title=make_title("Zwölf", team=team))
    Shot.objects.bulk_create(
        Shot(video=film, index=index, start_frame=start, end_frame=start + length, transition="cut")
        for index, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True))
    )
    Job.objects.create(video=film, state=WorkState.DONE)
    return film


@pytest.fixture
def page(chromium: Browser, live_server: Any, film: Video) -> Iterator[Page]:
    with (
        open_page(chromium, live_server, make_person("anna", team=Team.objects.get())) as page,
        no_script_may_fail(page),
    ):
        page.goto(f"/titles/{film.title_id}/moments/?variety=0&spoiler=0")
        page.wait_for_selector("html[data-bound]")
        yield page


def has_focus(page: Page, shot: int) -> None:
    """The card of a shot has the focus, and the shot is the one that is told of."""
    expect(page.locator(f"#shot-{STARTS[shot]} [data-open]")).to_be_focused()
    expect(page.locator("#monitor-facts h2")).to_contain_text(f"Shot {shot + 1} ")


def test_shots_are_looked_at_played_and_picked_by_keys_and_made_a_string_out(page: Page, film: Video) -> None:
    cards = page.locator("[data-hits] [data-shot]")
    assert cards.evaluate_all("cards => cards.map((card) => Number(card.dataset.shot))") == [4, 2, 0, 1, 3]
    page.keyboard.press("ArrowRight")
    has_focus(page, 2)
    page.keyboard.press("p")
    expect(page.locator("[data-picked-count]")).to_have_text("1 picked")
    page.keyboard.press("End")
    has_focus(page, 3)
    page.keyboard.press("p")
    expect(page.locator("[data-picked-length]")).to_have_text("3.0 s")
    expect(page.locator("#monitor-facts [data-pick]")).to_have_attribute("aria-pressed", "true")

    # The shortest shot plays within its frames, and begins again.
    page.evaluate("""() => {
      window.seen = [];
      const frame = document.querySelector('.frame-count [data-frame]');
      new MutationObserver(() => seen.push(Number(frame.textContent))).observe(frame, { childList: true });
    }""")
    page.keyboard.press(" ")
    page.wait_for_function(f"seen.filter((frame) => frame === {STARTS[3]}).length >= 2")
    page.keyboard.press(" ")
    expect(page.locator('[data-do="play"]')).to_have_attribute("data-playing", "false")
    assert min(page.evaluate("seen")) == STARTS[3]
    page.click('[data-do="shot-on"]')
    expect(page.locator("#monitor-facts h2")).to_contain_text("Shot 5 ")

    page.fill("#spoiler", "60")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(2)
    expect(page.locator("[data-kept-back]")).to_be_visible()
    expect(page.locator("[data-picked-count]")).to_have_text("2 picked")
    page.wait_for_url(f"**picked={STARTS[2]}%2C{STARTS[3]}**")
    assert "spoiler=60" in page.url

    page.click("[data-clear-picks]")
    expect(page.locator("[data-picked-count]")).to_have_text("Nothing picked")
    page.go_back()
    expect(page.locator("[data-picked-count]")).to_have_text("2 picked")
    page.fill("[name=length_s]", "5")
    page.click("#string-out .primary")
    page.wait_for_url("**/reels/*/")
    starts = [clip.in_frame for clip in standing_clips(Reel.objects.get())]
    picked = [start for start in starts if STARTS[2] <= start < STARTS[4]]
    assert len(picked) >= 2 and picked == sorted(picked), "picked shots come, though they are kept back"


def test_a_click_on_the_line_plays_the_shot_there_and_an_address_holds_all(page: Page, film: Video) -> None:
    canvas = page.locator(".moments-line canvas[role=slider]")
    box = canvas.bounding_box()
    assert box is not None
    x = box["width"] * (STARTS[1] + 10) / sum(LENGTHS)
    canvas.click(position={"x": x, "y": box["height"] - 20})
    expect(page.locator("#monitor-facts h2")).to_contain_text("Shot 2 ")
    expect(page.locator('[data-do="play"]')).to_have_attribute("data-playing", "true")
    page.keyboard.press(" ")
    page.click(f"#shot-{STARTS[4]} [data-pick]")
    page.click(f"#shot-{STARTS[0]} [data-pick]", modifiers=["Shift"])
    expect(page.locator("[data-picked-count]")).to_have_text("3 picked")
    page.reload()
    page.wait_for_selector("html[data-bound]")
    expect(page.locator("[data-picked-count]")).to_have_text("3 picked")
    expect(page.locator("#monitor-facts h2")).to_contain_text("Shot 2 ")
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"]) for each in found] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
