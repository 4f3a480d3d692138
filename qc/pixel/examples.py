"""What reviewers' words teach: the window around a flag, and which of its pixels are errors or surely none."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.pixel.found import HALO_FRAMES

KNOWN_RADIUS_PX = 8.0
"""A word about a flag is one about the pixels this near; what else a patch shows, nobody has judged."""
ERROR_RADIUS_PX = 5.0
_FOOTPRINT_UNIT = 0.4


class Example(NamedTuple):
    """A place: ``pixels`` uint8 (5, S, S, 3) Y, Cb, Cr, and what of its middle frame (S, S) is an error and known.

    ``x``, ``y``: the flag's centroid in these pixels.
    """

    pixels: NDArray[np.uint8]
    target: NDArray[np.bool_]
    known: NDArray[np.bool_]
    is_error: bool
    x: float
    y: float

    @property
    def window(self) -> NDArray[np.float32]:
        """As the network takes it: float32 (15, S, S)."""
        return window_of(self.pixels)


def example_of_false_alarm(pixels: NDArray[np.uint8], *, x: float, y: float) -> Example:
    """Nothing near this place is an error. ``pixels``: uint8 (5, S, S, 3) Y, Cb, Cr; ``x``, ``y`` within them."""
    side = pixels.shape[1]
    known = _distances(side, x=x, y=y) <= KNOWN_RADIUS_PX
    return Example(pixels, np.zeros((side, side), np.bool_), known, False, x, y)


def example_of_error(
    pixels: NDArray[np.uint8], *, x: float, y: float, probability: NDArray[np.float32], threshold: float
) -> Example:
    """There is an error at this place: where the network that found it saw it, else where it is brighter.

    ``probability``: float32 (S, S), the parent's map of the patch. The connected pixels above ``threshold`` at the
    place are the error; without any (a person added it), its footprint: pixels whose excess over the frames beside is
    at least 0.4 of the strongest near the place.
    """
    near = _distances(pixels.shape[1], x=x, y=y)
    mask = _connected(probability >= threshold, near=near)
    if not mask.any():
        excess = np.where(near <= ERROR_RADIUS_PX, _excess(pixels), 0)
        mask = _connected(excess >= max(1.0, _FOOTPRINT_UNIT * float(excess.max())), near=near)
    if not mask.any():
        mask = np.arange(near.size).reshape(near.shape) == np.argmin(near)
    ring = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_) & ~mask
    return Example(pixels, mask, (near <= KNOWN_RADIUS_PX) & ~ring | mask, True, x, y)


def _connected(lit: NDArray[np.bool_], *, near: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The connected lit pixels that are nearest to the place, all within `ERROR_RADIUS_PX`; none: all False."""
    lit = np.asarray(lit & (near <= ERROR_RADIUS_PX), np.bool_)
    if not lit.any():
        return lit
    _, labels = cv2.connectedComponents(lit.astype(np.uint8), connectivity=8)
    nearest = np.argmin(np.where(lit, near, np.inf))
    return np.asarray(labels == labels.ravel()[nearest], np.bool_)


def _excess(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    luma = pixels[..., 0].astype(np.float64)
    return np.asarray(luma[HALO_FRAMES] - np.maximum(luma[HALO_FRAMES - 1], luma[HALO_FRAMES + 1]))


def _distances(side: int, *, x: float, y: float) -> NDArray[np.float64]:
    axis = np.arange(side, dtype=np.float64)
    return np.asarray(np.hypot(axis[None, :] - x, axis[:, None] - y))


def window_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A patch as the network takes it: float32 (15, S, S), frame-major, stored levels / 255."""
    planes = pixels.transpose(0, 3, 1, 2).reshape(-1, *pixels.shape[1:3])
    return np.ascontiguousarray(planes, dtype=np.float32) / np.float32(255)
