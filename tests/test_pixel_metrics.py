import math

import numpy as np
import pytest

from qc.defects.defect import Spot
from qc.pixel.found import HotPixel
from qc.pixel.metrics import false_alarms_a_minute, match, precision, rate, recall_by, roc
from qc.pixel.visible import JUST, PLAIN, least_difference, threshold, threshold_at


def flag(frame: int, x: float, y: float, confidence: float = 0.9) -> HotPixel:
    return HotPixel(frame, x, y, 4, confidence, confidence, 50.0)


def spot(frame: int, x: float, y: float, kind: str = "pixel", amplitude: float = 50.0) -> Spot:
    return Spot(frame, x, y, kind, amplitude)


def test_flags_match_errors_of_their_frame_one_to_one_and_the_nearest_first() -> None:
    truth = [spot(3, 10, 10), spot(3, 13, 10), spot(4, 10, 10)]
    found = [flag(3, 11.4, 10), flag(3, 10.2, 10), flag(5, 10, 10)]
    matches = match(found, truth)
    assert matches.found_by == (1, 0, None) and matches.hit_count == 2
    assert matches.false_alarms == (2,) and matches.doubled == ()


def test_flag_beyond_the_radius_is_a_miss_and_a_false_alarm() -> None:
    matches = match([flag(0, 12.1, 10)], [spot(0, 10, 10)])
    assert matches.found_by == (None,) and matches.false_alarms == (0,)
    assert match([flag(0, 12.0, 10)], [spot(0, 10, 10)]).hit_count == 1
    assert match([flag(0, 14, 10)], [spot(0, 10, 10)], radius_px=5).hit_count == 1


def test_second_flag_on_a_found_error_is_superfluous_and_not_false() -> None:
    found = [flag(0, 10, 10), flag(0, 14, 10), flag(0, 40, 10)]
    matches = match(found, [spot(0, 10, 10)])
    assert matches.doubled == (1,) and matches.false_alarms == (2,)
    assert precision(found, matches)[:3] == (1, 2, 0.5)


def test_nothing_found_and_nothing_there_are_defined() -> None:
    matches = match([], [])
    assert matches == ((), (), ()) and matches.hit_count == 0
    assert math.isnan(precision([], matches).value) and math.isnan(false_alarms_a_minute(matches, minutes=0))
    assert recall_by([], matches, levels=(0, 100)) == []
    assert roc([], [], minutes=1, thresholds=(0.5,))[0].precision == 1


def test_interval_is_wilsons_and_holds_at_the_ends() -> None:
    some = rate(81, 263)
    assert (some.low, some.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert rate(10, 10).high == pytest.approx(1) and rate(10, 10).low == pytest.approx(10 / (10 + 1.959964**2))
    assert rate(0, 0)[3:] == (0, 1)
    with pytest.raises(ValueError, match="no share"):
        rate(3, 2)


def test_recall_is_told_by_kind_and_bin_and_empty_bins_are_left_out() -> None:
    truth = [spot(0, 10, 10, "pixel", 20), spot(1, 10, 10, "pixel", 80), spot(2, 10, 10, "arc", 80)]
    rows = recall_by(truth, match([flag(1, 10, 10)], truth), levels=(8, 40, 200))
    told = {(row.kind, row.low_level): (row.recall.hits, row.recall.total) for row in rows}
    assert told == {("", 8): (0, 1), ("", 40): (1, 2), ("arc", 40): (0, 1), ("pixel", 8): (0, 1), ("pixel", 40): (1, 1)}


def test_higher_threshold_gives_up_recall_for_fewer_false_alarms() -> None:
    truth = [spot(0, 10, 10), spot(1, 10, 10)]
    found = [flag(0, 10, 10, 0.9), flag(1, 10, 10, 0.4), flag(2, 30, 30, 0.3), flag(3, 30, 30, 0.6)]
    low, middle, high = roc(found, truth, minutes=2, thresholds=(0.2, 0.5, 0.8))
    assert low[1:] == (1.0, 0.5, 1.0)
    assert middle[1:] == (0.5, 0.5, 0.5)
    assert high[1:] == (0.5, 1.0, 0.0)


def test_adrians_parts_meet_where_they_join() -> None:
    for join in (0.00418, 0.6):
        below, above = (least_difference(join * factor, side_arcmin=1.0) for factor in (0.999, 1.001))
        assert below == pytest.approx(above, rel=0.03)


def test_small_targets_follow_riccos_law_and_large_ones_webers() -> None:
    small = [least_difference(0.1, side_arcmin=side) * side**2 for side in (0.01, 0.02)]
    assert small[0] == pytest.approx(small[1], rel=0.05)
    contrasts = [least_difference(ground, side_arcmin=60.0) / ground for ground in (100.0, 300.0)]
    assert contrasts[0] == pytest.approx(contrasts[1], rel=0.1)


def test_threshold_rises_with_noise_and_sureness_and_falls_with_size() -> None:
    assert threshold(40, deviation=4) >= 20 > threshold(40)
    assert threshold(40, k=JUST) < threshold(40, k=PLAIN)
    assert threshold(40, area_px=9) < threshold(40)
    assert 10 < threshold(16) < 30, "a lit pixel of twenty levels is seen in the dark"
    assert np.isfinite([threshold(level) for level in (-5, 0, 255, 300)]).all()


def test_threshold_looks_at_the_place_it_is_asked_about() -> None:
    luma = np.full((40, 40), 30, np.uint8)
    luma[:, 20:] = np.random.default_rng(0).integers(0, 60, (40, 20))
    assert threshold_at(luma, x=33, y=20) > 2 * threshold_at(luma, x=5, y=20)
    assert threshold_at(luma, x=0, y=0) > 0 and threshold_at(luma[:1, :1], x=0, y=0) > 0
    with pytest.raises(ValueError, match="outside"):
        threshold_at(luma, x=40, y=3)
