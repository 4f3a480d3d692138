"""When a lit spot of a given strength is visible to somebody who looks at the frame.

The eye. Adrian (1989, "Visibility of targets: model for calculation", Lighting Research & Technology 21, 181–188) fits
the thresholds of Blackwell (1946) and others: a disc of diameter a arc minutes on a ground of luminance L is seen from
a difference of k (sqrt(F(L)) / a + sqrt(G(L)))² cd/m², with k = 1 in half of the looks and 2.6 in 99.93 %.

The screen. A pixel subtends one arc minute, the design viewing distance of ITU-R BT.2022 (3.1 picture heights for 1080
lines, 1.6 for 2160), white has 100 cd/m² and the exponent is 2.4 (ITU-R BT.1886 and BT.2035); the room and the glass
add 0.05 cd/m².

Masking. In noise and fine detail of standard deviation s a spot of one pixel must be 5 s strong (Rose, 1948, JOSA 38,
196–208), a larger one less by the root of its pixels; both demands add in squares. The detail is what a 3 x 3 median
takes away.

Left out: that one frame of 24 a second is shorter than the eye's 0.1 s (Bloch's law: in play about 2.4 times the light
is needed; here the frame stands still, as for a reviewer), colour, and where one looks.
"""

from math import log10, pi, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

JUST = 1.0
"""Adrian's k for a spot that is seen in half of the looks."""
PLAIN = 2.6
"""Adrian's k for a spot that is seen in 99.93 % of the looks: one of visible amplitude."""

_WHITE_CD_M2, _ROOM_CD_M2, _EXPONENT = 100.0, 0.05, 2.4
_PIXEL_ARCMIN = 1.0
_ROSE = 5.0
_AROUND_PX = 5
_MAD_TO_SIGMA = 1.4826
_DARK_CD_M2, _DUSK_CD_M2 = 0.00418, 0.6


def threshold_at(luma: NDArray[np.uint8], *, x: float, y: float, k: float = PLAIN, area_px: float = 1.0) -> float:
    """By how many 8-bit levels a spot of ``area_px`` must be brighter to be visible at a place of a clean picture.

    ``luma`` ``uint8 (H, W)``, full range (black 0). Looks at the 11 x 11 px around the place, less at an edge. ``k`` is
    ``JUST``, ``PLAIN`` or between. Raises ValueError for a place outside of the picture.
    """
    height, width = luma.shape
    row, column = round(y), round(x)
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"({x}, {y}) is outside of a picture of {width} x {height}.")
    rows = slice(max(0, row - _AROUND_PX), row + _AROUND_PX + 1)
    columns = slice(max(0, column - _AROUND_PX), column + _AROUND_PX + 1)
    around = np.ascontiguousarray(luma[rows, columns])
    detail = around.astype(np.float32) - cv2.medianBlur(around, 3)
    deviation = _MAD_TO_SIGMA * float(np.median(np.abs(detail)))
    return threshold(float(around.mean()), deviation=deviation, k=k, area_px=area_px)


def threshold(level: float, *, deviation: float = 0.0, k: float = PLAIN, area_px: float = 1.0) -> float:
    """By how many levels a spot must be brighter than a ground of ``level`` 0–255 with detail of a standard deviation.

    ``area_px``: pixels lit, 1 or more; at least a thousandth of a level comes out.
    """
    area = max(1.0, area_px)
    ground = _ROOM_CD_M2 + _WHITE_CD_M2 * (max(0.0, level) / 255) ** _EXPONENT
    lit = ground - _ROOM_CD_M2 + least_difference(ground, side_arcmin=2 * sqrt(area / pi) * _PIXEL_ARCMIN, k=k)
    seen = 255 * (lit / _WHITE_CD_M2) ** (1 / _EXPONENT) - max(0.0, level)
    return max(1e-3, sqrt(seen**2 + (_ROSE * deviation) ** 2 / area))


def least_difference(ground_cd_m2: float, *, side_arcmin: float, k: float = PLAIN) -> float:
    """Difference of luminance, cd/m², from which a disc of a diameter is seen on a ground of 1e-5 cd/m² or more."""
    ground = max(ground_cd_m2, 1e-5)
    decade = log10(ground)
    if ground >= _DUSK_CD_M2:
        flux = log10(4.1925 * ground**0.1556) + 0.1684 * ground**0.5867
        luminance = 0.05946 * ground**0.466
    elif ground > _DARK_CD_M2:
        flux = 10 ** (-0.072 + 0.3372 * decade + 0.0866 * decade**2)
        luminance = 10 ** (-1.256 + 0.319 * decade)
    else:
        flux = 10 ** (0.028 + 0.173 * decade)
        luminance = 10 ** (-0.891 + 0.5275 * decade + 0.0227 * decade**2)
    return float(k * (flux / side_arcmin + luminance) ** 2)
