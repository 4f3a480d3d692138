"""Planting pixel errors into clean frames, with the truth about them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from qc.defects.defect import Defect, Planted, RgbFrames, Spot
from qc.defects.find import find_defects
from qc.defects.heat_map import visibility
from qc.defects.light import LUMA, add_light
from qc.pixel.visible import JUST, threshold_at

STRONGEST = 230.0
SPACING_PX = 10
LEAST_SIDE_PX = 16
MASK_UNIT = 0.25
"""Pixels lit at least this much of the strongest belong to the error."""


def plant(
    frames: RgbFrames,
    *,
    rng: np.random.Generator,
    count: int = 1,
    defects: Sequence[Defect] | None = None,
    amplitudes: tuple[float, float] | None = None,
    linear_light: bool = True,
    frame: int | None = None,
) -> Planted:
    """Plant ``count`` pixel errors, each in one frame, into a copy of frames ``uint8 (T, H, W, 3)``.

    Places are drawn from ``visibility``: dark and still ones are preferred; any two, whatever their frames, lie at
    least 10 px apart in x or y as long as there is room. Kinds are drawn evenly from ``defects`` (all there are),
    amplitudes evenly on a logarithmic scale, in levels of luma at the strongest pixel: from what is just visible at the
    place up to 230, or between the two ``amplitudes``. Where white is nearer, the spot says what was reached, and one
    that changed nothing is left out. ``frame`` None draws the frame, too.
    Raises ValueError for frames smaller than 16 x 16.
    """
    length, height, width = frames.shape[:3]
    if length < 1 or min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"{length} frames of {width} x {height} are too small to plant pixel errors in; use 16 x 16.")
    kinds = find_defects() if defects is None else defects
    planted, mask = frames.copy(), np.zeros((length, height, width), dtype=np.bool_)
    heats: dict[int, NDArray[np.float64]] = {}
    spots: list[Spot] = []
    taken: list[tuple[int, int]] = []
    for _ in range(count):
        index = int(rng.integers(length)) if frame is None else frame
        if index not in heats:
            heats[index] = np.cumsum(visibility(frames, frame=index))
        y, x = _draw_place(heats[index], width=width, taken=taken, rng=rng)
        taken.append((y, x))
        kind = kinds[int(rng.integers(len(kinds)))]
        low, high = amplitudes or (_just_visible(frames[index], y=y, x=x), STRONGEST)
        amplitude = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        spot = _add(
            planted[index], mask[index], kind.draw(rng), at=(y, x), amplitude=amplitude, linear_light=linear_light
        )
        if spot is not None:
            spots.append(spot._replace(frame=index, kind=kind.name))
    return Planted(planted, mask, tuple(spots))


def _just_visible(rgb: NDArray[np.uint8], *, y: int, x: int) -> float:
    """Levels from which one pixel is just visible, by the 11 x 11 px around it."""
    top, left = max(0, y - 5), max(0, x - 5)
    luma = cv2.cvtColor(rgb[top : y + 6, left : x + 6], cv2.COLOR_RGB2GRAY)
    return min(threshold_at(np.asarray(luma, dtype=np.uint8), x=x - left, y=y - top, k=JUST), STRONGEST)


def _draw_place(
    heat: NDArray[np.float64], *, width: int, taken: Sequence[tuple[int, int]], rng: np.random.Generator
) -> tuple[int, int]:
    """Row and column drawn from a heat map's running sum ``(H W,)``; the last of 20 tries when all are near others."""
    for _ in range(20):
        place = int(np.searchsorted(heat, rng.random() * heat[-1], side="right"))
        y, x = divmod(min(place, len(heat) - 1), width)
        if all(max(abs(y - row), abs(x - column)) >= SPACING_PX for row, column in taken):
            break
    return y, x


def _add(
    rgb: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    shape: NDArray[np.float32],
    *,
    at: tuple[int, int],
    amplitude: float,
    linear_light: bool,
) -> Spot | None:
    """Add a shape to a picture in place, cut at the picture's edges; None where nothing could be brighter."""
    top, left = at[0] - (shape.shape[0] - 1) // 2, at[1] - (shape.shape[1] - 1) // 2
    rows = slice(max(top, 0), min(top + shape.shape[0], rgb.shape[0]))
    columns = slice(max(left, 0), min(left + shape.shape[1], rgb.shape[1]))
    inside = shape[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if not inside.max() > 0:
        return None
    lit = add_light(rgb[rows, columns], inside, amplitude=amplitude, linear_light=linear_light)
    raised = (lit.levels - rgb[rows, columns].astype(np.float64)) @ LUMA
    if lit.amplitude <= 0 or raised.max() <= 0:
        return None
    rgb[rows, columns] = lit.levels
    mask[rows, columns] |= raised >= MASK_UNIT * raised.max()
    weights = np.maximum(raised, 0)
    y = float(weights.sum(axis=1) @ np.arange(rows.start, rows.stop) / weights.sum())
    x = float(weights.sum(axis=0) @ np.arange(columns.start, columns.stop) / weights.sum())
    return Spot(0, x, y, "", lit.amplitude)
