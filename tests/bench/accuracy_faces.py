"""How well faces are found, turned, read and followed: real faces drawn again at known turns, and labels by eye."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.base import Detections, Detector
from ava.annotate.body_pose import BodyPose
from ava.annotate.face_boxes import find_overlaps
from ava.annotate.face_landmarks import LandmarkNetworks
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.face_tracks import follow_faces
from ava.annotate.faces import POINT_COLUMNS, Faces
from ava.annotate.head_pose import correct_angles, find_angles, find_head_pose, make_rotation
from ava.annotate.people import People
from ava.media.colour import from_bgr
from ava.media.decode import decode_frame_set, decode_frames
from ava.media.probe import probe
from ava.weights.store import WeightsStore
from tests.bench.face_labels import CLEAR_FACES, PROFILES, SEEN_FACES, UNSEEN_IN_FIT, WITHOUT_PEOPLE, SeenFace
from tests.bench.figures import Figure
from tests.face_renderer import RealFace, draw_face

SIDE_PX = 640
PORTRAITS = ("picture-obama", "picture-obama2", "picture-obama3", "picture-biden")
BY_EYE = "labelled by eye"
DRAWN = "real faces drawn at known turns"
Picture = NDArray[np.uint8]


class _Tools:
    """The detectors, loaded once; those of faces' states only where their weights are installed."""

    def __init__(self) -> None:
        store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
        self.faces, self.people = Faces(), People()
        self.faces.load({})
        self.people.load({})
        self.mesh, self.body = (
            _loaded(kind(), store) for kind in (FaceMesh, BodyPose)
        )
        self.landmarks = LandmarkNetworks({name: store.path(name) for name in FaceMesh.weights}) if self.mesh else None
        installed = filter(store.is_installed, PORTRAITS)
        self.portraits = [read_photograph(store.path(name), side_px=1400) for name in installed]

    def find(self, picture: Picture) -> NDArray[np.float32]:
        return self.faces.detect(picture[None], frame_index=np.array([0]), found={}).values

    def real_faces(self, picture: Picture, near: tuple[float, float] | None = None) -> list[RealFace]:
        """The largest face of a picture, or the one nearest to a place, with its landmarks."""
        assert self.landmarks is not None
        found = self.find(picture)
        if not len(found):
            return []
        middle = (found[:, :2] + found[:, 2:4]) / 2
        away = -(found[:, 3] - found[:, 1]) if near is None else np.linalg.norm(middle - near, axis=1)
        points = _five_points(found[np.argmin(away)])
        return [RealFace(picture, self.landmarks.find(picture, points=points).mesh)]

    def angles(self, picture: Picture) -> tuple[tuple[float, float, float], NDArray[np.float64]] | None:
        """Corrected yaw, pitch and roll of a picture's largest face, and the rotation that they make."""
        faces = self.real_faces(picture)
        if not faces:
            return None
        pose = find_head_pose(faces[0].mesh)
        yaw_deg, pitch_deg = correct_angles(pose.yaw_deg, pose.pitch_deg)
        rotation = make_rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=pose.roll_deg)
        return (yaw_deg, pitch_deg, pose.roll_deg), rotation


def measure(data: Path | None) -> list[Figure]:
    """Every figure that the installed weights and the footage there is allow."""
    tools = _Tools()
    figures: list[Figure] = []
    if tools.landmarks is not None:
        models = [face for picture in tools.portraits for face in tools.real_faces(picture)]
        strangers = [] if data is None else _unseen_faces(tools, data)
        grounds = [] if data is None else [read_photograph(data / "images" / name) for name in WITHOUT_PEOPLE[:20]]
        figures += _measure_drawn_faces(tools, models + strangers, grounds)
        figures += _measure_pose(tools, models, "people it was fitted on")
        figures += _measure_pose(tools, strangers, "other people")
        figures += _measure_closing(tools, models + strangers)
        figures += _measure_mirrored(tools, models + strangers)
    if data is not None:
        figures += _measure_photographs(tools, data)
        figures += _measure_states(tools, data)
        figures += _measure_tracks(tools, data)
        figures += _measure_cost(tools, data)
    return figures


def _measure_drawn_faces(tools: _Tools, faces: Sequence[RealFace], grounds: Sequence[Picture]) -> list[Figure]:
    """Recall and false alarms of faces in known places, case by case."""
    wide, classic, scope = (640, 360), (640, 480), (640, 268)
    cases: dict[str, tuple[Callable[..., Picture], float, tuple[int, int], list[tuple[float, float]]]] = {
        "24 px high in 640 x 360": (_plain, 24, wide, [(0, 0)]),
        "32 px high in 640 x 360": (_plain, 32, wide, [(0, 0)]),
        "turned in the picture by 30°": (_plain, 70, wide, [(0, 30), (0, -30)]),
        "turned in the picture by 45°": (_plain, 70, wide, [(0, 45), (0, -45)]),
        "turned in the picture by 60°": (_plain, 70, wide, [(0, 60), (0, -60)]),
        "lying (90°)": (_plain, 70, wide, [(0, 90), (0, -90)]),
        "yaw 45°": (_plain, 90, wide, [(45, 0), (-45, 0)]),
        "yaw 60°": (_plain, 90, wide, [(60, 0), (-60, 0)]),
        "yaw 75°": (_plain, 90, wide, [(75, 0), (-75, 0)]),
        "dark (an eighth of the light, noise)": (_darken, 60, wide, [(0, 0)]),
        "black-and-white with grain": (_grain, 50, wide, [(0, 0)]),
        "4:3": (_plain, 50, classic, [(0, 0)]),
        "2.39:1": (_plain, 50, scope, [(0, 0)]),
    }
    figures = []
    for what, (treat, height_px, size, turns) in cases.items():
        hits = drawn = others = 0
        for number, face in enumerate(faces):
            for yaw_deg, roll_deg in turns:
                rng = np.random.default_rng(number)
                # Between its bounds the whole drawn head lies within the picture.
                middle = tuple(float(rng.uniform(height_px, side - height_px)) for side in size)
                ground = _fit(grounds[number % len(grounds)], size) if grounds else None
                turn = make_rotation(yaw_deg=yaw_deg, pitch_deg=0, roll_deg=roll_deg)
                picture = draw_face(face, turn=turn, height_px=height_px, size=size, middle=middle, ground=ground).rgb
                found = tools.find(treat(picture, rng))
                away = np.linalg.norm((found[:, :2] + found[:, 2:4]) / 2 - middle, axis=1)
                drawn += 1
                hits += bool((away < 0.5 * height_px).any())
                others += int((away >= 0.5 * height_px).sum())
        truth = f"{drawn} {DRAWN}"
        figures.append(Figure("faces: found", what, 100 * hits / max(drawn, 1), "% recall", truth))
        figures.append(Figure("faces: found", f"{what}: others found", others / max(drawn, 1), "a picture", truth))
    return figures


def _measure_pose(tools: _Tools, faces: Sequence[RealFace], who: str) -> list[Figure]:
    """Error of each axis over yaw to 50°, pitch to 30° and roll to 45°, against the unturned drawing of the face."""
    turns = [(yaw, pitch, 0) for yaw in (-30, -15, 0, 15, 30) for pitch in (-30, -15, 0, 15, 30)]
    turns += [(yaw, 0, 0) for yaw in (-50, -40, 40, 50)] + [(0, 0, roll) for roll in (-45, -20, 20, 45)]
    errors, missed = [], 0
    for face in faces:
        draw = partial(draw_face, face, height_px=140, size=(400, 300))
        start = tools.angles(draw().rgb)
        if start is None:
            continue
        for yaw, pitch, roll in turns:
            turn = make_rotation(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
            seen = tools.angles(draw(turn=turn).rgb)
            if seen is None:
                missed += 1
                continue
            wanted = find_angles(turn @ start[1])
            errors.append([abs((one - other + 180) % 360 - 180) for one, other in zip(seen[0], wanted, strict=True)])
    if not errors:
        return []
    figures = []
    for axis, values in zip(("yaw", "pitch", "roll"), np.array(errors).T, strict=True):
        truth = f"{len(values)} drawings of {len(faces)} faces of {who}, {missed} not found"
        figures.append(Figure("faces: pose", f"{axis}, mean error, {who}", float(values.mean()), "°", truth))
        tail = float(np.percentile(values, 95))
        figures.append(Figure("faces: pose", f"{axis}, 95th percentile, {who}", tail, "°", truth))
        within = 100 * float((values <= 8).mean())
        figures.append(Figure("faces: pose", f"{axis}, within 8°, {who}", within, "%", truth))
    return figures


def _measure_closing(tools: _Tools, faces: Sequence[RealFace]) -> list[Figure]:
    """Eyes drawn closed and mouths drawn open: whether each face comes out on the right side of 0.5."""
    assert tools.mesh is not None
    right: dict[str, list[bool]] = {"eyes, closed by drawing": [], "mouth, opened by drawing": []}
    for face in faces:
        draw = partial(draw_face, face, height_px=110, size=(400, 300))
        closed, opened = (_state(tools, picture.rgb) for picture in (draw(eyes_closed=True), draw(mouth_gap=0.1)))
        if closed is not None:
            right["eyes, closed by drawing"].append(closed["eyes_open"] < 0.5)
        if opened is not None:
            right["mouth, opened by drawing"].append(opened["mouth_open"] >= 0.5)
    return [
        Figure("faces: states", what, 100 * float(np.mean(values)), "% right", f"{len(values)} {DRAWN}")
        for what, values in right.items()
        if values
    ]


def _measure_mirrored(tools: _Tools, faces: Sequence[RealFace]) -> list[Figure]:
    """A mirrored photograph must give the same pitch, and yaw and roll turned round."""
    differences = []
    for face in faces:
        plain = tools.angles(_around(face))
        mirrored = tools.angles(np.ascontiguousarray(_around(face)[:, ::-1]))
        if plain is not None and mirrored is not None:
            signs = np.array([-1, 1, -1])
            differences.append(np.abs(np.array(plain[0]) - signs * np.array(mirrored[0])))
    if not differences:
        return []
    worst = np.array(differences).max(axis=1)
    truth = f"{len(worst)} photographs beside their mirror images"
    return [Figure("faces: pose", "largest difference of any axis, mean", float(worst.mean()), "°", truth)]


def _measure_photographs(tools: _Tools, data: Path) -> list[Figure]:
    """Faces in photographs: recall of clear ones and of profiles, and what is found where nobody is."""
    found_right = wrong = 0
    recall: dict[str, list[bool]] = {"clear": [], "profiles and downward looks": []}
    for name in sorted({*CLEAR_FACES, *PROFILES}):
        found = tools.find(read_photograph(data / "images" / f"{name}.jpg"))
        middle, height = (found[:, :2] + found[:, 2:4]) / 2, found[:, 3] - found[:, 1]
        matched = np.zeros(len(found), dtype=bool)
        for kind, places in zip(recall, (CLEAR_FACES.get(name, ()), PROFILES.get(name, ())), strict=True):
            for place in places:
                near = np.linalg.norm(middle - place, axis=1) < np.maximum(height * 0.6, 14)
                recall[kind].append(bool(near.any()))
                matched |= near
        found_right += int(matched.sum())
        wrong += int((~matched).sum())
    alarms = [len(tools.find(read_photograph(data / "images" / name))) for name in WITHOUT_PEOPLE]
    pictures = f"{len({*CLEAR_FACES, *PROFILES})} photographs of people, {BY_EYE}"
    figures = [
        Figure("faces: photographs", f"recall, {kind}", 100 * float(np.mean(hits)), "%", f"{len(hits)} faces, {BY_EYE}")
        for kind, hits in recall.items()
    ]
    precision = 100 * found_right / max(found_right + wrong, 1)
    figures.append(Figure("faces: photographs", "precision", precision, "%", pictures))
    without = f"{len(alarms)} photographs without people"
    figures.append(Figure("faces: photographs", "false alarms", float(np.mean(alarms)), "a picture", without))
    return figures


def _measure_states(tools: _Tools, data: Path) -> list[Figure]:
    """Eyes, mouth, smile and the side a head is turned to, against labels."""
    if tools.mesh is None:
        return []
    right: dict[str, list[bool]] = {"eyes open or closed": [], "mouth open or closed": [], "smile": [], "side": []}
    for seen in SEEN_FACES:
        state = _state(tools, _picture_of(data, seen), near=(seen.x, seen.y))
        if state is None:
            continue
        if seen.eyes != "?":
            right["eyes open or closed"].append((state["eyes_open"] >= 0.5) == (seen.eyes == "o"))
        if seen.mouth != "?":
            right["mouth open or closed"].append((state["mouth_open"] >= 0.5) == (seen.mouth == "o"))
        if seen.smile != "?":
            right["smile"].append((state["smile"] >= 0.5) == (seen.smile == "s"))
        if seen.turned != "?":
            yaw_deg = state["yaw_deg"]
            right["side"].append({"l": yaw_deg < -13, "r": yaw_deg > 13, "f": abs(yaw_deg) <= 20}[seen.turned])
    return [
        Figure("faces: states", what, 100 * float(np.mean(values)), "% right", f"{len(values)} real faces, {BY_EYE}")
        for what, values in right.items()
    ]


def _measure_tracks(tools: _Tools, data: Path) -> list[Figure]:
    """Followed boxes against the detector's own on frames that following has not seen it look at."""
    figures = []
    for name, start, end in (("friday.mp4", 0, 183), ("asl_five_people_montage.mp4", 0, 77)):
        info = probe(data / "video" / name)
        frames = decode_frames(data / "video" / name, info=info, start_frame=start, end_frame=end, max_side_px=SIDE_PX)
        pictures = {frame.index: frame.rgb for frame in frames}
        looks = list(range(start + 12, end, 25))
        detected = _detect(tools.faces, pictures, looks)
        began = time.perf_counter()
        tracks = follow_faces(iter(pictures.items()), detected=detected, looks=looks)
        took_ms = 1000 * (time.perf_counter() - began) / len(pictures)
        checks = [index for index in range(start, end, 5) if index not in looks]
        truth = _detect(tools.faces, pictures, checks)
        overlaps = [
            find_overlaps(values[None, :4], tracks.boxes[tracks.frame_index == index]).max(initial=0.0)
            for index, values in zip(truth.frame_index, truth.values, strict=True)
        ]
        against = f"{name}: {len(overlaps)} faces found in frames between looks"
        figures += [
            Figure("faces: tracks", "overlap between looks, mean", float(np.mean(overlaps)), "IoU", against),
            Figure("faces: tracks", "faces with a box", 100 * float(np.mean(np.array(overlaps) > 0.4)), "%", against),
            Figure("faces: tracks", "cost of following", took_ms, "ms a frame", name),
        ]
    return figures


def _measure_cost(tools: _Tools, data: Path) -> list[Figure]:
    """Milliseconds that each detector takes on one core for a film frame, and for a face."""
    names = ("sintel_trailer_480p.mp4", "asl_five_people_montage.mp4", "friday.mp4", "googlework_short.mp4")
    spent: dict[str, float] = dict.fromkeys(("faces", "face_mesh", "body_pose", "people"), 0.0)
    frames = faces = 0
    for name in names:
        info = probe(data / "video" / name)
        looks = list(range(15, info.frame_count, max(info.frame_count // 12, 1)))
        for frame in decode_frame_set(data / "video" / name, info=info, frame_indices=looks, max_side_px=SIDE_PX):
            found: dict[str, Detections] = {}
            for detector in (tools.faces, tools.mesh, tools.body, tools.people):
                if detector is None:
                    continue
                began = time.perf_counter()
                found[detector.name] = detector.detect(frame.rgb[None], frame_index=np.array([0]), found=found)
                spent[detector.name] += time.perf_counter() - began
            frames += 1
            faces += len(found["faces"].values)
    truth = f"{frames} frames of {len(names)} films with {faces} faces"
    return [
        Figure("faces: cost", name, 1000 * seconds / max(frames, 1), "ms a frame", truth)
        for name, seconds in spent.items()
    ]


def _state(tools: _Tools, picture: Picture, *, near: tuple[float, float] | None = None) -> dict[str, float] | None:
    """The mesh columns of a picture's largest face, or of the one that lies at a place."""
    assert tools.mesh is not None
    detected = tools.faces.detect(picture[None], frame_index=np.array([0]), found={})
    if not len(detected.values):
        return None
    boxes = detected.values[:, :4]
    height = boxes[:, 3] - boxes[:, 1]
    row = int(np.argmax(height))
    if near is not None:
        away = np.linalg.norm((boxes[:, :2] + boxes[:, 2:]) / 2 - near, axis=1)
        row = int(np.argmin(away))
        if away[row] > height[row]:
            return None
    values = tools.mesh.detect(picture[None], frame_index=np.array([0]), found={"faces": detected}).values[row]
    return None if np.isnan(values[1]) else dict(zip(tools.mesh.columns, values.tolist(), strict=True))


def _unseen_faces(tools: _Tools, data: Path) -> list[RealFace]:
    return [
        face for name, x, y in UNSEEN_IN_FIT for face in tools.real_faces(read_photograph(data / name), near=(x, y))
    ]


def _loaded(detector: Detector, store: WeightsStore) -> Any:
    if store.missing(detector.weights):
        return None
    detector.load({name: store.path(name) for name in detector.weights})
    return detector


def _detect(faces: Faces, pictures: dict[int, Picture], looks: Sequence[int]) -> Detections:
    return faces.detect(np.stack([pictures[look] for look in looks]), frame_index=np.array(looks), found={})


def _five_points(face: NDArray[np.float32]) -> NDArray[np.float32]:
    first = Faces.columns.index(POINT_COLUMNS[0])
    return face[first : first + len(POINT_COLUMNS)].reshape(-1, 2)


def _picture_of(data: Path, seen: SeenFace) -> Picture:
    path = data / seen.file
    if seen.frame < 0:
        return read_photograph(path)
    frames = decode_frame_set(path, info=probe(path), frame_indices=[seen.frame], max_side_px=SIDE_PX)
    return next(iter(frames)).rgb


def read_photograph(path: Path, *, side_px: int = SIDE_PX) -> Picture:
    """Read a picture, RGB, its longer side at most ``side_px``."""
    bgr = cv2.imread(str(path))
    assert bgr is not None, path
    picture = from_bgr(np.asarray(bgr, dtype=np.uint8))
    scale = side_px / max(picture.shape)
    if scale >= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _around(face: RealFace) -> Picture:
    """The part of a photograph around its face."""
    low, high = face.mesh[:, :2].min(axis=0), face.mesh[:, :2].max(axis=0)
    low, high = low - (high - low) * 0.7, high + (high - low) * 0.7
    x0, y0, x1, y1 = np.clip(np.concatenate([low, high]), 0, [*face.rgb.shape[1::-1]] * 2).astype(int)
    return np.ascontiguousarray(face.rgb[y0:y1, x0:x1])


def _fit(picture: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _plain(picture: Picture, rng: np.random.Generator) -> Picture:
    return picture


def _darken(picture: Picture, rng: np.random.Generator) -> Picture:
    return np.clip(picture / 8 + rng.normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)


def _grain(picture: Picture, rng: np.random.Generator) -> Picture:
    grey = picture.mean(axis=2, keepdims=True) + rng.normal(0, 9, (*picture.shape[:2], 1))
    return np.clip(grey, 0, 255).astype(np.uint8).repeat(3, axis=2)
