"""Windows that show every face whole or not at all, where those that were tried first cut one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.crop_scene import Boxes
from curation.layout.crop_score import is_cut
from curation.layout.crop_windows import Span, Windows, list_sizes, make_windows, places_of, span_of

MOST_SNAPPED = 12
"""So many of the largest faces are given places just beside them; beyond, something is always in the way."""

BETWEEN = 9
MOST_CLEAR = 600


def list_clear(
    area: Box, *, aspect: float, must: Box, canvas_width_px: int, faces: Boxes, heads: Boxes
) -> Windows:  # fmt: skip
    """Windows as ``list_windows`` lists them whose rims run just beside faces or heads, and which cut no face of
    ``(M, 4)``; at most ``MOST_CLEAR``, the largest first, none where there is no such window."""
    beside = np.concatenate([faces[:MOST_SNAPPED], heads[:MOST_SNAPPED]])
    clear = []
    for size in list_sizes(area, aspect=aspect, must=must, canvas_width_px=canvas_width_px):
        lefts = _snap(span_of(area.x0, area.x1, side=size[0], low=must.x0, high=must.x1), beside[:, 0::2], side=size[0])
        tops = _snap(span_of(area.y0, area.y1, side=size[1], low=must.y0, high=must.y1), beside[:, 1::2], side=size[1])
        across = _shares(lefts, faces[:, 0::2], side=size[0])
        down = _shares(tops, faces[:, 1::2], side=size[1])
        is_clear = ~is_cut(down[:, None] * across[None]).any(axis=2)
        clear.append(make_windows(lefts, tops, size)[is_clear.ravel()])
    windows = np.concatenate(clear)
    return windows[:: -(-len(windows) // MOST_CLEAR) or 1]


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
