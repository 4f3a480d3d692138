"""A lit site of a Bayer sensor as it looks once colours were made of it: a dot with a coloured plus or cross."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 9
_MIDDLE = _SIDE // 2
_TOWARDS_PLAIN = 0.25
_AT_GREEN = np.array([[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]]) / 8
_IN_ROW = np.array([[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]]) / 8
_ACROSS = np.array(
    [[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]]
) / 8
"""Filters of Malvar, He and Cutler (2004), "High-quality linear interpolation for demosaicing", figure 2: green at red
and blue; red or blue at a green whose row has them (turned: whose column has them); red at blue and blue at red."""
_FULL = np.array([[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]])
_QUINCUNX = np.array([[0, 0.25, 0], [0.25, 1, 0.25], [0, 0.25, 0]])


class BayerDot:
    """One lit red, green or blue site after bilinear demosaicing or that of Malvar, He and Cutler (2004)."""

    name = "bayer"

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw it: ``float32 (9, 9, 3)``; some of the colour is lost on the way, as a camera's colour matrix mixes."""
        site, is_bilinear = int(rng.integers(4)), bool(rng.random() < 0.5)
        footprint = _footprint(site, is_bilinear)
        mixed = footprint + rng.uniform(0, _TOWARDS_PLAIN) * footprint.mean(axis=2, keepdims=True)
        return np.asarray(mixed / mixed.max(), dtype=np.float32)


@cache
def _footprint(site: int, is_bilinear: bool) -> NDArray[np.float64]:
    """What a lit site becomes, ``(9, 9, 3)`` 0–1; sites 0–3 are red, green by red, green by blue and blue."""
    row, column = site // 2, site % 2
    rows, columns = (np.indices((_SIDE, _SIDE)) - _MIDDLE) + np.array([row, column])[:, None, None]
    is_red = (rows % 2 == 0) & (columns % 2 == 0)
    is_blue = (rows % 2 == 1) & (columns % 2 == 1)
    mosaic = np.zeros((_SIDE, _SIDE))
    mosaic[_MIDDLE, _MIDDLE] = 1.0
    colours = _bilinear(mosaic, is_red, is_blue) if is_bilinear else _malvar(mosaic, is_red, is_blue, rows % 2 == 0)
    # Darker than black is cut where the picture is dark, and there these errors lie.
    return np.clip(colours, 0, 1)


def _bilinear(
    mosaic: NDArray[np.float64], is_red: NDArray[np.bool_], is_blue: NDArray[np.bool_]
) -> NDArray[np.float64]:
    green = ~(is_red | is_blue)
    parts = ((is_red, _FULL), (green, _QUINCUNX), (is_blue, _FULL))
    return np.stack([cv2.filter2D(mosaic * own, -1, kernel) for own, kernel in parts], axis=2)


def _malvar(
    mosaic: NDArray[np.float64], is_red: NDArray[np.bool_], is_blue: NDArray[np.bool_], red_row: NDArray[np.bool_]
) -> NDArray[np.float64]:
    at_green, in_row, in_column, across = (
        cv2.filter2D(mosaic, -1, kernel) for kernel in (_AT_GREEN, _IN_ROW, _IN_ROW.T, _ACROSS)
    )
    green = np.where(is_red | is_blue, at_green, mosaic)
    red = np.where(is_red, mosaic, np.where(is_blue, across, np.where(red_row, in_row, in_column)))
    blue = np.where(is_blue, mosaic, np.where(is_red, across, np.where(red_row, in_column, in_row)))
    return np.stack([red, green, blue], axis=2)
