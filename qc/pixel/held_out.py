"""What every version of the pixel network is measured on: planted errors and lookalikes that none of them learns from.

Rendered from shots that training never draws, always the same ones, and built without downloads; beside them the places
that reviewers judged and that are held back for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc.defects.defect import RgbFrames, Spot
from qc.defects.find import find_lookalikes
from qc.defects.light import LUMA
from qc.defects.lookalikes.lookalike import Lookalike
from qc.defects.plant import plant
from qc.pixel.camera import store_frames, weather
from qc.pixel.detect import find_spots
from qc.pixel.examples import Example
from qc.pixel.footage import rendered_clips
from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES
from qc.pixel.proposals import levels_standing_out
from qc.pixel.restlessness import is_masked
from qc.pixel.visible import threshold_at
from qc.pixel.window import stack_window

if TYPE_CHECKING:
    from torch import nn

HELD_OUT_VERSION = 3
"""Changes with anything that changes the set; figures of different versions of it are not compared."""
CONFIRMED = "confirmed by reviewers"
WINDOWS = 360
_SEED = 20_260
VALIDATION_SIDE_PX = 96
_SPOTS = 5
_NEAR_PX = 2.0
SAME_ERROR_PX = 8.0
_AT_ONCE = 16


class Planting(NamedTuple):
    """A planted error by its place; only those of visible amplitude, not hidden by restless ground, must be found."""

    x: float
    y: float
    kind: str
    is_visible: bool


class HeldOutWindow(NamedTuple):
    """``window`` float32 (15, S, S), the errors of its middle frame, and by how many levels each of its pixels stands
    out (qc.pixel.proposals), uint8 (S, S); ``lookalike`` names what else is in it."""

    window: NDArray[np.float32]
    errors: tuple[Planting, ...]
    standing: NDArray[np.uint8]
    lookalike: str = ""


class Scores(NamedTuple):
    """What a network says of a set, before any threshold.

    ``errors``: (kind, highest probability within 2 px) of every visible error. ``maps``: float32 (S, S) each.
    ``judged``: (is an error, highest probability within 2 px) of every place that reviewers judged.
    """

    errors: tuple[tuple[str, float], ...]
    maps: tuple[NDArray[np.float32], ...]
    judged: tuple[tuple[bool, float], ...]


class Measures(NamedTuple):
    """``recall``: kind → (found, all), errors that reviewers confirmed as a kind of their own. ``false_alarms``: on
    rendered windows; ``rejected``: (raised again, all) of the places that reviewers rejected."""

    recall: dict[str, tuple[int, int]]
    false_alarms: int
    rejected: tuple[int, int]

    @property
    def alarms(self) -> int:
        """False alarms of both sorts."""
        return self.false_alarms + self.rejected[0]

    @property
    def found(self) -> tuple[int, int]:
        """Errors found and errors in all."""
        return sum(hits for hits, _ in self.recall.values()), sum(total for _, total in self.recall.values())


def held_out_windows(*, count: int = WINDOWS) -> list[HeldOutWindow]:
    """The fixed set: equal for every version of the network, half of it without errors."""
    clips = rendered_clips(seed=_SEED, count=24, withheld=True)
    return draw_windows(clips, seed=_SEED, count=count, lookalikes=find_lookalikes())


def draw_windows(
    clips: Sequence[RgbFrames], *, seed: int, count: int, lookalikes: Sequence[Lookalike] = ()
) -> list[HeldOutWindow]:
    """Windows of 96 x 96 px cut from clean clips, every second with up to five errors, two of three with lookalikes."""
    return [
        _draw(clips[number % len(clips)], rng=np.random.default_rng([seed, number, 7]), number=number,
              lookalikes=lookalikes)
        for number in range(count)
    ]  # fmt: skip


def score(network: nn.Module, windows: Sequence[HeldOutWindow], *, judged: Sequence[Example] = ()) -> Scores:
    """What the network says of the windows, and of the places that reviewers judged."""
    maps = probability_maps(network, [each.window for each in windows])
    errors = tuple(
        (error.kind, _highest_near(found, x=error.x, y=error.y))
        for each, found in zip(windows, maps, strict=True)
        for error in each.errors
        if error.is_visible
    )
    places = probability_maps(network, [example.window for example in judged])
    said = tuple(
        (example.is_error, _highest_near(found, x=example.x, y=example.y))
        for example, found in zip(judged, places, strict=True)
    )
    return Scores(errors, tuple(maps), said)


def measure(scores: Scores, windows: Sequence[HeldOutWindow], *, threshold: float) -> Measures:
    """Recall by kind and false alarms at a threshold."""
    hits, totals = Counter[str](), Counter[str]()
    confirmed = [(CONFIRMED, value) for is_error, value in scores.judged if is_error]
    for kind, value in [*scores.errors, *confirmed]:
        totals[kind] += 1
        hits[kind] += value >= threshold
    rejected = [value >= threshold for is_error, value in scores.judged if not is_error]
    alarms = sum(
        _false_alarms(found, each.errors, threshold=threshold) for each, found in zip(windows, scores.maps, strict=True)
    )
    recall = {kind: (hits[kind], totals[kind]) for kind in sorted(totals)}
    return Measures(recall, alarms, (sum(rejected), len(rejected)))


def probability_maps(network: nn.Module, windows: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """The dense network over windows ``float32 (15, S, S)``: a map (S, S) of probabilities each."""
    import torch

    network.eval()
    by_size: dict[tuple[int, ...], list[int]] = {}
    for number, window in enumerate(windows):
        by_size.setdefault(window.shape, []).append(number)
    made: dict[int, NDArray[np.float32]] = {}
    with torch.no_grad():
        for numbers in by_size.values():
            for start in range(0, len(numbers), _AT_ONCE):
                part = numbers[start : start + _AT_ONCE]
                logits = network(torch.from_numpy(np.stack([windows[number] for number in part])))
                made |= dict(zip(part, torch.sigmoid(logits)[:, 0].numpy(), strict=True))
    return [made[number] for number in range(len(windows))]


def _draw(clip: RgbFrames, *, rng: np.random.Generator, number: int, lookalikes: Sequence[Lookalike]) -> HeldOutWindow:
    start = int(rng.integers(len(clip) - WINDOW_FRAMES + 1))
    top, left = (int(rng.integers(size - VALIDATION_SIDE_PX + 1)) for size in clip.shape[1:3])
    frames = clip[start : start + WINDOW_FRAMES, top : top + VALIDATION_SIDE_PX, left : left + VALIDATION_SIDE_PX]
    lookalike = ""
    if lookalikes and number % 3:
        chosen = lookalikes[number // 3 % len(lookalikes)]
        frames, lookalike = chosen.add(frames, rng), chosen.name
    if rng.random() < 0.5:
        frames = weather(frames, rng=rng)
    errors: tuple[Planting, ...] = ()
    if number % 2:
        clean = np.round(frames @ LUMA).astype(np.uint8)
        count = int(rng.integers(1, _SPOTS + 1))
        planted = plant(frames, rng=rng, count=count, frame=HALO_FRAMES)
        frames = planted.frames
        errors = tuple(
            Planting(spot.x, spot.y, spot.kind, _is_visible(clean, spot)) for spot in planted.spots
        )
    stored = store_frames(frames, rng=rng, is_compressed=bool(rng.random() < 0.25))
    return HeldOutWindow(stack_window(stored), errors, levels_standing_out(stored), lookalike)


def _is_visible(clean: NDArray[np.uint8], spot: Spot) -> bool:
    """Whether an error shows against its ground, which five lumas (5, S, S) have without it."""
    least = threshold_at(clean[HALO_FRAMES], x=spot.x, y=spot.y)
    return spot.amplitude >= least and not is_masked(clean, x=spot.x, y=spot.y, levels=spot.amplitude)


def _highest_near(found: NDArray[np.float32], *, x: float, y: float) -> float:
    rows, columns = np.indices(found.shape)
    near = np.hypot(rows - y, columns - x) <= _NEAR_PX
    return float(found[near].max(initial=0.0))


def _false_alarms(found: NDArray[np.float32], errors: Sequence[Planting], *, threshold: float) -> int:
    """Spots that are far from every planted error, visible or not."""
    spots = find_spots(found, threshold=threshold)
    return sum(all(np.hypot(spot.x - each.x, spot.y - each.y) > SAME_ERROR_PX for each in errors) for spot in spots)
