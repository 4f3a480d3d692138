"""MTCNN: three small networks, each looking closer at what the one before let through."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.compute_device import Device, prepare_torch
from ava.annotate.face_boxes import Boxes, keep_best
from ava.annotate.torchvision_operators import provide_torchvision_operators

CELL_PX = 12
STRIDE_PX = 2
REFINED_SIDE_PX, FINAL_SIDE_PX = 24, 48
PYRAMID_FACTOR = 0.709
"""From one size of the picture to the next: half the area."""

DENSE_OVERLAP, MERGE_OVERLAP, NESTED_OVERLAP = 0.5, 0.7, 0.7
BATCH = 512


class Thresholds(NamedTuple):
    """Least probability of a face after each of the three networks."""

    proposal: float = 0.6
    refined: float = 0.7
    final: float = 0.7


class FoundFaces(NamedTuple):
    """Faces of one picture in its pixels: ``boxes`` ``float32 (N, 4)``, ``scores`` ``(N,)`` 0–1, ``points``
    ``(N, 5, 2)``: eye, eye, nose, mouth corner, mouth corner; of each pair the picture's left one first."""

    boxes: Boxes
    scores: NDArray[np.float32]
    points: NDArray[np.float32]


class Mtcnn:
    """Finds upright faces, tilted by up to about 35° (Zhang, Zhang, Li & Qiao 2016, "Joint face detection and
    alignment using multitask cascaded convolutional networks").

    The networks and their weights are facenet-pytorch's; the cascade is written here, because each picture must
    give the same faces whatever it is batched with. Two deviations: crops that reach over the border see its
    pixels repeated, and boxes keep fractions of pixels.
    """

    def __init__(self, device: Device = "cpu") -> None:
        prepare_torch()
        provide_torchvision_operators()
        from facenet_pytorch.models.mtcnn import ONet, PNet, RNet

        self.device = device
        self._networks = tuple(network().eval().to(device) for network in (PNet, RNet, ONet))

    def find(
        self, rgb: NDArray[np.uint8], *, least_side_px: float, thresholds: Thresholds = Thresholds()  # noqa: B008
    ) -> FoundFaces:
        """Find the faces of one picture ``uint8 (H, W, 3)``, best first, whose longer side is about
        ``least_side_px`` or more."""
        boxes = self._propose(rgb, least_side_px=least_side_px, threshold=thresholds.proposal)
        boxes, scores, _ = self._look(rgb, boxes, network=1, threshold=thresholds.refined)
        keep = keep_best(boxes, scores, overlap=MERGE_OVERLAP)
        boxes, scores, points = self._look(rgb, boxes[keep], network=2, threshold=thresholds.final)
        keep = keep_best(boxes, scores, overlap=NESTED_OVERLAP, of_smaller=True)
        return FoundFaces(boxes[keep], scores[keep], points[keep])

    def score(self, rgb: NDArray[np.uint8], boxes: Boxes) -> FoundFaces:
        """Let the last network judge boxes of one picture: a row each, in their order, however low the score."""
        return FoundFaces(*self._look(rgb, boxes, network=2, threshold=-1.0))

    def _propose(self, rgb: NDArray[np.uint8], *, least_side_px: float, threshold: float) -> Boxes:
        """Candidate boxes of the first network over all sizes of the picture."""
        parts, scores = [np.empty((0, 4), np.float32)], [np.empty(0, np.float32)]
        for scaled in _pyramid(rgb, least_side_px=least_side_px):
            shifts, faces = self._run(0, scaled[None])
            rows, columns = np.nonzero(faces[0] >= threshold)
            corner = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE_PX
            cells = np.hstack([corner, corner + CELL_PX])
            per_px = np.tile([rgb.shape[1] / scaled.shape[1], rgb.shape[0] / scaled.shape[0]], 2)
            found = (cells + shifts[0][:, rows, columns].T * CELL_PX) * per_px.astype(np.float32)
            keep = keep_best((cells * per_px).astype(np.float32), faces[0, rows, columns], overlap=DENSE_OVERLAP)
            parts.append(found[keep])
            scores.append(faces[0, rows, columns][keep])
        boxes = np.concatenate(parts)
        return boxes[keep_best(boxes, np.concatenate(scores), overlap=MERGE_OVERLAP)]

    def _look(
        self, rgb: NDArray[np.uint8], boxes: Boxes, *, network: int, threshold: float
    ) -> tuple[Boxes, NDArray[np.float32], NDArray[np.float32]]:
        """Judge boxes with the second or third network: those above the threshold, moved to where it sees them."""
        side = REFINED_SIDE_PX if network == 1 else FINAL_SIDE_PX
        squares = _make_square(boxes)
        crops = np.empty((len(squares), side, side, 3), np.float32)
        for row, square in enumerate(squares):
            squares[row] = _crop(rgb, square, target=crops[row])
        results = [np.concatenate(each) for each in zip(*self._batches(network, crops), strict=True)]
        if not results:
            return np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32)
        shifts, faces, points = results
        keep = faces > threshold
        squares, shifts, faces, points = squares[keep], shifts[keep], faces[keep], points[keep]
        sides = (squares[:, 2:] - squares[:, :2])[:, None]
        placed = squares[:, None, :2] + points.reshape(-1, 2, 5).transpose(0, 2, 1) * sides
        return squares + shifts * np.tile(sides[:, 0], 2), faces, placed

    def _batches(self, network: int, crops: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.float32], ...]]:
        for first in range(0, len(crops), BATCH):
            results = self._run(network, crops[first : first + BATCH])
            points = results[2] if network == 2 else np.zeros((len(results[0]), 10), np.float32)
            yield results[0], results[1], points

    def _run(self, network: int, pictures: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Box shifts, face probabilities and, of the last network, points, for ``float32 (N, H, W, 3)``."""
        import torch

        planes = torch.from_numpy((pictures - 127.5) / 128).permute(0, 3, 1, 2).to(self.device)
        with torch.inference_mode():
            results: tuple[Any, ...] = self._networks[network](planes)
        values = [result.cpu().numpy() for result in results]
        return [values[0], values[-1][:, 1], *values[1:-1]]


def _pyramid(rgb: NDArray[np.uint8], *, least_side_px: float) -> Iterator[NDArray[np.float32]]:
    """The picture as float32, ever smaller, from where the smallest wanted face fills a cell."""
    height, width = rgb.shape[:2]
    scale = CELL_PX / least_side_px
    pixels = rgb.astype(np.float32)
    while min(height, width) * scale >= CELL_PX:
        size = (round(width * scale), round(height * scale))
        yield np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        scale *= PYRAMID_FACTOR


def _make_square(boxes: Boxes) -> Boxes:
    """Squares about the same centres with the longer sides."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)[:, None] / 2
    return np.hstack([middle - half, middle + half]).astype(np.float32)


def _crop(rgb: NDArray[np.uint8], square: NDArray[np.float32], *, target: NDArray[np.float32]) -> NDArray[np.float64]:
    """Write the square's content at the target's size, and return the whole-pixel box that it was taken from."""
    height, width = rgb.shape[:2]
    x0, y0 = (int(value) for value in np.floor(square[:2]))
    x1, y1 = (max(int(high), low + 1) for high, low in zip(np.ceil(square[2:]), (x0, y0), strict=True))
    columns = np.clip(np.arange(x0, x1), 0, width - 1)
    rows = np.clip(np.arange(y0, y1), 0, height - 1)
    is_inside = x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
    crop = rgb[y0:y1, x0:x1] if is_inside else rgb[rows[:, None], columns]
    smooth = cv2.INTER_AREA if len(crop) > len(target) else cv2.INTER_LINEAR
    target[:] = cv2.resize(crop, target.shape[1::-1], interpolation=smooth)
    return np.array([x0, y0, x1, y1], dtype=np.float64)
