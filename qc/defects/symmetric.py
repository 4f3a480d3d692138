"""Symmetric hot pixels: small bright spots of one frame that mirror themselves about an axis."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SIDES_PX = (2, 3, 4, 5)
"""Sides of the square that a spot fills in part."""
_STILL_LEVEL = 6.0
_DARK_LEVEL = 60.0
_MARGIN_PX = 8


class Planted(NamedTuple):
    """Frames with defects, ``uint8 (T, H, W, 3)``, and where they are, ``bool (T, H, W)``."""

    frames: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def plant(
    frames: NDArray[np.uint8], *, rng: np.random.Generator, count: int = 1, sides_px: tuple[int, ...] = SIDES_PX
) -> Planted:
    """Plant ``count`` single-frame hot pixels into copies of RGB frames ``uint8 (T, H, W, 3)``.

    Each lies in a frame and at a place drawn with a probability that grows where the picture is dark and,
    with several frames, still: there a viewer sees it most. Shapes are mirrored about one axis or two, with a peak
    of 200–255 and a slight colour. Raises ValueError when the frames are smaller than 24 x 24.
    """
    length, height, width = frames.shape[:3]
    if min(height, width) < 3 * _MARGIN_PX:
        raise ValueError(f"Frames of {width} x {height} are too small to plant pixel errors in; use 24 x 24 or more.")
    planted, mask = frames.copy(), np.zeros((length, height, width), dtype=np.bool_)
    for _ in range(count):
        frame = int(rng.integers(length))
        heat = _visibility(frames, frame=frame)
        place = int(rng.choice(heat.size, p=heat.ravel() / heat.sum()))
        _add_spot(planted[frame], mask[frame], y=place // width, x=place % width, rng=rng, sides_px=sides_px)
    return Planted(planted, mask)


def _visibility(frames: NDArray[np.uint8], *, frame: int) -> NDArray[np.float64]:
    """How well a spot would show at each pixel of a frame, 0–1: ``float64 (H, W)``."""
    luma = frames[frame].mean(axis=2)
    visible = np.exp(-((cv2.blur(luma, (9, 9)) / _DARK_LEVEL) ** 2))
    for neighbour in (frame - 1, frame + 1):
        if 0 <= neighbour < len(frames):
            change = cv2.blur(np.abs(frames[neighbour].mean(axis=2) - luma), (9, 9))
            visible = visible * np.exp(-((change / _STILL_LEVEL) ** 2))
    visible[:_MARGIN_PX] = visible[-_MARGIN_PX:] = 0
    visible[:, :_MARGIN_PX] = visible[:, -_MARGIN_PX:] = 0
    inner = visible[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]
    # A bright, restless picture still has to give a place.
    inner += 1e-9
    return np.asarray(visible, dtype=np.float64)


def _add_spot(
    rgb: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    *,
    y: int,
    x: int,
    rng: np.random.Generator,
    sides_px: tuple[int, ...],
) -> None:
    side = int(rng.choice(sides_px))
    shape = _draw_shape(side, rng=rng)
    colour = rng.uniform(0.85, 1.0, 3) * rng.uniform(200, 255)
    top, left = y - side // 2, x - side // 2
    part = rgb[top : top + side, left : left + side]
    lit = np.maximum(part, part + (colour - part) * shape[..., None])
    rgb[top : top + side, left : left + side] = np.round(np.clip(lit, 0, 255)).astype(np.uint8)
    mask[top : top + side, left : left + side] |= shape > 0.25


def _draw_shape(side: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Weights 0–1 ``(side, side)`` with a full peak, mirrored left to right and in half the cases top to bottom."""
    axis = np.arange(side) - (side - 1) / 2
    radius = np.hypot(axis[None, :], axis[:, None])
    shape = np.exp(-((radius / (0.42 * side)) ** 2)) * rng.uniform(0.5, 1.0, (side, side))
    shape = np.maximum(shape, shape[:, ::-1])
    if rng.random() < 0.5:
        shape = np.maximum(shape, shape[::-1])
    return np.asarray(shape / shape.max(), dtype=np.float64)
