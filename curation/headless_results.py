"""What `manage.py analyze` leaves behind: result.json, annotations.npz and the stills. Imports no Django."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ava.annotate.base import Signals
from ava.annotate.describe import describe_findings
from ava.media.decode import decode_frame_set
from ava.media.still_file import StillMetadata, encode_still
from ava.media.timecode import film_timecode
from curation.headless import Analysis, OnProgress
from curation.headless_layout import describe_still_layout
from curation.headless_moments import describe_moments
from curation.headless_people import describe_characters, describe_faces_of_frame, describe_interactions
from curation.headless_pixel import describe_pixel_flags
from curation.headless_sound import describe_film_sound, describe_shot_sounds
from curation.headless_table import tabulate_stills
from curation.layout.picture_told import tell_faces, tell_text
from curation.moments.ranker_file import Ranker
from curation.picture_numbers import LetteredPicture, group_stills
from curation.stills.clusters import cluster_stills
from curation.stills.maturity import FrameEvidence, judge_maturity
from curation.stills.rank import RankedStill

SCHEMA = 1


def write_results(
    analysis: Analysis, out: Path, *, on_progress: OnProgress, ranker: Ranker | None = None, ranker_name: str = ""
) -> dict[str, Any]:
    """Write `result.json`'s content (returned), `annotations.npz` and `stills/*.jpg` into a folder.

    A `ranker` with its name ranks the moments instead of the table of weights.
    """
    stills = _write_stills(analysis, out / "stills", on_progress=on_progress)
    signals = dict(analysis.all_signals())
    if analysis.suitability is not None:
        signals["candidate.score"] = analysis.suitability
    np.savez_compressed(out / "annotations.npz", **signals)  # type: ignore[arg-type]
    began = time.monotonic()
    moments = describe_moments(analysis, ranker=ranker, ranker_name=ranker_name)
    if moments:
        analysis.timing["stages"]["moments"] = round(time.monotonic() - began, 3)
        analysis.timing["total_s"] = round(analysis.timing["total_s"] + time.monotonic() - began, 3)
    return _result(analysis, stills=stills, signals=signals) | moments


@dataclass
class _WrittenStills:
    """By frame: the file, the number that like pictures share, and the layout; what cannot be decoded has none."""

    images: dict[int, str] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)
    layouts: dict[int, dict[str, Any]] = field(default_factory=dict)


def _write_stills(analysis: Analysis, folder: Path, *, on_progress: OnProgress) -> _WrittenStills:
    """Write full-resolution JPEGs, and lay out and group what is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    ranks = {still.frame_index: still.rank for still in analysis.stills}
    written, layout_s = _WrittenStills(), 0.0

    def write_each() -> Iterator[LetteredPicture]:
        nonlocal layout_s
        frames = decode_frame_set(analysis.path, info=analysis.info, frame_indices=ranks)
        for done, frame in enumerate(frames, start=1):
            timecode = film_timecode(analysis.info, frame.index)
            metadata = StillMetadata(film=analysis.path.stem, timecode=timecode, frame_index=frame.index)
            name = f"{ranks[frame.index]:04d}_{frame.index:07d}.jpg"
            (folder / name).write_bytes(encode_still(frame.rgb, format="jpeg", metadata=metadata))
            written.images[frame.index] = f"stills/{name}"
            if analysis.is_laid_out:
                began = time.monotonic()
                written.layouts[frame.index] = describe_still_layout(analysis, frame.index, rgb=frame.rgb)
                layout_s += time.monotonic() - began
            on_progress("stills", done, len(ranks))
            lines = describe_findings(analysis.found, frame.index)["text"]
            yield LetteredPicture(frame.rgb, [line["box"] for line in lines])

    numbers = group_stills(write_each())
    written.groups = dict(zip(written.images, numbers.tolist(), strict=True))
    if analysis.is_laid_out:
        analysis.timing["stages"]["layout"] = round(layout_s, 3)
        analysis.timing["total_s"] = round(analysis.timing["total_s"] + layout_s, 3)
    return written


def _result(analysis: Analysis, *, stills: _WrittenStills, signals: Signals) -> dict[str, Any]:
    info, clusters = analysis.info, _clusters(analysis)
    sounds = describe_shot_sounds(analysis.sound, shots=analysis.shots.shots, info=info)
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
                "scale": style.scale if style else None,
                "camera": style.camera if style else None,
                "sound": sound,
            }
            for shot, style, sound in zip_longest(analysis.shots.shots, analysis.styles, sounds)
        ],
        "transitions": [
            {"kind": each.kind, "start_frame": each.start_frame, "end_frame": each.end_frame}
            for each in analysis.shots.transitions
        ],
        "stills": [
            _tell_still(analysis, still, written=stills, signals=signals)
            | {
                "diversity_cluster": clusters[still.frame_index],
                "similarity_group": stills.groups.get(still.frame_index),
            }
            for still in analysis.stills
        ],
        **describe_film_sound(analysis.sound),
        **_people(analysis),
        **describe_pixel_flags(analysis.pixel_errors, info=info),
        "unavailable": analysis.unavailable,
    }


def _tell_still(analysis: Analysis, still: RankedStill, *, written: _WrittenStills, signals: Signals) -> dict[str, Any]:
    return {
        "rank": still.rank,
        "frame_index": still.frame_index,
        "timecode": film_timecode(analysis.info, still.frame_index),
        "shot": still.shot_index,
        "score": round(still.score, 4),
        "explanation": {part: round(value, 4) for part, value in still.explanation.items()},
        "image": written.images.get(still.frame_index),
        **_findings(analysis, still.frame_index, signals=signals),
        **written.layouts.get(still.frame_index, {}),
    }


def _clusters(analysis: Analysis) -> dict[int, int]:
    """The number of each still's cluster, by frame; 1 stands for the largest part of the film."""
    if not analysis.stills:
        return {}
    table = tabulate_stills(analysis)
    return dict(zip(table.frames.tolist(), cluster_stills(table).tolist(), strict=True))


def _people(analysis: Analysis) -> dict[str, Any]:
    """Who is in the film and who meets whom; nothing at all where nobody looked."""
    if analysis.people is None:
        return {}
    return {
        "characters": describe_characters(analysis.people),
        "interactions": describe_interactions(analysis.people),
    }


def _findings(analysis: Analysis, frame_index: int, *, signals: Signals) -> dict[str, Any]:
    """A still's faces and lettering; nothing at all where nobody looked."""
    if not analysis.found:
        return {}
    found = describe_findings(analysis.found, frame_index)
    known = describe_faces_of_frame(analysis.people, frame_index) if analysis.people else {}
    faces = [
        face | known.get(row, {"character": None, "suitability": None})
        for row, face in enumerate(tell_faces(found["faces"]))
    ]
    return {"faces": faces, "text_regions": tell_text(found["text"]), "maturity": _maturity(signals, frame_index)}


def _maturity(signals: Signals, frame_index: int) -> dict[str, float | None]:
    """Probability of each kind; None for what was not looked for here."""

    def known(name: str) -> float | None:
        value = float(signals[name][frame_index]) if name in signals else np.nan
        return None if np.isnan(value) else value

    judged = judge_maturity(FrameEvidence(nudity=known("nudity.probability"), text=known("text.probability")))
    return {kind: _rounded(judgement.probability) for kind, judgement in judged.items()}


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)


def _peak_rss_mb() -> float:
    """The most memory that this process or one of its measuring processes has held."""
    usage = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(usage) / 1024
