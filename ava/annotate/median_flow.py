"""Boxes moved along with what they show, from one frame to a neighbouring one."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_boxes import Boxes

GRID = 8
"""Points a side that are followed in each box."""

INNER_SHARE = 0.8
"""The corners of a face's box show what is behind it."""

WINDOW_PX, LEVELS = 9, 2
LEAST_SIDE_PX = 4.0
MOST_ERROR_SHARE, LEAST_MOST_ERROR_PX = 0.08, 1.0
LEAST_LIKENESS = 0.5
MOST_SCALING = 1.25
PATCH_PX = 24


class Step(NamedTuple):
    """Boxes in the next frame ``float32 (N, 4)``, and how alike each is to what it was, −1 to 1 ``(N,)``; NaN rows and
    −1 where the content could not be followed."""

    boxes: Boxes
    likeness: NDArray[np.float64]


def follow_boxes(before: NDArray[np.uint8], now: NDArray[np.uint8], *, boxes: Boxes) -> Step:
    """Move ``boxes`` ``(N, 4)`` of one frame's luma ``uint8 (H, W)`` to a neighbouring frame.

    Median flow (Kalal, Mikolajczyk & Matas 2010, "Forward-backward error: automatic detection of tracking failures"):
    points followed there and back by pyramidal Lucas–Kanade; the half that returns best gives the median move and the
    median change of distances. A box is lost when its points return badly or the picture in it has changed.
    """
    if not len(boxes):
        return Step(boxes, np.empty(0))
    grid = _grid_points(boxes)
    there, found = _flow(before, now, grid)
    back, returned = _flow(now, before, there)
    shape = (len(boxes), GRID * GRID)
    errors = np.sqrt(np.square(grid - back).sum(axis=-1)).astype(np.float64).reshape(shape)
    errors[~((found == 1) & (returned == 1)).reshape(shape)] = np.inf
    moved = np.full_like(boxes, np.nan)
    likeness = np.full(len(boxes), -1.0)
    starts, ends = grid.reshape(*shape, 2), there.reshape(*shape, 2)
    for row, box in enumerate(boxes):
        place = _move(box, starts[row], ends[row], errors=errors[row], size=now.shape[::-1])
        if place is None:
            continue
        alike = compare_patches(cut_patch(before, box), cut_patch(now, place))
        if alike >= LEAST_LIKENESS:
            moved[row], likeness[row] = place, alike
    return Step(moved, likeness)


def cut_patch(luma: NDArray[np.uint8], box: NDArray[np.floating]) -> NDArray[np.float32]:
    """A box's content at 24 × 24 pixels, ``float32``; what lies outside the picture repeats its border."""
    x0, y0, x1, y1 = (float(value) for value in box)
    scale_x, scale_y = max(x1 - x0, 1.0) / PATCH_PX, max(y1 - y0, 1.0) / PATCH_PX
    to_picture = np.array([[scale_x, 0, x0 + scale_x / 2 - 0.5], [0, scale_y, y0 + scale_y / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(luma, to_picture, (PATCH_PX, PATCH_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, dtype=np.float32)


def compare_patches(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Correlation of two patches, −1 to 1; patches without any structure are alike when their levels are."""
    one, other = first - first.mean(), second - second.mean()
    strength = float(np.sqrt(np.square(one).mean() * np.square(other).mean()))
    if strength < 1.0:
        return 1.0 if abs(float(first.mean()) - float(second.mean())) < 16 else 0.0
    return float((one * other).mean()) / strength


def _flow(
    before: NDArray[np.uint8], now: NDArray[np.uint8], points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Where points ``float32 (N, 1, 2)`` have gone, and 1 for those that were found."""
    ends, found, _ = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]
        before, now, points, None, winSize=(WINDOW_PX, WINDOW_PX), maxLevel=LEVELS
    )
    return ends, found


def _grid_points(boxes: Boxes) -> NDArray[np.float32]:
    """Points of the boxes' inner parts: ``float32 (N × GRID², 1, 2)``."""
    steps = (np.arange(GRID, dtype=np.float32) / (GRID - 1) - 0.5) * INNER_SHARE + 0.5
    across, down = (axis.ravel() for axis in np.meshgrid(steps, steps))
    sides = boxes[:, 2:] - boxes[:, :2]
    x = boxes[:, :1] + sides[:, :1] * across
    y = boxes[:, 1:2] + sides[:, 1:] * down
    return np.stack([x, y], axis=-1).reshape(-1, 1, 2).astype(np.float32)


def _move(
    box: NDArray[np.float32],
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
    *,
    errors: NDArray[np.float64],
    size: tuple[int, ...],
) -> NDArray[np.float32] | None:
    side = float(min(box[2] - box[0], box[3] - box[1]))
    median = float(np.median(errors))
    if not median <= max(side * MOST_ERROR_SHARE, LEAST_MOST_ERROR_PX):
        return None
    good = errors <= median
    before, after = starts[good].astype(np.float64), ends[good].astype(np.float64)
    shift = np.median(after - before, axis=0)
    first, second = np.triu_indices(len(before), k=1)
    spread = [np.sqrt(np.square(points[first] - points[second]).sum(axis=1)) for points in (before, after)]
    scale = float(np.median(spread[1] / np.maximum(spread[0], 1e-6))) if len(first) else 1.0
    if not 1 / MOST_SCALING <= scale <= MOST_SCALING:
        return None
    middle = (box[:2] + box[2:]) / 2 + shift
    half = (box[2:] - box[:2]) / 2 * scale
    is_seen = 0 <= middle[0] <= size[0] and 0 <= middle[1] <= size[1] and half.min() * 2 >= LEAST_SIDE_PX
    return np.concatenate([middle - half, middle + half]).astype(np.float32) if is_seen else None
