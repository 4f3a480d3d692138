"""What a shot sounds like, told from a film's sound that is known hop by hop."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from ava.sound.film_sound import NO_SOUND, FilmSound, silent_film
from ava.sound.loudness import FLOOR_LUFS
from ava.sound.shot_sound import SILENT_SHOT, ShotSound, shot_sound, shot_sounds

HOPS = 120


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def film(**columns: np.ndarray) -> FilmSound:
    """Twelve seconds: −30 LUFS, −20 from second 4 on, silent from second 8 on; what is named is put in place."""
    loudness = np.repeat([-30.0, -20.0, FLOOR_LUFS], 40).astype(np.float32)
    silent = silent_film(HOPS, notes=())
    return silent._replace(is_heard=True, loudness_lufs=loudness)._replace(**columns)


def test_loudness_is_the_mean_of_power_over_the_shot() -> None:
    assert shot_sound(film(), start_s=4, end_s=8).loudness_lufs == pytest.approx(-20, abs=0.01)
    half = 10 * math.log10((10**-3 + 10**-2) / 2)
    assert shot_sound(film(), start_s=2, end_s=6).loudness_lufs == pytest.approx(half, abs=0.01)
    part = 10 * math.log10(10**-3 * 2 / 3 + 10**-2 / 3)  # frames seldom lie on tenths of seconds
    assert shot_sound(film(), start_s=3.9, end_s=4.05).loudness_lufs == pytest.approx(part, abs=0.01)


def test_the_peak_is_the_loudest_window_that_lies_in_the_shot_itself() -> None:
    loudness = np.full(HOPS, -40, np.float32)
    loudness[50:54], loudness[60:64] = -10, 0
    sound = film(loudness_lufs=loudness)
    assert shot_sound(sound, start_s=3, end_s=6).peak_lufs == pytest.approx(-10, abs=0.01)
    assert shot_sound(sound, start_s=6.0, end_s=6.2).peak_lufs == pytest.approx(0, abs=0.01)


def test_rises_and_steps_are_told_in_loudness_units() -> None:
    assert shot_sound(film(), start_s=2, end_s=6).rise_lu == pytest.approx(10, abs=0.01)
    at_the_cut = shot_sound(film(), start_s=4, end_s=8)
    assert at_the_cut.step_lu == pytest.approx(10, abs=0.01) and at_the_cut.rise_lu == pytest.approx(0, abs=0.01)
    assert shot_sound(film(), start_s=8, end_s=12).step_lu == pytest.approx(-50, abs=0.01)  # down to −70, no further
    assert shot_sound(film(), start_s=0, end_s=4).step_lu == 0
    assert shot_sound(film(), start_s=3.9, end_s=4.1).rise_lu == 0


def test_loudness_is_told_against_the_film() -> None:
    loud, quiet = shot_sounds(film(), spans_s=np.array([[4.0, 8.0], [0.0, 4.0]]))
    assert loud.relative_lu > 0 > quiet.relative_lu
    assert loud.relative_lu - quiet.relative_lu == pytest.approx(10, abs=0.01)
    assert shot_sound(film(), start_s=9, end_s=10).relative_lu < -40


def test_onsets_are_counted_by_the_second_and_the_strongest_is_told() -> None:
    onsets, strength = np.zeros(HOPS, np.uint8), np.full(HOPS, 0.5, np.float32)
    onsets[[10, 20, 30, 45]], strength[30] = 1, 9
    sound = film(onsets=onsets, onset_db=strength)
    told = shot_sound(sound, start_s=1, end_s=4)
    assert told.onset_rate_hz == pytest.approx(1) and told.onset_db == 9
    assert shot_sound(sound, start_s=4, end_s=6).onset_rate_hz == pytest.approx(0.5)


def test_silence_speech_and_brightness_are_shares_and_means() -> None:
    speech, brightness = np.zeros(HOPS, np.float32), np.full(HOPS, 500, np.float32)
    speech[:20], brightness[40:80] = 1, 3000
    sound = film(speech_unit=speech, brightness_hz=brightness)
    told = shot_sound(sound, start_s=0, end_s=4)
    assert told.speech_unit == pytest.approx(0.5) and told.silence_unit == 0
    assert shot_sound(sound, start_s=7, end_s=9).silence_unit == pytest.approx(0.5)
    both = shot_sound(sound, start_s=0, end_s=8).brightness_hz
    assert both == pytest.approx((500 + 10 * 3000) / 11, rel=1e-3)  # what is loud says how bright it is


@pytest.mark.parametrize(
    "span", [(3, 3), (5, 4), (math.nan, 4), (1, math.inf), (20, 30), (-5, -1), (12, 12.0001), (-1e300, -1e299)]
)
def test_spans_of_no_length_or_outside_the_film_are_silent(span: tuple[float, float]) -> None:
    told = shot_sound(film(), start_s=span[0], end_s=span[1])
    assert all(math.isfinite(value) for value in told)
    assert told.loudness_lufs == FLOOR_LUFS and told.silence_unit == pytest.approx(1) and told.onset_rate_hz == 0


def test_a_shot_that_reaches_beyond_the_film_is_silent_there() -> None:
    told = shot_sound(film(loudness_lufs=np.full(HOPS, -20, np.float32)), start_s=11, end_s=13)
    assert told.silence_unit == pytest.approx(0.5) and told.loudness_lufs == pytest.approx(-23, abs=0.02)


def test_shots_of_a_film_without_sound_are_silent() -> None:
    sound = silent_film(50, notes=(NO_SOUND,))
    assert shot_sound(sound, start_s=1, end_s=3) == SILENT_SHOT
    assert shot_sounds(sound, spans_s=np.zeros((0, 2))) == []


def test_many_shots_at_once_are_each_what_they_are_alone() -> None:
    rng = np.random.default_rng(5)
    sound = film(
        loudness_lufs=rng.uniform(-60, 0, HOPS).astype(np.float32), speech_unit=rng.random(HOPS, np.float32),
        onsets=rng.integers(0, 3, HOPS).astype(np.uint8), onset_db=rng.random(HOPS, np.float32),
    )  # fmt: skip
    spans = np.sort(rng.uniform(0, 12, (30, 2)), axis=1)
    together = shot_sounds(sound, spans_s=spans)
    for span, told in zip(spans.tolist(), together, strict=True):
        assert isinstance(told, ShotSound)
        assert told == pytest.approx(shot_sound(sound, start_s=span[0], end_s=span[1]))
