"""What tests of pictures told: rates and how sure they are, reading them from a file, and what a group adds up to."""

import math

import numpy as np
import pytest

from ava.csv_table import MOST_PROBLEMS
from ava.media.still_file import StillMetadata, still_file_name
from curation.ab_names import PictureNames, UnknownPicture
from curation.ab_results import delete_batch, import_results, title_observations
from curation.models import Picture, TestBatch, TestResult
from curation.performance.rates import Counts, estimate_rate, measure_spread, probability_better
from curation.performance.results_csv import UnusableResults, read_results
from curation.performance.rollup import Observation, roll_up
from tests.world import World, make_artwork, make_film, make_world

HEAD = "image,region,impressions,plays\n"


def problems_of(data: str | bytes) -> str:
    with pytest.raises(UnusableResults) as refusal:
        read_results(data if isinstance(data, bytes) else data.encode())
    return str(refusal.value)


def test_the_interval_is_wilsons_own_example_and_solves_his_equation() -> None:
    rate = estimate_rate(Counts(impressions=1000, plays=100))
    for bound in (rate.low_unit, rate.high_unit):  # |p̂ − p| = z·√(p(1−p)/n) at both ends
        assert math.isclose(abs(0.1 - bound), 1.959964 * math.sqrt(bound * (1 - bound) / 1000), rel_tol=1e-5)
    assert rate.low_unit < 0.1 < rate.high_unit


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(3).binomial(400, 0.03, size=4000)
    held = [estimate_rate(Counts(400, int(plays))) for plays in drawn]
    share = np.mean([rate.low_unit <= 0.03 <= rate.high_unit for rate in held])
    assert 0.93 <= share <= 0.975


def test_a_picture_that_was_never_shown_has_no_rate_and_may_be_anything() -> None:
    assert estimate_rate(Counts(0, 0)) == (0, 0, None, 0.0, 1.0)
    assert estimate_rate(Counts(5, 0)).low_unit == 0.0
    assert estimate_rate(Counts(5, 5)).high_unit == 1.0
    with pytest.raises(ValueError, match="impossible"):
        estimate_rate(Counts(1, 2))


def test_few_impressions_are_called_uncertain_and_many_are_not() -> None:
    assert not estimate_rate(Counts(30, 3)).is_certain
    assert estimate_rate(Counts(30_000, 3_000)).is_certain
    assert not estimate_rate(Counts(30_000, 0)).is_certain


def test_how_sure_one_beats_another_agrees_with_drawing_from_both_posteriors() -> None:
    rng = np.random.default_rng(5)
    for first, second in [((500, 60), (500, 45)), ((200, 10), (900, 50)), ((5000, 300), (5000, 299))]:
        draws = [rng.beta(plays + 0.5, shown - plays + 0.5, size=200_000) for shown, plays in (first, second)]
        truth = float(np.mean(draws[0] > draws[1]))
        found = probability_better({"DE": Counts(*first)}, {"DE": Counts(*second)})
        assert found == pytest.approx(truth, abs=0.03)


def test_a_picture_shown_where_everything_is_played_more_is_not_called_better_for_that() -> None:
    """Simpson's paradox: worse in both regions, better over all."""
    worse = {"KR": Counts(9000, 2600), "US": Counts(1000, 50)}
    better = {"KR": Counts(1000, 320), "US": Counts(9000, 600)}
    assert 2650 / 10_000 > 920 / 10_000
    assert probability_better(worse, better) < 0.01


def test_pictures_that_never_met_in_a_region_are_not_compared() -> None:
    assert probability_better({"DE": Counts(100, 10)}, {"FR": Counts(100, 90)}) is None
    assert probability_better({"DE": Counts(0, 0)}, {"DE": Counts(100, 90)}) is None


def test_regions_that_differ_are_told_from_those_that_do_not_and_too_few_from_both() -> None:
    assert measure_spread([Counts(10_000, 1_000), Counts(10_000, 1_400)]).probability_unit < 1e-6
    assert measure_spread([Counts(10_000, 1_000), Counts(10_000, 1_005)]).probability_unit > 0.5
    assert measure_spread([Counts(10, 1), Counts(10, 4)]).probability_unit is None
    assert measure_spread([Counts(10, 1), Counts(0, 0)]).probability_unit is None
    assert measure_spread([]).chi_squared == 0.0


def test_a_groups_global_performance_is_the_sum_over_members_and_regions_and_splits_by_region() -> None:
    told = [
        Observation(1, "DE", Counts(1000, 100)),
        Observation(1, "US", Counts(2000, 100)),
        Observation(2, "DE", Counts(1000, 160)),
        Observation(1, "DE", Counts(500, 50)),
    ]
    found = roll_up(told)
    assert (found.rate.impressions, found.rate.plays) == (4500, 410)
    assert {each.region: each.rate[:2] for each in found.regions} == {"DE": (2500, 310), "US": (2000, 100)}
    assert [(each.member, each.rate.plays) for each in found.members] == [(2, 160), (1, 250)]
    assert found.leader == 2
    assert found.differs_by_region
    assert roll_up(reversed(told)) == found


def test_no_leader_is_named_among_equals_or_of_one() -> None:
    even = [Observation(1, "DE", Counts(1000, 100)), Observation(2, "DE", Counts(1000, 101))]
    assert roll_up(even).leader is None
    assert roll_up(even[:1]).leader is None
    nothing = roll_up([])
    assert (nothing.rate.value_unit, nothing.regions, nothing.leader) == (None, (), None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_in_every_encoding_and_with_every_separator(encoding: str, delimiter: str) -> None:
    text = "Plays,region,IMAGE,impressions,notes\r\n12,São Paulo,größe.png,100,x\r\n\r\n0,DE,b.png,0,\r\n"
    rows = read_results(text.replace(",", delimiter).encode(encoding))
    assert rows == [(2, "größe.png", "São Paulo", 100, 12), (4, "b.png", "DE", 0, 0)]


def test_a_spreadsheets_own_first_line_and_quoted_line_ends_keep_the_line_numbers_right() -> None:
    assert read_results(b"sep=;\nimage;region;impressions;plays\na;b;2;1\n")[0].line == 3
    found = problems_of('image,region,impressions,plays,why\na,b,2,1,"two\nlines"\nc,d,1,2,\n')
    assert found.startswith("Line 4: there are more plays (2) than impressions (1)")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (HEAD, "no results below"),
        ("image,region,plays\na,b,1\n", "impressions is missing"),
        ("a.png,DE,10,1\n", "The first line must name the columns"),
        ("image,region,impressions,plays,plays\n", "names the column plays twice"),
        (HEAD + "a,DE,10,-1\n", "Line 2: plays are negative: “-1”"),
        (HEAD + "a,DE,ten,1\n", "Line 2: impressions are no whole number: “ten”"),
        (HEAD + "a,DE,1.5,1\n", "Line 2: impressions are no whole number"),
        (HEAD + 'a,DE,"1,000",1\n', "Line 2: impressions are no whole number"),
        (HEAD + "a,DE,٣,1\n", "Line 2: impressions are no whole number"),
        (HEAD + "a,DE,,1\n", "Line 2: impressions are missing."),
        (HEAD + f"a,DE,{'9' * 5000},1\n", "Line 2: impressions are too many to be true"),
        (HEAD + "a,DE,10,11\n", "Line 2: there are more plays (11) than impressions (10)."),
        (HEAD + "a,DE,10,1\na,DE,10,2\n", "Line 3: “a” in DE is in line 2 already."),
        (HEAD + ",DE,10,1\n", "Line 2: the image is missing."),
        (HEAD + "a,,10,1\n", "Line 2: the region is missing."),
        (HEAD + f"a,{'x' * 41},10,1\n", "is no region"),
        (HEAD + "a,DE,10\n", "Line 2: 4 values are expected and 3 given."),
        (HEAD + 'a,"DE,10,1\n', "this is no CSV"),
        ((HEAD + "größe.png,DE,10,1\n").encode("latin-1"), "Line 2: this is not written in UTF-8 or UTF-16"),
        (HEAD + "a\0b,DE,10,1\n", "Line 2: there is a NUL character"),
        (b"\xff\xfea", "not written in UTF-8 or UTF-16"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "not written in UTF-8 or UTF-16"),
    ],
)
def test_whatever_is_wrong_with_a_file_is_said_in_a_sentence_with_its_line(data: str | bytes, sentence: str) -> None:
    assert sentence in problems_of(data)


def test_all_that_is_wrong_is_said_at_once_but_never_more_than_can_be_read() -> None:
    both = problems_of(HEAD + "a,DE,x,1\nb,DE,1,2\n")
    assert "Line 2" in both and "Line 3" in both
    many = problems_of(HEAD + "a,DE,x,1\n" * 500)
    assert many.count("Line ") == MOST_PROBLEMS and many.endswith("And 480 more like these.")


@pytest.fixture
def world(db: None) -> World:
    return make_world("ab")


def test_a_picture_is_found_by_every_name_that_people_have_for_it(world: World) -> None:
    poster = make_artwork(world.title, "Key Art (größe).png")
    names = PictureNames(world.title)
    for name in (
        "Key Art (größe).png", "folder/KEY ART (größe).PNG", "Key Art (größe)", poster.sha256,
        poster.sha256[:16].upper(), f"artwork {poster.pk}",
    ):  # fmt: skip
        assert names.find(name).artwork == poster, name
    downloaded = still_file_name(StillMetadata(str(world.title), "00:00:01:05", 30), format="jpeg")
    for name in ("00:00:01:05", "00-00-01-05", "frame 30", "f000030", downloaded, f"{world.video} frame 30"):
        found = names.find(name)
        assert (found.video, found.frame_index) == (world.video, 30), name


def test_a_name_that_means_nothing_or_two_things_is_refused_with_a_sentence(world: World) -> None:
    make_artwork(world.title, "same.png")
    make_artwork(world.title, "same.png")
    names = PictureNames(world.title)
    for name in (
        "nothing.png",
        "00:59:00:00",
        "frame 100",
        "00:00:01:25",
        "other film 00:00:01:05",
        "artwork 999999",
        "",
    ):
        with pytest.raises(UnknownPicture, match="no picture"):
            names.find(name)
    with pytest.raises(UnknownPicture, match="2 artworks; write “artwork"):
        names.find("same.png")
    make_film(world.title, name="second.mp4")
    both = PictureNames(world.title)
    with pytest.raises(UnknownPicture, match="in 2 films"):
        both.find("00:00:01:05")
    assert both.find("second.mp4 00:00:01:05").video.original_name == "second.mp4"


def test_results_are_stored_with_the_pictures_they_name_and_taken_back_as_a_whole(world: World) -> None:
    TestBatch.objects.all().delete()
    data = (HEAD + f"{world.artwork},DE,1000,50\nframe 77,DE,800,10\n{world.artwork},US,100,5\n").encode()
    batch = import_results(world.title, data=data, file_name="a/b/tests.csv", user=world.editor)
    assert str(batch) == "tests.csv"
    told = {
        (Picture.objects.get(pk=each.member).frame_index, each.region): each.counts
        for each in title_observations(world.title)
    }
    assert told == {(None, "DE"): (1000, 50), (77, "DE"): (800, 10), (None, "US"): (100, 5)}
    with pytest.raises(UnusableResults, match="imported already, as “tests"):
        import_results(world.title, data=data, file_name="again.csv", user=world.editor)
    delete_batch(batch)
    assert title_observations(world.title) == []


def test_nothing_of_a_file_is_stored_when_one_line_of_it_is_wrong(world: World) -> None:
    before = Picture.objects.count(), TestResult.objects.count(), TestBatch.objects.count()
    for line, sentence in [
        ("unknown.png,DE,10,1", "Line 3: there is no picture “unknown.png” in this title."),
        ("frame 5,DE,10,-1", "Line 3: plays are negative"),
        ("00:00:00:04,de,10,1", "Line 3: “00:00:00:04” is the picture of line 2, in de too."),
    ]:
        with pytest.raises(UnusableResults) as refusal:
            import_results(
                world.title, data=(HEAD + f"frame 4,DE,10,1\n{line}\n").encode(), file_name="x.csv", user=world.editor
            )
        assert sentence in str(refusal.value)
    assert (Picture.objects.count(), TestResult.objects.count(), TestBatch.objects.count()) == before
