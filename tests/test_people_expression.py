"""Which faces suit a still: what each factor says, what a classifier learns, and what nothing can break."""

import json
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.face_mesh import CONTOUR_COLUMNS, FaceMesh
from ava.annotate.faces import Faces
from ava.annotate.head_pose import make_rotation
from curation.people.expression import (
    FACTORS,
    WHERE_UNKNOWN,
    explain_expressions,
    eye_gaps,
    mouth_gaps_mm,
    rate_expressions,
)
from curation.people.expression_classifier import (
    LEAST_EXAMPLES,
    TooFewExamples,
    UnfitWeights,
    rate,
    train,
)
from curation.people.expression_features import (
    GEOMETRY,
    LANDMARKS,
    align_landmarks,
    block_columns,
    describe_expressions,
)
from curation.people.face_looks import join_looks
from curation.people.film_faces import FaceLooks

GOOD = {
    "score": 0.99, "sharpness": 0.7, "brightness": 0.5, "contrast": 0.5, "clipped": 0.0, "coarse_yaw_deg": 0.0,
    "mesh_score": 0.99, "yaw_deg": 0.0, "pitch_deg": 0.0, "roll_deg": 0.0, "eyes_open": 0.95, "mouth_open": 0.05,
    "smile": 0.1, "brows_raised": 0.1,
}  # fmt: skip
BOX = np.array([[100, 100, 180, 200]], np.float32)


@pytest.fixture(autouse=True)
def no_warnings() -> Iterable[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def looks(**changes: float) -> FaceLooks:
    """One face that is right in every respect but those named."""
    columns = {name: np.array([value], np.float32) for name, value in (GOOD | changes).items()}
    rng = np.random.default_rng(0)
    return FaceLooks(**columns, landmarks=rng.uniform(100, 180, (1, LANDMARKS, 2)).astype(np.float32))


def rating(**changes: float) -> float:
    return float(rate_expressions(looks(**changes), boxes=BOX)[0])


def factor(name: str, **changes: float) -> float:
    return float(explain_expressions(looks(**changes), boxes=BOX)[name][0])


def many(count: int, *, seed: int = 0) -> tuple[FaceLooks, NDArray[np.float32]]:
    """Faces at random in every respect."""
    rng = np.random.default_rng(seed)
    ranges = {"yaw_deg": 80, "coarse_yaw_deg": 80, "pitch_deg": 40, "roll_deg": 60}
    columns = {
        name: (rng.uniform(-ranges[name], ranges[name], count) if name in ranges else rng.random(count))
        for name in GOOD
    }
    points = rng.uniform(100, 180, (count, LANDMARKS, 2))
    corner = rng.uniform(0, 300, (count, 2))
    boxes = np.column_stack([corner, corner + rng.uniform(20, 200, (count, 2))])
    as_floats = {name: values.astype(np.float32) for name, values in columns.items()}
    return FaceLooks(**as_floats, landmarks=points.astype(np.float32)), boxes.astype(np.float32)


def test_a_clear_frontal_face_with_open_eyes_and_closed_mouth_suits_best() -> None:
    assert rating() > 0.95


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("eyes", {"eyes_open": 0.05}),
        ("mouth", {"mouth_open": 0.8}),
        ("sharpness", {"sharpness": 0.35}),
        ("pose", {"yaw_deg": 65.0}),
        ("pose", {"yaw_deg": -65.0}),
        ("pose", {"pitch_deg": -45.0}),
    ],
)
def test_each_flaw_alone_ends_it_and_is_named(name: str, changes: dict[str, float]) -> None:
    assert rating(**changes) < 0.1
    assert factor(name, **changes) < 0.1
    assert all(factor(other, **changes) > 0.9 for other in FACTORS if other != name)


def test_slight_turns_are_fine_to_both_sides() -> None:
    assert rating(yaw_deg=20) > 0.95 and rating(yaw_deg=-20) > 0.95 and rating(pitch_deg=10) > 0.95


def test_a_laugh_is_right_with_its_open_mouth_and_narrow_eyes_and_speech_is_not() -> None:
    laugh = rating(mouth_open=0.95, smile=0.95, eyes_open=0.6)
    assert laugh > 0.6 > 6 * rating(mouth_open=0.95, eyes_open=0.6)


def test_astonishment_is_right_with_its_open_mouth() -> None:
    assert rating(mouth_open=0.9999, brows_raised=0.95, eyes_open=0.98) > 0.7
    assert rating(mouth_open=0.9999, brows_raised=0.1, eyes_open=0.98) < 0.1


def test_small_and_dark_faces_only_count_less() -> None:
    dark = rating(brightness=0.03, contrast=0.05)
    small = float(rate_expressions(looks(), boxes=np.array([[0, 0, 15, 18]], np.float32))[0])
    assert 0.3 < dark < 0.7 and 0.2 < small < 0.5


def test_opening_eyes_never_lowers_and_turning_away_never_raises_a_rating() -> None:
    opening = [rating(eyes_open=value) for value in np.linspace(0.01, 0.99, 40)]
    turning = [rating(yaw_deg=value) for value in np.linspace(0, 90, 40)]
    assert np.all(np.diff(opening) >= 0) and np.all(np.diff(turning) <= 0)


def test_levels_go_back_to_the_gaps_that_they_were_made_of() -> None:
    assert eye_gaps(np.array([0.5], np.float32))[0] == pytest.approx(0.19)
    assert mouth_gaps_mm(np.array([0.5], np.float32))[0] == pytest.approx(4.0)
    assert np.isfinite(eye_gaps(np.array([0.0, 1.0], np.float32))).all()


def test_of_a_face_without_landmarks_what_is_known_counts_and_of_nothing_nothing_is_said() -> None:
    of_mesh = dict.fromkeys(
        ("yaw_deg", "pitch_deg", "roll_deg", "eyes_open", "mouth_open", "smile", "brows_raised"), np.nan
    )
    assert rating(**of_mesh) == pytest.approx(WHERE_UNKNOWN**2, rel=0.05)
    assert rating(**of_mesh, coarse_yaw_deg=70.0) < 0.05
    assert np.isnan(factor("eyes", **of_mesh)) and factor("pose", **of_mesh, coarse_yaw_deg=0.0) > 0.9
    assert np.isnan(rating(**dict.fromkeys(GOOD, np.nan)))


def test_every_face_is_rated_alone_and_between_0_and_1() -> None:
    faces, boxes = many(300)
    rated = rate_expressions(faces, boxes=boxes)
    assert rated.dtype == np.float32 and rated.min() >= 0 and rated.max() <= 1
    alone = [
        rate_expressions(FaceLooks(*(column[row : row + 1] for column in faces)), boxes=boxes[row : row + 1])[0]
        for row in range(20)
    ]
    np.testing.assert_array_equal(rated[:20], alone)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0])
def test_no_measurement_breaks_anything(bad: float) -> None:
    faces, boxes = many(4)
    broken = FaceLooks(*(np.full_like(column, bad) for column in faces))
    rated = rate_expressions(broken, boxes=np.full_like(boxes, bad))
    assert ((rated >= 0) & (rated <= 1) | np.isnan(rated)).all()
    features = describe_expressions(broken, boxes=np.full_like(boxes, bad), vectors=np.full((4, 8), bad, np.float32))
    assert not np.isinf(features).any()


def test_no_faces_give_no_ratings_and_no_features() -> None:
    faces, boxes = many(0)
    assert rate_expressions(faces, boxes=boxes).shape == (0,)
    assert describe_expressions(faces, boxes=boxes, vectors=np.empty((0, 128), np.float32)).shape[0] == 0


def test_features_have_one_length_for_every_film_and_know_what_is_missing() -> None:
    faces, boxes = many(5)
    vectors = np.random.default_rng(1).normal(size=(5, 128)).astype(np.float32)
    vectors[2] = np.nan
    features = describe_expressions(faces, boxes=boxes, vectors=vectors)
    assert features.dtype == np.float32 and features.shape == (5, sum(block_columns(features.shape[1])))
    assert block_columns(features.shape[1])[1:] == (2 * LANDMARKS, 128, 2)
    np.testing.assert_array_equal(features[:, GEOMETRY], rate_expressions(faces, boxes=boxes))
    np.testing.assert_array_equal(features[:, -1], [1, 1, 0, 1, 1])
    without = describe_expressions(faces, boxes=boxes, vectors=vectors[:, :0])
    np.testing.assert_array_equal(without[:, -1], 0)
    assert without.shape[1] == features.shape[1] - 128


def test_landmarks_are_the_same_wherever_and_however_large_and_tilted_a_face_is() -> None:
    points = np.random.default_rng(2).uniform(100, 180, (3, LANDMARKS, 2)).astype(np.float32)
    turn = make_rotation(yaw_deg=0, pitch_deg=0, roll_deg=35)[:2, :2]
    moved = ((points @ turn.T) * 2.5 + (400, -70)).astype(np.float32)
    np.testing.assert_allclose(align_landmarks(points), align_landmarks(moved), atol=1e-3, equal_nan=True)
    eyes = align_landmarks(points)
    known = np.isfinite(eyes).all(axis=(1, 2))
    np.testing.assert_allclose(eyes[known][:, 8:16].mean(axis=1), [[0.5, 0]] * known.sum(), atol=1e-4)


def test_a_face_whose_eyes_fall_together_has_no_aligned_landmarks() -> None:
    assert np.isnan(align_landmarks(np.full((1, LANDMARKS, 2), 50, np.float32))).all()


def house(
    count: int = 200, *, groups: int = 8, likes: str = "geometry", seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64]]:
    """Examples of editors who pick what geometry rates high, faces turned to the right, or whatever."""
    faces, boxes = many(count, seed=seed)
    features = describe_expressions(faces, boxes=boxes, vectors=np.empty((count, 0), np.float32))
    rng = np.random.default_rng(seed)
    taste = {"geometry": features[:, GEOMETRY], "right": faces.yaw_deg, "whatever": rng.random(count)}[likes]
    return features, taste > np.median(taste), rng.integers(0, groups, count)


def test_a_taste_that_geometry_does_not_know_is_learnt() -> None:
    trained = train(*house(likes="right"))
    assert trained.auc > 0.85 and 0.3 < trained.geometry_auc < 0.7
    assert len(trained.folds) == len(trained.geometry_folds) == 5
    assert trained.auc == pytest.approx(np.mean(trained.folds))


def test_where_editors_pick_at_random_the_figure_says_that_nothing_was_learnt() -> None:
    areas = [train(*house(likes="whatever", seed=seed)).auc for seed in range(4)]
    assert 0.35 < np.mean(areas) < 0.65


def test_near_identical_faces_of_one_group_do_not_flatter_the_figure() -> None:
    rng = np.random.default_rng(3)
    faces, boxes = many(30)
    features = describe_expressions(faces, boxes=boxes, vectors=np.empty((30, 0), np.float32))
    features = np.repeat(features, 10, axis=0) + rng.normal(0, 1e-4, (300, features.shape[1])).astype(np.float32)
    labels, groups = np.repeat(rng.random(30) < 0.5, 10), np.repeat(np.arange(30), 10)
    assert train(features, labels, groups).auc < 0.75
    assert train(features, labels, rng.integers(0, 30, 300)).auc > 0.9  # what dividing them would have claimed


def test_the_same_examples_in_any_order_give_the_same_classifier() -> None:
    features, labels, groups = house()
    order = np.random.default_rng(1).permutation(len(labels))
    first, second = train(features, labels, groups), train(features[order], labels[order], groups[order])
    assert first == second


def test_weights_are_json_and_rate_as_before_when_read_again() -> None:
    features, labels, groups = house()
    weights = train(features, labels, groups).weights
    again = json.loads(json.dumps(weights, allow_nan=False))
    np.testing.assert_array_equal(rate(weights, features), rate(again, features))
    rated = rate(weights, features)
    assert rated.dtype == np.float32 and rated.min() >= 0 and rated.max() <= 1


def test_of_a_face_of_which_nothing_is_known_a_classifier_says_nothing() -> None:
    features, labels, groups = house()
    features[3] = np.nan
    features[4, 5:] = np.nan
    rated = rate(train(features, labels, groups).weights, features)
    assert np.isnan(rated[3]) and np.isfinite(rated[4])


@pytest.mark.parametrize("picked", [0, 1, LEAST_EXAMPLES - 1])
def test_too_few_examples_are_refused_with_how_many_there_are(picked: int) -> None:
    features, _, groups = house()
    labels = np.arange(len(groups)) < picked
    with pytest.raises(TooFewExamples, match=f"^{picked} picked and {200 - picked} rejected faces so far; 40 of each"):
        train(features, labels, groups)


def test_examples_of_one_shot_are_refused_and_those_of_which_no_group_holds_both() -> None:
    features, labels, groups = house()
    with pytest.raises(TooFewExamples, match="from 1 shot; 3 are needed"):
        train(features, labels, np.zeros_like(groups))
    with pytest.raises(TooFewExamples):
        train(features, np.arange(200) < 100, np.where(np.arange(200) < 100, 0, 1 + np.arange(200) % 2))


def test_columns_that_never_differ_or_are_never_known_do_no_harm() -> None:
    features, labels, groups = house()
    features[:, 10], features[:, 12] = 7.0, np.nan
    features[:, 11] = np.where(np.arange(200) == 5, 1e30, features[:, 11])
    assert np.isfinite(rate(train(features, labels, groups).weights, features)).all()


def test_weights_for_other_features_are_refused_with_what_to_do() -> None:
    features, labels, groups = house()
    weights = train(features, labels, groups).weights
    with pytest.raises(UnfitWeights, match="train it again"):
        rate(weights, features[:, :-3])


class Reader:
    """Looks at pictures with the real detectors."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.faces, self.mesh = Faces(), FaceMesh()
        self.faces.load({})
        self.mesh.load(files)

    def rate(self, picture: NDArray[np.uint8]) -> float:
        found = self.faces.detect(picture[None], frame_index=np.array([0]), found={})
        assert len(found.values) == 1
        mesh = self.mesh.detect(picture[None], frame_index=np.array([0]), found={"faces": found})
        return float(rate_expressions(join_looks(found.values, mesh=mesh.values), boxes=found.values[:, :4])[0])


@pytest.fixture(scope="module")
def reader(model_files: Callable[[Iterable[str]], dict[str, Path]]) -> Reader:
    return Reader(model_files(FaceMesh.weights))


def test_looks_are_named_as_the_detectors_name_them() -> None:
    faces = np.arange(len(Faces.columns), dtype=np.float32)[None]
    mesh = 1000 + np.arange(len(FaceMesh.columns), dtype=np.float32)[None]
    joined = join_looks(faces, mesh=mesh)
    assert joined.sharpness[0] == Faces.columns.index("sharpness")
    assert joined.eyes_open[0] == 1000 + FaceMesh.columns.index("eyes_open")
    assert joined.landmarks[0, 0, 0] == 1000 + FaceMesh.columns.index(CONTOUR_COLUMNS[0])
    assert joined.landmarks.shape == (1, LANDMARKS, 2)


def test_a_real_smile_outshines_the_same_face_blurred_by_movement(reader: Reader, shared_data: Path) -> None:
    bgr = cv2.imread(str(shared_data / "images" / "fsaowi" / "LC-USF34-042633.jpg"))
    picture = cv2.cvtColor(cv2.resize(bgr, (640, round(640 * bgr.shape[0] / bgr.shape[1]))), cv2.COLOR_BGR2RGB)
    assert reader.rate(np.asarray(picture)) > 2 * reader.rate(np.asarray(cv2.blur(picture, (21, 1))))


def test_labelled_faces_are_told_apart(reader: Reader, shared_data: Path) -> None:
    from sklearn.metrics import roc_auc_score

    from tests.bench.accuracy_faces import read_photograph
    from tests.bench.expression_labels import LABELLED_FACES
    from tests.bench.people_expression import SIDE_PX

    rated, wanted = [], []
    for face in LABELLED_FACES:
        if face.frame < 0:
            picture = read_photograph(shared_data / face.file, side_px=SIDE_PX)
            found = reader.faces.detect(picture[None], frame_index=np.array([0]), found={})
            away = np.linalg.norm((found.values[:, :2] + found.values[:, 2:4]) / 2 - (face.x, face.y), axis=1)
            nearest = found.values[[int(np.argmin(away))]]
            only = type(found)(found.frame_index[:1], nearest)
            mesh = reader.mesh.detect(picture[None], frame_index=np.array([0]), found={"faces": only})
            rated.append(rate_expressions(join_looks(nearest, mesh=mesh.values), boxes=nearest[:, :4])[0])
            wanted.append(face.is_good)
    assert len(rated) >= 35
    assert roc_auc_score(wanted, rated) > 0.85
