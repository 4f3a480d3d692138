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

LEAST_CHANGE, NOISE_FACTOR = 4.0, 1.0
"""Grey levels by which the camera's motion must explain a pixel worse than its own flow does: at least so many, and at
least so often the median of what the camera's motion leaves anywhere."""

GRAIN_SIGMA_PX = 1.2
"""Frames are softened by this before they are compared: grain would make the flow of flat parts wander."""

SPREAD_SIGMA_PX = 1.5
GAP_PX = 41
"""Changed places so far apart belong to one thing if what lies between them moves: its inside may be too flat to show
a change."""

REACH_SIGMA_PX, LEAST_NEAR = 9.0, 0.25
"""How far changed places speak for what moves as they do, and the share of them around that it takes."""

ALIKE_PX, ALIKE_SHARE = 0.6, 0.35

LEAST_REGION = 0.001
"""Smallest region, as a share of the picture."""

GUIDED_RADIUS_PX, GUIDED_NOISE = 4, 30.0


class _OwnMotion(NamedTuple):
    """What the flow has moving on its own between two lumas, what has changed by it, and what moves along with that,
    each bool ``(H, W)``."""

    moving: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    alike: NDArray[np.bool_]


def moving_object_mask(
    before: NDArray[np.uint8], now: NDArray[np.uint8], after: NDArray[np.uint8] | None = None
) -> NDArray[np.float32]:
    """Mask what moves on its own in ``now``: ``float32 (h, w)``, 0 still to 1 moving, soft at the edges.

    Frames are ``uint8``, RGB ``(h, w, 3)`` or luma ``(h, w)``, of one size; ``before`` and ``after`` are its
    neighbours, about a tenth of a second away so that slow things count. With ``after``, what the moving thing uncovers
    is not taken for it: only what moves in both directions counts. All is 0 in flat pictures, across cuts, and where
    nothing moves. Raises ``ValueError`` where sizes differ.

    Optical flow (dense inverse search: Kroeger, Timofte, Dai & Van Gool 2016) less the camera's motion (``fit_camera``)
    shows what may move; it is believed where the picture, too, is explained better by its own motion than by the
    camera's, and around such places where the flow is the same. Edges are drawn to those of the picture with a guided
    filter (He, Sun & Tang 2010).
    """
    frames = [frame for frame in (before, now, after) if frame is not None]
    if len({frame.shape[:2] for frame in frames}) > 1:
        raise ValueError("The frames around a frame must have its size.")
    height, width = now.shape[:2]
    if min(height, width) < LEAST_SIDE_PX:
        return np.zeros((height, width), dtype=np.float32)
    luma, *others = [_to_working_size(frame) for frame in (now, *frames[:1], *frames[2:])]
    found = [_find_own_motion(other, luma) for other in others]
    regions = _join_regions(*(np.logical_and.reduce(each) for each in zip(*found, strict=True)))
    mask = _guide(regions.astype(np.float32), luma.astype(np.float32)) if regions.any() else regions
    enlarged = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(enlarged, 0, 1), dtype=np.float32)


def _to_working_size(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _shrink(frame if frame.ndim == 2 else to_gray(frame), side_px=WORKING_SIDE_PX)


def _shrink(luma: NDArray[np.uint8], *, side_px: int) -> NDArray[np.uint8]:
    scale = min(side_px / max(luma.shape), 1.0)
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _find_own_motion(other: NDArray[np.uint8], luma: NDArray[np.uint8]) -> _OwnMotion:
    still = np.zeros(luma.shape, dtype=np.bool_)
    soft_luma, soft_other = (
        np.asarray(cv2.GaussianBlur(each, (0, 0), GRAIN_SIGMA_PX), dtype=np.uint8) for each in (luma, other)
    )
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = estimator.calc(soft_luma, soft_other, None)  # type: ignore[call-overload]
    camera = _fit_to_flow(flow, luma)
    if camera is None:
        return _OwnMotion(still, still, still)
    own = flow - camera
    length, speed = (np.sqrt(np.square(each).sum(axis=2)) for each in (own, camera))
    moving = length > OWN_MOTION_PX + OWN_MOTION_SHARE * speed
    by_camera, by_flow = (_soften(cv2.absdiff(soft_luma, _move(soft_other, each))) for each in (camera, flow))
    least = max(LEAST_CHANGE, NOISE_FACTOR * float(np.median(by_camera)))
    changed = moving & (by_camera - by_flow > least)
    return _OwnMotion(moving, changed, changed | (moving & _moves_as_around(own, changed)))


def _moves_as_around(own: NDArray[np.float32], changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a pixel's own flow ``(H, W, 2)`` is that of the changed pixels around it."""
    planes = np.dstack([own * changed[..., None], changed.astype(np.float32)])
    sums = cv2.GaussianBlur(planes, (0, 0), REACH_SIGMA_PX)
    near = sums[..., 2]
    mean = sums[..., :2] / np.maximum(near, 1e-6)[..., None]
    error, length = (np.sqrt(np.square(each).sum(axis=2)) for each in (own - mean, mean))
    return np.asarray((near >= LEAST_NEAR) & (error < ALIKE_PX + ALIKE_SHARE * length))


def _fit_to_flow(flow: NDArray[np.float32], luma: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The camera's part of the flow at every pixel, ``float32 (H, W, 2)``; None where there is none to be found."""
    height, width = luma.shape
    small = _shrink(luma, side_px=FITTED_SIDE_PX)
    scale = small.shape[1] / width
    size = (small.shape[1], small.shape[0])
    small_flow = np.asarray(cv2.resize(flow, size, interpolation=cv2.INTER_AREA), dtype=np.float32) * np.float32(scale)
    cells = divide_into_cells(small_flow, small)
    textured = cells.weight > 0.5
    if textured.sum() < LEAST_TEXTURED_CELLS:
        return None
    camera, squared_error = fit_camera(cells, size=size)
    if (squared_error[textured] < INLIER_PX**2).mean() < LEAST_FIT:
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


def _join_regions(
    moving: NDArray[np.bool_], changed: NDArray[np.bool_], alike: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Regions of what moves alike with changed pixels in them, their gaps and holes filled, large enough."""
    opened = cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (GAP_PX, GAP_PX))
    # Padded, so that closing does not glue regions to the picture's edges.
    padded = np.pad(opened, GAP_PX)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)[GAP_PX:-GAP_PX, GAP_PX:-GAP_PX]
    along = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    grown = np.asarray(np.maximum(along, closed * moving), dtype=np.uint8)
    outlines, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(grown), outlines, -1, 1, thickness=cv2.FILLED)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(filled, connectivity=4)
    seeds = np.bincount(labels.ravel(), weights=opened.ravel(), minlength=count)
    believed = (statistics[:, cv2.CC_STAT_AREA] >= LEAST_REGION * changed.size) & (seeds > 0)
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
