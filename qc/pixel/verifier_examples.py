"""What the second look is taught with: spots that the network finds in footage with and without planted errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frame_set
from ava.media.planes import Planes
from ava.media.probe import probe
from qc.defects.defect import RgbFrames
from qc.defects.find import find_lookalikes
from qc.defects.plant import plant
from qc.pixel.camera import store_frames
from qc.pixel.cascade import cascade_map
from qc.pixel.confidence import confidence
from qc.pixel.continuity import draw_thumbnail
from qc.pixel.dataset import draw_order
from qc.pixel.detect import FoundSpot, find_spots
from qc.pixel.evidence import measure_evidence
from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES
from qc.pixel.verifier import INPUTS, join_inputs

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

CANDIDATE_THRESHOLD = 0.3
"""From this probability on a spot is an example, or from the network's threshold on where that is lower."""
ERRORS_A_WINDOW = 2
"""Few, as in films: in a swarm they would look like what comes in swarms."""
LOOKALIKE_SHARE = 0.25
FRAMES_A_MINUTE = 24 * 60
_CROP = (480, 640)
_STRIDES = (1, 1, 2)
"""Every frame, or every other one: films of few frames a second move faster."""
_NEAR_PX = 3.0
_CUT_LEVELS = 10.0
_COMPRESSED_SHARE = 0.5
_LEAST_LEVELS = 10.0
"""Planted errors that are left with less than this are neither errors to learn nor false alarms."""

Footage = Sequence[tuple[Path, int, int]]


class SpotExamples(NamedTuple):
    """Inputs ``(N, K)`` of spots; whether each is an error, and whether the network itself flags it, ``bool (N,)``;
    which source each is of, and whether it is of film as it is, ``(N,)``; and how many minutes of film as it is were
    looked at."""

    inputs: NDArray[np.float64]
    truths: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    sources: NDArray[np.int64]
    is_plain: NDArray[np.bool_]
    plain_minutes: float


class ToldSpot(NamedTuple):
    """A row of ``SpotExamples``."""

    inputs: NDArray[np.float64]
    is_error: bool
    is_flagged: bool
    source: int
    is_plain: bool


def gather_examples(
    films: Footage, *, clips: Sequence[Sequence[RgbFrames]] = (), model: PixelModelFile, seed: int,
    windows_a_film: int, say: Callable[[str], None] = lambda _: None,
) -> SpotExamples:  # fmt: skip
    """Spots of windows of films (path, first frame, end), each once as it is and once with planted errors.

    ``clips``: groups of further clean clips; each gives one window, and each group is a source of its own.
    """
    spots: list[ToldSpot] = []
    minutes = 0.0
    for source, (path, start, end) in enumerate(films):
        rng = np.random.default_rng([seed, source])
        for clean, seen in _windows(path, start=start, end=end, count=windows_a_film, rng=rng):
            made, is_plain = _judge_window(clean, model=model, rng=rng, source=source)
            spots += made
            minutes += seen / FRAMES_A_MINUTE if is_plain else 0.0
        say(f"{path.name}: {len(spots)} spots so far, {sum(spot.is_error for spot in spots)} of them errors")
    for source, group in enumerate(clips, len(films)):
        rng = np.random.default_rng([seed, source])
        for clip in group:
            first = int(rng.integers(len(clip) - WINDOW_FRAMES + 1))
            made, _ = _judge_window(clip[first : first + WINDOW_FRAMES], model=model, rng=rng, source=source)
            spots += [spot._replace(is_plain=False) for spot in made]
        say(f"clips: {len(spots)} spots so far, {sum(spot.is_error for spot in spots)} of them errors")
    return join_spots(spots, plain_minutes=minutes)


def join_spots(spots: Sequence[ToldSpot], *, plain_minutes: float) -> SpotExamples:
    """Rows as columns."""
    return SpotExamples(
        np.array([spot.inputs for spot in spots], np.float64).reshape(-1, len(INPUTS)),
        np.array([spot.is_error for spot in spots], np.bool_),
        np.array([spot.is_flagged for spot in spots], np.bool_),
        np.array([spot.source for spot in spots], np.int64),
        np.array([spot.is_plain for spot in spots], np.bool_),
        plain_minutes,
    )


def _windows(
    path: Path, *, start: int, end: int, count: int, rng: np.random.Generator
) -> Iterator[tuple[RgbFrames, float]]:
    """Five frames of one shot each, no larger than 640 x 480, from places drawn over a film's span, and what share of
    a picture they show."""
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
                    yield window, window[0].size / frame.rgb.size
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
    clean: RgbFrames, *, model: PixelModelFile, rng: np.random.Generator, source: int
) -> tuple[list[ToldSpot], bool]:
    """Spots of a clean window as it is and with planted errors, and whether it is film as it is."""
    state, is_plain = int(rng.integers(1 << 31)), bool(rng.random() >= LOOKALIKE_SHARE)
    if not is_plain:
        kinds = find_lookalikes()
        clean = kinds[int(rng.integers(len(kinds)))].add(clean, rng)
    is_compressed, order = bool(rng.random() < _COMPRESSED_SHARE), draw_order(rng)
    is_plain = is_plain and order[HALO_FRAMES - 1] != order[HALO_FRAMES + 1]  # films have far fewer cuts
    # One and the same way of storing, so that nothing but the errors differs.
    before = store_frames(clean, rng=np.random.default_rng(state), is_compressed=is_compressed)
    planted = plant(clean, rng=rng, count=ERRORS_A_WINDOW, frame=HALO_FRAMES)
    after = store_frames(planted.frames, rng=np.random.default_rng(state), is_compressed=is_compressed)
    raised = after[HALO_FRAMES].y.astype(np.int16) - before[HALO_FRAMES].y
    spots = [
        ToldSpot(inputs, False, spot.peak >= model.threshold, source, is_plain)
        for inputs, spot in _describe([before[place] for place in order], model=model)
    ]
    for inputs, spot in _describe([after[place] for place in order], model=model):
        x0, y0, x1, y1 = spot.box
        if raised[y0:y1, x0:x1].max() >= _LEAST_LEVELS and any(
            np.hypot(spot.x - each.x, spot.y - each.y) <= _NEAR_PX for each in planted.spots
        ):
            spots.append(ToldSpot(inputs, True, spot.peak >= model.threshold, source, is_plain))
    return spots, is_plain


def _describe(
    window: Sequence[Planes], *, model: PixelModelFile
) -> Iterator[tuple[NDArray[np.float64], FoundSpot]]:
    for spot in find_spots(cascade_map(window, model=model), threshold=min(CANDIDATE_THRESHOLD, model.threshold)):
        sure = confidence(spot.peak, area_px=spot.area_px, calibration=model.calibration)
        yield join_inputs(sure, measure_evidence(window, spot=spot)), spot
