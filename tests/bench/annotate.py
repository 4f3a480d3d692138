"""Speed and memory of measuring every frame, as ratios to bare decoding of the same file in the same run.

`manage.py bench annotate [--film FILE] [--looks FILE] [--seconds N]`; without a film, ones of 1920 × 1080, with grain
and clean, and of 640 × 360 are rendered. Then the closer looks: each detector alone, and all of them as the workers
run them.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np

from ava.annotate.base import Annotator, find_annotators
from ava.annotate.run import BASE_SIDE_PX, annotate_span
from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.render.sample_film import render_test_film

FILMS = ((1920, 1080, 1.5), (1920, 1080, 0.0), (640, 360, 1.5))
"""Width, height and grain in grey levels: as a camera gives it, and as clean as animation, which decodes in no time."""

SECONDS = 20.0
ROUNDS = 3


class Run(NamedTuple):
    """Frames a second over all processes, and the most memory that one process held."""

    fps: float
    peak_mb: float


def main(arguments: Sequence[str]) -> None:
    """Print the tables; the ratios are what counts, as machines and moments differ."""
    # Not at the top: the measuring processes import this file, and their memory is to be their own.
    from tests.bench.closer_looks import print_detectors, render_talking_film

    parser = argparse.ArgumentParser(prog="manage.py bench annotate", description=__doc__)
    parser.add_argument("--film", type=Path, help="measure this film instead of rendered ones")
    parser.add_argument("--looks", type=Path, help="film for the closer looks (default: --film, else a rendered one)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of the rendered films")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), help="folder of model files")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rendered = Path(folder)
        for film in [options.film] if options.film else _render_films(rendered, seconds=options.seconds):
            _print_table(film)
        looks = options.looks or options.film or render_talking_film(rendered / "talk.mp4", seconds=60)
        print_detectors(looks, weights=options.weights)


def _render_films(folder: Path, *, seconds: float) -> list[Path]:
    return [_render(folder, *film, seconds=seconds) for film in FILMS]


def _render(folder: Path, width: int, height: int, grain: float, *, seconds: float) -> Path:
    print(f"Rendering {seconds:.0f} s of {width} × {height} …", flush=True)
    path = folder / f"{height}p-{'grain' if grain else 'clean'}.mp4"
    render_test_film(path, seconds=seconds, width=width, height=height, grain=grain)
    return path


def _print_table(film: Path) -> None:
    info = probe(film)
    print(f"\n{film.name}: {info.width} × {info.height} {info.codec}, {info.frame_count} frames, "
          f"{film.stat().st_size * 8e-6 / info.duration_s:.1f} Mb/s")  # fmt: skip
    rows: dict[str, list[Run]] = {}
    for _ in range(ROUNDS):  # interleaved, so that a slow moment of the machine meets all of them
        rows.setdefault("bare decoding, 2 threads", []).append(_in_processes(_decode, film, 1, 2))
        rows.setdefault("bare decoding, 1 thread", []).append(_in_processes(_decode, film, 1, 1))
        rows.setdefault("all annotators, 1 process", []).append(_in_processes(_measure, film, 1, 1))
        rows.setdefault("all annotators, 2 processes", []).append(_in_processes(_measure, film, 2, 1))
    for annotator in find_annotators():
        alone = functools.partial(_measure, only=annotator.name)
        for processes in (1, 2):
            rows[f"{annotator.name}, {processes} process{'es' * (processes > 1)}"] = [
                _in_processes(alone, film, processes, 1)
            ]
    bare = np.median([run.fps for run in rows["bare decoding, 2 threads"]])
    print(f"{'':32}{'frames/s':>10}{'× bare':>9}{'peak MB':>9}")
    for name, runs in rows.items():
        fps, peak = np.median([run.fps for run in runs]), max(run.peak_mb for run in runs)
        print(f"{name:32}{fps:10.1f}{fps / bare:9.2f}{peak:9.0f}")
    _print_annotators(film)


def _in_processes(work: object, film: Path, processes: int, threads: int) -> Run:
    """Cut the film into as many parts as processes, and time them from the first's start to the last's end."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=work, args=(film, part, processes, threads, barrier, results))  # type: ignore[arg-type]
        for part in range(processes)
    ]
    for worker in workers:
        worker.start()
    spans = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    elapsed = max(end for _, end, _, _ in spans) - min(begin for begin, _, _, _ in spans)
    return Run(sum(frames for _, _, frames, _ in spans) / elapsed, max(peak for *_, peak in spans))


def _decode(film: Path, part: int, parts: int, threads: int, barrier: object, results: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    began = time.monotonic()
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_count = threads
        stream.thread_type = "AUTO" if threads > 1 else "SLICE"
        frames = sum(1 for _ in container.decode(stream))
    results.put((began, time.monotonic(), frames, _peak_mb()))  # type: ignore[attr-defined]


def _measure(
    film: Path, part: int, parts: int, threads: int, barrier: object, results: object, only: str | None = None
) -> None:
    cv2.setNumThreads(1)
    info, annotators = probe(film), [each for each in find_annotators() if only in (None, each.name)]
    halves = [info.frame_count * each // parts for each in range(parts)]
    seams = [int(info.keyframes[np.abs(info.keyframes - wanted).argmin()]) for wanted in halves] + [info.frame_count]
    start, end = seams[part], seams[part + 1]
    barrier.wait()  # type: ignore[attr-defined]
    began = time.monotonic()
    annotate_span(film, info=info, annotators=annotators, start_frame=start, end_frame=end, threads=threads)
    results.put((began, time.monotonic(), end - start, _peak_mb()))  # type: ignore[attr-defined]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _print_annotators(film: Path) -> None:
    """Processor time of each annotator alone on frames that are decoded and scaled already."""
    info = probe(film)
    frames = list(decode_frames(film, info=info, end_frame=96, max_side_px=BASE_SIDE_PX))
    print(f"\n{'annotator':16}{'side px':>8}{'ms a frame':>12}")
    for annotator in find_annotators():
        print(f"{annotator.name:16}{annotator.max_side_px:8}{_cost_ms(annotator, frames):12.2f}")


def _cost_ms(annotator: Annotator, frames: Sequence[object]) -> float:
    annotator.load()
    pixels = np.stack([frame.rgb for frame in frames])  # type: ignore[attr-defined]
    side = max(pixels.shape[1:3])
    if annotator.max_side_px < side:
        size = tuple(round(length * annotator.max_side_px / side) for length in pixels.shape[2:0:-1])
        pixels = np.stack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in pixels])
    index = np.arange(len(pixels), dtype=np.int64)
    began = time.process_time()
    annotator.annotate(pixels, frame_index=index)
    return 1000 * (time.process_time() - began) / len(pixels)
