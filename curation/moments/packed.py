"""A film's measures and scores as bytes, so that they are made once."""

from __future__ import annotations

import io
import zipfile
import zlib

import numpy as np

from curation.moments.scores import MomentScores
from curation.moments.shot_features import FEATURES, FilmShots

_NAMES = ("spans", "times_s", "values", "score_unit", "contributions", "of_picture")


class UnfitBytes(ValueError):
    """Bytes that hold no measures and scores; make them anew."""


def pack_moments(shots: FilmShots, scores: MomentScores) -> bytes:
    """Both as bytes; the shots' vectors are left out, they are kept elsewhere."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        spans=shots.spans,
        times_s=shots.times_s,
        values=shots.values,
        score_unit=scores.score_unit,
        contributions=scores.contributions,
        of_picture=np.empty(0, dtype=np.float32) if scores.of_picture is None else scores.of_picture,
    )
    return buffer.getvalue()


def unpack_moments(packed: bytes, *, by: str) -> tuple[FilmShots, MomentScores]:
    """What `pack_moments` made, without vectors; ``by`` is who scored. Raises UnfitBytes."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as read:
            spans, times_s, values, score_unit, contributions, of_picture = (read[name] for name in _NAMES)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnfitBytes("These are no measures and scores.") from error
    if values.shape != (len(spans), len(FEATURES)) or contributions.shape != values.shape:
        raise UnfitBytes("These are measures of another version.")
    shots = FilmShots(spans, times_s, values)
    return shots, MomentScores(score_unit, contributions, by, of_picture if len(of_picture) else None)
