"""The table of the stills of a film that was analysed without a database. Imports no Django."""

from __future__ import annotations

import numpy as np

from ava.annotate.base import Detections
from ava.shots.shot_scale import SCALES
from curation.headless import Analysis
from curation.stills.closer_looks import gather_people, locate_subjects
from curation.stills.film import JudgedFilm
from curation.stills.table import StillTable
from curation.stills.vectors import build_table


def tabulate_stills(analysis: Analysis) -> StillTable:
    """Describe the stills of an analysis in the order of the film; characters have the numbers of result.json.

    Raises MissingSignal where no stills were judged.
    """
    signals, shots = analysis.all_signals(), analysis.shots
    frames = np.array(sorted(still.frame_index for still in analysis.stills), dtype=np.int64)
    found = analysis.found.get("saliency", Detections(np.empty(0, np.int64), np.empty((0, 9), np.float32)))
    of_shot = [np.nan if style.scale is None else float(SCALES.index(style.scale)) for style in analysis.styles]
    starts = np.array([shot.start_frame for shot in shots.shots], dtype=np.int64)
    row = np.clip(np.searchsorted(starts, frames, side="right") - 1, 0, None)
    seen_in, character = _known_faces(analysis)
    return build_table(
        JudgedFilm(signals, shots, analysis.info.fps),
        frames,
        scales=np.array(of_shot)[row] if of_shot else np.full(len(frames), np.nan),
        subjects=locate_subjects(found, frames, area=analysis.area),
        people=gather_people(
            frames,
            seen_in=seen_in,
            character=character,
            looks=np.array(sorted(analysis.looks if analysis.people else ()), dtype=np.int64),
        ),
        maturity={},
    )


def _known_faces(analysis: Analysis) -> tuple[np.ndarray, np.ndarray]:
    """Frame and character of every face of somebody known."""
    if analysis.people is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    owner = analysis.people.character_of_faces()
    return analysis.people.recognition.people.faces.frame_index[owner >= 0], owner[owner >= 0]
