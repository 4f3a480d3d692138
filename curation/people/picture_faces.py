"""The faces of single pictures, and which of them are one person."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, Detector
from ava.annotate.face_encoders import FaceEncoder
from ava.annotate.inspect import join_detections
from curation.people.cluster import cluster_vectors
from curation.people.collect import collect_people
from curation.people.film_faces import FilmFaces

SIDE_PX = 1280
"""Longer side at which pictures are looked at: twice that of a film's frames, as groups are photographed from afar."""


class PictureFace(NamedTuple):
    """A face of picture number ``picture``; ``box`` x0, y0, x1, y1 in its pixels, half-open; ``score`` 0–1.

    Faces of one ``person`` have one number, from 0 in the order of first appearance; None where the face is too small
    to say, or no encoder is installed.
    """

    picture: int
    box: tuple[float, float, float, float]
    score: float
    person: int | None


def find_people_in_pictures(
    pictures: Iterable[NDArray[np.uint8]], *, detectors: Sequence[Detector], encoder: FaceEncoder | None
) -> list[PictureFace]:
    """Find the faces of pictures, RGB ``uint8 (H, W, 3)`` of any sizes, and group them by person over all of them.

    ``detectors`` are loaded, in an order that suits their ``after``: "faces" and, where they can be run, "face_mesh"
    and that of ``encoder``. Two faces of one picture are taken for two people.
    """
    tables: dict[str, list[Detections]] = {detector.name: [] for detector in detectors}
    for number, picture in enumerate(pictures):
        for name, found in _look(picture, number=number, detectors=detectors).items():
            tables[name].append(found)
    joined = {each.name: join_detections(tables[each.name], columns=len(each.columns)) for each in detectors}
    faces = collect_people(joined, shots=(), encoder=encoder, size=(SIDE_PX, SIDE_PX)).faces
    people = _group(faces, encoder) if encoder else [None] * len(faces.boxes)
    return [
        PictureFace(picture, (box[0], box[1], box[2], box[3]), score, person)
        for picture, box, score, person in zip(
            faces.frame_index.tolist(), faces.boxes.tolist(), faces.looks.score.tolist(), people, strict=True
        )
    ]


def _look(
    picture: NDArray[np.uint8], *, number: int, detectors: Sequence[Detector]
) -> Mapping[str, Detections]:
    """What detectors find in one picture, in its own pixels."""
    height, width = picture.shape[:2]
    scale = min(SIDE_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    pixels = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture, np.uint8)
    found: dict[str, Detections] = {}
    for detector in detectors:
        before = {name: found[name] for name in detector.after if name in found}
        found[detector.name] = detector.detect(pixels[None], frame_index=np.array([number]), found=before)
    for detector in detectors:
        values = found[detector.name].values.copy()
        for columns, factor in ((detector.x_columns, width / size[0]), (detector.y_columns, height / size[1])):
            values[:, [detector.columns.index(column) for column in columns]] *= factor
        found[detector.name] = found[detector.name]._replace(values=values)
    return found


def _group(faces: FilmFaces, encoder: FaceEncoder) -> list[int | None]:
    """The person of each face; None for faces without a vector that can be trusted at all."""
    known = np.flatnonzero(faces.quality > 0)
    together = faces.frame_index[known]
    apart = [pair for pair in combinations(range(len(known)), 2) if together[pair[0]] == together[pair[1]]]
    labels = cluster_vectors(faces.vectors[known], weights=faces.quality[known], encoder=encoder, apart=apart)
    people: list[int | None] = [None] * len(faces.quality)
    for row, label in zip(known.tolist(), labels.tolist(), strict=True):
        people[row] = label
    return people
