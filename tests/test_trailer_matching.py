"""What a trailer takes from a film, on small rendered films whose every frame is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from curation.moments.film_index import FilmIndex, Query
from curation.moments.film_window import Window, cut_window, find_window, refine_window
from curation.moments.time_line import fit_line
from curation.moments.trailer_match import Gap, Passage, Reason, TrailerMatch
from tests.trailer_films import SIZE, Rgb, black, draw_place, match, write


@pytest.fixture(scope="module")
def places() -> list[list[Rgb]]:
    return [draw_place(seed, 96) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def film(places: list[list[Rgb]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three places of 72 frames each; their last frames are kept back as another take."""
    folder = tmp_path_factory.mktemp("film")
    return write(folder / "film.mp4", [frame for place in places for frame in place[:72]])


def graded(rgb: Rgb) -> Rgb:
    return np.clip(255 * (rgb / 255.0) ** 1.5 * (1.1, 0.9, 0.7), 0, 255).astype(np.uint8)


def enlarged(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.resize(rgb[10:145, 60:300], SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


@pytest.fixture(scope="module")
def matched(places: list[list[Rgb]], film: Path, tmp_path_factory: pytest.TempPathFactory) -> TrailerMatch:
    """A trailer of known shots: graded, enlarged, mirrored, at double speed, backwards, black, another film's, another
    take's."""
    one, two, three = places
    shots = [
        [graded(frame) for frame in one[10:34]],
        [enlarged(frame) for frame in two[20:44]],
        [np.ascontiguousarray(frame[:, ::-1]) for frame in three[5:29]],
        two[0:60:2],
        list(reversed(three[30:60])),
        black(12),
        draw_place(77, 24),
        one[74:96],
    ]
    ends = np.cumsum([len(shot) for shot in shots])
    spans = [(int(end) - len(shot), int(end)) for shot, end in zip(shots, ends, strict=True)]
    folder = tmp_path_factory.mktemp("trailer")
    trailer = write(folder / "trailer.mp4", [frame for shot in shots for frame in shot], size=(256, 144))
    return match(trailer, film, spans)


def passage_at(found: TrailerMatch, frame: int) -> Passage:
    (only,) = [each for each in found.passages if each.trailer_start <= frame < each.trailer_end]
    return only


def gap_at(found: TrailerMatch, frame: int) -> Gap:
    (only,) = [each for each in found.gaps if each.trailer_start <= frame < each.trailer_end]
    return only


def test_a_graded_shot_is_found_to_the_frame(matched: TrailerMatch) -> None:
    found = passage_at(matched, 12)
    assert (found.trailer_start, found.trailer_end) == (0, 24)
    assert abs(found.film_start - 10) <= 1 and abs(found.film_end - 34) <= 1
    assert found.speed == pytest.approx(1, abs=0.05) and not found.window.mirrored


def test_an_enlarged_shot_tells_which_part_of_the_picture_it_shows(matched: TrailerMatch) -> None:
    found = passage_at(matched, 36)
    assert abs(found.film_start - (72 + 20)) <= 1
    assert found.window[:4] == pytest.approx((60 / 320, 10 / 180, 300 / 320, 145 / 180), abs=0.02)


def test_a_mirrored_shot_is_found_and_said_to_be_mirrored(matched: TrailerMatch) -> None:
    found = passage_at(matched, 60)
    assert found.window.mirrored and abs(found.film_start - (144 + 5)) <= 1


def test_a_shot_at_another_speed_tells_the_speed_and_all_its_film_frames(matched: TrailerMatch) -> None:
    found = passage_at(matched, 87)
    assert found.speed == pytest.approx(2, rel=0.05)
    assert abs(found.film_start - 72) <= 2 and abs(found.film_end - 132) <= 3


def test_a_shot_played_backwards_begins_at_its_last_film_frame(matched: TrailerMatch) -> None:
    found = passage_at(matched, 117)
    assert found.speed == pytest.approx(-1, rel=0.05)
    assert abs(found.first_frame - (144 + 59)) <= 2


def test_what_is_not_of_the_film_has_its_reason(matched: TrailerMatch) -> None:
    assert gap_at(matched, 138).reason == Reason.BLACK
    assert gap_at(matched, 150).reason == Reason.NOT_FOUND
    assert gap_at(matched, 178).reason in {Reason.ANOTHER_TAKE, Reason.NOT_FOUND}
    assert matched.belongs and 0.6 < matched.share_unit < 0.9


def test_passages_and_gaps_cover_the_trailer_once(matched: TrailerMatch) -> None:
    covered = sorted((each.trailer_start, each.trailer_end) for each in (*matched.passages, *matched.gaps))
    assert [frame for start, end in covered for frame in range(start, end)] == list(range(190))


def test_a_trailer_of_another_film_is_said_not_to_match(film: Path, tmp_path: Path) -> None:
    trailer = write(tmp_path / "other.mp4", [*draw_place(50, 24), *draw_place(51, 24)])
    found = match(trailer, film, [(0, 24), (24, 48)])
    assert not found.passages and not found.belongs and found.share_unit == 0
    assert {gap.reason for gap in found.gaps} == {Reason.NOT_FOUND}


def test_a_trailer_longer_than_the_film_and_of_one_shot_shows_the_film_and_is_told_once(
    places: list[list[Rgb]], tmp_path: Path
) -> None:
    film = write(tmp_path / "short.mp4", places[0][:30])
    trailer = write(tmp_path / "long.mp4", [*draw_place(60, 40), *places[0][:30]])
    found = match(trailer, film, [(0, 70)])
    (passage,) = found.passages
    assert abs(passage.trailer_start - 40) <= 1 and passage.trailer_end == 70
    assert (passage.film_start, passage.film_end) == (0, 30)


@pytest.mark.parametrize("frames", [1, 20])
def test_a_film_of_one_frame_and_a_black_one_match_nothing(frames: int, matched: TrailerMatch, tmp_path: Path) -> None:
    film = write(tmp_path / "film.mp4", black(frames))
    trailer = write(tmp_path / "trailer.mp4", [*draw_place(1, 8), *black(8)])
    found = match(trailer, film, [(0, 8), (8, 16)])
    assert not found.passages and [gap.reason for gap in found.gaps] == [Reason.NOT_FOUND, Reason.BLACK]


def test_a_trailer_without_shots_matches_nothing_and_says_so(film: Path) -> None:
    assert match(film, film, []) == TrailerMatch((), (), 0.0, False)


def test_the_window_is_the_same_whether_the_picture_is_mirrored_or_not() -> None:
    room = cv2.cvtColor(draw_place(9, 1)[0], cv2.COLOR_RGB2GRAY)
    true = Window(0.2, 0.15, 0.9, 0.85, mirrored=False)
    for window in (true, true._replace(mirrored=True)):
        cut = cut_window(room[None], window, size_px=(96, 54))[0][0].astype(np.uint8)
        counts = np.ones(cut.shape, dtype=np.bool_)
        begin = Window(0.24, 0.12, 0.9, 0.78, mirrored=window.mirrored)
        found, score = find_window(room, cut, counts=counts, start=begin)
        settled = refine_window(room, cut, counts=counts, start=found)
        assert score > 0.9 and settled.mirrored == window.mirrored
        assert settled[:4] == pytest.approx(window[:4], abs=0.01)


def test_lettered_pixels_do_not_lead_the_search_astray() -> None:
    rooms = np.stack([cv2.cvtColor(draw_place(seed, 1)[0], cv2.COLOR_RGB2GRAY) for seed in range(20, 30)])
    index = FilmIndex(rooms, times_s=np.arange(10) * 2.0, aspect=16 / 9)
    wanted = cv2.resize(rooms[6], (96, 54), interpolation=cv2.INTER_AREA)
    counts = np.ones(wanted.shape, dtype=np.bool_)
    counts[20:50] = False
    wanted[20:50] = 255
    (found,) = index.find([Query(wanted, counts)], most=3)
    assert found[0].tile == 6 and found[0].score > 0.97


def test_nothing_is_found_of_a_plain_picture() -> None:
    index = FilmIndex(np.full((3, 90, 160), 80, dtype=np.uint8), times_s=np.arange(3) * 0.5, aspect=16 / 9)
    plain = np.full((54, 96), 120, dtype=np.uint8)
    assert index.find([Query(plain, np.ones(plain.shape, dtype=np.bool_))], most=5) == [[]]


def test_the_films_own_speed_is_kept_where_another_is_hardly_better() -> None:
    rng = np.random.default_rng(3)
    agreement = (0.5 + 0.02 * rng.random((40, 120))).astype(np.float32)
    agreement[np.arange(40), 30 + np.arange(40)] = 0.97
    line = fit_line(agreement, trailer=np.arange(40.0), natural_step=1.0)
    assert line is not None and (line.start, line.step) == (30, 1.0)
    assert fit_line(np.empty((0, 5), dtype=np.float32), trailer=np.empty(0), natural_step=1.0) is None
