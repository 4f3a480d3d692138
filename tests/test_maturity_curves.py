"""What is left of a score by what a still shows: by kind and rating, never more for more."""

import numpy as np
import pytest

from curation.stills.maturity import KINDS
from curation.stills.maturity_curves import HELD_SHARE, curve_of, keep_by_maturity

RATINGS = ("all", "7+", "13+", "16+", "18+")
STEPS = np.linspace(0, 1, 101)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rating", [*RATINGS, "", "unheard-of"])
def test_more_of_a_kind_never_keeps_more(kind: str, rating: str) -> None:
    kept = curve_of(kind, rating=rating).keep(STEPS)
    assert kept[0] == 1 and kept[-1] > 0 and np.all(np.diff(kept) <= 0) and kept[-1] < kept[0]


@pytest.mark.parametrize("kind", ["nudity", "violence"])
def test_a_stricter_rating_keeps_less_at_every_probability(kind: str) -> None:
    kept = np.stack([curve_of(kind, rating=rating).keep(STEPS) for rating in RATINGS])
    assert np.all(np.diff(kept, axis=0) >= 0) and np.all(kept[1:, -1] > kept[:-1, -1])
    np.testing.assert_array_equal(curve_of(kind, rating="").keep(STEPS), kept[2])


@pytest.mark.parametrize("kind", ["text", "logos"])
def test_lettering_and_logos_are_no_matter_of_age(kind: str) -> None:
    for rating in RATINGS:
        np.testing.assert_array_equal(curve_of(kind, rating=rating).keep(STEPS), curve_of(kind, rating="").keep(STEPS))


@pytest.mark.filterwarnings("error")
def test_what_is_not_known_takes_nothing() -> None:
    unknown = dict.fromkeys(KINDS, np.full(3, np.nan, dtype=np.float32))
    assert keep_by_maturity(unknown, rating="all", count=3).whole.tolist() == [1, 1, 1]
    assert keep_by_maturity({}, rating="all", count=2).whole.tolist() == [1, 1]
    assert keep_by_maturity({}, rating="all", count=0).whole.tolist() == []


def test_kinds_multiply_and_what_an_editor_says_holds_against_any_probability() -> None:
    measured = {"nudity": np.array([0.9, 0.9, 0.0, 0.5]), "text": np.array([0.8, 0.8, 0.8, np.nan])}
    plain = keep_by_maturity(measured, rating="13+", count=4)
    np.testing.assert_allclose(plain.whole, plain.by_kind["nudity"] * plain.by_kind["text"])
    said = {"nudity": {0: "allow", 2: "hold"}, "violence": {3: "hold"}}
    kept = keep_by_maturity(measured, rating="13+", said=said, count=4)
    assert kept.by_kind["nudity"][0] == 1 and kept.by_kind["nudity"][1] == plain.by_kind["nudity"][1]
    assert kept.by_kind["nudity"][2] == kept.by_kind["violence"][3] == HELD_SHARE
    assert measured["nudity"].tolist() == [0.9, 0.9, 0.0, 0.5], "what was given is left alone"


def test_an_unknown_kind_has_no_curve() -> None:
    with pytest.raises(KeyError):
        curve_of("taste", rating="all")
