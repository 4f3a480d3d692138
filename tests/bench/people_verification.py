"""How surely two faces are told to be one person or two, by the size of faces, and how many a second."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.face_embedding import FaceEmbedding
from ava.annotate.face_encoders import ENCODERS, FaceEncoder
from ava.annotate.face_vectors_facenet import FaceVectorsFacenet
from ava.annotate.face_vectors_resnet import FaceVectorsResnet
from ava.annotate.faces import Faces
from ava.media.decode import decode_frame_set
from ava.media.picture_file import read_picture
from ava.media.probe import probe
from ava.weights.store import WeightsStore
from tests.bench.face_labels import CLEAR_FACES
from tests.bench.figures import Figure
from tests.bench.identity_labels import PORTRAITS, SEEN_PEOPLE, SIGNERS, SIGNERS_WITHIN

SECTION = "people: verification"
HEIGHTS_PX = (24, 40, 80, 160)
FRAMES_OF_A_CLIP = 4
DRAWN_PAIRS = 3000
FOLDS = 10
PICTURE_SIDE_PX = 960
LABELS_SIDE_PX, LABELS_REACH_PX = 640, 12
CONTEXT = 1.6
"""What is left around a face when it is shrunk, in heights of the face to each side of its middle."""

Picture = NDArray[np.uint8]


class Portrait(NamedTuple):
    """A face ``(1, C)`` of the detector "faces" in its picture: ``scene`` tells apart what was taken in one go."""

    person: str
    scene: str
    rgb: Picture
    face: NDArray[np.float32]

    @property
    def height_px(self) -> float:
        return float(self.face[0, 3] - self.face[0, 1])


class _Told(NamedTuple):
    """Somebody known to be in a picture: the middle of the face is ``within`` these shares of it."""

    person: str
    scene: str
    within: tuple[float, float, float, float]


class Embedded(NamedTuple):
    """Vectors ``float32 (N, D)`` of faces of people ``(N,)`` in scenes ``(N,)``, numbered."""

    vectors: NDArray[np.float32]
    person: NDArray[np.int64]
    scene: NDArray[np.int64]


class Pairs(NamedTuple):
    """Distances ``(N,)`` of pairs and whether each is one person."""

    distance: NDArray[np.float64]
    is_one: NDArray[np.bool_]


def measure(data: Path | None) -> list[Figure]:
    """Accuracy of each installed encoder on real faces, and its speed; nothing without footage or encoder."""
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    detectors = _load_encoders(store)
    if data is None or not detectors:
        return []
    finder = Faces()
    finder.load({})
    portraits = list(_collect(finder, data, store))
    figures: list[Figure] = []
    for encoder in ENCODERS:
        if encoder.detector in detectors:
            detector = detectors[encoder.detector]
            figures += _measure_encoder(portraits, finder, detector=detector, encoder=encoder)
            figures += _measure_speed(detector, name=encoder.detector, store=store)
    return figures


def _load_encoders(store: WeightsStore) -> dict[str, FaceEmbedding]:
    loaded: dict[str, FaceEmbedding] = {}
    for kind in (FaceVectorsFacenet, FaceVectorsResnet):
        if not store.missing(kind.weights):
            detector = kind()
            detector.load({name: store.path(name) for name in kind.weights})
            loaded[kind.name] = detector
    return loaded


def _measure_encoder(
    portraits: Sequence[Portrait], finder: Faces, *, detector: FaceEmbedding, encoder: FaceEncoder
) -> list[Figure]:
    figures = _describe("as they are", _embed(portraits, detector=detector), len(portraits), encoder)
    for height_px in HEIGHTS_PX:
        larger = [each for each in portraits if each.height_px >= 0.95 * height_px]
        again = [small for each in larger for small in _shrink(each, finder, height_px=height_px)]
        figures += _describe(f"{height_px} px", _embed(again, detector=detector), len(larger), encoder)
    return figures


def _describe(what: str, faces: Embedded, total: int, encoder: FaceEncoder) -> list[Figure]:
    """Figures of pairs, people counting alike however many faces they have."""
    pairs = _draw_pairs(faces)
    if pairs is None:
        return []
    people = len(np.unique(faces.person))
    truth = f"{len(faces.person)} faces of {people} people, real; one person: only across scenes"
    section = f"{SECTION}, {encoder.detector}"
    by_encoder = np.mean((encoder.probability(pairs.distance) > 0.5) == pairs.is_one)
    return [
        Figure(section, f"{what}: found again", 100 * len(faces.person) / max(total, 1), "%", truth),
        Figure(section, f"{what}: accuracy, ten-fold", 100 * _accuracy_in_folds(pairs), "%", truth),
        Figure(section, f"{what}: accuracy at the encoder's even distance", 100 * by_encoder, "%", truth),
        Figure(section, f"{what}: one person known at 1 % false alarms", 100 * _hits(pairs, alarms=0.01), "%", truth),
    ]


def _draw_pairs(faces: Embedded) -> Pairs | None:
    """As many pairs of one person, across scenes, as of two; None where there are no ten of the one kind."""
    rng = np.random.default_rng(7)
    first, second = np.triu_indices(len(faces.person), 1)
    is_one = faces.person[first] == faces.person[second]
    across = faces.scene[first] != faces.scene[second]
    parts = []
    for members in (np.flatnonzero(is_one & across), np.flatnonzero(~is_one)):
        if len(members) < 10:
            return None
        who = np.sort(np.stack([faces.person[first[members]], faces.person[second[members]]]), axis=0)
        _, group, count = np.unique(who, axis=1, return_inverse=True, return_counts=True)
        chance = 1 / count[group.reshape(-1)]
        parts.append(rng.choice(members, DRAWN_PAIRS, p=chance / chance.sum()))
    drawn = np.concatenate(parts)
    distance = np.linalg.norm(faces.vectors[first[drawn]] - faces.vectors[second[drawn]], axis=1)
    return Pairs(distance.astype(np.float64), is_one[drawn])


def _accuracy_in_folds(pairs: Pairs) -> float:
    """The distance that parts nine folds best is tried on the tenth (Huang and others 2007, LFW)."""
    fold = np.random.default_rng(8).permutation(len(pairs.distance)) % FOLDS
    right = 0
    for each in range(FOLDS):
        inside = fold == each
        best = _best_limit(Pairs(pairs.distance[~inside], pairs.is_one[~inside]))
        right += int(((pairs.distance[inside] < best) == pairs.is_one[inside]).sum())
    return right / len(pairs.distance)


def _best_limit(pairs: Pairs) -> float:
    order = np.argsort(pairs.distance)
    gain = np.cumsum(np.where(pairs.is_one[order], 1, -1))
    place = int(np.argmax(gain))
    return float(pairs.distance[order[place : place + 2]].mean())


def _hits(pairs: Pairs, *, alarms: float) -> float:
    """Share of pairs of one person below the distance that lets through this share of pairs of two."""
    return float((pairs.distance[pairs.is_one] < np.quantile(pairs.distance[~pairs.is_one], alarms)).mean())


def _embed(portraits: Sequence[Portrait], *, detector: FaceEmbedding) -> Embedded:
    """Embed each face; those too small for it are left out."""
    frame = np.array([0])
    vectors = [
        detector.detect(each.rgb[None], frame_index=frame, found={"faces": Detections(frame, each.face)}).values[0]
        for each in portraits
    ]
    stacked = np.array(vectors, np.float32).reshape(len(portraits), len(detector.columns))
    known = np.isfinite(stacked).all(axis=1)
    person, scene = (
        np.unique([getattr(each, name) for each in portraits] or [""], return_inverse=True)[1][: len(portraits)]
        for name in ("person", "scene")
    )
    return Embedded(stacked[known], person[known], scene[known])


def _find(finder: Faces, rgb: Picture) -> NDArray[np.float32]:
    """The faces of a picture in its own pixels, found at most at the size at which films are looked into."""
    scale = min(finder.max_side_px / max(rgb.shape[:2]), 1.0)
    values = finder.detect(_scale(rgb, scale)[None], frame_index=np.array([0]), found={}).values.copy()
    for column in (*finder.x_columns, *finder.y_columns):
        values[:, finder.columns.index(column)] /= scale
    return values


def _find_largest(faces: NDArray[np.float32], *, within: Sequence[float]) -> NDArray[np.float32] | None:
    """The row ``(1, C)`` of the largest face whose middle is in a box; None without one."""
    middles = (faces[:, :2] + faces[:, 2:4]) / 2
    inside = np.flatnonzero(((middles >= within[:2]) & (middles <= within[2:])).all(axis=1))
    if not len(inside):
        return None
    row = inside[np.argmax((faces[:, 3] - faces[:, 1])[inside])]
    return faces[row : row + 1]


def _shrink(portrait: Portrait, finder: Faces, *, height_px: float) -> Iterator[Portrait]:
    """The face with a little around it, ``height_px`` tall and found anew; nothing where it is not found."""
    reach = CONTEXT * portrait.height_px
    middle = (portrait.face[0, :2] + portrait.face[0, 2:4]) / 2
    size = np.array(portrait.rgb.shape[1::-1])
    low, high = (np.clip(middle + side * reach, 0, size).astype(int) for side in (-1, 1))
    scale = min(height_px / portrait.height_px, 1.0)
    rgb = _scale(np.ascontiguousarray(portrait.rgb[low[1] : high[1], low[0] : high[0]]), scale)
    place = (middle - low) * scale
    face = _find_largest(_find(finder, rgb), within=(*(place - height_px / 3), *(place + height_px / 3)))
    if face is not None:
        yield portrait._replace(rgb=rgb, face=face)


def _collect(finder: Faces, data: Path, store: WeightsStore) -> Iterator[Portrait]:
    """Every labelled face that is found in its picture."""
    for rgb, people in _pictures(data, store):
        faces = _find(finder, rgb)
        for told in people:
            face = _find_largest(faces, within=np.array(told.within) * np.tile(rgb.shape[1::-1], 2))
            if face is not None:
                yield Portrait(told.person, told.scene, rgb, face)


def _pictures(data: Path, store: WeightsStore) -> Iterator[tuple[Picture, list[_Told]]]:
    for name, person in PORTRAITS:
        if store.is_installed(name):
            rgb = read_picture(store.path(name))
            yield _scale(rgb, PICTURE_SIDE_PX / max(rgb.shape)), [_Told(person, name, (0.0, 0.0, 1.0, 1.0))]
    for shot in json.loads((data / f"{SIGNERS}.gt.json").read_text())["shots"]:
        told = _Told(f"signer {shot['person']}", f"signers {shot['first_frame']}", SIGNERS_WITHIN)
        frames = np.linspace(shot["first_frame"] + 2, shot["last_frame"] - 2, FRAMES_OF_A_CLIP).round().astype(int)
        for rgb in _frames(data / f"{SIGNERS}.mp4", frames.tolist()):
            yield rgb, [told]
    for seen in SEEN_PEOPLE:
        for rgb in _frames(data / seen.file, list(range(*seen.frames, seen.step))):
            yield rgb, [_Told(seen.person, f"{seen.file} {seen.scene}", seen.within)]
    for name, places in CLEAR_FACES.items():
        rgb = read_picture(data / "images" / f"{name}.jpg")
        share = max(rgb.shape) / LABELS_SIDE_PX / np.array(rgb.shape[1::-1])
        low, high = ((np.array(places) + reach_px) * share for reach_px in (-LABELS_REACH_PX, LABELS_REACH_PX))
        yield rgb, [_Told(f"{name} {row}", name, (*low[row], *high[row])) for row in range(len(places))]


def _frames(path: Path, frames: list[int]) -> Iterator[Picture]:
    for frame in decode_frame_set(path, info=probe(path), frame_indices=frames, max_side_px=PICTURE_SIDE_PX):
        yield frame.rgb


def _measure_speed(detector: FaceEmbedding, *, name: str, store: WeightsStore) -> list[Figure]:
    """Faces a second on one core, one and eight in a frame; and dlib's own code beside it where it is installed."""
    rgb = np.random.default_rng(9).integers(0, 256, (540, 960, 3), dtype=np.uint8)
    section = f"{SECTION}, {name}"
    truth = "frames of 960 × 540 with faces of 100 px, each with its mirror image"
    figures = []
    for count in (1, 8):
        rate = _rate(partial(_detect_many, detector, rgb, count=count), faces=count)
        figures.append(Figure(section, f"{count} in a frame", rate, "faces/s a core", truth))
    if isinstance(detector, FaceVectorsResnet) and (oracle := _dlib_network(store)) is not None:
        chip = np.ascontiguousarray(rgb[:150, :150])
        alone = _rate(lambda: detector.network.encode(chip[None].repeat(16, axis=0)), faces=16)
        dlibs = _rate(lambda: oracle.compute_face_descriptor(chip), faces=1)
        figures.append(Figure(section, "as fast as dlib's own code", alone / dlibs, "times", "aligned faces, one run"))
    return figures


def _detect_many(detector: FaceEmbedding, rgb: Picture, *, count: int) -> None:
    rows = np.zeros((count, len(Faces.columns)), np.float32)
    first = Faces.columns.index("left_eye_x")
    for place in range(count):
        x = 60 + 100 * place
        rows[place, :4] = x, 100, x + 80, 200
        rows[place, first : first + 10] = x + 20, 140, x + 60, 140, x + 40, 160, x + 24, 180, x + 56, 180
    faces = Detections(np.zeros(count, np.int64), rows)
    detector.detect(rgb[None], frame_index=np.array([0]), found={"faces": faces})


def _rate(work: Callable[[], Any], *, faces: int) -> float:
    """Faces a second: the median of several goes, the first left out."""
    times = []
    for _ in range(8):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return faces / float(np.median(times[1:]))


def _dlib_network(store: WeightsStore) -> Any:
    try:
        import dlib
    except ImportError:
        return None
    return dlib.face_recognition_model_v1(str(store.path("face-resnet")))


def _scale(rgb: Picture, scale: float) -> Picture:
    if scale >= 1:
        return rgb
    size = (max(round(rgb.shape[1] * scale), 1), max(round(rgb.shape[0] * scale), 1))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

