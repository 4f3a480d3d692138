"""How well faces are told that suit a still, by the untrained score and by a classifier trained on an imagined house.

The house's editors like open eyes, closed mouths and laughs, faces that look more towards the viewer than aside, and
nothing blurred: real faces labelled by eye, and real faces drawn again so that truth is what was done to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.face_landmarks import LandmarkNetworks
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.face_vectors_resnet import FaceVectorsResnet
from ava.annotate.faces import BOX, POINT_COLUMNS, Faces
from ava.annotate.head_pose import make_rotation
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.weights.store import WeightsStore
from curation.people.expression import FACTORS, explain_expressions, rate_expressions
from curation.people.expression_classifier import train
from curation.people.expression_features import describe_expressions
from curation.people.face_looks import join_looks
from curation.people.film_faces import FaceLooks
from tests.bench.accuracy_faces import read_photograph
from tests.bench.expression_labels import LABELLED_FACES, LabelledFace
from tests.bench.face_labels import SEEN_FACES, UNSEEN_IN_FIT
from tests.bench.figures import Figure
from tests.face_renderer import RealFace, draw_face

SIDE_PX = 640
SECTION = "people: expression"
Picture = NDArray[np.uint8]


class MeasuredFaces(NamedTuple):
    """Detector rows of faces, ``faces (N, C)``, ``mesh (N, M)`` and ``vectors (N, D)`` (D = 0 without an encoder's
    weights), with what an editor says and groups, ``(N,)``."""

    faces: NDArray[np.float32]
    mesh: NDArray[np.float32]
    vectors: NDArray[np.float32]
    is_good: NDArray[np.bool_]
    groups: NDArray[np.int64]


class _Tools:
    def __init__(self, store: WeightsStore) -> None:
        files = {name: store.path(name) for name in FaceMesh.weights}
        self.faces, self.mesh, self.landmarks = Faces(), FaceMesh(), LandmarkNetworks(files)
        self.faces.load({})
        self.mesh.load(files)
        self.encoder: FaceVectorsResnet | None = None
        if not store.missing(FaceVectorsResnet.weights):
            self.encoder = FaceVectorsResnet()
            self.encoder.load({name: store.path(name) for name in FaceVectorsResnet.weights})

    def look(self, picture: Picture, *, near: tuple[float, float] | None) -> tuple[NDArray[np.float32], ...] | None:
        """The rows of a picture's largest face, or of the one at a place; None without one."""
        found = self.faces.detect(picture[None], frame_index=np.array([0]), found={})
        if not len(found.values):
            return None
        boxes = found.values[:, :4]
        height = boxes[:, 3] - boxes[:, 1]
        away = -height if near is None else np.linalg.norm((boxes[:, :2] + boxes[:, 2:]) / 2 - near, axis=1)
        row = int(np.argmin(away))
        if near is not None and away[row] > height[row]:
            return None
        face = Detections(found.frame_index[:1], found.values[row : row + 1])
        tables = [
            detector.detect(picture[None], frame_index=np.array([0]), found={"faces": face}).values[0]
            for detector in (self.mesh, self.encoder)
            if detector is not None
        ]
        vector = tables[1] if len(tables) > 1 else np.empty(0, np.float32)
        return face.values[0], tables[0], vector

    def real_face(self, picture: Picture, *, near: tuple[float, float] | None) -> list[RealFace]:
        seen = self.look(picture, near=near)
        if seen is None:
            return []
        first = Faces.columns.index(POINT_COLUMNS[0])
        points = seen[0][first : first + len(POINT_COLUMNS)].reshape(-1, 2)
        return [RealFace(picture, self.landmarks.find(picture, points=points).mesh)]


def measure(data: Path | None) -> list[Figure]:
    """Areas under the ROC curve (0.5 is chance, 1 is perfect), as far as weights and footage are here."""
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    if data is None or store.missing(FaceMesh.weights):
        return []
    tools = _Tools(store)
    drawn, real = measure_drawn_faces(tools, data), measure_labelled_faces(tools, data)
    figures = _compare(drawn, f"{len(drawn.is_good)} drawings of {len(np.unique(drawn.groups))} real faces")
    figures += _compare(real, f"{len(real.is_good)} real faces of {len(np.unique(real.groups))} people, by eye")
    return figures + _compare_factors(real)


def measure_labelled_faces(tools: _Tools, data: Path) -> MeasuredFaces:
    """The faces of ``LABELLED_FACES`` that are found; a group is a person."""
    rows, is_good, groups = [], [], []
    names = sorted({face.group for face in LABELLED_FACES})
    for labelled, picture in _pictures_of(data, LABELLED_FACES):
        seen = tools.look(picture, near=(labelled.x, labelled.y))
        if seen is not None:
            rows.append(seen)
            is_good.append(labelled.is_good)
            groups.append(names.index(labelled.group))
    return _stack(rows, is_good, groups)


def measure_drawn_faces(tools: _Tools, data: Path) -> MeasuredFaces:
    """Real faces drawn turned a little, and with eyes closed, mouths opened, turned away or blurred by movement."""
    faces = [
        face
        for seen in SEEN_FACES
        if (seen.file, seen.x, seen.y) in UNSEEN_IN_FIT and seen.eyes + seen.mouth == "oc" and seen.smile != "s"
        for face in tools.real_face(read_photograph(data / seen.file), near=(seen.x, seen.y))
    ]
    rows, is_good, groups = [], [], []
    for number, face in enumerate(faces):
        for picture, good in _draw(face):
            seen = tools.look(picture, near=None)
            if seen is not None:
                rows.append(seen)
                is_good.append(good)
                groups.append(number)
    return _stack(rows, is_good, groups)


def _draw(face: RealFace) -> Iterator[tuple[Picture, bool]]:
    """Drawings that an editor would pick, and would not; the mouth of the photograph is closed and does not smile."""
    draw = partial(draw_face, face, height_px=120, size=(400, 300))
    for yaw_deg in range(-28, 29, 7):
        yield draw(turn=make_rotation(yaw_deg=yaw_deg, pitch_deg=0, roll_deg=0)).rgb, True
    for yaw_deg in (-15, 0, 15):
        turn = make_rotation(yaw_deg=yaw_deg, pitch_deg=0, roll_deg=0)
        yield draw(turn=turn, eyes_closed=True).rgb, False
        yield draw(turn=turn, mouth_gap=0.07).rgb, False
    for yaw_deg in (-70, 70):
        yield draw(turn=make_rotation(yaw_deg=yaw_deg, pitch_deg=0, roll_deg=0)).rgb, False
    for side_px in ((19, 1), (1, 19)):
        yield np.asarray(cv2.blur(draw().rgb, side_px), np.uint8), False


def _compare(measured: MeasuredFaces, truth: str) -> list[Figure]:
    """The untrained score and the trained classifier on the same cross-validation folds."""
    looks, boxes = _looks_of(measured)
    figures = []
    for what, vectors in (("classifier", measured.vectors[:, :0]), ("classifier with vectors", measured.vectors)):
        if "vectors" in what and not vectors.shape[1]:
            continue
        features = describe_expressions(looks, boxes=boxes, vectors=vectors)
        trained = train(features, measured.is_good, measured.groups)
        if not figures:
            figures.append(Figure(SECTION, "untrained score, mean of folds", trained.geometry_auc, "AUC", truth))
        figures.append(Figure(SECTION, f"{what}, mean of folds by person", trained.auc, "AUC", truth))
    return figures


def _compare_factors(measured: MeasuredFaces) -> list[Figure]:
    from sklearn.metrics import roc_auc_score

    looks, boxes = _looks_of(measured)
    factors = explain_expressions(looks, boxes=boxes)
    truth = f"{len(boxes)} real faces, by eye, all at once"
    scores = {"untrained score": rate_expressions(looks, boxes=boxes)}
    scores |= {f"{name} alone": factors[name] for name in FACTORS}
    return [
        Figure(SECTION, what, float(roc_auc_score(measured.is_good, np.nan_to_num(values))), "AUC", truth)
        for what, values in scores.items()
    ]


def _looks_of(measured: MeasuredFaces) -> tuple[FaceLooks, NDArray[np.float32]]:
    boxes = measured.faces[:, [Faces.columns.index(name) for name in BOX]]
    return join_looks(measured.faces, mesh=measured.mesh), boxes


def _pictures_of(data: Path, labels: Sequence[LabelledFace]) -> Iterator[tuple[LabelledFace, Picture]]:
    for file in sorted({face.file for face in labels}):
        here = [face for face in labels if face.file == file]
        if here[0].frame < 0:
            picture = read_photograph(data / file)
            yield from ((face, picture) for face in here)
            continue
        info = probe(data / file)
        frames = decode_frame_set(
            data / file, info=info, frame_indices=sorted({face.frame for face in here}), max_side_px=SIDE_PX
        )
        for frame in frames:
            yield from ((face, frame.rgb) for face in here if face.frame == frame.index)


def _stack(
    rows: Sequence[tuple[NDArray[np.float32], ...]], is_good: Sequence[bool], groups: Sequence[int]
) -> MeasuredFaces:
    faces, mesh, vectors = (np.array([row[part] for row in rows], dtype=np.float32) for part in (0, 1, 2))
    return MeasuredFaces(faces, mesh, vectors, np.array(is_good, dtype=np.bool_), np.array(groups, dtype=np.int64))
