"""People: whose body is in the picture, how much of it, and how near the camera shows them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, stack_rows
from ava.annotate.body_pose import JOINT_COLUMNS, JOINTS, BodyPose
from ava.annotate.body_search import BodySearch, FoundBodies
from ava.annotate.face_boxes import find_intersections
from ava.annotate.faces import BOX, Faces
from ava.media.colour import to_gray

NOBODY, CLOSE_UP, UPPER_BODY, FULL_BODY = range(4)
FRAMING_NAMES = ("nobody", "close-up", "upper body", "full body")
"""Words for ``framing``, of a person and of a frame, by its code."""

CLOSE_UP_FACE_SHARE = 0.3
"""A face at least this high, as a share of the picture's height, is a close-up."""

BUST_WIDTH, BUST_DROP, BUST_RISE = 1.5, 2.2, 0.35
"""Head and shoulders that go with a face, in its heights: half the width, reach below the chin and above the brow."""

HEAD_WITHIN = 0.6
"""Share of a face that must lie within a body's upper part for the body to be its own."""

HEAD_PART = 0.4
ANKLES = tuple(list(JOINTS).index(name) for name in ("right_ankle", "left_ankle"))


class People:
    """One row a person, those with faces first.

    Box within the picture, ``score`` 0–1, ``framing`` (``FRAMING_NAMES``: 1 close-up, 2 upper body, 3 full body),
    ``face`` the row of the person's face among those of the frame, NaN for people who are found by their outline.

    The body of a face comes from its joints (``body_pose``) where that can be run; else from a detector of outlines
    that has found a body about it, else it is head and shoulders as they go with every face.
    """

    name = "people"
    version = 1
    columns: tuple[str, ...] = (*BOX, "score", "framing", "face")
    x_columns: tuple[str, ...] = ("x0", "x1")
    y_columns: tuple[str, ...] = ("y0", "y1")
    frame_columns: tuple[str, ...] = ("framing", "count", "largest_height")
    max_side_px = 640
    weights: tuple[str, ...] = ()
    after: tuple[str, ...] = ("faces", "body_pose")

    def load(self, files: Mapping[str, Path]) -> None:
        """Read OpenCV's detectors."""
        self._search = BodySearch()

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find the people in ``uint8 (T, H, W, 3)``; see the class for the columns."""
        rows = []
        for index, rgb in zip(frame_index.tolist(), frames, strict=True):
            people = self._look(rgb, faces=_rows_of(found, Faces, index), bodies=_rows_of(found, BodyPose, index))
            rows.append(np.array(people, np.float32).reshape(-1, len(self.columns)))
        return stack_rows(rows, frame_index=frame_index, columns=len(self.columns))

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """``framing`` of the most prominent person, 0 when there is nobody; ``count``; ``largest_height`` of a person
        as a share 0–1 of the picture's.

        Most prominent is the largest of those with a face, and without faces the largest.
        """
        signals = np.zeros((len(frame_index), len(self.frame_columns)), dtype=np.float32)
        for row, index in enumerate(frame_index):
            people = found.values_at(index)
            if not len(people):
                continue
            height = people[:, 3] - people[:, 1]
            # Whose face is seen comes before all whose face is not.
            prominence = height + np.where(np.isnan(people[:, 6]), 0, size[1])
            signals[row] = people[np.argmax(prominence), 5], len(people), height.max() / size[1]
        return signals

    def _look(
        self, rgb: NDArray[np.uint8], *, faces: NDArray[np.float32], bodies: NDArray[np.float32]
    ) -> list[list[float]]:
        luma = to_gray(rgb)
        size = (rgb.shape[1], rgb.shape[0])
        standing = self._search.find_standing(luma)
        upper = self._search.find_upper(luma) if len(faces) and not len(bodies) else None
        people: list[list[float]] = []
        taken = np.zeros(len(standing.boxes), dtype=bool)
        for row, face in enumerate(faces):
            owned = _owned_by(face, standing) & ~taken
            taken |= owned
            body = bodies[row] if row < len(bodies) and not np.isnan(bodies[row, 0]) else None
            person = _describe(face, body=body, standing=standing.boxes[owned], upper=upper, size=size)
            people.append([*person, float(row)])
        known = np.array([person[:4] for person in people], np.float32).reshape(-1, 4)
        for box, score in zip(standing.boxes[~taken], standing.scores[~taken], strict=True):
            shared = find_intersections(box[None], known).max(initial=0.0)
            if shared < 0.5 * float((box[2:] - box[:2]).prod()):
                people.append([*box.tolist(), float(score), FULL_BODY, np.nan])
        return people


def _rows_of(found: Mapping[str, Detections], kind: type[Faces] | type[BodyPose], index: int) -> NDArray[np.float32]:
    """A frame's rows of an earlier detector; none where it was not run."""
    if kind.name not in found:
        return np.empty((0, len(kind.columns)), np.float32)
    return found[kind.name].values_at(index)


def _owned_by(face: NDArray[np.float32], bodies: FoundBodies) -> NDArray[np.bool_]:
    """Which bodies have this face in their upper part."""
    tops = bodies.boxes.copy()
    tops[:, 3] = tops[:, 1] + (tops[:, 3] - tops[:, 1]) * HEAD_PART
    area = max(float((face[2] - face[0]) * (face[3] - face[1])), 1e-9)
    return np.asarray(find_intersections(tops, face[None, :4])[:, 0] >= HEAD_WITHIN * area)


def _describe(
    face: NDArray[np.float32],
    *,
    body: NDArray[np.float32] | None,
    standing: NDArray[np.float32],
    upper: FoundBodies | None,
    size: tuple[int, int],
) -> list[float]:
    """Box, score and framing of the person with this face."""
    is_near = float(face[3] - face[1]) >= CLOSE_UP_FACE_SHARE * size[1]
    if body is not None:
        joints = body[-len(JOINT_COLUMNS) :].reshape(-1, 2)
        has_feet = not np.isnan(joints[list(ANKLES)]).any(axis=1).all()
        framing = CLOSE_UP if is_near else FULL_BODY if has_feet else UPPER_BODY
        return [*body[:4].tolist(), float(face[4]), framing]
    if len(standing):
        return [*standing[0].tolist(), float(face[4]), FULL_BODY]
    box = _bust(face, size=size)
    if upper is not None:
        owned = upper.boxes[_owned_by(face, upper)]
        if len(owned):
            box = np.concatenate([np.minimum(box[:2], owned[0, :2]), np.maximum(box[2:], owned[0, 2:])])
    return [*box.tolist(), float(face[4]), CLOSE_UP if is_near else UPPER_BODY]


def _bust(face: NDArray[np.float32], *, size: tuple[int, int]) -> NDArray[np.float32]:
    """Head and shoulders of a face, within the picture."""
    height = face[3] - face[1]
    middle = (face[0] + face[2]) / 2
    box = [
        middle - BUST_WIDTH * height,
        face[1] - BUST_RISE * height,
        middle + BUST_WIDTH * height,
        face[3] + BUST_DROP * height,
    ]
    return np.clip(np.array(box, np.float32), 0, np.array([*size, *size], np.float32))
