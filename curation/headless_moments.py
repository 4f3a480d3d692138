"""A film's shots ranked as moments, as `result.json` tells it. Imports no Django."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.headless import Analysis
from curation.moments.film_measures import SeenFaces, measure_shots
from curation.moments.prior import score_by_prior
from curation.moments.ranker_file import Ranker
from curation.moments.ranker_scores import score_by_ranker
from curation.moments.scores import reasons
from curation.moments.shot_features import FEATURES, FilmShots
from curation.people.dialogue import frame_times

_DIGITS = 4


def describe_moments(analysis: Analysis, *, ranker: Ranker | None = None, ranker_name: str = "") -> dict[str, Any]:
    """All shots, best first, with what each measure adds to the score; nothing at all where nobody asked for them.

    Ranked by a trained ranker, which `ranker_name` names, else by the table of weights; nothing is kept back.
    """
    if not analysis.are_moments_asked:
        return {}
    shots = measure_analysis(analysis)
    scores = score_by_ranker(ranker, shots, by=ranker_name) if ranker else score_by_prior(shots)
    order = np.lexsort((np.arange(len(shots.spans)), -scores.score_unit))
    return {
        "moments_by": scores.by,
        "moments": [
            {
                "shot": index,
                "start_frame": int(shots.spans[index, 0]),
                "end_frame": int(shots.spans[index, 1]),
                "score": round(float(scores.score_unit[index]), _DIGITS),
                "reasons": reasons(scores, shots, index),
                "explanation": {
                    feature.name: round(weight, _DIGITS)
                    for feature, weight in zip(FEATURES, scores.contributions[index].tolist(), strict=True)
                    if weight
                },
            }
            for index in order.tolist()
        ],
    }


def measure_analysis(analysis: Analysis) -> FilmShots:
    """The shots of a film that was analysed without a database, as moments are ranked by; without embeddings."""
    spans = [(shot.start_frame, shot.end_frame) for shot in analysis.shots.shots]
    return measure_shots(
        np.array(spans, dtype=np.int64).reshape(-1, 2),
        frame_times_s=frame_times(analysis.info),
        signals=analysis.all_signals(),
        scales=[style.scale or "" for style in analysis.styles],
        faces=_seen_faces(analysis),
        sound=analysis.sound,
        spoken_s=analysis.spoken_s,
    )


def _seen_faces(analysis: Analysis) -> SeenFaces | None:
    """Followed faces that are people's; None where nobody looked."""
    if analysis.people is None:
        return None
    recognition = analysis.people.recognition
    tracks = zip(recognition.people.tracks, recognition.is_face.tolist(), strict=True)
    seen = [track for track, is_face in tracks if is_face and not track.is_static]
    return SeenFaces(
        np.array([track.start_frame for track in seen], dtype=np.int64),
        np.array([track.end_frame for track in seen], dtype=np.int64),
        np.array([track.height_unit for track in seen], dtype=np.float32),
    )
