"""Windows that the pixel network learns from: errors planted into clean frames, and places that reviewers judged.

Every batch depends on its seed and step alone, so that a training that was killed and goes on sees what it would have
seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.lookalike import Lookalike
from qc.defects.plant import plant
from qc.pixel.camera import store_frames, weather
from qc.pixel.examples import Example
from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES
from qc.pixel.proposals import levels_standing_out
from qc.pixel.restlessness import is_masked
from qc.pixel.window import stack_window

UNSEEN_LEVELS = 3
"""What stands out by no more than this is never looked at (qc.pixel.proposals), so it is taught to be none."""
FAINTEST_LEVELS = 5
"""An error that stands out by less than this is neither asked for nor forbidden."""
_RING_PX = 1
_AS_STORED = (0, 1, 2, 3, 4)


class PixelBatch(NamedTuple):
    """``windows`` float32 (B, 15, H, W); ``targets`` 0–1 and ``weights`` (0: unknown) float32 (B, 1, H, W)."""

    windows: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


class Window(NamedTuple):
    """One window of a batch: float32 (15, H, W), and what is known of its middle frame, float32 (H, W) each."""

    window: NDArray[np.float32]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True)
class Mix:
    """What a batch is made of.

    ``windows`` of ``side_px``, ``reviewed_share`` of them from reviewers' words where there are any. Of the others,
    ``clean_share`` get no error, the rest 1 to ``spots`` of ``amplitudes`` (levels of luma; None: from just visible
    on); ``lookalike_share`` get something that looks like one; ``weathered_share`` are darkened and grained,
    ``compressed_share`` compressed. Pixels of windows without any error weigh ``clean_weight``.
    """

    windows: int = 8
    side_px: int = 64
    spots: int = 6
    amplitudes: tuple[float, float] | None = None
    clean_share: float = 0.2
    lookalike_share: float = 0.4
    weathered_share: float = 0.6
    compressed_share: float = 0.3
    reviewed_share: float = 0.5
    clean_weight: float = 1.0


def make_batch(
    step: int,
    *,
    seed: int,
    clips: Sequence[RgbFrames],
    mix: Mix,
    lookalikes: Sequence[Lookalike] = (),
    examples: Sequence[Example] = (),
) -> PixelBatch:
    """The batch of one step: ``clips`` are clean, ``uint8 (T, H, W, 3)``, five frames and ``mix.side_px`` or more.

    Raises ValueError when there are no clips.
    """
    if not clips:
        raise ValueError("There are no clean clips to plant pixel errors in.")
    rng = np.random.default_rng([seed, step])
    reviewed = round(mix.windows * mix.reviewed_share) if examples else 0
    drawn = [draw_reviewed(examples, rng=rng, mix=mix) for _ in range(reviewed)]
    for _ in range(mix.windows - reviewed):
        clip = clips[int(rng.integers(len(clips)))]
        drawn.append(draw_synthetic(clip, rng=rng, mix=mix, lookalikes=lookalikes))
    return PixelBatch(
        np.stack([each.window for each in drawn]),
        np.stack([each.target for each in drawn])[:, None],
        np.stack([each.weight * (1 if each.target.any() else mix.clean_weight) for each in drawn], dtype=np.float32)[
            :, None
        ],
    )


def draw_synthetic(
    clip: RgbFrames, *, rng: np.random.Generator, mix: Mix, lookalikes: Sequence[Lookalike] = ()
) -> Window:
    """One window cut from a clean clip at a random place and time, with errors in its middle frame."""
    frames = _turn(_cut(clip, rng=rng, side_px=mix.side_px), rng=rng)
    if lookalikes and rng.random() < mix.lookalike_share:
        frames = lookalikes[int(rng.integers(len(lookalikes)))].add(frames, rng)
    if rng.random() < mix.weathered_share:
        frames = weather(frames, rng=rng)
    clean, mask = frames, np.zeros(frames.shape[1:3], np.bool_)
    if rng.random() >= mix.clean_share:
        count = int(rng.integers(1, mix.spots + 1))
        planted = plant(frames, rng=rng, count=count, amplitudes=mix.amplitudes, frame=HALO_FRAMES)
        frames, mask = planted.frames, planted.mask[HALO_FRAMES]
    stored = store_frames(frames, rng=rng, is_compressed=bool(rng.random() < mix.compressed_share))
    order = draw_order(rng)
    lumas = np.stack([_to_luma(clean[place]) for place in order])
    raised = np.subtract(_to_luma(frames[HALO_FRAMES]), lumas[HALO_FRAMES], dtype=np.int16)
    return _label([stored[place] for place in order], mask, lumas=lumas, raised=raised)


def draw_reviewed(examples: Sequence[Example], *, rng: np.random.Generator, mix: Mix) -> Window:
    """One window around a place that reviewers judged, errors and false alarms evenly; only the place is known."""
    judged = [[one for one in examples if one.is_error is is_error] for is_error in (True, False)]
    kinds = [group for group in judged if group]
    group = kinds[int(rng.integers(len(kinds)))]
    return fit_example(group[int(rng.integers(len(group)))], rng=rng, side_px=mix.side_px)


def fit_example(example: Example, *, rng: np.random.Generator, side_px: int) -> Window:
    """An example brought to the size of a batch's windows, turned at random; what is filled in is unknown."""
    stacked = np.concatenate(
        [example.window, example.target[None].astype(np.float32), example.known[None].astype(np.float32)]
    )
    size = example.target.shape[0]
    if size < side_px:
        before = (side_px - size) // 2
        gap = ((0, 0), (before, side_px - size - before), (before, side_px - size - before))
        inside = np.pad(np.ones((size, size), np.float32), gap[1:])
        stacked = np.pad(stacked, gap, mode="edge")
        stacked[-1] *= inside
    else:
        start = (size - side_px) // 2
        stacked = stacked[:, start : start + side_px, start : start + side_px]
    stacked = np.ascontiguousarray(_turn_planes(stacked, rng=rng))
    return Window(stacked[:-2], stacked[-2], stacked[-1])


def draw_order(rng: np.random.Generator) -> tuple[int, ...]:
    """What a scan makes of cuts: frames beyond one, two at times, are replaced by those of the other side."""
    drawn = rng.random()
    for share, order in ((0.07, (4, 3, 2, 3, 4)), (0.14, (0, 1, 2, 1, 0)), (0.17, (1, 1, 2, 3, 4)),
                         (0.2, (0, 1, 2, 3, 3))):  # fmt: skip
        if drawn < share:
            return order
    return _AS_STORED


def _label(
    stored: list[Planes], mask: NDArray[np.bool_], *, lumas: NDArray[np.uint8], raised: NDArray[np.int16]
) -> Window:
    """What is known of a window with errors where ``mask`` says: not the ring around them, nor those too faint, nor
    those that the ground hides. ``lumas`` uint8 (5, H, W) are without them, ``raised`` is what they add (H, W)."""
    kernel = np.ones((2 * _RING_PX + 1,) * 2, np.uint8)
    near = cv2.dilate(mask.astype(np.uint8), kernel).astype(np.bool_)
    target, weight = mask.copy(), ~(near & ~mask)
    count, labels, _, middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    standing = levels_standing_out(stored) if count > 1 else np.zeros(mask.shape, np.uint8)
    for number in range(1, count):
        spot = labels == number
        levels = int(standing[spot].max())
        x, y = middles[number]
        if levels <= UNSEEN_LEVELS:
            target &= ~spot
        elif levels < FAINTEST_LEVELS or is_masked(lumas, x=x, y=y, levels=float(raised[spot].max())):
            target &= ~spot
            weight &= ~spot
    return Window(stack_window(stored), target.astype(np.float32), weight.astype(np.float32))


def _to_luma(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _cut(clip: RgbFrames, *, rng: np.random.Generator, side_px: int) -> RgbFrames:
    length, height, width = clip.shape[:3]
    if length < WINDOW_FRAMES or min(height, width) < side_px:
        raise ValueError(
            f"A clip of {length} frames of {width} x {height} is too small; it takes {WINDOW_FRAMES} of "
            f"{side_px} x {side_px} or more."
        )
    start = int(rng.integers(length - WINDOW_FRAMES + 1))
    top, left = int(rng.integers(height - side_px + 1)), int(rng.integers(width - side_px + 1))
    return clip[start : start + WINDOW_FRAMES, top : top + side_px, left : left + side_px]


def _turn(frames: RgbFrames, *, rng: np.random.Generator) -> RgbFrames:
    """One of the eight symmetries of the square, and in half the cases time runs backwards."""
    turned = _turn_planes(frames.transpose(0, 3, 1, 2), rng=rng).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(turned[::-1] if rng.random() < 0.5 else turned)


def _turn_planes(planes: NDArray[Any], *, rng: np.random.Generator) -> NDArray[Any]:
    if rng.random() < 0.5:
        planes = planes.swapaxes(-1, -2)
    return np.rot90(planes, k=2 * int(rng.integers(2)), axes=(-2, -1))[..., :: 1 if rng.random() < 0.5 else -1]
