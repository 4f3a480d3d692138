"""How many of the dense network's detections the proposals let through, on planted and on clean footage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ava.media.planes import Planes
from qc.defects.plant import plant
from qc.pixel.camera import store_frame, weather
from qc.pixel.cascade import dense_map, judge_tiles, plan_tiles
from qc.pixel.detect import FoundSpot, find_spots
from qc.pixel.footage import film_clips, rendered_clips
from qc.pixel.model_file import SHIPPED, PixelModelFile, read_model
from qc.pixel.proposals import levels_standing_out
from tests.bench.figures import Figure

SECTION = "proposals against the dense network"
SEED = 77
CLIPS = 40
SPOTS = 12
BESIDE_LEVELS = (3, 5, 8)


def measure(data: Path | None) -> list[Figure]:
    """On clips of films where there are any, else on rendered ones; every other one darkened and grained."""
    model = read_model(SHIPPED)
    clips = film_clips(data / "video", seed=SEED, clips_a_film=3) if data else rendered_clips(seed=SEED, count=CLIPS)
    levels: list[int] = []
    missed = 0
    for window in windows(clips):
        dense = find_spots(dense_map(window, model=model), threshold=model.threshold)
        standing = levels_standing_out(window)
        levels += [strongest(standing, spot) for spot in dense]
        missed += count_missed(window, dense, standing, model=model)
    truth = f"{len(levels)} detections of the dense network, planted and on clean footage"
    figures = [
        Figure(SECTION, "also found by the cascade", 100 * (1 - missed / max(len(levels), 1)), "%", truth),
        Figure(SECTION, "threshold of the proposals", model.proposal_threshold, "levels", "stored with the model"),
    ]
    for level in BESIDE_LEVELS:
        share = float(np.mean(np.array(levels) > level)) if levels else 0.0
        figures.append(Figure(SECTION, f"proposed at a threshold of {level}", 100 * share, "%", truth))
    return figures


def windows(clips: list[np.ndarray]) -> Iterator[list[Planes]]:
    """Five stored pictures of each clip, clean and with errors planted in the middle one."""
    rng = np.random.default_rng(SEED)
    for number, clip in enumerate(clips):
        frames = np.ascontiguousarray(clip[:5])
        if number % 2:
            frames = weather(frames, rng=rng)
        clean = [store_frame(rgb) for rgb in frames]
        yield clean
        planted = plant(frames, rng=rng, count=SPOTS, frame=2)
        yield [*clean[:2], store_frame(planted.frames[2]), *clean[3:]]


def strongest(levels: np.ndarray, spot: FoundSpot) -> int:
    """By how much the spot, or what touches it, stands out at most."""
    x0, y0, x1, y1 = spot.box
    return int(levels[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1].max())


def count_missed(window: list[Planes], dense: list[FoundSpot], levels: np.ndarray, *, model: PixelModelFile) -> int:
    """How many of the dense network's spots the cascade has none within 2 px of."""
    tiles = plan_tiles(levels > int(model.proposal_threshold))
    found = find_spots(judge_tiles(window, tiles=tiles, model=model), threshold=model.threshold)
    return sum(not any(np.hypot(spot.x - one.x, spot.y - one.y) <= 2 for one in found) for spot in dense)
