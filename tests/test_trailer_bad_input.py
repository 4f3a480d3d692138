"""Trailers that are hardly one: the film itself, stills, what is a moment long, what pans, what nobody can decode."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ava.media.probe import probe
from curation.moments.film_pictures import BLOCK_FRAMES, FilmReader, sample_film
from curation.moments.passage_check import Agreement
from curation.moments.trailer_match import Reason
from curation.moments.trailer_passages import is_same
from tests.trailer_films import SIZE, Rgb, black, draw_place, match, write


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two places of 48 frames each."""
    folder = tmp_path_factory.mktemp("film")
    return write(folder / "film.mp4", [*draw_place(1, 48), *draw_place(2, 48)])


def test_a_trailer_that_is_the_film_itself_shows_all_of_it_where_it_is(film: Path) -> None:
    found = match(film, film, [(0, 48), (48, 96)])
    assert [(each.trailer_start, each.trailer_end) for each in found.passages] == [(0, 48), (48, 96)]
    assert [(each.film_start, each.film_end) for each in found.passages] == [(0, 48), (48, 96)]
    assert found.belongs and found.share_unit == 1 and not found.gaps


def test_stills_of_the_film_are_found_and_stills_of_another_are_not(film: Path, tmp_path: Path) -> None:
    still, other = draw_place(2, 31)[30], draw_place(40, 1)[0]
    found = match(write(tmp_path / "stills.mp4", [still] * 24 + [other] * 24), film, [(0, 24), (24, 48)])
    (passage,) = found.passages
    assert (passage.trailer_start, passage.trailer_end) == (0, 24)
    assert passage.film_start <= 48 + 30 < passage.film_end + 1 and passage.motion_agreement is None
    assert [(gap.trailer_start, gap.trailer_end) for gap in found.gaps] == [(24, 48)]


def test_black_throughout_is_told_as_black_and_belongs_to_nothing(film: Path, tmp_path: Path) -> None:
    found = match(write(tmp_path / "black.mp4", black(20)), film, [(0, 20)])
    assert [gap.reason for gap in found.gaps] == [Reason.BLACK]
    assert (found.share_unit, found.belongs) == (0.0, False)


def test_a_single_frame_is_matched_or_given_up_without_failing(film: Path, tmp_path: Path) -> None:
    for frames in ([draw_place(1, 21)[20]], [draw_place(41, 1)[0]], black(1)):
        found = match(write(tmp_path / "one.mp4", frames), film, [(0, 1)])
        told = [(each.trailer_start, each.trailer_end) for each in (*found.passages, *found.gaps)]
        assert told == [(0, 1)]


def test_a_panned_shot_that_is_letterboxed_is_found_though_the_small_pictures_lie_aside_of_it(tmp_path: Path) -> None:
    frames = pan(60)
    film = write(tmp_path / "pan.mp4", [*frames, *draw_place(5, 24)])
    boxed = []
    for frame in frames[19:47]:
        boxed.append(frame.copy())
        boxed[-1][:23], boxed[-1][-23:] = 0, 0
    (passage,) = match(write(tmp_path / "boxed.mp4", boxed), film, [(0, 28)]).passages
    assert abs(passage.first_frame - 19) <= 1 and abs(passage.film_end - 47) <= 1
    assert passage.window[:4] == pytest.approx((0, 23 / 180, 1, 157 / 180), abs=0.03)


def pan(frames: int) -> list[Rgb]:
    """A wide drawn wall past which a camera goes, 4 pixels a frame."""
    wall = np.concatenate([draw_place(seed, 1)[0] for seed in (70, 71)], axis=1)
    return [np.ascontiguousarray(wall[:, 4 * frame : 4 * frame + SIZE[0]]) for frame in range(frames)]


def test_film_frames_read_in_any_order_are_those_of_the_film(film: Path) -> None:
    pictures = sample_film(film, info=probe(film), area=None)
    whole = FilmReader(pictures).read(0, 96)[1]
    reader = FilmReader(pictures)
    for start, end in ((50, 60), (-5, 3), (BLOCK_FRAMES - 1, BLOCK_FRAMES + 1), (40, 75), (90, 200)):
        first, read = reader.read(start, end)
        assert first == max(start, 0)
        np.testing.assert_array_equal(read, whole[first : min(end, 96)])
    assert reader.read(96, 120)[1].shape[0] == 0 and reader.read(-9, -2)[1].shape[0] == 0


def test_what_stands_still_and_what_moves_must_both_agree_and_less_is_asked_where_a_passage_goes_on() -> None:
    empty = Agreement(still=0.45, motion=0.8, movement=0.2)
    assert is_same(empty, goes_on=True) and not is_same(empty)
    assert is_same(Agreement(still=0.9, motion=0.8, movement=0.2))
    assert not is_same(Agreement(still=0.65, motion=0.74, movement=0.2))
    assert not is_same(Agreement(still=0.97, motion=0.5, movement=0.2), goes_on=True)
    assert not is_same(Agreement(still=0.6, motion=None, movement=0.0), goes_on=True)


def test_small_pictures_of_a_film_may_be_few_and_of_any_shape(tmp_path: Path) -> None:
    frames = [cv2.resize(frame, (64, 128)) for frame in draw_place(1, 3)]
    film = write(tmp_path / "tall.mp4", frames, size=(64, 128))
    found = match(write(tmp_path / "wide.mp4", draw_place(2, 10)), film, [(0, 10)])
    assert not found.passages and not found.belongs
