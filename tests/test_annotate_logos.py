"""Logos: planted ones are found where they are, others are not, and brand names survive misreading."""

import numpy as np
import pytest

from ava.annotate.brand_words import find_brand_words
from ava.annotate.logos import LogoMatch, LogoMatcher
from tests.drawn_logos import draw_logos, plant
from tests.scenes import draw_scene

LOGOS = draw_logos()


@pytest.fixture(scope="module")
def matcher() -> LogoMatcher:
    return LogoMatcher(LOGOS)


def backdrop(number: int) -> np.ndarray:
    return draw_scene(number, frames=1, width=640, height=360)[0]


def overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Intersection over union."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)) - shared)


def look(matcher: LogoMatcher, name: str, *, width_px: float, seed: int) -> tuple[list[LogoMatch], tuple[float, ...]]:
    picture, box = plant(backdrop(seed), LOGOS[name], width_px=width_px, rng=np.random.default_rng(seed))
    return matcher.match(picture), box


@pytest.mark.parametrize("name", [name for name in LOGOS if name != "wordmark"])
@pytest.mark.parametrize("width_px", [70, 130, 260])
def test_a_planted_logo_is_found_in_its_place(matcher: LogoMatcher, name: str, width_px: float) -> None:
    found, box = look(matcher, name, width_px=width_px, seed=len(name) + int(width_px))
    assert [match.name for match in found] == [name]
    assert overlap(found[0].box, box) > 0.7
    assert found[0].quadrilateral.shape == (4, 2) and found[0].inliers >= 4
    assert 0.5 <= found[0].probability <= 1


def test_pictures_without_logos_give_no_alarm(matcher: LogoMatcher) -> None:
    assert [matcher.match(backdrop(seed)) for seed in range(20, 30)] == [[]] * 10


def test_other_logos_are_not_taken_for_the_one_looked_for() -> None:
    searched = LogoMatcher({"wave": LOGOS["wave"]})
    for name in set(LOGOS) - {"wave"}:
        assert look(searched, name, width_px=160, seed=3)[0] == []


def test_a_logo_that_is_there_twice_is_found_twice(matcher: LogoMatcher) -> None:
    rng = np.random.default_rng(4)
    left, first = plant(backdrop(4)[:, :320], LOGOS["shield"], width_px=110, rng=rng)
    right, second = plant(backdrop(5)[:, :320], LOGOS["shield"], width_px=110, rng=rng)
    found = matcher.match(np.concatenate([left, right], axis=1))
    second = (second[0] + 320, second[1], second[2] + 320, second[3])
    assert [match.name for match in found] == ["shield", "shield"]
    for box in (first, second):
        assert max(overlap(match.box, box) for match in found) > 0.7


def test_a_mirrored_logo_is_not_the_logo(matcher: LogoMatcher) -> None:
    picture, _ = plant(backdrop(6), LOGOS["plate"], width_px=200, rng=np.random.default_rng(6), most_view=0)
    assert matcher.match(np.ascontiguousarray(picture[:, ::-1])) == []


def test_places_are_those_of_the_picture_however_large_it_is(matcher: LogoMatcher) -> None:
    large = draw_scene(7, frames=1, width=2400, height=1350)[0]
    picture, box = plant(large, LOGOS["gear"], width_px=500, rng=np.random.default_rng(7))
    assert overlap(matcher.match(picture)[0].box, box) > 0.7


def test_matching_twice_gives_the_same(matcher: LogoMatcher) -> None:
    picture, _ = plant(backdrop(8), LOGOS["gear"], width_px=90, rng=np.random.default_rng(8))
    first, second = matcher.match(picture), matcher.match(picture)
    assert [match[:2] + match[3:] for match in first] == [match[:2] + match[3:] for match in second]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 200)])
def test_any_picture_and_any_logo_is_accepted(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    flat = np.full((*size, 3), 90, dtype=np.uint8)
    clear = np.zeros((*size, 4), dtype=np.uint8)
    searched = LogoMatcher({"noise": noise, "flat": flat, "clear": clear, **LOGOS})
    assert searched.match(flat) == []
    searched.match(noise)


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="RGB"):
        LogoMatcher({"wrong": wrong})


def test_brand_names_are_found_in_spite_of_misread_letters() -> None:
    lines = ["welcome to BELLAMAR", "0STW1ND motors", "Bella mar coffee", "Oztwind"]
    found = find_brand_words(lines, names=["Bellamar", "Ostwind"])
    assert {(word.name, word.line) for word in found} == {
        ("Bellamar", 0),
        ("Ostwind", 1),
        ("Bellamar", 2),
        ("Ostwind", 3),
    }
    assert [word.likeness == 1 for word in found] == [True, True, True, False]


def test_parts_of_words_and_short_likenesses_are_no_brand() -> None:
    assert find_brand_words(["START the CARD", "Lidl", "a"], names=["art", "car", "Aldi", ""]) == []
    assert find_brand_words(["Müller"], names=["muller"])[0].likeness == 1
    assert find_brand_words([], names=["x"]) == []
