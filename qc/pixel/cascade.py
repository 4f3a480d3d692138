"""The network over a picture: everywhere, or on a CPU only where something stands out, with the same answers there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ava.media.planes import Plane, Planes
from qc.pixel.grouping import Places, group_places, list_places
from qc.pixel.proposals import propose
from qc.pixel.window import chroma_places, stack_window

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

TILE_PX = 16
TILE_SIDES_PX = (128, 64, 32, 16)
"""Of tiles on a grid, for what is crowded."""
FREE_SIDES_PX = (8, 16)
"""Of tiles anywhere, each for one proposal or for a few beside each other."""
REACH_PX = 3
"""How far around a proposed pixel the network is asked."""
_STEP_PX = 2
"""Tiles begin where chroma does."""
_MOST_FREE_SHARE = 0.05
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
    tiles = plan_tiles(propose(window, threshold=model.proposal_threshold))
    return judge_tiles(window, tiles=tiles, model=model)


def judge_tiles(window: Sequence[Planes], *, tiles: Sequence[Tiles], model: PixelModelFile) -> NDArray[np.float32]:
    """Probability of an error within tiles of the middle of five pictures, 0 elsewhere: ``float32 (H, W)``, 0–1."""
    found = np.zeros(window[0].y.shape, dtype=np.float32)
    for group in tiles:
        for part in _batches(group):
            _judge(window, tiles=part, model=model, into=found)
    return found


def plan_tiles(proposed: NDArray[np.bool_]) -> list[Tiles]:
    """Tiles that cover every proposed pixel and REACH_PX around it, wherever the picture reaches.

    What is proposed apart from all else gets a small tile of its own; what is crowded gets tiles on a grid, merged
    into larger ones where they lie close.
    """
    places = list_places(proposed)
    if not len(places.ys):
        return []
    if len(places.ys) > _MOST_FREE_SHARE * proposed.size:
        return _plan_grid(places, shape=proposed.shape)
    free, crowded = _plan_free(places, shape=proposed.shape)
    return free + (_plan_grid(crowded, shape=proposed.shape) if len(crowded.ys) else [])


def _plan_free(places: Places, *, shape: tuple[int, ...]) -> tuple[list[Tiles], Places]:
    """Tiles for groups of proposals that fit into one, and the proposals of larger groups."""
    groups = group_places(places, shape=shape)
    order = np.argsort(groups, kind="stable")
    _, first, of = np.unique(groups[order], return_index=True, return_inverse=True)
    ends = np.stack([(np.minimum.reduceat(at[order], first), np.maximum.reduceat(at[order], first)) for at in places])
    corners = np.maximum(ends[:, 0] - REACH_PX, 0) // _STEP_PX * _STEP_PX
    sides = (ends[:, 1] + REACH_PX + 1 - corners).max(axis=0)
    planned, smaller = [], 0
    for side in FREE_SIDES_PX:
        chosen = (sides > smaller) & (sides <= side)
        if chosen.any():
            planned.append(Tiles(side, corners[:, chosen].T))
        smaller = side
    crowded = order[sides[of] > smaller]
    return planned, Places(places.ys[crowded], places.xs[crowded])


def _plan_grid(places: Places, *, shape: tuple[int, ...]) -> list[Tiles]:
    rows, columns = (-(-side // TILE_PX) for side in shape)
    most = TILE_SIDES_PX[0] // TILE_PX
    wanted = np.zeros([-(-count // most) * most for count in (rows, columns)], dtype=np.bool_)
    for down in (-REACH_PX, REACH_PX):
        for right in (-REACH_PX, REACH_PX):
            tile_ys = np.clip((places.ys + down) // TILE_PX, 0, rows - 1)
            wanted[tile_ys, np.clip((places.xs + right) // TILE_PX, 0, columns - 1)] = True
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
    side = tiles.side_px + 2 * _margin_px()
    starts = tiles.corners - _margin_px()
    is_inside = np.all((starts >= 0) & (starts + side <= np.array(window[0].y.shape)), axis=1)
    cut = np.empty((len(starts), 3 * len(window), side, side), dtype=np.uint8)
    for number, picture in enumerate(window):
        for channel, plane in enumerate(picture):
            into = cut[:, 3 * number + channel]
            steps = tuple(-(-luma // part) for luma, part in zip(picture.y.shape, plane.shape, strict=True))
            is_simple = is_inside & all(_STEP_PX % step == 0 for step in steps)
            if is_simple.any():
                into[is_simple] = _cut_inside(plane, starts=starts[is_simple], side_px=side, steps=steps)
            if not is_simple.all():
                into[~is_simple] = _cut_anywhere(plane, starts=starts[~is_simple], side_px=side, window=window)
    return cut


def _cut_inside(
    plane: Plane, *, starts: NDArray[np.int64], side_px: int, steps: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Squares that lie within the picture: whole rows at a time; ``steps`` are luma pixels a sample down and across."""
    down, right = steps
    squares = sliding_window_view(plane, (side_px // down, side_px // right))
    cut = squares[starts[:, 0] // down, starts[:, 1] // right]
    if down > 1:
        cut = np.repeat(cut, down, axis=1)
    return np.repeat(cut, right, axis=2) if right > 1 else cut


def _cut_anywhere(
    plane: Plane, *, starts: NDArray[np.int64], side_px: int, window: Sequence[Planes]
) -> NDArray[np.uint8]:
    """Squares that may reach beyond the picture: pixel by pixel."""
    height, width = window[0].y.shape
    ys = np.clip(starts[:, :1] + np.arange(side_px), 0, height - 1)
    xs = np.clip(starts[:, 1:] + np.arange(side_px), 0, width - 1)
    ys = chroma_places(ys, luma=height, chroma=plane.shape[0])
    xs = chroma_places(xs, luma=width, chroma=plane.shape[1])
    return np.asarray(plane[ys[:, :, None], xs[:, None, :]], dtype=np.uint8)


def _margin_px() -> int:
    from qc.pixel.network import RADIUS_PX

    return RADIUS_PX
