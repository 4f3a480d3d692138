"""The network over a picture: everywhere, or on a CPU only where something stands out, with the same answers there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.pixel.proposals import propose
from qc.pixel.window import chroma_places, stack_window

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

TILE_PX = 16
TILE_SIDES_PX = (128, 64, 32, 16)
REACH_PX = 3
"""How far around a proposed pixel the network is asked."""
_FULL_ENOUGH = 0.6  # from this share of its small tiles on, one large tile costs less
_BATCH_PX = 1 << 15  # with margins; what is worked on at once then stays in a core's own cache


class Tiles(NamedTuple):
    """Square tiles of one size: top left corners ``int64 (N, 2)`` y, x."""

    side_px: int
    corners: NDArray[np.int64]


def dense_map(window: Sequence[Planes], *, model: PixelModelFile, device: str = "cpu") -> NDArray[np.float32]:
    """Probability of an error at every pixel of the middle of five pictures: ``float32 (H, W)``, 0–1."""
    import torch

    network = model.network.to(device)
    with torch.inference_mode():
        logits = network(torch.from_numpy(stack_window(window))[None].to(device))
        return np.asarray(torch.sigmoid(logits)[0, 0].cpu().numpy(), dtype=np.float32)


def cascade_map(window: Sequence[Planes], *, model: PixelModelFile) -> NDArray[np.float32]:
    """Like ``dense_map`` wherever something stands out, and 0 elsewhere: ``float32 (H, W)``, 0–1."""
    found = np.zeros(window[0].y.shape, dtype=np.float32)
    for tiles in plan_tiles(propose(window, threshold=model.proposal_threshold)):
        for part in _batches(tiles):
            _judge(window, tiles=part, model=model, into=found)
    return found


def plan_tiles(proposed: NDArray[np.bool_]) -> list[Tiles]:
    """Tiles that cover every proposed pixel and REACH_PX around it; crowded ones are merged into larger ones."""
    rows, columns = (-(-side // TILE_PX) for side in proposed.shape)
    ys, xs = np.nonzero(proposed)
    most = TILE_SIDES_PX[0] // TILE_PX
    wanted = np.zeros([-(-count // most) * most for count in (rows, columns)], dtype=np.bool_)
    for down in (-REACH_PX, REACH_PX):
        for right in (-REACH_PX, REACH_PX):
            tile_ys = np.clip((ys + down) // TILE_PX, 0, rows - 1)
            wanted[tile_ys, np.clip((xs + right) // TILE_PX, 0, columns - 1)] = True
    planned = []
    for side in TILE_SIDES_PX:
        step = side // TILE_PX
        grid = wanted.reshape(wanted.shape[0] // step, step, wanted.shape[1] // step, step)
        taken = grid.mean(axis=(1, 3)) >= (_FULL_ENOUGH if step > 1 else 1)
        if taken.any():
            planned.append(Tiles(side, np.argwhere(taken) * side))
            grid[taken.nonzero()[0], :, taken.nonzero()[1], :] = False
    return planned


def _batches(tiles: Tiles) -> list[Tiles]:
    size = max(_BATCH_PX // (tiles.side_px + 2 * _margin_px()) ** 2, 1)
    return [Tiles(tiles.side_px, tiles.corners[start : start + size]) for start in range(0, len(tiles.corners), size)]


def _judge(window: Sequence[Planes], *, tiles: Tiles, model: PixelModelFile, into: NDArray[np.float32]) -> None:
    import torch

    with torch.inference_mode():
        levels = torch.from_numpy(cut_tiles(window, tiles=tiles)).to(torch.int16)
        judged = torch.sigmoid(model.network.judge_levels(levels))[:, 0].numpy()
    for (y, x), tile in zip(tiles.corners.tolist(), judged, strict=True):
        place = into[y : y + tiles.side_px, x : x + tiles.side_px]
        place[:] = tile[: place.shape[0], : place.shape[1]]


def cut_tiles(window: Sequence[Planes], *, tiles: Tiles) -> NDArray[np.uint8]:
    """Tiles with a margin of RADIUS_PX: ``uint8 (N, 15, side + 2 RADIUS_PX, …)``; edges are repeated outwards."""
    height, width = window[0].y.shape
    span = np.arange(-_margin_px(), tiles.side_px + _margin_px())
    ys = np.clip(tiles.corners[:, :1] + span, 0, height - 1)
    xs = np.clip(tiles.corners[:, 1:] + span, 0, width - 1)
    chroma_height, chroma_width = window[0].cb.shape
    chroma_ys = chroma_places(ys, luma=height, chroma=chroma_height)
    chroma_xs = chroma_places(xs, luma=width, chroma=chroma_width)
    cut = np.empty((len(tiles.corners), 3 * len(window), len(span), len(span)), dtype=np.uint8)
    for number, picture in enumerate(window):
        cut[:, 3 * number] = picture.y[ys[:, :, None], xs[:, None, :]]
        cut[:, 3 * number + 1] = picture.cb[chroma_ys[:, :, None], chroma_xs[:, None, :]]
        cut[:, 3 * number + 2] = picture.cr[chroma_ys[:, :, None], chroma_xs[:, None, :]]
    return cut


def _margin_px() -> int:
    from qc.pixel.network import RADIUS_PX

    return RADIUS_PX
