"""Whether film frames are what trailer frames show: what stands still and, apart from it, what moves must agree."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

FINE_PX, COARSE_PX = 0.8, 7.0
"""Details between these sizes (sigmas) are compared, so that neither grain nor the fall of light decides."""
CONTRAST_FLOOR_UNIT = 0.25
"""Of the picture's own contrast: where there is less, noise is not made larger."""
LEAST_MOVEMENT = 0.01
"""Share of a picture's detail that must change over time before its movement can be compared."""


_AT_ONCE = 32


class Agreement(NamedTuple):
    """How well pairs of frames agree: ``still`` −1 to 1; ``motion`` likewise, None where hardly anything moves;
    ``movement`` 0–1: how much of the detail changes."""

    still: float
    motion: float | None
    movement: float


def show_detail(pictures: NDArray[np.float32] | NDArray[np.uint8], counts: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Details of pictures ``(N, h, w)`` as rows ``float32 (N, pixels)`` of mean 0 and length 1; 0 where plain.

    Each picture less its surroundings, divided by the local contrast (local normalisation: Xie et al., 2008), at the
    pixels that ``counts``, ``bool (h, w)``. Grading and gamma hardly change it.
    """
    rows = np.empty((len(pictures), int(counts.sum())), dtype=np.float32)
    for first in range(0, len(pictures), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        rows[some] = _detail_of_some(pictures[some])[counts].T
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def _detail_of_some(pictures: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same of a few pictures, which are made the channels of one: ``float32 (h, w, N)``."""
    values = np.ascontiguousarray(pictures.transpose(1, 2, 0)).astype(np.float32)
    detail = _blur_finely(values) - _blur_coarsely(values)
    contrast = np.sqrt(_blur_coarsely(detail * detail))
    floor = CONTRAST_FLOOR_UNIT * detail.reshape(-1, detail.shape[2]).std(axis=0) + 0.5
    return np.asarray(detail / (contrast + floor), dtype=np.float32)


def _blur_finely(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), FINE_PX), dtype=np.float32).reshape(values.shape)


def _blur_coarsely(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur by ``COARSE_PX``, at half the size: a quarter of the work, and nothing so fine is left of it."""
    height, width, count = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    half = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    blurred = cv2.GaussianBlur(half, (0, 0), COARSE_PX / 2)
    whole = cv2.resize(blurred, even.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, dtype=np.float32).reshape(*even.shape[:2], count)[:height, :width]


def compare_pairs(trailer: NDArray[np.float32], film: NDArray[np.float32]) -> Agreement:
    """Compare details of trailer frames with those of the film frames they are said to show, both ``(N, pixels)``.

    The motion's agreement is that of what is left of both without their means over time: another take of the same
    set-up agrees in all that stands still, and not in that.
    """
    still = float(np.median((trailer * film).sum(axis=1)))
    moved, moved_film = (rows - rows.mean(axis=0, keepdims=True) for rows in (trailer, film))
    own, other = float((moved**2).sum()), float((moved_film**2).sum())
    movement = min(own, other) / len(trailer)
    if max(own, other) / len(trailer) < LEAST_MOVEMENT or len(trailer) < 4:
        return Agreement(still, None, movement)
    return Agreement(still, float((moved * moved_film).sum() / max(np.sqrt(own * other), 1e-12)), movement)
