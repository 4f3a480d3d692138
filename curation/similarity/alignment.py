"""Two pictures laid over one another: what both show, pixel on pixel, without lettering."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import Seen
from curation.similarity.features import Placing

CANVAS_SIDE_PX = 80
LEAST_OVERLAP_UNIT = 0.06
"""Of the smaller picture's area: what overlaps less cannot be compared."""


class Aligned(NamedTuple):
    """The overlap in both pictures, each ``uint8 (h, w, 3)``, and where neither is lettered, ``bool (h, w)``."""

    first: NDArray[np.uint8]
    second: NDArray[np.uint8]
    counts: NDArray[np.bool_]


def whole_on_whole(first: Seen, second: Seen, *, mirrored: bool) -> Placing:
    """The second picture stretched over the whole of the first."""
    (height, width), (tall, wide) = first.rgb.shape[:2], second.rgb.shape[:2]
    return Placing(width / wide, height / tall, (width / wide - 1) / 2, (height / tall - 1) / 2, mirrored)


def align(first: Seen, second: Seen, placing: Placing) -> Aligned | None:
    """Cut out of both pictures what they share, in one size of up to 80 px; None where that is next to nothing."""
    (height, width), (tall, wide) = first.rgb.shape[:2], second.rgb.shape[:2]
    x0, x1 = max(0.0, placing.shift_x), min(width - 1.0, placing.scale_x * (wide - 1) + placing.shift_x)
    y0, y1 = max(0.0, placing.shift_y), min(height - 1.0, placing.scale_y * (tall - 1) + placing.shift_y)
    across, down = x1 - x0 + 1, y1 - y0 + 1
    smaller = min(width * height, wide * tall * placing.scale_x * placing.scale_y)
    if across < 1 or down < 1 or across * down < LEAST_OVERLAP_UNIT * smaller:
        return None
    # No finer than the coarser of the two shows it.
    finest = min(1.0, 1 / placing.scale_x, 1 / placing.scale_y)
    factor = min(CANVAS_SIDE_PX / max(across, down), finest)
    size = (max(round(across * factor), 1), max(round(down * factor), 1))
    step_x, step_y = across / size[0], down / size[1]
    into_first = np.array([[step_x, 0, x0 + step_x / 2 - 0.5], [0, step_y, y0 + step_y / 2 - 0.5]])
    into_second = np.array(
        [
            [step_x / placing.scale_x, 0, (into_first[0, 2] - placing.shift_x) / placing.scale_x],
            [0, step_y / placing.scale_y, (into_first[1, 2] - placing.shift_y) / placing.scale_y],
        ]
    )
    if placing.mirrored:
        into_second[0] = [-into_second[0, 0], 0, wide - 1 - into_second[0, 2]]
    counts = _sample_mask(first.counts, into_first, size) & _sample_mask(second.counts, into_second, size)
    return Aligned(_sample(first.rgb, into_first, size), _sample(second.rgb, into_second, size), counts)


def _sample(rgb: NDArray[np.uint8], into: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Sample a picture at ``into`` of every pixel, smoothed to the step of the samples."""
    sigma_px = 0.5 * float(max(abs(into[0, 0]), into[1, 1]))
    smooth = cv2.GaussianBlur(rgb, (0, 0), sigma_px) if sigma_px > 0.5 else rgb
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(smooth, into, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _sample_mask(counts: NDArray[np.bool_], into: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpAffine(counts.astype(np.uint8), into, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled > 0, dtype=np.bool_)
