"""What a ranker learns from: how much each shot of a film belongs into its trailer, without anybody having said so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.co_attention import co_attention
from curation.moments.shot_features import FilmShots

KIN = 0.5
"""What a shot is worth that its trailer does not use but picks out by likeness, beside one that it uses."""


LEAST_FRAMES = 5
"""Of a shot that a trailer's passage must show, or half of either: passages may err by some frames at a cut."""


class LearntFilm(NamedTuple):
    """A film and its trailer.

    name: of the title; films of one name are held out together. used_unit: float32 (S,), 0–1, how surely the trailer
    shows (frames of) each shot, by the trailer map. trailer_vectors: float32 (T, D), unit embeddings of the trailer's
    shots, made as those of the film were; None where there are none.
    """

    name: str
    shots: FilmShots
    used_unit: NDArray[np.float32]
    trailer_vectors: NDArray[np.float32] | None = None


def reuse_of(spans: NDArray[np.int64], *, uses: Iterable[tuple[int, int, float]]) -> NDArray[np.float32]:
    """``LearntFilm.used_unit`` of shots, int64 (S, 2), by what a trailer shows of the film: half-open frames, surety.

    A shot is as surely used as the surest passage that shows ``LEAST_FRAMES`` of it, or half of the shot or passage.
    """
    used = np.zeros(len(spans), dtype=np.float64)
    for start, end, surety in uses:
        overlap = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
        shortest = np.minimum(spans[:, 1] - spans[:, 0], end - start)
        shown = (overlap > 0) & ((overlap >= LEAST_FRAMES) | (2 * overlap >= shortest))
        used[shown] = np.maximum(used[shown], min(max(float(surety), 0.0), 1.0))
    return used.astype(np.float32)


def soft_labels(film: LearntFilm) -> NDArray[np.float32]:
    """Exact reuse joined with co-attention: float32 (S,), 0–1.

    A used shot keeps its 1. Others are worth up to ``KIN``: other takes and moments of what the trailer shows, and
    shots that the map has missed. No shot is ever said to be bad, only less sure than another. What is not finite in
    ``used_unit`` counts as not used. Raises ValueError where lengths do not agree.
    """
    used = np.asarray(film.used_unit, dtype=np.float64)
    if used.shape != (len(film.shots.spans),):
        raise ValueError(f"{film.name} has {len(film.shots.spans)} shots and {used.size} labels.")
    used = np.clip(np.nan_to_num(used, posinf=0.0, neginf=0.0), 0, 1)
    if film.shots.vectors is None or film.trailer_vectors is None or not len(used):
        return used.astype(np.float32)
    alike = co_attention(film.shots.vectors, trailer_vectors=film.trailer_vectors)
    return (used + (1 - used) * KIN * alike).astype(np.float32)
