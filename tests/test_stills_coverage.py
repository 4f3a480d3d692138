"""Coverage: what picks lack of a film is said of what the film has, and of nothing else."""

import numpy as np
import pytest

from curation.stills.coverage import FAIR, MISSING, OVER, UNDER, fill_gap, list_gaps, measure_coverage, tell_coverage
from curation.stills.elements import NOBODY, Element
from tests.still_tables import make_table

COUNT = 100


def element(label: str, has, *, vector: str = "scale", known=None, key: str = "") -> Element:
    told = np.ones(COUNT, dtype=bool) if known is None else known
    has = np.asarray(has) & told
    return Element(vector, f"{vector}:{key or label}", label, f"no {label}", f"of {label}", has, told)


@pytest.fixture(scope="module")
def table():
    return make_table(COUNT, scenes=5, seed=0)


NUMBERS = np.arange(COUNT)
WIDE = element("wide shots", NUMBERS < 40)
CLOSE = element("close-ups", NUMBERS >= 40)
RARE = element("extreme close-ups", NUMBERS == 99)
NEVER = element("pink", NUMBERS < 0)


def judge(table, picks, *elements):
    found = measure_coverage(table, np.array(picks, dtype=np.int64), elements)
    return {each.element.label: each for each in found}


def test_what_the_film_has_and_picks_have_not_is_missing(table) -> None:
    found = judge(table, range(50, 60), WIDE, CLOSE)
    assert found["wide shots"].verdict == MISSING and found["wide shots"].picks_share == 0
    assert found["wide shots"].film_share == pytest.approx(0.4)
    assert tell_coverage(list(found.values()), pick_count=10)[0] == "You have no wide shots."


def test_what_the_film_hardly_has_or_has_not_at_all_is_never_missed(table) -> None:
    found = judge(table, range(50, 60), RARE, NEVER)
    assert found["extreme close-ups"].verdict == FAIR and "pink" not in found


def test_too_little_and_too_much_are_told_apart(table) -> None:
    found = judge(table, [0, *range(50, 70)], WIDE, CLOSE)
    assert found["wide shots"].verdict == UNDER
    blue = element("blue", NUMBERS % 5 == 0, vector="palette")
    assert judge(table, [0, 5, 10, 11], blue)["blue"].verdict == OVER
    sentences = tell_coverage(list(judge(table, [0, 5, 10, 11], blue).values()), pick_count=4)
    assert sentences == ["Many of your picks are of blue: 75 % of them, 20 % of the film."]


def test_one_pick_is_not_expected_to_show_everything(table) -> None:
    found = judge(table, [50], WIDE, CLOSE)
    assert found["wide shots"].verdict == FAIR
    assert "pick a few more" in tell_coverage(list(found.values()), pick_count=1)[0]


def test_picks_that_show_the_film_as_it_is_lack_nothing(table) -> None:
    found = list(judge(table, range(0, COUNT, 5), WIDE, CLOSE).values())
    assert not list_gaps(found) and "as it is" in tell_coverage(found, pick_count=20)[0]


def test_without_picks_nothing_is_judged(table) -> None:
    found = judge(table, [], WIDE)
    assert np.isnan(found["wide shots"].picks_share) and found["wide shots"].verdict == FAIR
    assert tell_coverage(list(found.values()), pick_count=0) == ["Nothing is picked yet."]


def test_stills_of_which_it_is_not_known_do_not_count(table) -> None:
    known = NUMBERS < 80
    found = judge(table, range(60, 100), element("wide shots", NUMBERS < 40, known=known))["wide shots"]
    assert found.film_share == pytest.approx(0.5) and found.picks_share == 0


def test_nobody_misses_frames_without_people(table) -> None:
    nobody = element("nobody known", NUMBERS < 50, vector="characters", key=NOBODY)
    assert judge(table, range(60, 80), nobody)["nobody known"].verdict == FAIR


def test_gaps_are_filled_by_the_best_untaken_stills_that_are_unlike_one_another(table) -> None:
    gap = judge(table, range(50, 60), WIDE)["wide shots"]
    taken = np.array([0, 1, 2], dtype=np.int64)
    rows = fill_gap(table, gap, taken=taken, count=4)
    assert 1 < len(rows) <= 4 and all(row in range(3, 40) for row in rows)
    from curation.stills.clusters import rate_quality
    from curation.stills.coverage import LEAST_APART
    from curation.stills.table import combine_vectors

    quality, vectors = rate_quality(table), combine_vectors(table)
    assert quality[rows[0]] == quality[3:40].max()
    assert all(np.linalg.norm(vectors[a] - vectors[b]) >= LEAST_APART for a in rows for b in rows if a != b)
    assert fill_gap(table, gap, taken=NUMBERS, count=4) == []


def test_many_gaps_make_a_sentence_that_can_be_read(table) -> None:
    elements = [element(f"thing {place}", NUMBERS - place < 40) for place in range(9)]
    sentences = tell_coverage(list(judge(table, range(60, 90), *elements).values()), pick_count=30)
    assert sentences[0].count("no thing") == 5 and "4 other elements" in sentences[1]
