"""The part of a frame that is picture: black bars cut off before anything is measured."""

import math

import numpy as np
from numpy.typing import NDArray

Area = tuple[int, int, int, int]
"""``(x0, y0, x1, y1)``, half-open, in pixels of the upright film."""


def scale_area(area: Area, *, film_size: tuple[int, int], size: tuple[int, int]) -> Area:
    """Scale an area of a film of ``film_size`` (width, height) to a picture of ``size``.

    Rounded inwards, so that no bar's edge is left in a shrunk picture; never empty.
    """
    scale_x, scale_y = size[0] / film_size[0], size[1] / film_size[1]
    x0, y0 = math.ceil(area[0] * scale_x), math.ceil(area[1] * scale_y)
    x1, y1 = math.floor(area[2] * scale_x), math.floor(area[3] * scale_y)
    x0, y0 = min(x0, size[0] - 1), min(y0, size[1] - 1)
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def crop(picture: NDArray[np.uint8], area: Area) -> NDArray[np.uint8]:
    """Give the view of ``uint8 (H, W, …)`` that lies within an area of its own pixels."""
    x0, y0, x1, y1 = area
    return picture[y0:y1, x0:x1]
