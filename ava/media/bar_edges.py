"""Where bars end, measured in frames of one film."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDS = 2
SUPPORT = 2
"""Frames that must agree that a line is picture: one alone may be a flash, a logo or damage."""

LEAST_LIT = 3
LEAST_LIT_SHARE = 0.3
"""Share of the middle lines that differs from the bars' tone in a frame that says anything."""

LEAST_DIFFERENCE, MOST_DIFFERENCE = 10.0, 28.0
"""Levels by which a pixel must differ from a bar's tone to be picture; between these by the bar's own noise."""

EDGE_SHARE = 0.5
"""A line is picture when half as much of it differs as in the middle of the frame; lettering in a bar stays below."""

EDGE_REACH = 3
LEAST_STEP = 0.3
LEAST_JUMP = 0.6
"""Rise of the share over a bar's edge, in the best lit frames and against the usual frame's bar: dark scenery comes
in gradually."""

USUAL_PERCENTILE = 35
"""The usual frame, when up to two thirds of a film have lettering in their bars."""

QUIET_SHARE = 0.04
MOST_TONE_DRIFT = 6.0
DEEPEST_UNIT = 0.42
"""No bar is deeper than this share of the frame's side."""

LONE_UNIT = 1 / 3
LONE_JUMP = 0.85
"""A bar that faces one of less than a third of its depth or of another tone is a lone one, which dark scenery may
pretend; its edge must be sharper, its tone dark (an even sky ends as sharply at the sea), and it must leave most of
the frame (a table top in the dark does not)."""

LONE_DARKEST = 40
LONE_DEEPEST_UNIT = 1 / 6

Frames = NDArray[np.uint8]


class Bars(NamedTuple):
    """Depth of the bar on each side, in pixels; 0 where there is none."""

    top: int
    bottom: int
    left: int
    right: int


NO_BARS = Bars(0, 0, 0, 0)

_FROM_SIDE: Mapping[str, Callable[[Frames], Frames]] = {
    "top": lambda frames: frames,
    "bottom": lambda frames: frames[:, ::-1],
    "left": lambda frames: frames.transpose(0, 2, 1, 3),
    "right": lambda frames: frames[:, :, ::-1].transpose(0, 2, 1, 3),
}
_FACING = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


class _Edge(NamedTuple):
    depth: int
    lines: int
    jump: float
    tone: NDArray[np.uint8]


def find_bars(frames: Frames) -> Bars:
    """Find the bars that frames ``uint8 (T, H, W, 3)`` of one film have in common.

    A bar is a stretch of lines from the rim on, of one tone in all frames, black or not, that ends at one straight
    sharp edge. Where the aspect changes, the smallest bars that two frames show are taken. Looked for on all
    sides, then again within what the others leave, as both kinds together hide each other.
    """
    if len(frames) < LEAST_LIT:
        return NO_BARS
    bars = NO_BARS
    for _ in range(ROUNDS):
        before = bars
        edges = {side: _find_edge(_FROM_SIDE[side](_leave_out(frames, bars, side=side))) for side in Bars._fields}
        bars = Bars(**{side: _accept(edges[side], facing=edges[_FACING[side]]) for side in Bars._fields})
        if bars == before:
            break
    return bars


def _leave_out(frames: Frames, bars: Bars, *, side: str) -> Frames:
    """The frames without the bars found so far on the sides next to this one."""
    height, width = frames.shape[1:3]
    if side in ("top", "bottom"):
        return frames[:, :, bars.left : width - bars.right]
    return frames[:, bars.top : height - bars.bottom]


def _accept(edge: _Edge, *, facing: _Edge) -> int:
    differs = np.abs(edge.tone.astype(int) - facing.tone).max() > MOST_TONE_DRIFT
    is_lone = facing.depth < LONE_UNIT * edge.depth or differs
    is_sure = (
        edge.jump >= LONE_JUMP and edge.tone.max() <= LONE_DARKEST and edge.depth <= LONE_DEEPEST_UNIT * edge.lines
    )
    return edge.depth if is_sure or not is_lone else 0


def find_tone(frames: Frames) -> NDArray[np.uint8]:
    """The usual colour ``uint8 (3,)`` of the first two lines of frames seen from a side, ``uint8 (T, D, A, 3)``."""
    rims = np.median(frames[:, :2], axis=(1, 2))
    return np.median(rims, axis=0).round().astype(np.uint8)


def differ_from(frames: Frames, *, tone: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Largest difference of a channel from a tone, in levels: ``uint8 (T, D, A)``."""
    difference = np.maximum(frames, tone) - np.minimum(frames, tone)
    red, green, blue = np.moveaxis(difference, 3, 0)
    return np.asarray(np.maximum(np.maximum(red, green), blue), dtype=np.uint8)


def _find_edge(frames: Frames) -> _Edge:
    """The bar of frames seen from its side, ``uint8 (T, depth, along, 3)``: depth 0 where there is none."""
    tone = find_tone(frames)
    lines = frames.shape[1]
    none = _Edge(0, lines, 0.0, tone)
    deepest = int(lines * DEEPEST_UNIT)
    if deepest < 2 * EDGE_REACH:
        return none
    difference = differ_from(frames, tone=tone)
    noise = float(np.median(np.percentile(difference[:, :2], 95, axis=(1, 2))))
    share = (difference > np.clip(2 * noise, LEAST_DIFFERENCE, MOST_DIFFERENCE)).mean(axis=2)
    middle = share[:, deepest : lines - deepest].mean(axis=1)
    lit = share[middle >= LEAST_LIT_SHARE]
    if len(lit) < LEAST_LIT:
        return none
    most, usual = np.sort(lit, axis=0)[-SUPPORT], np.percentile(lit, USUAL_PERCENTILE, axis=0)
    level = float(np.median(most[deepest : lines - deepest]))
    depth = int(np.argmax(most >= EDGE_SHARE * level))
    if not 0 < depth <= deepest:
        return none
    jump = _jump(most, usual, depth=depth, level=level)
    is_quiet = np.median(usual[: max(depth - EDGE_REACH, 1)]) <= QUIET_SHARE
    if not is_quiet or jump < LEAST_JUMP or not _keeps_tone(frames[:, :depth]):
        return none
    return _Edge(depth, lines, jump, tone)


def _jump(most: NDArray[np.float64], usual: NDArray[np.float64], *, depth: int, level: float) -> float:
    """How much of the middle's level the share rises by over the edge; 0 where it comes in gradually."""
    inside = float(np.median(most[depth + 1 : depth + 1 + EDGE_REACH]))
    before = max(depth - EDGE_REACH, 0)
    step = (inside - float(most[before])) / level
    return (inside - float(usual[before])) / level if step >= LEAST_STEP else 0.0


def _keeps_tone(bar: Frames) -> bool:
    """Whether a bar ``uint8 (T, depth, along, 3)`` has the same tone in nearly all frames."""
    tones = np.median(bar, axis=(1, 2))
    drift = np.abs(tones - np.median(tones, axis=0)).max(axis=1)
    return bool(np.percentile(drift, 80) <= MOST_TONE_DRIFT)


def refine_bars(bars: Bars, *, looked_at: tuple[int, ...], frames: list[Frames]) -> Bars:
    """Place the edges of bars to the pixel.

    ``bars`` are in pixels of pictures of ``looked_at`` (height, width), ``frames`` the same film's frames at full
    size, ``uint8 (H, W, 3)`` each. An edge lies where the difference from the bar's tone passes half of what it is
    just inside, so that a soft edge is cut at its middle. A side without a bar keeps none.
    """
    if not frames:
        return NO_BARS
    height, width = frames[0].shape[:2]
    scales = {
        side: (height / looked_at[0] if side in ("top", "bottom") else width / looked_at[1]) for side in Bars._fields
    }
    rough = Bars(**{side: round(depth * scales[side]) for side, depth in zip(Bars._fields, bars, strict=True)})
    refined = {}
    for side, depth in zip(Bars._fields, rough, strict=True):
        reach = int(np.ceil(2 * scales[side])) + 2
        views = [_FROM_SIDE[side](_leave_out(frame[None], rough, side=side)) for frame in frames]
        refined[side] = _refine_edge(views, depth=depth, reach=reach) if depth else 0
    return Bars(**refined)


def _refine_edge(views: list[Frames], *, depth: int, reach: int) -> int:
    first, end = max(depth - reach, 0), depth + 3 * reach
    tone = find_tone(np.concatenate([view[:, :2] for view in views]))
    profile = np.array([differ_from(view[:, first:end], tone=tone)[0].mean(axis=1) for view in views])
    level = np.median(profile[:, 2 * reach :], axis=1)
    lit = level > LEAST_DIFFERENCE
    if not lit.any():
        return depth
    rise = (
        (profile[lit] / level[lit, None]).max(axis=0)
        if lit.sum() < SUPPORT
        else np.sort(profile[lit] / level[lit, None], axis=0)[-SUPPORT]
    )
    return first + int(np.argmax(rise >= EDGE_SHARE)) if (rise >= EDGE_SHARE).any() else depth
