"""A film analysed without a database or a queue: the same pure stages as the workers run. Imports no Django."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.annotate.film import annotate_film
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.media.still_file import StillMetadata, encode_still
from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.shots.boundaries import find_shots
from ava.shots.look import look_into
from ava.shots.shot_list import ShotList
from ava.shots.transnet import TransNet
from curation.stills.candidates import suitability
from curation.stills.propose import propose_stills
from curation.stills.rank import RankedStill

STAGES = ("shots", "stills")
SCHEMA = 1
NO_NETWORK = (
    "The weights of TransNetV2 are not installed; doubtful cuts and dissolves were decided by the frame signals "
    "alone. Install them with: manage.py models fetch transnetv2"
)

OnProgress = Callable[[str, int, int], None]
"""Called with a stage's name and how many of its steps are done, of how many."""


@dataclass
class Analysis:
    """What an analysis has found so far."""

    path: Path
    info: VideoInfo
    signals: Signals
    shots: ShotList = field(default_factory=lambda: ShotList((), ()))
    suitability: NDArray[np.float32] | None = None
    stills: list[RankedStill] = field(default_factory=list)
    unavailable: list[dict[str, str]] = field(default_factory=list)
    timing: dict[str, Any] = field(default_factory=lambda: {"decode_s": 0.0, "stages": {}})


def analyse_film(
    path: Path, *, stages: Collection[str], weights: Path | None, processes: int, on_progress: OnProgress
) -> Analysis:
    """Measure every frame and run the named stages; a stage that needs another one brings it along.

    `weights` is the file of TransNetV2, None where it is not installed. Raises UnusableVideo.
    """
    began = time.monotonic()
    info = probe(path)
    analysis = Analysis(path, info, {})
    with _timed(analysis, "annotate"):
        measured = annotate_film(
            path,
            info=info,
            processes=processes,
            on_progress=lambda frames: on_progress("annotate", frames, info.frame_count),
        )
    analysis.signals = measured.signals
    analysis.timing["decode_s"] = round(measured.decode_s, 3)
    if {"shots", "stills"} & set(stages):
        with _timed(analysis, "shots"):
            _find_shots(analysis, weights)
    if "stills" in stages:
        with _timed(analysis, "stills"):
            _judge_stills(analysis)
    analysis.timing["total_s"] = round(time.monotonic() - began, 3)
    return analysis


@contextmanager
def _timed(analysis: Analysis, stage: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    analysis.timing["stages"][stage] = round(time.monotonic() - began, 3)


def _find_shots(analysis: Analysis, weights: Path | None) -> None:
    if weights is None:
        analysis.unavailable.append({"what": "second look at doubtful shot boundaries", "why": NO_NETWORK})
    analysis.shots = find_shots(
        analysis.signals,
        fps=analysis.info.fps,
        look=look_into(analysis.path, info=analysis.info) if weights else None,
        network=TransNet(weights) if weights else None,
    )


def _judge_stills(analysis: Analysis) -> None:
    analysis.suitability = suitability(analysis.signals, shots=analysis.shots, fps=analysis.info.fps)
    analysis.stills = propose_stills(analysis.signals, shots=analysis.shots, fps=analysis.info.fps)


def write_results(analysis: Analysis, out: Path, *, on_progress: OnProgress) -> dict[str, Any]:
    """Write `result.json`'s content (returned), `annotations.npz` and `stills/*.jpg` into a folder."""
    images = _write_stills(analysis, out / "stills", on_progress=on_progress)
    signals = dict(analysis.signals)
    if analysis.suitability is not None:
        signals["candidate.score"] = analysis.suitability
    np.savez_compressed(out / "annotations.npz", **signals)  # type: ignore[arg-type]
    return _result(analysis, images=images)


def _write_stills(analysis: Analysis, folder: Path, *, on_progress: OnProgress) -> dict[int, str]:
    """Full-resolution JPEGs by frame; a frame that cannot be decoded has none."""
    folder.mkdir(parents=True, exist_ok=True)
    ranks = {still.frame_index: still.rank for still in analysis.stills}
    images: dict[int, str] = {}
    frames = decode_frame_set(analysis.path, info=analysis.info, frame_indices=ranks)
    for done, frame in enumerate(frames, start=1):
        timecode = film_timecode(analysis.info, frame.index)
        metadata = StillMetadata(film=analysis.path.stem, timecode=timecode, frame_index=frame.index)
        name = f"{ranks[frame.index]:04d}_{frame.index:07d}.jpg"
        (folder / name).write_bytes(encode_still(frame.rgb, format="jpeg", metadata=metadata))
        images[frame.index] = f"stills/{name}"
        on_progress("stills", done, len(ranks))
    return images


def _result(analysis: Analysis, *, images: dict[int, str]) -> dict[str, Any]:
    info = analysis.info
    return {
        "schema": SCHEMA,
        "video": {
            "file": analysis.path.name,
            "width": info.width,
            "height": info.height,
            "fps": f"{info.fps.numerator}/{info.fps.denominator}",
            "frame_count": info.frame_count,
            "duration_s": round(info.duration_s, 6),
            "codec": info.codec,
            "warnings": list(info.warnings),
        },
        "timing": analysis.timing | {"peak_rss_mb": round(_peak_rss_mb(), 1)},
        "shots": [
            {
                "index": shot.index,
                "start_frame": shot.start_frame,
                "end_frame": shot.end_frame,
                "transition": shot.transition,
            }
            for shot in analysis.shots.shots
        ],
        "transitions": [
            {"kind": each.kind, "start_frame": each.start_frame, "end_frame": each.end_frame}
            for each in analysis.shots.transitions
        ],
        "stills": [
            {
                "rank": still.rank,
                "frame_index": still.frame_index,
                "timecode": film_timecode(info, still.frame_index),
                "shot": still.shot_index,
                "score": round(still.score, 4),
                "explanation": {part: round(value, 4) for part, value in still.explanation.items()},
                "image": images.get(still.frame_index),
            }
            for still in analysis.stills
        ],
        "unavailable": analysis.unavailable,
    }


def _peak_rss_mb() -> float:
    """The most memory that this process or one of its measuring processes has held."""
    usage = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(usage) / 1024
