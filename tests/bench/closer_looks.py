"""What looking closely costs: each detector alone, and a whole film's looks against the film's own length."""

from __future__ import annotations

import multiprocessing
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage import data

from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.base import Detections
from ava.annotate.film import annotate_film, inspect_film
from ava.annotate.inspect import run_detectors
from ava.annotate.looks import Span, plan_inspections
from ava.media.bars import find_picture_area
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.shots.boundaries import find_shots
from ava.weights.store import WeightsStore
from tests.footage import write_film

LOOKS = 16
SHOT_S = 4
"""Fifteen shots a minute."""


def render_talking_film(path: Path, *, seconds: int) -> Path:
    """A film of 1280 × 720 whose shots, four seconds each, pan over photographs, every other one with a face."""
    pictures = [_enlarge(picture()) for picture in (data.astronaut, data.coffee, data.astronaut, data.cat)]

    def draw(number: int) -> NDArray[np.uint8]:
        shot, inside = divmod(number, 24 * SHOT_S)
        source = pictures[shot % len(pictures)]
        left = min(inside, source.shape[1] - 1280)
        mirrored = source[:, ::-1] if shot // len(pictures) % 2 else source
        return np.ascontiguousarray(mirrored[:720, left : left + 1280])

    print(f"Rendering {seconds} s of 1280 × 720 with faces …", flush=True)
    return write_film(path, frames=24 * seconds, width=1280, height=720, fps=Fraction(24), gop=96, picture=draw)


def _enlarge(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    factor = max(1400 / picture.shape[1], 720 / picture.shape[0])
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def print_detectors(film: Path, *, weights: Path) -> None:
    """Print milliseconds a looked-at frame of each detector in 1 and 2 processes, then the film as a whole."""
    names = [detector.name for detector in available_detectors(WeightsStore(weights))]
    print(f"\n{film.name}: closer looks\n{'detector':20}{'ms a look, 1 process':>22}{'2 processes':>14}")
    alone, beside = (_cost_ms(film, weights, processes) for processes in (1, 2))
    for name in names:
        print(f"{name:20}{alone[name]:22.1f}{beside[name]:14.1f}")
    _print_whole(film, weights)


def _cost_ms(film: Path, weights: Path, processes: int) -> dict[str, float]:
    """Wall time of each detector on the same frames, the mean over processes that run at once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        costs = pool.starmap(_time_detectors, [(film, weights)] * processes, chunksize=1)
    return {name: float(np.mean([cost[name] for cost in costs])) for name in costs[0]}


def _time_detectors(film: Path, weights: Path) -> dict[str, float]:
    info, store = probe(film), WeightsStore(weights)
    detectors = load_detectors(available_detectors(store), store=store)
    looks = np.linspace(0, info.frame_count - 1, LOOKS).astype(int).tolist()
    frames = list(decode_frame_set(film, info=info, frame_indices=looks, max_side_px=960))
    found: dict[str, Detections] = {}
    costs: dict[str, float] = {}
    for detector in detectors:
        run_detectors(frames[:1], detectors=[detector], info=info, area=None, known=found)  # first calls are slower
        began = time.perf_counter()
        found |= run_detectors(frames, detectors=[detector], info=info, area=None, known=found)
        costs[detector.name] = 1000 * (time.perf_counter() - began) / len(frames)
    return costs


def _print_whole(film: Path, weights: Path) -> None:
    info = probe(film)
    area = find_picture_area(film, info=info)
    signals = annotate_film(film, info=info, area=area, processes=2).signals
    shots = [Span(shot.start_frame, shot.end_frame) for shot in find_shots(signals, fps=info.fps).shots]
    plans = plan_inspections(shots, fps=info.fps)
    looks = sum(len(plan.looks) for plan in plans)
    for processes in (1, 2):
        began = time.perf_counter()
        inspect_film(film, info=info, area=area, shots=shots, plans=plans, weights=weights, processes=processes)
        spent = time.perf_counter() - began
        print(
            f"{looks} looks and faces followed, {60 * len(shots) / info.duration_s:.0f} shots a minute, "
            f"{processes} process{'es' * (processes > 1)}: {spent:.1f} s = {spent / info.duration_s:.2f} × the film's "
            f"length"
        )
