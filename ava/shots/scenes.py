"""Scenes: shots that belong together, because what they show comes back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.shots.camera_move import Span

KEYFRAMES = 5
"""Frames that stand for a shot, spread evenly over its inner four fifths: its ends may lie in dissolves."""

MOST_SHOTS_AHEAD = 8
MOST_SECONDS_AHEAD = 30.0
"""How far ahead a shot is looked for again: what comes back later comes back in another scene."""

BLANK_SPREAD = 0.02
"""Frames whose cells' lumas, 0–1, spread less are black, white or fog: they look like any other."""

FADED_SHARE = 0.5
"""And those with less of it than this share of their shot's fullest are fading."""

LAYOUT_STEP = 0.8
PALETTE_STEP = 0.45
"""Differences of layout (as a share of what there is in the frames) and of palette at which frames look unlike."""

LAYOUT_FLOOR = 0.05
COLOUR_WEIGHT = 2.0

COLOUR_SPREAD = 0.12
"""Colours (sRGB 0–1) nearer than about this count as one."""

SURELY_ALIKE, SURELY_UNLIKE = 0.75, 1.0
CHANCE = 0.005
"""How often a link may join shots that lie too far apart to be one scene; the film's own shots say where that is."""

LEAST_FAR_PAIRS = 50
FAR_SHOTS = 30
PAIRS_AT_ONCE = 2048
LUMA = ("signature.luma_",)
OPPONENTS = ("signature.red_green_", "signature.yellow_blue_")
PALETTE = ("palette.red_", "palette.green_", "palette.blue_", "palette.share_")
SIGNALS = (*LUMA, *OPPONENTS, *PALETTE)
"""How the names of the signals begin that scenes are found by."""


def find_scenes(signals: Signals, *, shots: Sequence[Span], fps: float) -> NDArray[np.int64]:
    """Group a film's shots into scenes: ``int64 (shots,)`` counting from 0, never falling.

    ``signals`` are per frame, of them ``SIGNALS`` are read; shots of which nothing is measured stay in
    the scene before. Overlapping links (Hanjalic, Lagendijk & Biemond 1999): a shot that comes back soon, as in
    shot and reverse shot, is linked to its next appearance, and all between belongs to the scene as well; a scene
    ends where no link passes over. Their threshold followed the scene so far; here it is the difference that
    only ``CHANCE`` of the film's far-apart pairs fall below, within absolute bounds.
    """
    if not shots or not all(any(name.startswith(kind) for name in signals) for kind in (LUMA, OPPONENTS, PALETTE)):
        return np.zeros(len(shots), dtype=np.int64)
    layout, palette, known = _describe_shots(signals, shots=shots)
    first, second = _near_pairs(shots, fps=fps, known=known)
    distance = _compare(layout, palette, first=first, second=second)
    threshold = _choose_threshold(layout, palette, known=known)
    linked = distance < threshold
    reach = np.arange(len(shots))
    np.maximum.at(reach, first[linked], second[linked])
    reach = np.maximum.accumulate(reach)
    starts = np.zeros(len(shots), dtype=np.int64)
    starts[1:] = (reach[:-1] < np.arange(1, len(shots))) & known[1:]
    return np.cumsum(starts)


def _describe_shots(
    signals: Signals, *, shots: Sequence[Span]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Layouts ``(S, K, cells)`` and palettes ``(S, K, colours, 4)`` of the shots' keyframes, and which are known."""
    spans = np.array([(shot.start_frame, shot.end_frame) for shot in shots], dtype=np.int64).reshape(-1, 2)
    places = 0.1 + 0.8 * np.arange(KEYFRAMES) / (KEYFRAMES - 1)
    frames = (spans[:, :1] + (spans[:, 1:] - spans[:, :1] - 1) * places + 0.5).astype(np.int64)
    luma, colour, palette = (_take(signals, kind, frames) for kind in (LUMA, OPPONENTS, PALETTE))
    cells = [(luma, 1.0), (colour, COLOUR_WEIGHT)]
    layout = np.concatenate([each * (weight / max(each.shape[-1], 1) ** 0.5) for each, weight in cells], axis=-1)
    tells = np.isfinite(layout).all(axis=-1) & np.isfinite(palette).all(axis=-1)
    spread = np.where(tells[..., None], luma, 0).std(axis=-1)
    tells &= spread >= np.maximum(BLANK_SPREAD, FADED_SHARE * spread.max(axis=1, keepdims=True))
    layout[~tells], palette[~tells] = np.nan, 0.0
    return layout, palette.reshape(len(spans), KEYFRAMES, -1, 4), tells.any(axis=1)


def _take(signals: Signals, kind: tuple[str, ...], frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """Signals of a kind at frames ``(S, K)``: ``float32 (S, K, names)``, NaN beyond the film's measured end."""
    names = [name for name in signals if name.startswith(kind)]
    values = np.full((*frames.shape, len(names)), np.nan, dtype=np.float32)
    for column, name in enumerate(names):
        inside = frames < len(signals[name])
        values[inside, column] = signals[name][frames[inside]]
    return values


def _near_pairs(
    shots: Sequence[Span], *, fps: float, known: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of known shots near enough to be one scene, ``int64 (P,)`` each, the first before the second."""
    end = np.array([shot.end_frame for shot in shots], dtype=np.int64)
    start = np.array([shot.start_frame for shot in shots], dtype=np.int64)
    first = np.repeat(np.arange(len(shots)), MOST_SHOTS_AHEAD)
    second = first + np.tile(np.arange(1, MOST_SHOTS_AHEAD + 1), len(shots))
    inside = second < len(shots)
    first, second = first[inside], second[inside]
    near = (start[second] - end[first] <= MOST_SECONDS_AHEAD * fps) & known[first] & known[second]
    return first[near], second[near]


def _choose_threshold(
    layout: NDArray[np.float32], palette: NDArray[np.float32], *, known: NDArray[np.bool_]
) -> float:
    """The difference below which shots of this film are linked."""
    numbers = np.flatnonzero(known)
    first = numbers[: max(len(numbers) - FAR_SHOTS, 0)]
    if len(first) < LEAST_FAR_PAIRS:
        return (SURELY_ALIKE + SURELY_UNLIKE) / 2
    steps = FAR_SHOTS + (np.arange(len(first)) * 7) % (len(numbers) - FAR_SHOTS)
    place = np.arange(len(first))
    inside = place + steps < len(numbers)
    far = _compare(layout, palette, first=numbers[place[inside]], second=numbers[(place + steps)[inside]])
    return float(np.clip(np.quantile(far, CHANCE), SURELY_ALIKE, SURELY_UNLIKE))


def _compare(
    layout: NDArray[np.float32],
    palette: NDArray[np.float32],
    *,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How unlike pairs of shots are, ``float64 (P,)``: about 1 where they clearly are; their likest keyframes count."""
    distance = np.empty(len(first))
    for begin in range(0, len(first), PAIRS_AT_ONCE):
        one, other = first[begin : begin + PAIRS_AT_ONCE], second[begin : begin + PAIRS_AT_ONCE]
        nearest = _layout_distance(layout[one], layout[other])
        colours = _palette_distance(palette[one], palette[other])
        distance[begin : begin + PAIRS_AT_ONCE] = (nearest / LAYOUT_STEP + colours / PALETTE_STEP) / 2
    return distance


def _layout_distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Difference of the likest keyframes of pairs of shots, ``(P, K, cells)`` each: 0 the same, about 1.4 unrelated."""
    gaps = np.square(one[:, :, None] - other[:, None]).sum(axis=-1)
    spreads = [np.square(each - each.mean(axis=-1, keepdims=True)).sum(axis=-1) for each in (one, other)]
    there = (spreads[0][:, :, None] + spreads[1][:, None]) / 2 + LAYOUT_FLOOR**2
    relative = np.where(np.isnan(gaps), np.inf, gaps / there)
    return np.asarray(np.sqrt(relative.min(axis=(1, 2))), dtype=np.float64)


def _palette_distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Difference of the colours of pairs of shots, ``(P, K, colours, 4)`` each: 0 for the same, at most √2.

    The maximum mean discrepancy (Gretton et al. 2012) of the palettes as masses in colour space.
    """
    same, cross = _kernel(one, one) + _kernel(other, other), _kernel(one, other)
    return np.asarray(np.sqrt(np.maximum(same - 2 * cross, 0)), dtype=np.float64)


def _kernel(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    flat, across = (each.reshape(len(each), -1, 4) for each in (one, other))
    nearness = np.exp(
        -np.square(flat[:, :, None, :3] - across[:, None, :, :3]).sum(axis=-1) / (2 * COLOUR_SPREAD**2)
    )
    masses = [each[..., 3] / np.maximum(each[..., 3].sum(axis=1, keepdims=True), 1e-6) for each in (flat, across)]
    return np.asarray(np.einsum("pi,pij,pj->p", masses[0], nearness, masses[1]), dtype=np.float64)
