"""Windows that show things whole or not at all, where those that were tried first cut one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.crop_scene import Boxes
from curation.layout.crop_score import is_cut
from curation.layout.crop_windows import Span, Windows, list_sizes, make_windows, places_of, span_of

MOST_SNAPPED = 6
"""So many things, the largest, are given places just beside them; beyond, something is always in the way."""

BETWEEN = 7
ENOUGH = 400


def list_clear(
    area: Box, *, aspect: float, musts: Sequence[Box], canvas_width_px: int, things: Boxes, beside: Boxes
) -> Windows:  # fmt: skip
    """Windows as ``list_windows`` lists them that cut none of ``things`` ``(M, 4)``, their rims just ``beside`` boxes
    ``(K, 4)``: those that hold the first of ``musts`` that any of them holds, the largest first, about ``ENOUGH`` at
    most; none where none holds the last."""
    least = musts[-1]
    clear = [np.empty((0, 4), dtype=np.float32)]
    for size in list_sizes(area, aspect=aspect, must=least, canvas_width_px=canvas_width_px):
        across, down = (
            span_of(*span, side=side, low=low, high=high)
            for span, side, low, high in zip(
                ((area.x0, area.x1), (area.y0, area.y1)), size, least[:2], least[2:], strict=True
            )
        )
        lefts, tops = _snap(across, beside[:, 0::2], side=size[0]), _snap(down, beside[:, 1::2], side=size[1])
        shares = _shares(tops, things[:, 1::2], side=size[1])[:, None] * _shares(lefts, things[:, 0::2], side=size[0])
        clear.append(make_windows(lefts, tops, size)[~is_cut(shares).any(axis=2).ravel()])
        if sum(int(_holds(windows, musts[0]).sum()) for windows in clear) >= ENOUGH:
            break
    windows = np.concatenate(clear)
    for must in musts:
        holding = windows[_holds(windows, must)]
        if len(holding):
            return holding[:: -(-len(holding) // ENOUGH)]
    return windows[:0]


def _holds(windows: Windows, box: Box) -> NDArray[np.bool_]:
    starts = (windows[:, :2] <= box[:2]).all(axis=1)
    return np.asarray(starts & (windows[:, 2:] >= box[2:]).all(axis=1))


def _snap(span: Span, ends: Boxes, *, side: float) -> NDArray[np.float32]:
    """Places in a span such that a window of a side begins or ends where things ``(M, 2)`` do, and some between."""
    low, high = np.floor(ends[:, 0]), np.ceil(ends[:, 1])
    beside = np.concatenate([low, low - side, high, high - side])
    inside = beside[(beside >= span[0]) & (beside <= span[1])]
    return np.unique(np.concatenate([inside, places_of(span, BETWEEN)])).astype(np.float32)


def _shares(starts: NDArray[np.float32], ends: Boxes, *, side: float) -> NDArray[np.float32]:
    """Share 0–1 of each of things ``(M, 2)`` along one side that lies in each window: ``(N, M)``."""
    inside = np.minimum(starts[:, None] + side, ends[:, 1]) - np.maximum(starts[:, None], ends[:, 0])
    return np.asarray(np.maximum(inside, 0) / (ends[:, 1] - ends[:, 0]), dtype=np.float32)
