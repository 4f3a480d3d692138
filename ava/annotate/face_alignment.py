"""Faces laid over one another: turned, scaled and moved so that eyes, nose and mouth are always in one place."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_SPREAD_PX = 1.0
"""Root mean square distance of five points from their middle below which they say nothing of how a face is turned."""


class ChipTemplate(NamedTuple):
    """A square picture of ``side_px`` and where in it the five points of a face (``ava.annotate.mtcnn``) belong.

    ``stretch_x`` widens the aligned face about the picture's middle, for networks trained on faces that were.
    """

    side_px: int
    points: tuple[tuple[float, float], ...]
    stretch_x: float = 1.0


def fit_chip(points: NDArray[np.floating], *, template: ChipTemplate) -> NDArray[np.float64] | None:
    """Find the map (2, 3) from a picture's pixels to an aligned chip's, edges at whole numbers in both.

    Least-squares similarity from five points ``(5, 2)`` to the template's (Umeyama 1991, without reflections; in the
    plane it is one complex factor). None where the points are not finite or lie on one spot.
    """
    if not np.isfinite(points).all():
        return None
    here, wanted = (np.asarray(each, dtype=np.float64) @ (1, 1j) for each in (points, template.points))
    away, there = here - here.mean(), wanted - wanted.mean()
    spread = float(np.square(np.abs(away)).mean())
    factor = np.vdot(away, there) / len(away) / max(spread, LEAST_SPREAD_PX**2)
    if spread < LEAST_SPREAD_PX**2 or abs(factor) < 1e-6:
        return None
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    middle = template.side_px / 2
    shift = wanted.mean() - factor * here.mean()
    to_chip = np.column_stack([turn, [shift.real, shift.imag]])
    to_chip[0] *= template.stretch_x
    to_chip[0, 2] += middle * (1 - template.stretch_x)
    return to_chip


def cut_chip(rgb: NDArray[np.uint8], to_chip: NDArray[np.float64], *, side_px: int) -> NDArray[np.uint8]:
    """Cut an aligned face ``uint8 (side_px, side_px, 3)`` out of a picture; beyond it, its border goes on.

    Where the picture is finer than the chip, each pixel is the mean of what it covers.
    """
    finer = np.sqrt(1 / abs(np.linalg.det(to_chip[:, :2])))
    factor = int(np.clip(np.ceil(finer - 0.25), 1, 16))
    # The map speaks of edges of pixels, OpenCV of their centres.
    by_centres = to_chip * factor
    by_centres[:, 2] += by_centres[:, :2] @ (0.5, 0.5) - 0.5
    fine = cv2.warpAffine(
        rgb, by_centres, (side_px * factor,) * 2, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if factor > 1:
        fine = cv2.resize(fine, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(fine, dtype=np.uint8)
