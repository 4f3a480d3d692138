"""Vectors of stills: what is put in is read back, distances mean what they say, and what is unknown does no harm."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from ava.annotate.base import find_annotators, find_detectors
from ava.shots.shot_list import Shot, ShotList
from curation.headless_table import tabulate_stills
from curation.stills.closer_looks import gather_people, locate_subjects
from curation.stills.clusters import cluster_stills
from curation.stills.film import JudgedFilm
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import VECTOR_NAMES, combine_vectors
from curation.stills.table_packing import pack_table, unpack_table
from curation.stills.vectors import (
    Appearances,
    build_table,
    read_colours,
    read_compositions,
    read_light,
    read_people,
    read_scales,
    share_out_film,
)

FRAMES = 120
STILLS = np.array([5, 20, 50, 100], dtype=np.int64)


def make_film(*, known: bool = True, seed: int = 0) -> JudgedFilm:
    """A film of three shots in which every signal is drawn at random, or nothing is measured at all."""
    rng = np.random.default_rng(seed)
    names = [f"{each.name}.{column}" for each in find_annotators() for column in each.columns]
    names += [f"{each.name}.{column}" for each in find_detectors() for column in each.frame_columns]
    signals = {
        name: rng.random(FRAMES).astype(np.float32) if known else np.full(FRAMES, np.nan, np.float32) for name in names
    }
    if known:
        terms = [name for name in names if name.startswith("colour_names.")]
        whole = np.sum([signals[name] for name in terms], axis=0)
        signals |= {name: signals[name] / whole for name in terms}
    shots = ShotList((Shot(0, 0, 40, "start"), Shot(1, 40, 90, "cut"), Shot(2, 90, FRAMES, "cut")), ())
    return JudgedFilm(signals, shots, Fraction(25))


def describe(film: JudgedFilm, frames=STILLS, *, shown=None, scales=None):
    people = np.zeros((len(frames), 2), dtype=bool) if shown is None else np.asarray(shown, dtype=bool)
    unknown = np.full(len(frames), np.nan)
    return build_table(
        film,
        frames,
        scales=unknown if scales is None else np.asarray(scales, dtype=float),
        subjects=np.full((len(frames), 2), np.nan),
        people=Appearances((7, 9), people, np.full(len(frames), shown is not None)),
        maturity={},
    )


def test_what_was_measured_can_be_read_back_from_the_vectors() -> None:
    film = make_film()
    table = unpack_table(pack_table(describe(film, shown=[[1, 0], [0, 1], [1, 1], [0, 0]])))
    assert np.allclose(read_light(table)[:, 0], film.signal("exposure.brightness")[STILLS], atol=2e-3)
    assert np.allclose(read_colours(table)[:, 7], film.signal("colour_names.blue")[STILLS], atol=2e-3)
    thirds = read_compositions(table)["composition.thirds"]
    assert np.allclose(thirds, film.signal("composition.thirds")[STILLS], atol=2e-3)
    assert read_people(table).tolist() == [[True, False], [False, True], [True, True], [False, False]]
    assert set(table.parts) == set(FRAME_PARTS) and set(table.vectors) == set(VECTOR_NAMES)
    assert np.array_equal(table.frames, STILLS) and table.cast == (7, 9)


def test_scale_of_the_shot_stands_in_where_the_still_has_none() -> None:
    film = make_film()
    own = np.full(FRAMES, np.nan, np.float32)
    own[5] = 6
    table = describe(JudgedFilm({**film.signals, "framing.scale": own}, film.shots, film.fps), scales=[1, 2, np.nan, 3])
    assert np.array_equal(read_scales(table), [6, 2, np.nan, 3], equal_nan=True)


def test_stills_that_share_nobody_are_wholly_different_and_more_alike_the_more_they_share() -> None:
    table = describe(make_film(), shown=[[1, 0], [0, 1], [1, 1], [0, 0]])
    people = table.vectors["characters"]
    distance = np.linalg.norm(people[:, None] - people[None], axis=2)
    assert distance[0, 1] == pytest.approx(1) and distance[0, 3] == pytest.approx(1)
    assert 0.4 < distance[0, 2] < 0.7


def test_frames_of_a_shot_go_to_its_nearest_still() -> None:
    shots, film_frames = share_out_film(make_film(), STILLS)
    assert shots.tolist() == [0, 0, 1, 2]
    assert film_frames.tolist() == [13, 27, 50, 30]


def test_frames_of_shots_without_stills_go_to_nobody() -> None:
    _, film_frames = share_out_film(make_film(), STILLS[:1])
    assert film_frames.tolist() == [40]


def test_nothing_measured_gives_neutral_vectors_and_says_so() -> None:
    table = describe(make_film(known=False))
    assert not any(table.is_known(name).any() for name in VECTOR_NAMES if name != "place")
    assert np.isfinite(combine_vectors(table)).all() and np.isfinite(table.looks).all()
    assert all(np.isnan(read_light(table)).all(axis=0)) and np.isnan(read_scales(table)).all()


def test_no_stills_make_an_empty_table_that_packs() -> None:
    empty = np.empty(0, dtype=np.int64)
    table = unpack_table(pack_table(describe(make_film(), empty)))
    assert len(table) == 0 and combine_vectors(table).shape[0] == 0


def test_frames_out_of_order_or_outside_the_film_are_refused() -> None:
    for frames in ([5, 3], [5, 5], [-1, 4], [0, FRAMES]):
        with pytest.raises(ValueError, match="order"):
            describe(make_film(), np.array(frames, dtype=np.int64))


def test_people_beyond_the_most_that_are_told_apart_are_those_in_the_fewest_stills(monkeypatch) -> None:
    monkeypatch.setattr("curation.stills.closer_looks.MOST_CAST", 1)
    seen = gather_people(
        STILLS,
        seen_in=np.array([5, 5, 20, 50, 99]),
        character=np.array([4, 3, 4, 4, 3]),
        looks=np.array([100]),
    )
    assert seen.cast == (4,)
    assert seen.shown[:, 0].tolist() == [True, True, True, False]
    assert seen.is_known.all()


def test_subject_is_placed_within_the_picture_without_bars() -> None:
    from ava.annotate.base import Detections

    values = np.zeros((2, 9), np.float32)
    values[:, 4:6] = [[60, 50], [500, 500]]
    found = Detections(np.array([20, 99]), values)
    places = locate_subjects(found, STILLS, area=(20, 10, 120, 90))
    assert places[1].tolist() == [0.4, 0.5] and np.isnan(places[[0, 2, 3]]).all()


def test_film_analysed_without_a_database_gives_the_same_table() -> None:
    film, frames = make_film(), STILLS
    analysis = SimpleNamespace(
        all_signals=lambda: film.signals, shots=film.shots, info=SimpleNamespace(fps=film.fps), area=(0, 0, 100, 80),
        stills=[SimpleNamespace(frame_index=int(frame)) for frame in frames[::-1]], found={}, people=None,
        styles=[SimpleNamespace(scale=scale) for scale in ("close_up", None, "long")], looks=frozenset({5}),
    )  # fmt: skip
    table, same = tabulate_stills(analysis), describe(film, scales=[1, 1, np.nan, 5])
    assert np.array_equal(table.frames, frames)
    for name in set(VECTOR_NAMES) - {"characters"}:
        assert np.array_equal(table.vectors[name], same.vectors[name])
    assert not table.is_known("characters").any() and cluster_stills(table).min() == 1
