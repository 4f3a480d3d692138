"""Faces aligned, turned into vectors and told apart: the network against dlib's own, and real people."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from ava.annotate.availability import unavailable_detectors
from ava.annotate.base import Detections
from ava.annotate.dlib_network_file import read_saved_network
from ava.annotate.face_alignment import ChipTemplate, cut_chip, fit_chip
from ava.annotate.face_encoders import ENCODERS, FACENET, RESNET
from ava.annotate.face_inception import FaceInception
from ava.annotate.face_resnet import FaceResnet
from ava.annotate.face_vectors_facenet import FaceVectorsFacenet
from ava.annotate.face_vectors_resnet import FaceVectorsResnet
from ava.annotate.faces import Faces
from ava.annotate.network_errors import UnusableNetwork
from ava.media.picture_file import read_picture

PORTRAITS = ("picture-obama", "picture-obama2", "picture-obama3", "picture-biden")
TEMPLATE = FaceVectorsResnet.template
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def resnet_file(model_files) -> Path:
    return model_files(["face-resnet"])["face-resnet"]


@pytest.fixture(scope="module")
def vectors(resnet_file: Path) -> FaceVectorsResnet:
    detector = FaceVectorsResnet()
    detector.load({"face-resnet": resnet_file})
    return detector


@pytest.fixture(scope="module")
def finder() -> Faces:
    detector = Faces()
    detector.load({})
    return detector


def find_largest(finder: Faces, rgb: Picture, *, side_px: int = 640) -> tuple[Picture, Detections]:
    scale = side_px / max(rgb.shape)
    small = cv2.resize(rgb, (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    found = finder.detect(small[None], frame_index=np.array([0]), found={})
    largest = np.arange(len(found.values)) == np.argmax(found.values[:, 3] - found.values[:, 1])
    return small, found.where(largest)


def embed(detector: FaceVectorsResnet, rgb: Picture, faces: Detections) -> NDArray[np.float32]:
    return detector.detect(rgb[None], frame_index=np.array([0]), found={"faces": faces}).values


def face_row(points: NDArray[np.floating], *, height_px: float = 60) -> NDArray[np.float32]:
    row = np.zeros((1, len(Faces.columns)), np.float32)
    row[0, :4] = 10, 10, 10 + height_px, 10 + height_px
    first = Faces.columns.index("left_eye_x")
    row[0, first : first + 10] = np.ravel(points)
    return row


def turned(template: ChipTemplate, *, scale: float, turn_deg: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    turn = np.radians(turn_deg)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.array(template.points) @ matrix.T + shift


@pytest.mark.parametrize("turn_deg", [-170, -90, -20, 0, 35, 90, 180])
@pytest.mark.parametrize("scale", [0.1, 1.0, 7.0])
def test_points_come_to_their_places_however_a_face_is_turned_and_sized(turn_deg: float, scale: float):
    points = turned(TEMPLATE, scale=scale, turn_deg=turn_deg, shift=(300, -40))
    to_chip = fit_chip(points, template=TEMPLATE)
    assert to_chip is not None
    np.testing.assert_allclose(points @ to_chip[:, :2].T + to_chip[:, 2], TEMPLATE.points, atol=1e-6)


def test_noisy_points_are_laid_as_near_as_a_search_over_all_similarities_finds():
    from scipy.optimize import minimize

    rng = np.random.default_rng(4)
    points = turned(TEMPLATE, scale=0.6, turn_deg=25, shift=(90, 120)) + rng.normal(0, 4, (5, 2))

    def error(values: NDArray[np.float64]) -> float:
        a, b, x, y = values
        moved = points @ np.array([[a, b], [-b, a]]) + (x, y)
        return float(np.square(moved - TEMPLATE.points).sum())

    to_chip = fit_chip(points, template=TEMPLATE)
    assert to_chip is not None
    ours = float(np.square(points @ to_chip[:, :2].T + to_chip[:, 2] - TEMPLATE.points).sum())
    best = minimize(error, [1, 0, 0, 0], method="BFGS").fun
    assert ours == pytest.approx(best, rel=1e-4)
    assert to_chip[0, 0] == pytest.approx(to_chip[1, 1]) and to_chip[0, 1] == pytest.approx(-to_chip[1, 0])


def test_a_stretched_chip_is_wider_about_its_middle():
    template = FaceVectorsFacenet.template
    points = turned(template, scale=1, turn_deg=0, shift=(0, 0))
    to_chip = fit_chip(points, template=template)
    assert to_chip is not None
    moved = points @ to_chip[:, :2].T + to_chip[:, 2]
    np.testing.assert_allclose(moved[:, 0] - 80, (points[:, 0] - 80) * template.stretch_x, atol=1e-6)
    np.testing.assert_allclose(moved[:, 1], points[:, 1], atol=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("level", [7.0, np.nan, np.inf, 0.001, 1e30])
def test_points_that_say_nothing_give_no_chip(level: float):
    assert fit_chip(np.full((5, 2), level), template=TEMPLATE) is None
    assert fit_chip(np.full((5, 2), level, dtype=np.float32), template=TEMPLATE) is None


@pytest.mark.parametrize("factor", [1, 2, 3, 5])
def test_a_finer_picture_gives_the_mean_of_what_a_chip_covers(factor: int):
    chip = data.astronaut()[20:170, 150:300]
    fine = chip.repeat(factor, axis=0).repeat(factor, axis=1)
    to_chip = np.array([[1 / factor, 0, 0], [0, 1 / factor, 0]])
    # Steps between repeated pixels are half a pixel away from a chip's pixels only where nothing is between.
    assert np.abs(cut_chip(fine, to_chip, side_px=150).astype(int) - chip).mean() < 0.5


def test_fine_stripes_become_grey_and_not_a_pattern():
    stripes = np.zeros((600, 600, 3), np.uint8)
    stripes[:, ::2] = 200
    chip = cut_chip(stripes, np.array([[0.25, 0.0, 0.0], [0.0, 0.25, 0.0]]), side_px=150)
    assert np.abs(chip[5:-5, 5:-5].astype(int) - 100).max() <= 4


def test_the_network_gives_dlibs_own_vectors(resnet_file: Path, finder: Faces, model_files):
    """dlib reads the same file and runs it with its own code."""
    dlib = pytest.importorskip("dlib")
    oracle = dlib.face_recognition_model_v1(str(resnet_file))
    files = model_files(PORTRAITS)
    chips = []
    for picture in [*(read_picture(files[name]) for name in PORTRAITS), data.astronaut()]:
        rgb, faces = find_largest(finder, picture)
        first = Faces.columns.index("left_eye_x")
        to_chip = fit_chip(faces.values[0, first : first + 10].reshape(5, 2), template=TEMPLATE)
        assert to_chip is not None
        chips.append(cut_chip(rgb, to_chip, side_px=150))
    rng = np.random.default_rng(1)
    chips += [rng.integers(0, 256, (150, 150, 3), dtype=np.uint8), np.zeros((150, 150, 3), np.uint8)]
    truth = np.array([oracle.compute_face_descriptor(np.ascontiguousarray(chip)) for chip in chips])
    ours = FaceResnet(resnet_file).encode(np.stack(chips))
    assert np.abs(truth).max() > 0.2
    assert np.abs(ours - truth).max() < 1e-4


def test_batches_and_single_faces_give_the_same_vectors(resnet_file: Path):
    chips = np.random.default_rng(2).integers(0, 256, (37, 150, 150, 3), dtype=np.uint8)
    network = FaceResnet(resnet_file)
    together = network.encode(chips)
    assert together.shape == (37, 128) and network.encode(chips[:0]).shape == (0, 128)
    for row in (0, 31, 32, 36):
        np.testing.assert_allclose(network.encode(chips[row : row + 1])[0], together[row], atol=2e-6)


def test_one_mans_pictures_are_nearer_than_anothers(vectors: FaceVectorsResnet, finder: Faces, model_files):
    files = model_files(PORTRAITS)
    found = [embed(vectors, *find_largest(finder, read_picture(files[name])))[0] for name in PORTRAITS]
    astronaut = embed(vectors, *find_largest(finder, data.astronaut()))[0]
    same = [np.linalg.norm(found[a] - found[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    other = [np.linalg.norm(found[a] - each) for a in range(3) for each in (found[3], astronaut)]
    assert max(same) < RESNET.even_distance < min(other)
    assert RESNET.probability(np.array(max(same))) > 0.5 > RESNET.probability(np.array(min(other)))


def test_a_mirrored_small_dark_or_turned_face_stays_who_it_is(vectors: FaceVectorsResnet, finder: Faces, model_files):
    rgb = read_picture(model_files(["picture-obama"])["picture-obama"])
    rgb = cv2.resize(rgb, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    whole = embed(vectors, *find_largest(finder, rgb))[0]
    middle = (rgb.shape[1] / 2, rgb.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, 25, 1.0)
    views = {
        "mirrored": np.ascontiguousarray(rgb[:, ::-1]),
        "dark": (rgb * 0.4).astype(np.uint8),
        "turned": cv2.warpAffine(rgb, turn, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE),
    }
    for name, view in views.items():
        assert np.linalg.norm(embed(vectors, *find_largest(finder, view))[0] - whole) < 0.35, name
    small, faces = find_largest(finder, rgb, side_px=90)
    assert faces.values[0, 3] - faces.values[0, 1] < 34
    assert np.linalg.norm(embed(vectors, small, faces)[0] - whole) < RESNET.even_distance


def test_vectors_have_one_length_and_mirror_images_one_vector(vectors: FaceVectorsResnet):
    rgb = data.astronaut()
    points = np.array([[205, 110], [245, 110], [225, 135], [210, 152], [240, 152]], np.float32)
    mirrored_points = np.array([[rgb.shape[1], 0]]) + points[[1, 0, 2, 4, 3]] * (-1, 1)
    one, other = (
        embed(vectors, np.ascontiguousarray(picture), Detections(np.array([0]), face_row(each)))[0]
        for picture, each in ((rgb, points), (rgb[:, ::-1], mirrored_points))
    )
    assert np.linalg.norm(one) == pytest.approx(FaceVectorsResnet.length, abs=1e-4)
    np.testing.assert_allclose(one, other, atol=0.02)


def test_rows_stay_beside_their_faces_and_faces_that_say_nothing_have_nan(vectors: FaceVectorsResnet):
    frames = np.stack([data.astronaut(), data.astronaut()[:, ::-1]])
    points = np.array([[205, 110], [245, 110], [225, 135], [210, 152], [240, 152]], np.float32)
    rows = np.concatenate(
        [face_row(points), face_row(np.full((5, 2), np.nan)), face_row(points, height_px=9), face_row(points)]
    )
    faces = Detections(np.array([5, 5, 8, 8]), rows)
    found = vectors.detect(frames, frame_index=np.array([5, 8]), found={"faces": faces})
    np.testing.assert_array_equal(found.frame_index, [5, 5, 8, 8])
    np.testing.assert_array_equal(np.isfinite(found.values).all(axis=1), [True, False, False, True])
    assert np.isnan(found.values[1:3]).all()
    # Bit for bit what each frame gives alone, wherever a block begins and whatever else is in it.
    for frame, number, picked in ((0, 5, slice(0, 2)), (1, 8, slice(2, 4))):
        alone = vectors.detect(
            frames[frame : frame + 1],
            frame_index=np.array([number]),
            found={"faces": Detections(faces.frame_index[picked], rows[picked])},
        )
        np.testing.assert_array_equal(alone.values, found.values[picked])


def test_faces_that_reach_over_the_border_are_embedded(vectors: FaceVectorsResnet):
    points = np.array([[-6, 5], [30, 4], [12, 30], [-2, 50], [26, 51]], np.float32)
    found = embed(vectors, data.astronaut()[100:180, 205:285].copy(), Detections(np.array([0]), face_row(points)))
    assert np.isfinite(found).all()


def test_every_encoder_is_told_of_by_its_detector():
    detectors = {each.name: each for each in (FaceVectorsResnet, FaceVectorsFacenet)}
    assert {encoder.detector for encoder in ENCODERS} == set(detectors)
    for encoder in ENCODERS:
        assert len(detectors[encoder.detector].columns) == encoder.dimensions
        # At the even distance the odds are even, and vectors of the detector can be nearer and farther.
        assert 0 < encoder.even_distance < 2 * detectors[encoder.detector].length
        assert encoder.probability(np.array([encoder.even_distance])) == pytest.approx(0.5)


def test_a_saved_network_is_read_to_its_last_byte(resnet_file: Path):
    saved = read_saved_network(resnet_file)
    assert saved.size_px == (150, 150)
    np.testing.assert_allclose(saved.mean_levels, [122.782, 117.001, 104.298], atol=1e-4)
    kinds = [layer.kind for layer in saved.layers]
    assert kinds.count("con") == 29 and kinds[-1] == "fc"
    in_layers = 4 * sum(layer.parameters.size for layer in saved.layers)
    assert 0.999 < in_layers / resnet_file.stat().st_size < 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(6))
def test_damaged_networks_are_refused_in_a_sentence(resnet_file: Path, tmp_path: Path, seed: int):
    """Cut off anywhere, with bytes changed at the seams of layers, or of random bytes."""
    content = resnet_file.read_bytes()
    rng = np.random.default_rng(seed)
    seams = [content.index(name) for name in (b"con_4", b"affine_", b"fc_2")]
    damaged = [content[: int(rng.integers(len(content)))], rng.bytes(4000), b"", b"\x01", content + b"\x01"]
    for seam in seams:
        broken = bytearray(content)
        broken[seam + int(rng.integers(0, 12))] ^= 0x7F
        damaged.append(bytes(broken))
    path = tmp_path / "network.dat"
    for each in damaged:
        path.write_bytes(each)
        with pytest.raises(UnusableNetwork, match=r"^network\.dat .*fetch or add the model file again\.$"):
            FaceResnet(path)


@pytest.mark.filterwarnings("error")
def test_a_tensor_of_gigantic_size_is_refused_before_memory_is_asked_for(resnet_file: Path, tmp_path: Path):
    content = resnet_file.read_bytes()
    tensor = content.index(b"con_4") + len("con_4") + 2
    huge = b"\x08" + b"\xff" * 7 + b"\x7f"
    (tmp_path / "network.dat").write_bytes(content[:tensor] + huge * 4 + content[tensor + 9 :])
    with pytest.raises(UnusableNetwork, match="ends too early"):
        FaceResnet(tmp_path / "network.dat")


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of FaceNet's shape with random parameters, for what does not depend on their values."""
    import torch

    from ava.annotate.torchvision_operators import provide_torchvision_operators

    provide_torchvision_operators()
    from facenet_pytorch import InceptionResnetV1

    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = InceptionResnetV1(pretrained=None, classify=True, num_classes=8631).state_dict()
    path = tmp_path_factory.mktemp("facenet") / "facenet.pt"
    torch.save(state, path)
    return path


def test_facenet_gives_the_vectors_of_its_package(untrained: Path):
    import torch
    from facenet_pytorch import InceptionResnetV1

    chips = np.random.default_rng(3).integers(0, 256, (3, 160, 160, 3), dtype=np.uint8)
    package = InceptionResnetV1(pretrained=None, classify=False).eval()
    state = torch.load(untrained, weights_only=True)
    package.load_state_dict({name: values for name, values in state.items() if "logits" not in name})
    with torch.inference_mode():
        levels = torch.from_numpy(chips).permute(0, 3, 1, 2).float()
        truth = package((levels - 127.5) / 128).numpy()
    ours = FaceInception(untrained).encode(chips)
    np.testing.assert_allclose(ours, truth, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_facenets_detector_gives_a_row_a_face(untrained: Path):
    detector = FaceVectorsFacenet()
    detector.load({"facenet-vggface2": untrained})
    points = np.array([[205, 110], [245, 110], [225, 135], [210, 152], [240, 152]], np.float32)
    rows = np.concatenate([face_row(points), face_row(np.full((5, 2), np.nan))])
    found = detector.detect(
        data.astronaut()[None], frame_index=np.array([3]), found={"faces": Detections(np.array([3, 3]), rows)}
    )
    assert found.values.shape == (2, FACENET.dimensions)
    assert np.linalg.norm(found.values[0]) == pytest.approx(1, abs=1e-5) and np.isnan(found.values[1]).all()


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 cut off", b"\x80\x02cposix\nsystem\nX"])
def test_files_that_are_not_facenets_are_refused_in_a_sentence(tmp_path: Path, content: bytes):
    path = tmp_path / "network.pt"
    path.write_bytes(content)
    with pytest.raises(UnusableNetwork, match=r"^network\.pt .*fetch or add the model file again\.$"):
        FaceInception(path)


@pytest.mark.parametrize("state", [{}, {"conv2d_1a.conv.weight": 3}, [1, 2], {1: 2}, {"last_linear.weight": None}])
def test_other_models_are_not_taken_for_facenet(tmp_path: Path, state: object):
    import torch

    path = tmp_path / "network.pt"
    torch.save(state, path)
    with pytest.raises(UnusableNetwork, match="is not FaceNet's network"):
        FaceInception(path)


def test_an_encoder_is_lacking_only_where_no_other_can_stand_in_for_it():
    def lacking(*installed: str) -> set[str]:
        store = SimpleNamespace(is_installed=lambda name: name in installed, reason_unavailable=lambda name: name)
        return {each.what for each in unavailable_detectors(store)} & {"face vectors resnet", "face vectors facenet"}

    assert lacking() == {"face vectors resnet", "face vectors facenet"}
    assert lacking("face-resnet") == lacking("facenet-vggface2") == set()
