"""Moving objects: what moves in a frame after the camera's own motion has been taken out, as a mask."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.global_motion import LEAST_FIT, LEAST_TEXTURED_CELLS, displace, divide_into_cells, fit_camera
from ava.media.colour import to_gray

WORKING_SIDE_PX = 480
FITTED_SIDE_PX = 160
"""The camera is fitted at the size at which ``ava.annotate.motion`` does it."""

LEAST_SIDE_PX = 32

OWN_MOTION_PX, OWN_MOTION_SHARE = 0.8, 0.15
"""Own flow from which a pixel may move on its own: in working pixels, and as a share of the camera's motion there."""

INLIER_PX = 0.6

LEAST_CHANGE = 5.0
"""Grey levels by which the camera's motion must explain a pixel worse than its own flow does, at least."""

NOISE_FACTOR = 4.0
"""The same in terms of the median of what the camera's motion leaves."""

SPREAD_SIGMA_PX = 1.5
LEAST_EVIDENCE = 0.12
"""Share of a region's pixels that must have changed for its flow to be believed: flow invents motion in flat parts."""

LEAST_REGION = 0.0008
"""Smallest region, as a share of the picture."""

CLOSED_PX = 9
GUIDED_RADIUS_PX, GUIDED_NOISE = 5, 60.0


class _OwnMotion(NamedTuple):
    """What moves on its own between two lumas, bool ``(H, W)``, and what has changed by it."""

    moving: NDArray[np.bool_]
    changed: NDArray[np.bool_]


def moving_object_mask(
    before: NDArray[np.uint8], now: NDArray[np.uint8], after: NDArray[np.uint8] | None = None
) -> NDArray[np.float32]:
    """Mask what moves on its own in ``now``: ``float32 (h, w)``, 0 still to 1 moving, soft at the edges.

    Frames are ``uint8``, RGB ``(h, w, 3)`` or luma ``(h, w)``, of one size; ``before`` and ``after`` are its
    neighbours, about a tenth of a second away so that slow things count. With ``after``, what the moving thing uncovers is not taken for it: only
    what moves in both directions counts. All is 0 in flat pictures, across cuts, and where nothing moves. Raises
    ``ValueError`` where sizes differ.

    Optical flow (dense inverse search: Kroeger, Timofte, Dai & Van Gool 2016) less the camera's motion (``fit_camera``)
    shows what may move; a region of it is believed where the picture, too, is explained better by its own motion than
    by the camera's. Edges are drawn to those of the picture with a guided filter (He, Sun & Tang 2010).
    """
    frames = [frame for frame in (before, now, after) if frame is not None]
    if len({frame.shape[:2] for frame in frames}) > 1:
        raise ValueError("The frames around a frame must have its size.")
    height, width = now.shape[:2]
    if min(height, width) < LEAST_SIDE_PX:
        return np.zeros((height, width), dtype=np.float32)
    luma, *others = [_to_working_size(frame) for frame in (now, *frames[:1], *frames[2:])]
    found = [_find_own_motion(other, luma) for other in others]
    regions = _believe_regions(
        np.logical_and.reduce([each.moving for each in found]), np.logical_and.reduce([each.changed for each in found])
    )
    mask = np.clip(_guide(regions.astype(np.float32), luma.astype(np.float32)), 0, 1) if regions.any() else regions
    enlarged = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, dtype=np.float32)


def _to_working_size(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    luma = frame if frame.ndim == 2 else to_gray(frame)
    return _shrink(luma, side_px=WORKING_SIDE_PX)


def _shrink(luma: NDArray[np.uint8], *, side_px: int) -> NDArray[np.uint8]:
    scale = min(side_px / max(luma.shape), 1.0)
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _find_own_motion(other: NDArray[np.uint8], luma: NDArray[np.uint8]) -> _OwnMotion:
    still = np.zeros(luma.shape, dtype=np.bool_)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(luma, other, None)  # type: ignore[call-overload]
    camera = _fit_to_flow(flow, luma)
    if camera is None:
        return _OwnMotion(still, still)
    own = flow - camera
    length, speed = (np.sqrt(np.square(each).sum(axis=2)) for each in (own, camera))
    moving = length > OWN_MOTION_PX + OWN_MOTION_SHARE * speed
    by_camera, by_flow = (_soften(cv2.absdiff(luma, _move(other, each))) for each in (camera, flow))
    least = max(LEAST_CHANGE, NOISE_FACTOR * float(np.median(by_camera)))
    return _OwnMotion(moving, by_camera - by_flow > least)


def _fit_to_flow(flow: NDArray[np.float32], luma: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The camera's part of the flow at every pixel, ``float32 (H, W, 2)``; None where there is none to be found."""
    height, width = luma.shape
    small = _shrink(luma, side_px=FITTED_SIDE_PX)
    scale = small.shape[1] / width
    size = (small.shape[1], small.shape[0])
    small_flow = np.asarray(cv2.resize(flow, size, interpolation=cv2.INTER_AREA), dtype=np.float32) * np.float32(scale)
    cells = divide_into_cells(small_flow, small)
    held = cells.take(np.flatnonzero(cells.weight > 0.5))
    if len(held.weight) < LEAST_TEXTURED_CELLS:
        return None
    camera, squared_error = fit_camera(held, size=size)
    if (squared_error < INLIER_PX**2).mean() < LEAST_FIT:
        return None
    rows, columns = np.indices(luma.shape, dtype=np.float64)
    place = np.array([columns + 0.5 - width / 2, rows + 0.5 - height / 2]) * scale
    return np.asarray(np.moveaxis(displace(camera, place) / scale, 0, 2), dtype=np.float32)


def _move(luma: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    rows, columns = np.indices(luma.shape, dtype=np.float32)
    moved = cv2.remap(
        luma, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8)


def _soften(difference: NDArray[Any]) -> NDArray[np.float32]:
    """Grain differs from pixel to pixel, things do not."""
    return np.asarray(cv2.GaussianBlur(difference.astype(np.float32), (0, 0), SPREAD_SIGMA_PX), dtype=np.float32)


def _believe_regions(moving: NDArray[np.bool_], changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Regions of moving pixels, large enough and with enough change in them, their gaps filled."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (CLOSED_PX, CLOSED_PX))
    opened = cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
    area = statistics[:, cv2.CC_STAT_AREA]
    evidence = np.bincount(labels.ravel(), weights=changed.ravel(), minlength=count) / area
    believed = (area >= LEAST_REGION * moving.size) & (evidence >= LEAST_EVIDENCE)
    believed[0] = False
    return np.asarray(believed[labels])


def _guide(mask: NDArray[np.float32], luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draw a mask's edges to those of the picture."""
    side = (2 * GUIDED_RADIUS_PX + 1,) * 2

    def mean(values: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, side), dtype=np.float32)

    mean_mask, mean_luma = mean(mask), mean(luma)
    slope = (mean(mask * luma) - mean_mask * mean_luma) / (mean(luma * luma) - mean_luma * mean_luma + GUIDED_NOISE)
    return np.asarray(mean(slope) * luma + mean(mean_mask - slope * mean_luma), dtype=np.float32)
