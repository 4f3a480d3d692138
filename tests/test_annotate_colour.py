"""Colour terms, colour cast and noise of drawn pictures with known answers."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.colour_cast import ColourCast, describe_white, estimate_white
from ava.annotate.colour_names import ColourNames
from ava.annotate.colour_terms import COLOUR_TERMS, name_colour, name_colours
from ava.annotate.linear_light import to_linear
from ava.annotate.noise import estimate_noise
from tests.bench.lit_scenes import light_of, paint_world, to_srgb
from tests.scenes import draw_scene

SURVEY = {
    "black": "000000",
    "white": "ffffff",
    "grey": "929591 59656d d8dcd6 363737",
    "red": "e50000 840000 be0119 ff474c",
    "orange": "f97306 c65102 ff5b00",
    "yellow": "ffff14 fffe7a fffd01 d5b60a ceb301",
    "green": "15b01a 033500 96f97b 01ff07 06470c 02c14d 677a04 c7fdb5",
    "blue": "0343df 00035b 95d0fc 75bbfd 01153e 0504aa 5a7d9a d0fefe",
    "purple": "7e1e9c 35063e bf77f6 c79fef 9a0eea 580f41",
    "pink": "ff81c0 ffd1df cb416b ff028d fc86aa fe46a5",
    "brown": "653700 ad8150 341c02 a9561e",
}
"""Colours and the basic term in the names that people gave them most often in the xkcd survey (Munroe 2010)."""


@pytest.mark.parametrize("term", SURVEY)
def test_surveyed_colours_have_the_names_that_people_gave_them(term: str) -> None:
    for code in SURVEY[term].split():
        assert name_colour(tuple(bytes.fromhex(code))) == term, code


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_greys_are_black_grey_or_white_at_every_level(level: int) -> None:
    assert name_colour((level, level, level)) in ("black", "grey", "white")


def test_a_palette_is_named_colour_by_colour() -> None:
    assert name_colours(np.array([[250, 250, 250], [20, 60, 200]])) == ("white", "blue")
    assert name_colours([]) == ()


def test_shares_of_terms_are_those_of_the_drawn_areas() -> None:
    frame = np.empty((40, 80, 3), dtype=np.uint8)
    frame[:, :20], frame[:, 20:60], frame[:, 60:] = (220, 20, 20), (30, 60, 210), (10, 10, 10)
    annotator = ColourNames()
    annotator.load()
    values = annotator.annotate(frame[None], frame_index=np.array([0])).values[0]
    shares = dict(zip(COLOUR_TERMS, values, strict=True))
    assert (shares["red"], shares["blue"], shares["black"]) == (0.25, 0.5, 0.25)
    assert values.sum() == pytest.approx(1)


@pytest.mark.parametrize("kelvin", [2300, 2856, 4000, 5000, 6504, 8000, 11000])
def test_white_of_a_black_body_has_its_temperature_and_no_tint(kelvin: int) -> None:
    cast = describe_white(light_of(kelvin))
    assert 1e6 / cast.temperature_k == pytest.approx(1e6 / kelvin, abs=4)
    assert cast.tint == pytest.approx(-0.0032, abs=0.0005)


@pytest.mark.parametrize("kelvin", [2856, 4000, 6504, 9000])
def test_light_of_a_varied_world_is_told_within_forty_mired(kelvin: int) -> None:
    errors = [
        1e6 / describe_white(estimate_white(_at_40_px(to_srgb(paint_world(seed) * light_of(kelvin))))).temperature_k
        - 1e6 / kelvin
        for seed in range(12)
    ]
    assert np.median(np.abs(errors)) < 15
    assert np.max(np.abs(errors)) < 40


def test_greener_light_has_a_higher_tint() -> None:
    world = paint_world(3)
    tints = [
        describe_white(estimate_white(_at_40_px(to_srgb(world * np.array([1, green, 1]) * 0.9)))).tint
        for green in (0.8, 1.0, 1.1)
    ]
    assert tints[0] < tints[1] < tints[2]


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_grey_black_and_white_frames_have_the_neutral_temperature(level: int) -> None:
    values = ColourCast().annotate(np.full((1, 9, 16, 3), level, dtype=np.uint8), frame_index=np.array([0])).values[0]
    assert values[0] == pytest.approx(6504, abs=2)
    assert values[1] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255), (0, 0, 240), (240, 0, 240), (13, 0, 0)]
)
def test_frames_of_one_pure_colour_stay_within_the_range(colour: tuple[int, int, int]) -> None:
    frame = np.full((1, 9, 16, 3), colour, dtype=np.uint8)
    temperature_k, tint = ColourCast().annotate(frame, frame_index=np.array([0])).values[0]
    assert 2000 <= temperature_k <= 12_500
    assert -0.05 <= tint <= 0.0501


def test_linear_light_meets_the_ends_and_the_middle_of_srgb() -> None:
    np.testing.assert_allclose(to_linear(np.array([0.0, 188.0, 255.0])), [0, 0.5, 1], atol=0.005)


def _at_40_px(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(rgb, (40, 22), interpolation=cv2.INTER_AREA), dtype=np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0, 8.0])
def test_noise_is_measured_within_a_tenth_whatever_is_drawn(sigma: float) -> None:
    for seed in range(4):
        luma = cv2.cvtColor(draw_scene(seed, frames=1, width=640, height=360)[0], cv2.COLOR_RGB2GRAY)
        noisy = luma + np.random.default_rng(seed).normal(0, sigma, luma.shape)
        measured = 255 * estimate_noise(np.clip(noisy, 0, 255).round().astype(np.uint8))
        assert measured == pytest.approx(sigma, rel=0.1)


def test_gradients_and_clean_pictures_have_no_noise() -> None:
    ramp = np.linspace(20, 230, 640).astype(np.uint8)[None].repeat(360, axis=0)
    assert estimate_noise(ramp) < 0.3 / 255
    assert estimate_noise(np.full((360, 640), 90, dtype=np.uint8)) == 0


def test_noise_of_crushed_and_blown_frames_is_defined() -> None:
    for level in (0, 255):
        assert estimate_noise(np.full((36, 64), level, dtype=np.uint8)) == 0
