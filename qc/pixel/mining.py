"""Hard negatives: what a model takes for errors in clips that have none, as examples of false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.defects.defect import RgbFrames
from qc.pixel.camera import store_frame
from qc.pixel.cascade import cascade_map
from qc.pixel.detect import FoundSpot, find_spots
from qc.pixel.examples import Example, example_of_false_alarm
from qc.pixel.found import HALO_FRAMES
from qc.pixel.patches import cut_patch
from qc.pixel.restlessness import restlessness

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

THRESHOLD = 0.3
MOST_A_WINDOW = 8
STILL_LEVELS = 2.5
"""Ground that changes by no more than this is still."""
_SEARCH_PX = 8
_AROUND_PX = 3
_AS_STORED = (-2, -1, 0, 1, 2)
_MIRRORED = ((2, 1, 0, 1, 2), (-2, -1, 0, -1, -2))


def mine_false_alarms(
    clips: Iterable[RgbFrames],
    *,
    model: PixelModelFile,
    threshold: float = THRESHOLD,
    most_a_window: int = MOST_A_WINDOW,
) -> list[Example]:
    """False alarms of a model in clean clips ``uint8 (T, H, W, 3)``, stored as 4:2:0, the surest of each picture.

    ``threshold``: probability from which a spot counts; lower than the model's own, so that near misses are learnt,
    too (bootstrapping, Sung & Poggio 1998). The first picture is judged by those after it alone, too, the last by those
    before. What shows in one frame alone upon still ground is left out: it is what an error is by definition, and old
    films hold such dirt. Clips of fewer than five frames give none.
    """
    mined = []
    for clip in clips:
        stored = [store_frame(rgb) for rgb in clip]
        middles = range(HALO_FRAMES, len(stored) - HALO_FRAMES)
        windows = [[stored[middle + step] for step in _AS_STORED] for middle in middles]
        for middle, steps in zip((*middles[:1], *middles[-1:]), _MIRRORED, strict=bool(middles)):
            windows.append([stored[middle + step] for step in steps])
        for window in windows:
            mined += _mine(window, model=model, threshold=threshold, most=most_a_window)
    return mined


def _mine(window: Sequence[Planes], *, model: PixelModelFile, threshold: float, most: int) -> list[Example]:
    spots = find_spots(cascade_map(window, model=model), threshold=threshold)
    lumas = np.stack([picture.y for picture in window])
    examples = []
    for spot in sorted(spots, key=lambda spot: -spot.peak)[:most]:
        if not _could_be_error(lumas, spot):
            patch = cut_patch(window, x=spot.x, y=spot.y)
            made = example_of_false_alarm(patch.pixels, x=spot.x - patch.x0, y=spot.y - patch.y0)
            examples.append(made._replace(known=np.ones_like(made.known)))
    return examples


def _could_be_error(lumas: NDArray[np.uint8], spot: FoundSpot) -> bool:
    """Whether the ground is still, and nothing like the spot is near it in the frames beside."""
    x0, y0, x1, y1 = spot.box
    hole_px = max(x1 - x0, y1 - y0) // 2 + 1
    if restlessness(lumas, x=spot.x, y=spot.y, hole_px=min(hole_px, 4)) > STILL_LEVELS:
        return False
    padded = np.pad(lumas, ((0, 0), (_SEARCH_PX, _SEARCH_PX), (_SEARCH_PX, _SEARCH_PX)), mode="edge")
    top, left, bottom, right = y0 - _AROUND_PX, x0 - _AROUND_PX, y1 + _AROUND_PX, x1 + _AROUND_PX
    rows, columns = slice(max(top, 0), bottom), slice(max(left, 0), right)
    own = lumas[HALO_FRAMES, rows, columns]
    light = float(np.abs(own.astype(np.float32) - np.median(own)).mean())
    for beside in (HALO_FRAMES - 1, HALO_FRAMES + 1):
        around = padded[beside, rows.start : rows.start + own.shape[0] + 2 * _SEARCH_PX,
                        columns.start : columns.start + own.shape[1] + 2 * _SEARCH_PX]  # fmt: skip
        squares = cv2.matchTemplate(np.ascontiguousarray(around), np.ascontiguousarray(own), cv2.TM_SQDIFF)
        if float(np.sqrt(max(float(squares.min()), 0) / own.size)) < light / 2:
            return False
    return True
