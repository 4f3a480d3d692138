"""Trailers as a test of how stills are ranked: measured right on made orders, on a rendered pair, and in the app."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from ava.annotate.base import find_annotators
from ava.models import Annotation, Shot
from ava.packing import pack_values
from ava.render.encode import film_writer
from curation.models import TrailerMatching, TrailerPart
from tests.bench.accuracy import SECTIONS
from tests.bench.accuracy_official_stills import (
    OfficialFilm,
    figures_of,
    films_of_folder,
    installed_films,
    measure,
    measure_order,
    over_all,
    random_top,
)
from tests.world import make_film, make_measurements, make_still, make_world

SHOTS, SHOT_FRAMES = 6, 24


def official(*, used: list[int]) -> OfficialFilm:
    """Twenty shots of five frames, of which the trailer uses some."""
    edges = np.arange(0, 101, 5)
    mask = np.isin(np.arange(100) // 5, used)
    return OfficialFilm("made", np.stack([edges[:-1], edges[1:]], axis=1), mask, {}, [])


def test_an_order_that_puts_used_frames_first_has_it_all_and_its_opposite_nothing() -> None:
    film = official(used=list(range(10)))
    best = measure_order(np.arange(100)[::-1], film=film)
    assert best == (1.0, 0.75, 1.0)
    assert measure_order(np.arange(100), film=film) == (0.0, 0.25, 0.0)
    assert measure_order(np.zeros(100), film=film)[1:] == (0.5, 0.5) and random_top(film) == 0.5


def test_frames_without_a_score_rank_lowest_and_auc_is_that_of_all_pairs() -> None:
    film = official(used=[3, 7])
    score = np.random.default_rng(0).integers(0, 9, 100).astype(float)
    score[::11] = np.nan
    known = np.where(np.isnan(score), -1, score)
    pairs = known[film.used][:, None] - known[~film.used][None]
    assert measure_order(score, film=film).auc == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2)


def test_the_frames_of_a_rendered_trailer_are_found_in_its_film_and_measure_how_frames_are_ranked(
    tmp_path: Path,
) -> None:
    """The trailer shows the three shots that are in focus; the others are blurred beyond recognition."""
    folder = tmp_path / "trailers" / "pair"
    folder.mkdir(parents=True)
    shots = [draw_shot(number, is_blurred=number % 2 == 1) for number in range(SHOTS)]
    write(folder / "film.mp4", [frame for shot in shots for frame in shot])
    write(folder / "trailer.mp4", [frame for number in (4, 0, 2) for frame in shots[number]])
    (film,) = films_of_folder(tmp_path, stages=["stills"], processes=1)
    true = np.isin(np.arange(SHOTS * SHOT_FRAMES) // SHOT_FRAMES, [0, 2, 4])
    assert (film.used == true).mean() > 0.95
    for name in ("suitability", "sharpness"):
        assert measure_order(film.scores[name], film=film).auc > 0.9, name
    told = {figure.what: figure.value for figure in figures_of(film)}
    assert told["pair: 10 best at random, used"] == pytest.approx(0.5, abs=0.05)
    assert min(value for what, value in told.items() if "AUC" in what) > 0.9


def draw_shot(number: int, *, is_blurred: bool) -> list[np.ndarray]:
    """Patches of colour, other ones in each shot, over which the camera moves by a pixel a frame."""
    rng = np.random.default_rng(number)
    small = rng.integers(30, 226, (24, 40, 3), dtype=np.uint8)
    wide = cv2.resize(small, (400, 240), interpolation=cv2.INTER_NEAREST)
    if is_blurred:
        wide = cv2.GaussianBlur(wide, (0, 0), 12)
    return [np.ascontiguousarray(wide[20:200, at : at + 320]) for at in range(SHOT_FRAMES)]


def write(path: Path, frames: list[np.ndarray]) -> None:
    with film_writer(path, width=320, height=180, fps=Fraction(24), crf=18) as writer:
        for frame in frames:
            writer.write(frame)


@pytest.mark.django_db
def test_of_an_installation_films_with_a_trailer_of_their_own_are_measured(hints) -> None:
    world = make_world("here")
    film, trailer = (make_film(world.title, name=name, frame_count=200) for name in ("film.mp4", "trailer.mp4"))
    for index in range(4):
        Shot.objects.create(
            video=film, index=index, start_frame=50 * index, end_frame=50 * index + 50, transition="cut"
        )
    chunk = make_measurements(film).chunk
    for each in find_annotators():
        if each.name != "exposure":
            Annotation.objects.create(
                chunk=chunk, annotator=each.name, version=each.version, columns=list(each.columns),
                values=pack_values(np.full((200, len(each.columns)), 0.5, dtype=np.float32)),
            )  # fmt: skip
    make_still(film, 60, rank=1)
    make_still(film, 10, rank=2)
    matching = TrailerMatching.objects.create(film=film, trailer=trailer, basis="x", belongs=True, share_unit=1)
    TrailerPart.objects.create(
        matching=matching, trailer_start=0, trailer_end=50, film_start=50, film_end=100, first_frame=50, speed=1,
        confidence=1,
    )  # fmt: skip
    (found,) = installed_films()
    assert np.flatnonzero(found.used).tolist() == list(range(50, 100)) and list(found.stills) == [60, 10]


@pytest.mark.django_db
def test_where_there_is_no_pair_the_benchmark_says_so(tmp_path: Path) -> None:
    assert "official_stills" in SECTIONS
    (figure,) = measure(tmp_path)
    assert figure.value == 0 and "no film with a matched trailer" in figure.truth
    assert over_all([official(used=[1])]) == []
