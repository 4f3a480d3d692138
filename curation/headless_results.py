"""What `manage.py analyze` leaves behind: result.json, annotations.npz and the stills. Imports no Django."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
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
from curation.headless_people import describe_characters, describe_faces_of_frame, describe_interactions
from curation.headless_table import tabulate_stills
from curation.picture_numbers import LetteredPicture, group_stills
from curation.stills.clusters import cluster_stills
from curation.stills.maturity import FrameEvidence, judge_maturity

SCHEMA = 1
FACE_FIELDS = ("box", "score", "eyes_open", "mouth_open", "yaw_deg", "pitch_deg", "roll_deg", "expression")


def write_results(analysis: Analysis, out: Path, *, on_progress: OnProgress) -> dict[str, Any]:
    """Write `result.json`'s content (returned), `annotations.npz` and `stills/*.jpg` into a folder."""
    images, groups = _write_stills(analysis, out / "stills", on_progress=on_progress)
    signals = dict(analysis.all_signals())
    if analysis.suitability is not None:
        signals["candidate.score"] = analysis.suitability
    np.savez_compressed(out / "annotations.npz", **signals)  # type: ignore[arg-type]
    return _result(analysis, images=images, groups=groups, signals=signals)


def _write_stills(
    analysis: Analysis, folder: Path, *, on_progress: OnProgress
) -> tuple[dict[int, str], dict[int, int]]:
    """Full-resolution JPEGs, and numbers that like pictures share, by frame; one that cannot be decoded has none."""
    folder.mkdir(parents=True, exist_ok=True)
    ranks = {still.frame_index: still.rank for still in analysis.stills}
    images: dict[int, str] = {}

    def write_each() -> Iterator[LetteredPicture]:
        frames = decode_frame_set(analysis.path, info=analysis.info, frame_indices=ranks)
        for done, frame in enumerate(frames, start=1):
            timecode = film_timecode(analysis.info, frame.index)
            metadata = StillMetadata(film=analysis.path.stem, timecode=timecode, frame_index=frame.index)
            name = f"{ranks[frame.index]:04d}_{frame.index:07d}.jpg"
            (folder / name).write_bytes(encode_still(frame.rgb, format="jpeg", metadata=metadata))
            images[frame.index] = f"stills/{name}"
            on_progress("stills", done, len(ranks))
            lines = describe_findings(analysis.found, frame.index)["text"]
            yield LetteredPicture(frame.rgb, [line["box"] for line in lines])

    numbers = group_stills(write_each())
    return images, dict(zip(images, numbers.tolist(), strict=True))


def _result(
    analysis: Analysis, *, images: Mapping[int, str], groups: Mapping[int, int], signals: Signals
) -> dict[str, Any]:
    info, clusters = analysis.info, _clusters(analysis)
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
            }
            for shot, style in zip_longest(analysis.shots.shots, analysis.styles)
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
                **_findings(analysis, still.frame_index, signals=signals),
                "diversity_cluster": clusters[still.frame_index],
                "similarity_group": groups.get(still.frame_index),
            }
            for still in analysis.stills
        ],
        **_people(analysis),
        "unavailable": analysis.unavailable,
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
    detected = [face for face in found["faces"] if face["is_detected"]]
    faces = [
        {name: face.get(name) for name in FACE_FIELDS} | known.get(row, {"character": None, "suitability": None})
        for row, face in enumerate(detected)
    ]
    text = [{name: line[name] for name in ("box", "score", "text")} for line in found["text"]]
    return {"faces": faces, "text_regions": text, "maturity": _maturity(signals, frame_index)}


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
