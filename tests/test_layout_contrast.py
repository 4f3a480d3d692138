import numpy as np
import pytest

from curation.layout.contrast import choose_ink, contrast_ratio, measure_luminance


def test_luminance_and_contrast_are_those_of_wcag() -> None:
    levels = np.array([[[0, 0, 0], [255, 255, 255], [118, 118, 118], [255, 0, 0], [0, 0, 255]]], dtype=np.uint8)
    black, white, grey, red, blue = measure_luminance(levels)[0].tolist()
    assert contrast_ratio(black, white) == pytest.approx(21, abs=0.01)
    assert contrast_ratio(grey, white) == pytest.approx(4.54, abs=0.01)  # the darkest grey that passes AA is #767676
    assert contrast_ratio(white, red) == contrast_ratio(red, white) == pytest.approx(4.0, abs=0.01)
    assert contrast_ratio(white, blue) == pytest.approx(8.59, abs=0.01)


def test_light_ink_stands_on_dark_ground_and_dark_ink_on_light_ground() -> None:
    on_black, on_white = (choose_ink(np.full((9, 9), level, dtype=np.float32)) for level in (0, 1))
    assert (on_black.ink, on_white.ink) == ("light", "dark")
    assert on_black.contrast == pytest.approx(21) and on_white.contrast > 18


def test_a_bright_window_behind_half_a_word_counts_though_the_mean_is_dark() -> None:
    ground = np.zeros((20, 100), dtype=np.float32)
    ground[:, :15] = 1
    assert choose_ink(ground).contrast < 1.2  # white is lost in the window and black beside it
    ground[:, 5:15] = 0
    assert choose_ink(ground) == choose_ink(np.zeros(4, dtype=np.float32))  # a twentieth of it is a glint


def test_no_ground_at_all_says_that_nothing_can_be_read() -> None:
    assert choose_ink(np.empty((0, 3), dtype=np.float32)) == ("light", 1.0)


def test_the_ratio_never_leaves_1_to_21() -> None:
    rng = np.random.default_rng(1)
    for size in (1, 2, 9, 500):
        reading = choose_ink(rng.random(size, dtype=np.float32) ** 3)
        assert 1 <= reading.contrast <= 21.001
