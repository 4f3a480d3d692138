"""Candidates: the best few instants of every shot, far enough apart to be different pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.shot_list import Shot
from curation.stills.exclusions import keep_shares
from curation.stills.film import JudgedFilm
from curation.stills.likeness import Looks, describe_looks
from curation.stills.parts import FRAME_PARTS, PART_WEIGHTS, judge_parts

LEAST_SUITABILITY = 0.22
"""A shot whose best frame stays below this gives no candidate; better none than a black or blurred one."""

LEAST_GAP_S = 0.7
SECONDS_A_CANDIDATE = 2.5
MOST_IN_A_SHOT = 6
SAME_PICTURE = 0.9
"""Likeness from which two instants of a shot count as one picture."""


class Candidate(NamedTuple):
    """A frame that may become a still."""

    frame_index: int
    shot_index: int
    suitability: float


def suitability(film: JudgedFilm) -> NDArray[np.float32]:
    """Suitability of every frame as a still, ``float32 (frame_count,)``, 0–1, higher is better.

    The weighted mean of the parts that a frame has alone, times the share that each reason for leaving it out
    lets it keep. A frame that could not be measured gets 0. Raises MissingSignal.
    """
    parts = judge_parts(film)
    weights = sum(PART_WEIGHTS[name] for name in FRAME_PARTS)
    quality = np.sum([PART_WEIGHTS[name] * parts[name] for name in FRAME_PARTS], axis=0) / weights
    kept = np.prod(list(keep_shares(film).values()), axis=0)
    return np.asarray(np.clip(np.nan_to_num(quality * kept, nan=0.0), 0, 1), dtype=np.float32)


def choose_candidates(film: JudgedFilm, scores: NDArray[np.float32], *, keep: Iterable[int] = ()) -> list[Candidate]:
    """Choose the best instants of each shot by ``scores``, the suitability of every frame.

    A shot gets one candidate, and another for every 2.5 s of its length as long as they are at least 0.7 s
    apart, show something else and reach the least suitability. Frames in ``keep`` are candidates whatever they
    look like. Returned in the film's order.
    """
    looks = describe_looks(film.signals)
    best = (each for shot in film.shots.shots for each in _choose_in_shot(film, shot, scores, looks))
    chosen = {candidate.frame_index: candidate for candidate in best}
    for frame in keep:
        chosen.setdefault(frame, Candidate(frame, film.shot_of(frame).index, float(scores[frame])))
    return [chosen[frame] for frame in sorted(chosen)]


def _choose_in_shot(film: JudgedFilm, shot: Shot, scores: NDArray[np.float32], looks: Looks) -> list[Candidate]:
    wanted = min(1 + (shot.end_frame - shot.start_frame) // film.frames(SECONDS_A_CANDIDATE), MOST_IN_A_SHOT)
    gap = film.frames(LEAST_GAP_S)
    left = scores[shot.start_frame : shot.end_frame].copy()
    frames: list[int] = []
    while len(frames) < wanted:
        best = int(np.argmax(left))
        if left[best] < LEAST_SUITABILITY:
            break
        frame = shot.start_frame + best
        left[max(best - gap + 1, 0) : best + gap] = -1
        if not frames or looks.likeness(frame, to=frames).max() < SAME_PICTURE:
            frames.append(frame)
    return [Candidate(frame, shot.index, float(scores[frame])) for frame in frames]
