"""How fast films are scanned at 1080p and 4K, beside bare decoding; memory; the dense network where there is a GPU."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from ava.media.decode import decode_frames
from ava.media.planes import Planes, read_planes
from ava.media.probe import probe
from ava.media.reader import read_pictures
from qc.defects.compress import encode
from qc.defects.defect import RgbFrames
from qc.pixel.cascade import dense_map, judge_tiles, plan_tiles
from qc.pixel.film_scan import scan_film
from qc.pixel.footage import rendered_clips
from qc.pixel.model_file import SHIPPED, read_model
from qc.pixel.proposals import propose
from tests.bench.decode import bare
from tests.bench.figures import Figure
from tests.bench.peak_memory import PeakMemory

SECTION = "speed of the scan"
FILM = ("big_buck_bunny_0_30.webm", 200)
SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160)}
FRAMES = {"1080p": 192, "4K": 48}
SECONDS = 12
"""How long they play, so that they are cut into two equal chunks: a film of 8 s is one, and one process scans it."""
PROCESSES = 2
NOISE_LEVELS = 6.0
_ROUNDS = 5


def measure(data: Path | None) -> list[Figure]:
    """Real film scaled up where there is any, else rendered shots."""
    source = "film scaled up, H.264 crf 20" if data else "rendered shots, H.264 crf 20"
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            film = make_film(Path(folder) / f"{size}.mp4", data, size=size)
            figures += _scan_figures(film, what=size, truth=source)
        figures += _stage_figures(Path(folder) / "1080p.mp4", what="1080p", truth=source)
        noisy = make_film(Path(folder) / "noisy.mp4", data, size="1080p", noise_levels=NOISE_LEVELS)
        figures += _scan_figures(noisy, what="1080p, noise", truth=f"{source}; noise of {NOISE_LEVELS:g} levels")
        figures += _dense_figures([Path(folder) / f"{size}.mp4" for size in SIZES])
    return figures


def make_film(path: Path, data: Path | None, *, size: str, noise_levels: float = 0.0) -> Path:
    """Write a film of at most FRAMES[size] frames, all of them in memory until they are encoded."""
    rng = np.random.default_rng(5)
    shown = []
    for rgb in _source(data, count=FRAMES[size]):
        large = cv2.resize(rgb, SIZES[size], interpolation=cv2.INTER_CUBIC)
        if noise_levels:
            large = np.clip(large + rng.normal(0, noise_levels, large.shape), 0, 255).astype(np.uint8)
        shown.append(large)
    path.write_bytes(encode(np.stack(shown), codec="h264", quality=20, fps=Fraction(FRAMES[size], SECONDS)))
    return path


def _source(data: Path | None, *, count: int) -> Iterator[RgbFrames]:
    if data is None:
        frames = np.concatenate(rendered_clips(seed=5, count=count // 7 + 1))
        yield from frames[:count]
        return
    film, start = data / "video" / FILM[0], FILM[1]
    for frame in decode_frames(film, info=probe(film), start_frame=start, end_frame=start + count):
        yield frame.rgb


def _scan_figures(film: Path, *, what: str, truth: str) -> list[Figure]:
    info = probe(film)
    began = time.perf_counter()
    decoded = sum(1 for _ in bare(film))
    bare_s = time.perf_counter() - began
    with PeakMemory() as memory:
        began, used = time.perf_counter(), _processor_s()
        found = scan_film(film, info=info, model=SHIPPED, processes=PROCESSES)
        scan_s, used = time.perf_counter() - began, _processor_s() - used
    tiles = found.report["tile_px"] / info.frame_count / (info.coded_width * info.coded_height)
    return [
        Figure(SECTION, f"{what}: bare decoding, 1 thread", decoded / bare_s, "frames/s", truth),
        Figure(SECTION, f"{what}: scan and decoding, {PROCESSES} processes", decoded / scan_s, "frames/s", "wall"),
        Figure(SECTION, f"{what}: by processor time", PROCESSES * decoded / used, "frames/s", "as on a free machine"),
        Figure(SECTION, f"{what}: share of the picture judged", 100 * tiles, "%", "by the network, in tiles"),
        Figure(SECTION, f"{what}: peak memory of all processes", memory.peak / 2**20, "MiB", "proportional set size"),
    ]


def _stage_figures(film: Path, *, what: str, truth: str) -> list[Figure]:
    """Milliseconds of processor time a frame of each stage, on one core."""
    model, window = read_model(SHIPPED), _window(film)
    proposed = propose(window, threshold=model.proposal_threshold)
    tiles = plan_tiles(proposed)
    count = sum(len(group.corners) for group in tiles)
    stages: dict[str, Callable[[], object]] = {
        "propose": lambda: propose(window, threshold=model.proposal_threshold),
        "plan tiles": lambda: plan_tiles(proposed),
        f"network on {count} tiles": lambda: judge_tiles(window, tiles=tiles, model=model),
        "network everywhere (dense)": lambda: dense_map(window, model=model),
    }
    return [Figure(SECTION, f"{what}: {stage}", _milliseconds(run), "ms", truth) for stage, run in stages.items()]


def _dense_figures(films: list[Path]) -> list[Figure]:
    import torch

    if not torch.cuda.is_available():
        return []
    model, figures = read_model(SHIPPED), []
    name = torch.cuda.get_device_name()
    for film, size in zip(films, SIZES, strict=True):
        window = _window(film)
        dense_map(window, model=model, device="cuda")
        began = time.perf_counter()
        for _ in range(_ROUNDS):
            dense_map(window, model=model, device="cuda")
        rate = _ROUNDS / (time.perf_counter() - began)
        figures.append(Figure(SECTION, f"{size}: dense on a GPU", rate, "frames/s", f"{name}, copies included"))
    return figures


def _window(film: Path) -> list[Planes]:
    window: list[Planes] = []
    for _, picture in read_pictures(film, info=probe(film), start_frame=10):
        window.append(read_planes(picture))
        if len(window) == 5:
            break
    return window


def _milliseconds(run: Callable[[], object]) -> float:
    run()
    began = time.thread_time()
    for _ in range(_ROUNDS):
        run()
    return 1000 * (time.thread_time() - began) / _ROUNDS


def _processor_s() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
