"""Findings put together as faces and tracks, how well each face can be recognised, and which are only pictures."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from ava.annotate.base import Detections
from ava.annotate.face_encoders import RESNET
from ava.annotate.face_mesh import CONTOUR_COLUMNS, FaceMesh
from ava.annotate.faces import Faces
from ava.annotate.looks import Span
from ava.annotate.shot_inspection import FACE_TRACKS
from ava.weights.store import WeightsStore
from curation.people.collect import collect_people, mean_vectors, track_vectors
from curation.people.recognise import recognise
from tests.bench.people_films import inspect_people

SIZE = (640, 360)
SHOTS = [Span(0, 50), Span(50, 100)]
FPS = 25.0


def faces_table(rows) -> Detections:
    """Rows of (frame, x0, y0, side)."""
    values = np.full((len(rows), len(Faces.columns)), np.nan, np.float32)
    for row, (_, x0, y0, side) in enumerate(rows):
        values[row, :5] = x0, y0, x0 + side, y0 + side, 0.99
        for name, value in (("sharpness", 0.7), ("coarse_yaw_deg", 0), ("clipped", 0)):
            values[row, Faces.columns.index(name)] = value
    return Detections(np.array([frame for frame, *_ in rows], np.int64), values)


def tracks_table(rows) -> Detections:
    """Rows of (frame, track, x0, y0, side, row)."""
    values = [[x0, y0, x0 + side, y0 + side, 0.9, track, row >= 0, row] for _, track, x0, y0, side, row in rows]
    return Detections(np.array([frame for frame, *_ in rows], np.int64), np.array(values, np.float32).reshape(-1, 8))


def mesh_table(faces: Detections, *, shapes) -> Detections:
    """Landmarks of each face: `shapes` (N, L, 2) in shares of its box."""
    values = np.full((len(faces.values), len(FaceMesh.columns)), np.nan, np.float32)
    values[:, 0] = 1
    values[:, 1:4] = 0
    corner, side = faces.values[:, None, :2], (faces.values[:, 2] - faces.values[:, 0])[:, None, None]
    points = [FaceMesh.columns.index(name) for name in CONTOUR_COLUMNS]
    values[:, points] = (corner + side * np.asarray(shapes)).reshape(len(values), -1)
    return Detections(faces.frame_index, values)


def two_shots() -> dict[str, Detections]:
    """One person through each shot, and in the second one another that was found in one look only."""
    faces = faces_table([(10, 100, 60, 80), (30, 110, 60, 80), (60, 300, 60, 60), (60, 500, 90, 40), (90, 300, 60, 60)])
    ways = [(frame, 0, 100 + (frame > 20) * 10, 60, 80, 0 if frame in (10, 30) else -1) for frame in range(50)]
    ways += [(frame, 0, 300, 60, 60, 0 if frame in (60, 90) else -1) for frame in range(50, 100)]
    ways += [(60, 1, 500, 90, 40, 1)]
    ways.sort(key=lambda way: way[0])
    rng = np.random.default_rng(1)
    vectors = Detections(faces.frame_index, rng.normal(size=(5, RESNET.dimensions)).astype(np.float32))
    return {"faces": faces, FACE_TRACKS: tracks_table(ways), RESNET.detector: vectors}


def collect(tables, **options):
    return collect_people(tables, shots=SHOTS, encoder=RESNET, size=SIZE, fps=FPS, **options)


def test_track_numbers_that_begin_anew_with_an_inspection_are_kept_apart():
    people = collect(two_shots())
    assert [(track.shot, track.start_frame, track.end_frame) for track in people.tracks] == [
        (0, 0, 50),
        (1, 50, 100),
        (1, 60, 61),
    ]
    assert people.faces.track.tolist() == [0, 0, 1, 2, 1]
    assert people.faces.row.tolist() == [0, 0, 0, 1, 0]


def test_tracks_are_measured_from_every_frame_they_go_through():
    first, _, third = collect(two_shots()).tracks
    assert first.height_unit == pytest.approx(80 / 360)
    assert first.sharpness_unit == pytest.approx(0.7)
    assert 0 < third.centrality_unit < first.centrality_unit < 1
    assert not first.is_static


def test_vectors_are_laid_beside_their_faces_and_missing_ones_are_nan():
    tables = two_shots()
    people = collect(tables)
    assert np.array_equal(people.faces.vectors, tables[RESNET.detector].values)
    assert (people.faces.quality > 0.3).all()
    whole = tables[RESNET.detector]
    kept = whole.frame_index != 60
    people = collect(tables | {RESNET.detector: Detections(whole.frame_index[kept], whole.values[kept])})
    assert np.isnan(people.faces.vectors).any(axis=1).tolist() == [False, False, True, True, False]
    assert (people.faces.quality == 0).tolist() == [False, False, True, True, False]
    vectors, weights = track_vectors(people)
    assert np.isnan(vectors[2]).all() and weights[2] == 0
    assert np.allclose(vectors[1], people.faces.vectors[4])


@pytest.mark.filterwarnings("error")
def test_films_without_faces_tracks_mesh_or_encoder_are_collected_too():
    none = collect({})
    assert none.tracks == () and none.faces.vectors.shape == (0, RESNET.dimensions)
    assert track_vectors(none)[0].shape == (0, RESNET.dimensions)
    without = collect_people({"faces": two_shots()["faces"]}, shots=[], encoder=None, size=SIZE)
    assert without.faces.vectors.shape == (5, 0)
    assert (without.faces.track == -1).all() and (without.faces.quality == 0).all()


def test_rows_outside_every_shot_belong_to_no_track():
    people = collect_people(two_shots(), shots=SHOTS[:1], encoder=RESNET, size=SIZE, fps=FPS)
    assert len(people.tracks) == 1
    assert people.faces.track.tolist() == [0, 0, -1, -1, -1]


def test_one_wrong_look_hardly_moves_the_vector_of_a_track():
    rng = np.random.default_rng(2)
    good = rng.normal(0, 0.02, (7, 16)).astype(np.float32)
    bad = np.full((1, 16), 1, np.float32)
    vectors, weights = mean_vectors(
        np.concatenate([good, bad]), quality=np.full(8, 0.5, np.float32), track=np.zeros(8, np.int64), tracks=1
    )
    assert weights[0] == pytest.approx(4)
    assert np.linalg.norm(vectors[0] - good.mean(axis=0)) < 0.1 * np.linalg.norm(bad - good.mean(axis=0))


def test_large_sharp_frontal_faces_are_worth_most():
    def quality(*, side=100.0, **changes):
        tables = two_shots()
        faces = faces_table([(10, 100, 60, side)])
        for name, value in changes.items():
            faces.values[0, Faces.columns.index(name)] = value
        tables |= {"faces": faces, RESNET.detector: Detections(faces.frame_index, np.ones((1, 128), np.float32))}
        return float(collect(tables).faces.quality[0])

    best = quality()
    assert 0.85 < best <= 1
    for worse in ({"side": 24}, {"sharpness": 0.3}, {"coarse_yaw_deg": 60}, {"score": 0.91}, {"clipped": 0.6}):
        assert 0 < quality(**worse) < 0.75 * best, worse


def poster_and_people(*, poster_side: float, with_others: bool, shake: float = 0.001) -> list[bool]:
    """Which tracks of a shot of two seconds are static: a printed face that the camera drifts past, then a calm one."""
    rng = np.random.default_rng(3)
    shape = rng.uniform(0.2, 0.8, (len(CONTOUR_COLUMNS) // 2, 2))
    looks = [5, 15, 25, 35, 45]
    rows, shapes, ways = [], [], []
    for number, frame in enumerate(looks):
        sides = [poster_side] + [80] * with_others
        for row, side in enumerate(sides):
            rows.append((frame, 100 + 250 * row + frame, 60, side * (1 + frame / 500)))
            living = rng.normal(0, 0.012, shape.shape) * row * (number > 0)
            shapes.append(shape + rng.normal(0, shake, shape.shape) + living)
    for frame in range(50):
        for row, side in enumerate([poster_side] + [80] * with_others):
            ways.append((frame, row, 100 + 250 * row + frame, 60, side, row if frame in looks else -1))
    faces = faces_table(rows)
    tables = {"faces": faces, FACE_TRACKS: tracks_table(ways), "face_mesh": mesh_table(faces, shapes=shapes)}
    return [track.is_static for track in collect(tables).tracks]


def test_a_poster_on_a_wall_is_static_and_the_person_beside_it_is_not():
    assert poster_and_people(poster_side=60, with_others=True) == [True, False]
    assert poster_and_people(poster_side=60, with_others=False) == [True]


def test_a_large_still_portrait_is_a_person_unless_others_live_in_its_shot():
    assert poster_and_people(poster_side=150, with_others=False) == [False]
    assert poster_and_people(poster_side=150, with_others=True) == [True, False]


def test_small_faces_whose_landmarks_tremble_are_not_called_pictures():
    assert poster_and_people(poster_side=60, with_others=False, shake=0.02) == [False]
    assert poster_and_people(poster_side=24, with_others=False) == [False]


@pytest.mark.slow
def test_real_people_are_told_apart_and_none_of_them_is_a_picture(shared_data, model_files):
    """Clips of three people with known cuts, taken in one room."""
    model_files(["face-landmarks", "eye-landmarks", "face-resnet"])
    cuts = [0, 77, 140, 205, 314]
    shots = [Span(start, end) for start, end in pairwise(cuts)]
    store = WeightsStore(Path(settings.BASE_DIR) / "var" / "weights")
    people = inspect_people(shared_data / "video" / "asl_five_people_montage.mp4", shots=shots, store=store)
    assert not any(track.is_static for track in people.tracks)
    found = recognise(people, encoder=RESNET)
    seen = found.person >= 0
    signers = ["ABAC"[track.shot] for track in people.tracks]
    pairs = {(signer, person) for signer, person in zip(signers, found.person.tolist(), strict=True) if person >= 0}
    assert len(pairs) == len(found.characters) == 3
    assert seen.sum() >= 4
