"""Where interest gathers in drawn pictures with known subjects, from edges and saliency alone."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.contents import PictureContents, SeenText
from curation.layout.interest import MOST_SIDE_PX, InterestMap, measure_edges, measure_interest

WIDTH, HEIGHT = 640, 360


def contents_of(rgb: NDArray[np.uint8], *, text: tuple[Box, ...] = (), area: Box | None = None) -> PictureContents:
    height, width = rgb.shape[:2]
    return PictureContents(
        width, height, area or Box(0, 0, width, height), text=tuple(SeenText(box) for box in text)
    )  # fmt: skip


def look(rgb: NDArray[np.uint8], *, text: tuple[Box, ...] = (), area: Box | None = None) -> InterestMap:
    return measure_interest(rgb, contents=contents_of(rgb, text=text, area=area))


def peak_of(interest: InterestMap) -> tuple[float, float]:
    row, column = np.unravel_index(int(interest.weights.argmax()), interest.weights.shape)
    return (float(column) + 0.5) * interest.scale, (float(row) + 0.5) * interest.scale


def soft_ground(*, seed: int = 3) -> NDArray[np.uint8]:
    """Blurred blotches, as behind a long lens."""
    noise = np.random.default_rng(seed).uniform(60, 180, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return np.clip((cv2.GaussianBlur(noise, (0, 0), 24) - 120) * 6 + 120, 0, 255).astype(np.uint8)


def with_texture(rgb: NDArray[np.uint8], box: Box, *, seed: int = 5) -> NDArray[np.uint8]:
    """Something sharp in a picture, of the same brightness as its surroundings."""
    drawn = rgb.copy()
    x0, y0, x1, y1 = (int(side) for side in box)
    detail = np.random.default_rng(seed).choice([-60, 60], ((y1 - y0) // 6 + 1, (x1 - x0) // 6 + 1, 1))
    detail = detail.repeat(6, axis=0).repeat(6, axis=1)[: y1 - y0, : x1 - x0]
    drawn[y0:y1, x0:x1] = np.clip(drawn[y0:y1, x0:x1] + detail, 0, 255)
    return drawn


def with_letters(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.putText(rgb.copy(), "LAUNCH", (60, 320), 1, 6, (255, 255, 255), 11, cv2.LINE_AA))


def letters() -> Box:
    """Where ``with_letters`` draws."""
    drawn = with_letters(np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def test_map_is_small_and_its_scale_leads_back_to_the_picture() -> None:
    interest = look(soft_ground())
    assert interest.weights.shape == (180, MOST_SIDE_PX) and interest.weights.dtype == np.float32
    assert interest.scale == WIDTH / MOST_SIDE_PX
    assert interest.weights.min() >= 0 and interest.weights.max() <= 1


@pytest.mark.parametrize("place", [(120, 90), (320, 180), (500, 240)])
def test_what_is_sharp_before_soft_ground_draws_the_eye(place: tuple[int, int]) -> None:
    box = Box(place[0] - 50, place[1] - 50, place[0] + 50, place[1] + 50)
    x, y = peak_of(look(with_texture(soft_ground(), box)))
    assert box.holds(Box(x, y, x, y))


def test_a_preview_gives_the_same_places_as_the_picture() -> None:
    rgb = np.asarray(cv2.resize(with_texture(soft_ground(), Box(420, 60, 540, 180)), (1920, 1080)), dtype=np.uint8)
    preview = np.asarray(cv2.resize(rgb, (640, 360), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    whole, small = (measure_interest(each, contents=contents_of(rgb)) for each in (rgb, preview))
    assert whole.scale == small.scale == 6
    assert np.abs(whole.weights - small.weights).mean() < 0.03


def test_edges_that_are_alike_all_over_are_no_interest() -> None:
    squares = np.indices((HEIGHT, WIDTH)).sum(axis=0) // 16 % 2 * 200
    noise = np.random.default_rng(1).normal(128, 4, (HEIGHT, WIDTH))
    one_place = with_texture(soft_ground(), Box(270, 130, 370, 230))
    alike = [measure_edges(np.dstack([each] * 3).clip(0, 255).astype(np.uint8)).mean() for each in (squares, noise)]
    assert max(alike) < measure_edges(one_place)[140:220, 280:360].mean() / 3


def test_lettering_holds_the_eye_only_where_nobody_knows_that_it_is_lettering() -> None:
    rgb = with_letters(with_texture(soft_ground(), Box(250, 60, 370, 180)))
    x, y = peak_of(look(rgb, text=(letters(),)))
    assert 250 <= x <= 370 and 60 <= y <= 180
    rows = slice(int(letters().y0 / 2), int(letters().y1 / 2))
    assert look(rgb, text=(letters(),)).weights[rows].max() < 0.2 < 0.4 < look(rgb).weights[rows].max()


def test_black_bars_are_of_no_interest_and_change_none_inside() -> None:
    rgb = with_texture(soft_ground(), Box(420, 100, 500, 180))
    barred = np.zeros((HEIGHT + 160, WIDTH, 3), dtype=np.uint8)
    barred[80:-80] = rgb
    interest = look(barred, area=Box(0, 80, WIDTH, HEIGHT + 80))
    assert not interest.weights[:40].any() and not interest.weights[-40:].any()
    assert np.allclose(interest.weights[40:-40], look(rgb).weights, atol=0.02)


def test_a_picture_that_is_all_one_colour_or_all_lettering_is_of_no_interest() -> None:
    assert not look(np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)).weights.any()
    everywhere = tuple(Box(0, top, WIDTH, top + 40) for top in range(0, HEIGHT, 40))
    assert not look(with_letters(soft_ground()), text=everywhere).weights.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (50, 1000), (2, 2), (2000, 100)])
def test_pictures_of_any_shape_have_a_map(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(2).integers(0, 255, (*shape, 3)).astype(np.uint8)
    interest = look(rgb, text=(Box(0, 0, shape[1] / 2, shape[0] / 2),))
    assert max(interest.weights.shape) <= MOST_SIDE_PX and np.isfinite(interest.weights).all()
    assert abs(interest.weights.shape[1] * interest.scale - shape[1]) < 1e-6


def test_an_area_thinner_than_a_pixel_of_the_map_still_has_one() -> None:
    rgb = soft_ground()
    for area in (Box(639.5, 0, 640, 360), Box(0, 359.8, 640, 360), Box(10.2, 10.2, 10.4, 10.4)):
        assert np.isfinite(look(rgb, area=area).weights).all()
