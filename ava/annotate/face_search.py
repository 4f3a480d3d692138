"""Every face of one picture: upright ones, tilted and lying ones, and those in the dark."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_boxes import Boxes, find_overlaps
from ava.annotate.mtcnn import FoundFaces, Mtcnn

LEAST_SIDE_PX = 20
"""Size at which the upright search begins: a 24-px face is found with some room to spare."""

TURNED_LEAST_SIDE_PX = 32
TURNS_DEG = (-45, 45, -90, 90)
LEAST_HEIGHT_PX = 17.0
TALL_PX = 44.0
"""False alarms are small: on 58 photographs without people none was taller, however low its score. What is tall and
doubtful is a picture of a face, as on a shirt."""


class _Threshold(NamedTuple):
    """Least score of a small face, and of one of ``TALL_PX`` or more."""

    small: float
    tall: float


UPRIGHT, TURNED, DARK = _Threshold(0.93, 0.91), _Threshold(0.99, 0.97), _Threshold(0.96, 0.91)

DARK_LUMA, DARK_SHARE = 48, 0.3
"""Where this share of the pixels is darker than this luma, the picture is searched brightened as well."""

DARK_GAMMA = 0.5
DARK_SMOOTHING_PX = 0.8
"""Brightening shows the noise as well; this takes some of it off."""

SAME_FACE_OVERLAP = 0.35
NESTED_OVERLAP = 0.65
TILT_PENALTY_PER_DEG = 0.002
"""A face found in two passes is taken from the one in which it stands more upright, unless it scores far worse."""


class _Pass(NamedTuple):
    """Faces found in one view of the picture, in the picture's pixels, and what each is worth beside others."""

    found: FoundFaces
    worth: NDArray[np.float64]


def search_faces(rgb: NDArray[np.uint8], *, network: Mtcnn, luma: NDArray[np.uint8]) -> FoundFaces:
    """Find the faces of a picture ``uint8 (H, W, 3)`` with its luma ``(H, W)``, best first.

    ``scores`` is the last network's probability. Of a turned face the box is upright and bounds the ellipse within
    the turned box; its points stay those of the face (its own left eye in an upright view first). Thresholds are
    measured on photographs without people; see ``tests/bench/accuracy_faces.py``.
    """
    passes = [
        _keep(network.find(rgb, least_side_px=LEAST_SIDE_PX), threshold=UPRIGHT, turn_deg=0),
        *(_search_turned(rgb, network=network, turn_deg=turn_deg) for turn_deg in TURNS_DEG),
    ]
    if np.mean(luma < DARK_LUMA) >= DARK_SHARE:
        levels = np.rint(255 * (np.arange(256) / 255) ** DARK_GAMMA).astype(np.uint8)
        bright = cv2.GaussianBlur(cv2.LUT(rgb, levels), (0, 0), DARK_SMOOTHING_PX)
        in_the_dark = network.find(np.asarray(bright, dtype=np.uint8), least_side_px=LEAST_SIDE_PX)
        passes.append(_keep(in_the_dark, threshold=DARK, turn_deg=0))
    return _merge(passes)


def find_tilt(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Degrees by which faces are turned clockwise in the picture, from ``(N, 5, 2)`` points: ``float64 (N,)``.

    Measured from the middle of the eyes to the middle of the mouth and along the eyes, whichever is longer in the
    picture's projection counting more.
    """
    across = points[:, 1] - points[:, 0] + points[:, 4] - points[:, 3]
    down = points[:, 3] + points[:, 4] - points[:, 0] - points[:, 1]
    # The way down, turned back by a quarter, points along the eyes.
    along = across.astype(np.float64) + np.stack([down[:, 1], -down[:, 0]], axis=1)
    return np.degrees(np.arctan2(along[:, 1], along[:, 0]))


def _keep(found: FoundFaces, *, threshold: _Threshold, turn_deg: int) -> _Pass:
    """The faces above a score; ``worth`` falls with their tilt in the view that was searched."""
    height = found.boxes[:, 3] - found.boxes[:, 1]
    is_sure = found.scores >= np.where(height >= TALL_PX, threshold.tall, threshold.small)
    kept = FoundFaces(*(values[is_sure & (height >= LEAST_HEIGHT_PX)] for values in found))
    tilt = (find_tilt(kept.points) - turn_deg + 180) % 360 - 180
    return _Pass(kept, kept.scores - TILT_PENALTY_PER_DEG * np.abs(tilt))


def _search_turned(rgb: NDArray[np.uint8], *, network: Mtcnn, turn_deg: int) -> _Pass:
    """Search the picture turned so that faces turned clockwise by ``turn_deg`` stand upright."""
    height, width = rgb.shape[:2]
    cosine, sine = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    size = (
        max(round(width * abs(cosine) + height * abs(sine)), 1),
        max(round(width * abs(sine) + height * abs(cosine)), 1),
    )
    turn = np.array([[cosine, sine], [-sine, cosine]])
    shift = np.array(size) / 2 - turn @ (np.array([width, height]) / 2)
    # Coordinates are pixel corners; OpenCV's are pixel centres.
    by_centres = np.column_stack([turn, turn @ (0.5, 0.5) + shift - 0.5])
    turned = cv2.warpAffine(rgb, by_centres, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    found = network.find(np.asarray(turned, dtype=np.uint8), least_side_px=TURNED_LEAST_SIDE_PX)
    points = ((found.points - shift) @ turn).astype(np.float32)
    middle = ((found.boxes[:, :2] + found.boxes[:, 2:]) / 2 - shift) @ turn
    half = (found.boxes[:, 2:] - found.boxes[:, :2]) / 2
    reach = np.sqrt(np.square(half) @ np.square(turn))
    boxes = np.hstack([middle - reach, middle + reach]).astype(np.float32)
    return _keep(FoundFaces(boxes, found.scores, points), threshold=TURNED, turn_deg=turn_deg)


def _merge(passes: list[_Pass]) -> FoundFaces:
    """One row a face: of boxes on one face the worthiest."""
    found = FoundFaces(*(np.concatenate(values) for values in zip(*(each.found for each in passes), strict=True)))
    order = np.argsort(-np.concatenate([each.worth for each in passes]), kind="stable")
    boxes: Boxes = found.boxes[order]
    same = (find_overlaps(boxes, boxes) > SAME_FACE_OVERLAP) | (
        find_overlaps(boxes, boxes, of_smaller=True) > NESTED_OVERLAP
    )
    alive = np.ones(len(order), dtype=bool)
    for best in range(len(order)):
        if alive[best]:
            alive[best + 1 :] &= ~same[best, best + 1 :]
    kept = order[alive]
    kept = kept[np.argsort(-found.scores[kept], kind="stable")]
    return FoundFaces(*(values[kept] for values in found))
