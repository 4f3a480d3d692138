"""Candidates: how suitable every frame is as a still, and the best few instants of each shot."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.shot_list import Shot, ShotList
from curation.stills.film import JudgedFilm, Signals
from curation.stills.likeness import NEAR_IDENTICAL, looks_of
from curation.stills.parts import LEAST_SUITABILITY, judge_picture, judge_suitability

USUAL_FPS = Fraction(24)
LEAST_OF_BEST = 0.6
"""A further candidate of a shot must reach this part of the shot's best."""
MOST_OF_A_SHOT = 6

_SPACING_S = 0.7
_SECONDS_A_CANDIDATE = 5.0
_CHANGE_A_CANDIDATE = 0.05


class Candidate(NamedTuple):
    """A frame that is proposed as a still, the shot it is from, and its suitability 0–1."""

    frame_index: int
    shot_index: int
    suitability: float


def suitability(signals: Signals, *, shots: ShotList, fps: Fraction = USUAL_FPS) -> NDArray[np.float32]:
    """Judge how suitable every frame is as a still: ``float32 (frame_count,)``, 0–1, higher is better.

    The weighted mean of the other parts that its picture has alone, times its soundness: what each reason for
    exclusion leaves of it. Who is shown does not count: that is known of looked-at frames only. Defined for every
    frame: one that was not measured has 0. The scale is absolute but for the sharpness, of which a half is relative
    to the film's own. Raises MissingSignal.
    """
    return _suitability(JudgedFilm(signals, shots, fps))


def _suitability(film: JudgedFilm) -> NDArray[np.float32]:
    measured = ~np.isnan(film.signal("exposure.brightness"))
    return np.where(measured, judge_suitability(judge_picture(film), count=film.frame_count), 0).astype(np.float32)


def choose_candidates(
    signals: Signals,
    *,
    shots: ShotList,
    fps: Fraction = USUAL_FPS,
    suitabilities: NDArray[np.float32] | None = None,
    keep: Iterable[int] = (),
) -> list[Candidate]:
    """Choose the best few instants of each shot, in the order of the film.

    A shot gives more of them the longer it is and the more it changes, spaced at least 0.7 s apart and no two
    near-identical. Frames with a suitability below 0.2 are never chosen, so a shot may give none; but frames in
    ``keep``, such as those that editors have decided on, are candidates whatever they look like.
    ``suitabilities`` are what ``suitability`` gave, when the caller has them already. Raises MissingSignal.
    """
    film = JudgedFilm(signals, shots, fps)
    values = _suitability(film) if suitabilities is None else suitabilities
    best = [candidate for shot in film.spans for candidate in _choose_in_shot(film, shot, values)]
    chosen = {candidate.frame_index: candidate for candidate in best}
    kept = sorted(set(keep) - set(chosen))
    for frame, shot in zip(kept, film.shots_of(kept), strict=True):
        chosen[frame] = Candidate(frame, shot.index, float(values[frame]))
    return [chosen[frame] for frame in sorted(chosen)]


def _choose_in_shot(film: JudgedFilm, shot: Shot, values: NDArray[np.float32]) -> Sequence[Candidate]:
    frames = np.arange(shot.start_frame, shot.end_frame)
    inside = values[frames].astype(np.float64)
    looks = looks_of(film, frames)
    spacing = film.frames(_SPACING_S)
    floor = max(LEAST_SUITABILITY, LEAST_OF_BEST * float(inside.max()))
    chosen: list[int] = []
    open_ = inside >= floor
    for _ in range(_candidate_count(film, shot, looks.signatures[open_])):
        if not open_.any():
            break
        best = int(np.argmax(np.where(open_, inside, -1)))
        chosen.append(best)
        open_ &= np.abs(np.arange(len(frames)) - best) >= spacing
        open_ &= looks.distances(best) >= NEAR_IDENTICAL
    return [Candidate(int(frames[place]), shot.index, float(inside[place])) for place in sorted(chosen)]


def _candidate_count(film: JudgedFilm, shot: Shot, signatures: NDArray[np.float64]) -> int:
    """How many candidates a shot deserves: one, more for every 5 s, and more for what happens in it."""
    duration_s = float((shot.end_frame - shot.start_frame) / film.fps)
    change = float(signatures.std(axis=0).sum() / np.sqrt(signatures.shape[1])) if len(signatures) else 0.0
    wanted = 1 + duration_s / _SECONDS_A_CANDIDATE + change / _CHANGE_A_CANDIDATE
    return int(np.clip(wanted, 1, MOST_OF_A_SHOT))
