"""Heads are turned as the geometry says, mirrored heads the other way round."""

from pathlib import Path

import numpy as np
import pytest

from ava.annotate.face_mesh import FaceMesh
from ava.annotate.faces import Faces
from ava.annotate.head_pose import (
    RIGID_POINTS,
    TEMPLATE_MM,
    correct_angles,
    find_angles,
    find_head_pose,
    make_rotation,
    to_frontal,
)
from tests.bench.accuracy_faces import read_photograph
from tests.face_renderer import RealFace, draw_face


def mesh_of(rotation, *, scale: float = 3.0):
    mesh = np.zeros((468, 3))
    mesh[list(RIGID_POINTS)] = scale * TEMPLATE_MM @ rotation.T + (200, 100, -40)
    return mesh


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, -20, 10), (-70, 5, 120), (15, 40, -170)])
def test_the_pose_of_a_turned_template_is_its_turn(angles: tuple[float, float, float]):
    yaw_deg, pitch_deg, roll_deg = angles
    rotation = make_rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    pose = find_head_pose(mesh_of(rotation))
    assert pose[:3] == pytest.approx(angles, abs=1e-6)
    assert pose.scale == pytest.approx(3)
    np.testing.assert_allclose(to_frontal(mesh_of(rotation), pose)[list(RIGID_POINTS)], TEMPLATE_MM, atol=1e-6)


def test_signs_of_the_angles():
    ahead = (0, 0, -1)
    assert (make_rotation(yaw_deg=30, pitch_deg=0, roll_deg=0) @ ahead)[0] > 0  # to the picture's right
    assert (make_rotation(yaw_deg=0, pitch_deg=30, roll_deg=0) @ ahead)[1] < 0  # upwards
    assert (make_rotation(yaw_deg=0, pitch_deg=0, roll_deg=30) @ (1, 0, 0))[1] > 0  # clockwise


def test_a_mesh_without_extent_has_a_defined_pose():
    pose = find_head_pose(np.zeros((468, 3)))
    assert pose[:3] == (0, 0, 0)
    assert pose.scale == 0


def test_the_correction_keeps_signs_and_grows_with_yaw():
    assert correct_angles(0, 0) == (0, 0)
    assert correct_angles(-20, 0)[0] == -correct_angles(20, 0)[0] < -20
    assert correct_angles(40, 0)[1] == correct_angles(-40, 0)[1] > 0


@pytest.fixture(scope="module")
def faces() -> Faces:
    detector = Faces()
    detector.load({})
    return detector


@pytest.fixture(scope="module")
def mesh(model_files) -> FaceMesh:
    detector = FaceMesh()
    detector.load(model_files(detector.weights))
    return detector


def look(faces: Faces, mesh: FaceMesh, picture) -> dict[str, float]:
    """The mesh columns of a picture's first face."""
    found = faces.detect(picture[None], frame_index=np.array([0]), found={})
    values = mesh.detect(picture[None], frame_index=np.array([0]), found={"faces": found}).values
    return dict(zip(mesh.columns, values[0].tolist(), strict=True))


@pytest.fixture(scope="module")
def face(shared_data: Path, faces: Faces, mesh: FaceMesh) -> RealFace:
    picture = read_photograph(shared_data / "images/documerica/543863.jpg")
    found = faces.detect(picture[None], frame_index=np.array([0]), found={})
    points = found.values[0, 5:15].reshape(5, 2)
    return RealFace(picture, mesh._networks.find(picture, points=points).mesh)


@pytest.mark.parametrize("turn", [(25, 0, 0), (-25, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 30), (20, 10, -20)])
def test_a_face_drawn_again_at_a_known_turn_is_within_8_degrees(
    faces: Faces, mesh: FaceMesh, face: RealFace, turn: tuple[float, float, float]
):
    names = ("yaw_deg", "pitch_deg", "roll_deg")
    rotation = make_rotation(yaw_deg=turn[0], pitch_deg=turn[1], roll_deg=turn[2])
    start = look(faces, mesh, draw_face(face, height_px=140).rgb)
    seen = look(faces, mesh, draw_face(face, turn=rotation, height_px=140).rgb)
    own = make_rotation(yaw_deg=start["yaw_deg"], pitch_deg=start["pitch_deg"], roll_deg=start["roll_deg"])
    for name, wanted in zip(names, find_angles(rotation @ own), strict=True):
        assert seen[name] == pytest.approx(wanted, abs=8), name


def test_a_mirrored_face_has_yaw_and_roll_turned_round(faces: Faces, mesh: FaceMesh, face: RealFace):
    turn = make_rotation(yaw_deg=20, pitch_deg=0, roll_deg=12)
    picture = draw_face(face, turn=turn, height_px=140).rgb
    plain, mirrored = look(faces, mesh, picture), look(faces, mesh, np.ascontiguousarray(picture[:, ::-1]))
    assert mirrored["yaw_deg"] == pytest.approx(-plain["yaw_deg"], abs=4)
    assert mirrored["roll_deg"] == pytest.approx(-plain["roll_deg"], abs=4)
    assert mirrored["pitch_deg"] == pytest.approx(plain["pitch_deg"], abs=4)
    assert mirrored["left_eye_open"] == pytest.approx(plain["right_eye_open"], abs=0.35)


def test_an_opened_mouth_is_open_and_a_closed_eye_less_open(faces: Faces, mesh: FaceMesh, face: RealFace):
    shut = look(faces, mesh, draw_face(face, height_px=140).rgb)
    opened = look(faces, mesh, draw_face(face, height_px=140, mouth_gap=0.1).rgb)
    asleep = look(faces, mesh, draw_face(face, height_px=140, eyes_closed=True).rgb)
    assert shut["mouth_open"] < 0.5 < opened["mouth_open"]
    assert shut["eyes_open"] > 0.5
    assert asleep["eyes_open"] < shut["eyes_open"]


def test_the_mesh_has_a_row_for_each_face_and_nothing_without(faces: Faces, mesh: FaceMesh, face: RealFace):
    frames = np.stack([face.rgb, np.zeros_like(face.rgb)])
    found = faces.detect(frames, frame_index=np.arange(2), found={})
    meshes = mesh.detect(frames, frame_index=np.arange(2), found={"faces": found})
    np.testing.assert_array_equal(meshes.frame_index, found.frame_index)
    signals = mesh.summarise(meshes, frame_index=np.arange(2), size=face.rgb.shape[1::-1])
    assert np.isfinite(signals[0]).all()
    assert np.isnan(signals[1]).all()
