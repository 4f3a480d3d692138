"""Teaching the second look: spots that the network finds in films with and without planted errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frame_set
from ava.media.planes import Planes
from ava.media.probe import probe
from qc.defects.defect import RgbFrames
from qc.defects.plant import plant
from qc.pixel.camera import store_frames
from qc.pixel.cascade import cascade_map
from qc.pixel.confidence import confidence, fit_calibration
from qc.pixel.continuity import draw_thumbnail
from qc.pixel.detect import FoundSpot, find_spots
from qc.pixel.evidence import measure_evidence
from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES
from qc.pixel.verifier import INPUTS, Verifier, join_inputs, log_odds

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

CANDIDATE_THRESHOLD = 0.3
ERRORS_A_WINDOW = 2
"""Few, as in films: in a swarm they would look like what comes in swarms."""
_CROP = (480, 640)
_STRIDES = (1, 1, 2)
"""Every frame, or every other one: films of few frames a second move faster."""
_NEAR_PX = 3.0
_CUT_LEVELS = 10.0
_COMPRESSED_SHARE = 0.5
_LEAST_LEVELS = 10.0
"""Planted errors that are left with less than this are neither errors to learn nor false alarms."""
KEPT_RECALL = 0.95
"""Of the errors kept back whose spots the network found: what the least confidence lets through."""
STEPS = 1500
_MEMBERS, _HIDDEN, _BATCH = 3, 12, 512
_CHECK_EVERY = 5


class SpotExamples(NamedTuple):
    """Inputs ``(N, K)`` of spots, whether each is an error ``bool (N,)``, and which window each is of ``(N,)``."""

    inputs: NDArray[np.float64]
    truths: NDArray[np.bool_]
    windows: NDArray[np.int64]


def gather_examples(
    films: Sequence[tuple[Path, int, int]], *, model: PixelModelFile, seed: int, windows_a_film: int,
    say: Callable[[str], None] = lambda _: None,
) -> SpotExamples:  # fmt: skip
    """Spots of windows of films (path, first frame, end), each once as it is and once with planted errors."""
    rows: list[NDArray[np.float64]] = []
    truths: list[bool] = []
    windows: list[int] = []
    number = 0
    for film, (path, start, end) in enumerate(films):
        rng = np.random.default_rng([seed, film])
        for clean in _windows(path, start=start, end=end, count=windows_a_film, rng=rng):
            for inputs, is_error in _judge_window(clean, model=model, rng=rng):
                rows.append(inputs)
                truths.append(is_error)
                windows.append(number)
            number += 1
        say(f"{path.name}: {len(rows)} spots so far, {sum(truths)} of them errors")
    return SpotExamples(np.array(rows).reshape(-1, len(INPUTS)), np.array(truths, bool), np.array(windows, np.int64))


def fit_verifier(examples: SpotExamples, *, seed: int, recipe: dict[str, Any], steps: int = STEPS) -> Verifier:
    """Train the committee by balanced cross-entropy (AdamW, Loshchilov & Hutter 2019) on four windows of five.

    On the fifth it is calibrated (Platt 1999), and the least confidence is chosen that lets KEPT_RECALL of its errors
    through. Raises ValueError where the examples hold errors or false alarms alone.
    """
    is_kept = examples.windows % _CHECK_EVERY == 0
    for part in (is_kept, ~is_kept):
        if len(set(examples.truths[part].tolist())) < 2:
            raise ValueError("The footage gives no errors or no false alarms to learn from; bring more of it.")
    learnt = examples.inputs[~is_kept]
    mean, spread = learnt.mean(axis=0), learnt.std(axis=0) + 1e-6
    values = np.clip((learnt - mean) / spread, -4, 4)
    layers = _train_committee(values, examples.truths[~is_kept], seed=seed, steps=steps)
    plain = Verifier(mean, spread, layers, 1.0, 0.0, 0.5, recipe)
    odds = log_odds(plain, examples.inputs[is_kept])
    truths = examples.truths[is_kept]
    given = 1 / (1 + np.exp(-odds))
    scale, _, offset = fit_calibration(given.tolist(), [1] * len(given), truths.tolist())
    calibrated = 1 / (1 + np.exp(-(scale * odds + offset)))
    least = float(np.quantile(calibrated[truths], 1 - KEPT_RECALL))
    return plain._replace(scale=scale, offset=offset, least=least)


def _train_committee(
    values: NDArray[np.float64], truths: NDArray[np.bool_], *, seed: int, steps: int
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    import torch
    from torch import nn

    inputs = torch.from_numpy(values.astype(np.float32))
    wanted = torch.from_numpy(truths.astype(np.float32))
    balance = torch.where(wanted > 0, float((~truths).sum() / truths.sum()), 1.0)
    members = []
    for member in range(_MEMBERS):
        generator = torch.Generator().manual_seed(seed * _MEMBERS + member)
        sizes = (values.shape[1], _HIDDEN, _HIDDEN, 1)
        linear = [nn.Linear(before, after) for before, after in pairwise(sizes)]
        for layer in linear:
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
        network = nn.Sequential(linear[0], nn.Tanh(), linear[1], nn.Tanh(), linear[2])
        optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=3e-2)
        for _ in range(steps):
            chosen = torch.randint(len(inputs), (_BATCH,), generator=generator)
            # Jitter: what was measured is never quite the same again.
            jittered = inputs[chosen] + 0.15 * torch.randn(_BATCH, values.shape[1], generator=generator)
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(jittered)[:, 0], wanted[chosen], weight=balance[chosen]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        members.append([(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear])
    return tuple(
        (
            np.stack([member[number][0] for member in members]).astype(np.float64),
            np.stack([member[number][1] for member in members]).astype(np.float64),
        )
        for number in range(3)
    )


def _windows(path: Path, *, start: int, end: int, count: int, rng: np.random.Generator) -> Iterator[RgbFrames]:
    """Five frames of one shot each, no larger than 640 x 480, from places drawn over a film's span."""
    info = probe(path)
    last = min(end, info.frame_count) - WINDOW_FRAMES * max(_STRIDES)
    if last <= start:
        return
    firsts = np.sort(rng.choice(np.arange(start, last), size=min(count, last - start), replace=False))
    plans = [first + int(rng.choice(_STRIDES)) * np.arange(WINDOW_FRAMES) for first in firsts.tolist()]
    kept: dict[int, NDArray[np.uint8]] = {}
    waiting = iter(sorted(plans, key=lambda plan: int(plan[-1])))
    plan = next(waiting, None)
    for frame in decode_frame_set(path, info=info, frame_indices={int(index) for plan in plans for index in plan}):
        kept[frame.index] = frame.rgb
        while plan is not None and frame.index >= plan[-1]:
            if all(int(index) in kept for index in plan):
                window = _crop([kept[int(index)] for index in plan], rng=rng)
                if not _has_cut(window):
                    yield window
            plan = next(waiting, None)
            kept = {index: rgb for index, rgb in kept.items() if index > frame.index - 4 * WINDOW_FRAMES}


def _crop(frames: list[NDArray[np.uint8]], *, rng: np.random.Generator) -> RgbFrames:
    height, width = (min(side, most) // 2 * 2 for side, most in zip(frames[0].shape, _CROP, strict=False))
    y = int(rng.integers(frames[0].shape[0] - height + 1))
    x = int(rng.integers(frames[0].shape[1] - width + 1))
    return np.stack([rgb[y : y + height, x : x + width] for rgb in frames])


def _has_cut(frames: RgbFrames) -> bool:
    small = np.stack([draw_thumbnail(Planes(rgb[..., 1], rgb[..., 0], rgb[..., 2])) for rgb in frames]).astype(np.int16)
    return bool(np.abs(np.diff(small, axis=0)).mean(axis=(1, 2)).max() > _CUT_LEVELS)


def _judge_window(
    clean: RgbFrames, *, model: PixelModelFile, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.float64], bool]]:
    state = int(rng.integers(1 << 31))
    is_compressed = bool(rng.random() < _COMPRESSED_SHARE)
    # One and the same way of storing, so that nothing but the errors differs.
    before = store_frames(clean, rng=np.random.default_rng(state), is_compressed=is_compressed)
    planted = plant(clean, rng=rng, count=ERRORS_A_WINDOW, frame=HALO_FRAMES)
    after = store_frames(planted.frames, rng=np.random.default_rng(state), is_compressed=is_compressed)
    for inputs, _ in _describe(before, model=model):
        yield inputs, False
    for inputs, spot in _describe(after, model=model):
        if any(np.hypot(spot.x - each.x, spot.y - each.y) <= _NEAR_PX for each in planted.spots):
            x0, y0, x1, y1 = spot.box
            raised = after[HALO_FRAMES].y[y0:y1, x0:x1].astype(np.int16) - before[HALO_FRAMES].y[y0:y1, x0:x1]
            if raised.max() >= _LEAST_LEVELS:
                yield inputs, True


def _describe(
    window: Sequence[Planes], *, model: PixelModelFile
) -> Iterator[tuple[NDArray[np.float64], FoundSpot]]:
    for spot in find_spots(cascade_map(window, model=model), threshold=CANDIDATE_THRESHOLD):
        sure = confidence(spot.peak, area_px=spot.area_px, calibration=model.calibration)
        yield join_inputs(sure, measure_evidence(window, spot=spot)), spot
