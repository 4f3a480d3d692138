"""Flags that come back at one place of the sensor are found to be one place."""

import numpy as np
import pytest

from qc.pixel.places import SAME_PLACE_PX, cluster_places, describe_places


def test_flags_around_planted_places_are_told_apart_exactly() -> None:
    rng = np.random.default_rng(1)
    planted = np.array([(30.0, 40.0)] * 20 + [(34.5, 40.0)] * 10 + [(900.0, 500.0)] * 5)
    near = planted + rng.uniform(-0.5, 0.5, planted.shape)
    numbers = cluster_places(near[:, 0], y=near[:, 1])
    assert numbers.tolist() == [0] * 20 + [1] * 10 + [2] * 5


def test_order_of_flags_and_an_offset_of_whole_pixels_change_nothing() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 200, (2, 2000))
    numbers = cluster_places(x, y=y)
    mixed = rng.permutation(x.size)
    assert (cluster_places(x[mixed], y=y[mixed]) == numbers[mixed]).all()
    assert (cluster_places(x + 1000, y=y + 7) == numbers).all()


def test_a_chain_of_near_flags_does_not_become_one_place() -> None:
    x = np.arange(0.0, 40.0, 1.0)
    numbers = cluster_places(x, y=np.zeros(40))
    for number in np.unique(numbers):
        assert np.ptp(x[numbers == number]) <= 2 * SAME_PLACE_PX
    assert len(np.unique(numbers)) >= 40 / (2 * SAME_PLACE_PX + 1)


def test_clusters_equal_those_of_a_slow_obvious_oracle() -> None:
    rng = np.random.default_rng(3)
    x, y = (np.rint(rng.uniform(0, 60, (2, 700)) * 4) / 4).tolist()
    expected = _slow_places(x, y=y)
    assert _partition(cluster_places(x, y=y).tolist()) == _partition(expected)


def _slow_places(x: list[float], *, y: list[float]) -> list[int]:
    """Densest spot first, one flag at a time."""
    near = [
        [k for k in range(len(x)) if (x[k] - x[i]) ** 2 + (y[k] - y[i]) ** 2 <= SAME_PLACE_PX**2] for i in range(len(x))
    ]
    at_spot = [sum((x[k], y[k]) == (x[i], y[i]) for k in near[i]) for i in range(len(x))]
    leaders = [-1] * len(x)
    for i in sorted(range(len(x)), key=lambda i: (-len(near[i]), -at_spot[i], y[i], x[i])):
        if leaders[i] < 0:
            for k in near[i]:
                if leaders[k] < 0:
                    leaders[k] = i
    return leaders


def _partition(numbers: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, other in enumerate(numbers) if other == number) for number in set(numbers)}


def test_places_are_described_with_their_mean_and_their_frames() -> None:
    x, y, frames = [10.0, 10.5, 50.0, 10.0], [20.0, 20.0, 60.0, 20.5], [7, 3, 9, 7]
    numbers = cluster_places(x, y=y)
    places = describe_places(numbers, x=x, y=y, frames=frames)
    assert [(place.flag_count, place.frame_count, place.first_frame, place.last_frame) for place in places] == [
        (3, 2, 3, 7),
        (1, 1, 9, 9),
    ]
    assert (places[0].x, places[0].y) == pytest.approx((30.5 / 3, 60.5 / 3))


@pytest.mark.parametrize("many", [0, 1, 5])
def test_none_one_and_identical_flags_have_defined_places(many: int) -> None:
    numbers = cluster_places([3.0] * many, y=[4.0] * many)
    assert numbers.tolist() == [0] * many
    places = describe_places(numbers, x=[3.0] * many, y=[4.0] * many, frames=[1] * many)
    assert [place.flag_count for place in places] == [many] * bool(many)


def test_coordinates_that_are_none_or_huge_do_no_harm() -> None:
    numbers = cluster_places([np.nan, 1e300, -1e300, 5.0, np.inf], y=[1.0, 2.0, 2.0, 5.0, 5.0])
    assert numbers.tolist()[0] == numbers.tolist()[4] == -1
    assert len(set(numbers.tolist()[1:4])) == 3
    with pytest.raises(ValueError):
        cluster_places([1.0, 2.0], y=[1.0])
