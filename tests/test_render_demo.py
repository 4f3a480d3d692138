from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ava.render.demo import plan_demo_film
from ava.render.demo_pictures import DemoPictures, Portraits, load_demo_pictures
from ava.render.film import FilmSpec, describe_film, draw_film
from ava.render.matte import cut_out, fill_hole
from ava.render.plate import Face, Plate
from ava.render.truth import FilmTruth

PEOPLE = ("Eileen Collins", "Barack Obama", "Joe Biden")


@pytest.fixture(scope="module")
def shipped() -> DemoPictures:
    return load_demo_pictures(pictures_dir=None)


@pytest.fixture(scope="module")
def with_stand_ins(shipped: DemoPictures) -> DemoPictures:
    """The film as it is with the portraits, but with flat pictures of their size in their place."""

    def stand_in(width: int, height: int, person: str, box: tuple[float, float, float, float]) -> Plate:
        matte = np.full((height, width), 255, np.uint8)
        return Plate(np.full((height, width, 3), 128, np.uint8), matte, (Face(person, box),))

    obama = stand_in(910, 1137, PEOPLE[1], (367, 79, 616, 428))
    standing = stand_in(1434, 1300, PEOPLE[1], (634, 249, 914, 612))
    speaking = stand_in(626, 900, PEOPLE[1], (190, 213, 472, 639))
    biden = stand_in(970, 1300, PEOPLE[2], (427, 167, 714, 560))
    room = Plate(np.full((1300, 1434, 3), 180, np.uint8))
    return replace(shipped, portraits=Portraits(obama, biden, standing, biden, speaking, room))


@pytest.fixture(scope="module")
def film(with_stand_ins: DemoPictures) -> FilmSpec:
    return plan_demo_film(with_stand_ins)


@pytest.fixture(scope="module")
def truth(film: FilmSpec) -> FilmTruth:
    return describe_film(film)


def test_demo_film_holds_what_the_first_page_has_to_show(truth: FilmTruth) -> None:
    assert truth.frame_count / truth.fps >= 45 and len(truth.shots) >= 12
    assert [t.kind for t in truth.transitions].count("dissolve") == 1
    assert [t.kind for t in truth.transitions].count("fade") == 3, "opening, pause and ending"
    assert {"pan", "tilt", "push_in", "pull_out", "handheld", "whip"} <= {s.camera for s in truth.shots}
    assert {text.kind for text in truth.texts} == {"title", "lower_third", "subtitle", "credits"}
    assert truth.defocused and truth.fast_motion and truth.black
    assert truth.notes == ()


def test_everybody_recurs_and_two_are_seen_together(truth: FilmTruth) -> None:
    assert truth.people == PEOPLE
    for person in PEOPLE:
        assert sum(person in shot.people for shot in truth.shots) >= 2
    together = next(shot for shot in truth.shots if shot.name == "two_shot")
    per_frame: dict[int, set[str]] = {}
    for face in together.faces:
        per_frame.setdefault(face.frame_index, set()).add(face.person)
    assert all(people == set(PEOPLE[1:]) for people in per_frame.values())
    assert len(per_frame) == together.end_frame - together.start_frame


def test_faces_lie_inside_the_frame(truth: FilmTruth) -> None:
    for shot in truth.shots:
        for face in shot.faces:
            x0, y0, x1, y1 = face.box
            assert 0 <= x0 < x1 <= truth.width and 0 <= y0 < y1 <= truth.height
            assert face.visible_unit >= 0.4 and y1 - y0 > 60


def test_pixel_errors_lie_in_different_clear_shots(film: FilmSpec, truth: FilmTruth) -> None:
    assert len(film.defects) == 6
    for planned in film.defects:
        frame = planned.frame_index
        assert not any(t.start_frame <= frame < t.end_frame for t in truth.transitions)
        assert not any(s.start_frame <= frame < s.end_frame for s in truth.fast_motion + truth.defocused)


def test_without_portraits_the_film_says_what_it_lacks(shipped: DemoPictures) -> None:
    truth = describe_film(plan_demo_film(shipped))
    assert truth.people == PEOPLE[:1]
    assert truth.frame_count / truth.fps >= 40 and len(truth.shots) >= 12
    assert len(truth.notes) == 1 and "not in the weights store" in truth.notes[0]


def test_demo_frames_draw_in_every_shot(film: FilmSpec) -> None:
    """One frame of each shot, by cutting each down to a single frame."""
    shots = tuple(replace(shot, frames=1, texts=()) for shot in film.shots)
    small = FilmSpec(320, 180, film.fps, shots, tuple(film.joins[1] for _ in shots[1:]), vignette_unit=0.28)
    frames = list(draw_film(small))
    assert len(frames) == len(shots)
    for shot, frame in zip(shots, frames, strict=True):
        assert frame.std() > 8, f"{shot.name} is empty"


def test_portraits_are_used_only_when_all_are_there(tmp_path: Path) -> None:
    (tmp_path / "obama.jpg").write_bytes(b"not all of them")
    assert load_demo_pictures(pictures_dir=tmp_path).portraits is None


def test_cut_out_finds_the_subject_between_its_outlines() -> None:
    rng = np.random.default_rng(3)
    rgb = np.clip(rng.normal(60, 8, (160, 200, 3)), 0, 255).astype(np.uint8)
    y, x = np.mgrid[:160, :200]
    disc = (x - 100) ** 2 + (y - 80) ** 2 < 45**2
    rgb[disc] = np.clip(rng.normal((190, 120, 60), 8, (int(disc.sum()), 3)), 0, 255).astype(np.uint8)
    square = [(75, 55), (125, 55), (125, 105), (75, 105)]
    around = [(40, 20), (160, 20), (160, 140), (40, 140)]
    plate = cut_out(Plate(rgb), surely=square, at_most=around)
    assert plate.matte is not None
    inside = plate.matte > 127
    assert (inside & disc).sum() / (inside | disc).sum() > 0.93
    assert np.array_equal(cut_out(Plate(rgb), surely=square, at_most=around).matte, plate.matte)


def test_filled_hole_continues_its_surroundings() -> None:
    ramp = np.repeat(np.linspace(20, 220, 120)[None, :, None], 80, axis=0).repeat(3, axis=2).astype(np.uint8)
    hole = np.zeros((80, 120), np.uint8)
    hole[25:55, 45:75] = 255
    damaged = ramp.copy()
    damaged[hole > 0] = 255
    filled = fill_hole(damaged, hole=hole)
    assert np.array_equal(filled[hole == 0], ramp[hole == 0])
    assert np.abs(filled[hole > 0].astype(int) - ramp[hole > 0]).mean() < 12
