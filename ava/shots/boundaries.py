"""Shot boundaries of a whole film from its stitched per-frame signals."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals
from ava.shots.cuts import score_cuts
from ava.shots.dissolves import find_dissolves, score_dissolve
from ava.shots.fades import find_fades
from ava.shots.film_signals import FilmSignals, read_film_signals
from ava.shots.shot_list import Boundary, Shot, ShotList, Transition, list_shots
from ava.shots.verify import Look, TransitionNetwork, predict_around

__all__ = ["Look", "Shot", "ShotList", "Transition", "find_shots"]

DOUBTFUL_CUT = (-2.0, 3.0)
DOUBTFUL_DISSOLVE = (-3.5, 3.0)
"""Log-odds between which the signals alone are wrong often enough for a second look."""

CUT_WITH_NETWORK = (0.84, 0.52, -0.22)
DISSOLVE_WITH_NETWORK = (0.48, 0.33, 0.42)
"""Weights of the signals' and the network's log-odds, and bias, by logistic regression over films not
seen."""

PEAK_FRAMES = 3
OPEN_END_FRAMES = 4
"""A break this close to the last measured frame may be a flash: what follows is not known yet."""

SMALLEST_PROBABILITY = 1e-3


def find_shots(
    signals: Signals,
    *,
    fps: Fraction,
    look: Look | None = None,
    network: TransitionNetwork | None = None,
) -> ShotList:
    """Find the shots of a film, or of the part of it that has been measured.

    ``signals`` are the stitched signals of ``ava.annotate``, each ``float32 (frame_count,)``, NaN where not
    measured; ``signature.*``, ``motion.*`` and ``exposure.contrast`` are read. With ``look`` and
    ``network`` doubtful places are looked at again; without them the signals decide alone. Shots cover the
    frames up to the last measured one.

    A hard cut's shot begins at the first frame of the new picture; a dissolve's in the middle of its span.
    Through black for less than half a second there is one boundary, at the first frame of the new picture;
    longer black is a shot of its own.
    """
    frame_count = len(signals["motion.residual"])
    film = read_film_signals(signals)
    if film.frame_count < 2:
        return list_shots([], frame_count=frame_count)
    fades = find_fades(film, fps=float(fps))
    cuts, dissolves = _find_candidates(film, explained=fades.explained, fps=float(fps))
    if look is not None and network is not None:
        places = [cut.span for cut in cuts if cut.is_doubtful] + [
            dissolve.span for dissolve in dissolves if dissolve.is_doubtful
        ]
        seen = predict_around(places, look=look, network=network, frame_count=film.frame_count)
        cuts = [_weigh(cut, seen, weights=CUT_WITH_NETWORK) for cut in cuts]
        dissolves = [_weigh(dissolve, seen, weights=DISSOLVE_WITH_NETWORK) for dissolve in dissolves]
    chosen = _settle(cuts, dissolves)
    spans = [Transition("dissolve", *each.whole) for each in chosen if each.boundary.kind == "dissolve"]
    return list_shots(
        [*fades.boundaries, *(each.boundary for each in chosen)],
        frame_count=frame_count,
        transitions=[*fades.transitions, *spans],
    )


class _Candidate(NamedTuple):
    """A possible boundary, the frames whose look decides about it, all its frames, and its log-odds."""

    boundary: Boundary
    span: tuple[int, int]
    whole: tuple[int, int]
    log_odds: float
    doubtful: tuple[float, float]

    @property
    def is_doubtful(self) -> bool:
        return self.doubtful[0] < self.log_odds < self.doubtful[1]


def _find_candidates(
    film: FilmSignals, *, explained: NDArray[np.bool_], fps: float
) -> tuple[list[_Candidate], list[_Candidate]]:
    """Cuts and dissolves that are at least doubtful, outside the frames that fades explain."""
    odds = score_cuts(film)
    odds[explained] = -np.inf
    odds[-OPEN_END_FRAMES:] = -np.inf
    odds[0] = -np.inf
    cuts = [
        _Candidate(
            Boundary(frame, "cut"),
            (max(frame - 2, 0), frame + 1),
            (frame, frame),
            float(odds[frame]),
            DOUBTFUL_CUT,
        )
        for frame in _find_peaks(odds, lowest=DOUBTFUL_CUT[0])
    ]
    taken = explained.copy()
    taken[[cut.boundary.frame for cut in cuts if not cut.is_doubtful]] = True
    dissolves = []
    for dissolve in find_dissolves(film, fps=fps, taken=taken):
        first, last = dissolve.core
        quarter = (last - first) // 4 + 2
        middle = (first + last) // 2
        dissolves.append(
            _Candidate(
                Boundary(dissolve.middle_frame, "dissolve"),
                (max(middle - quarter, 0), middle + quarter + 1),
                (dissolve.start_frame, dissolve.end_frame),
                score_dissolve(dissolve),
                DOUBTFUL_DISSOLVE,
            )
        )
    return cuts, dissolves


def _find_peaks(values: NDArray[np.float64], *, lowest: float) -> list[int]:
    """Frames above ``lowest`` with no higher value within ``PEAK_FRAMES`` on either side, the first of
    equals."""
    padded = np.pad(values, PEAK_FRAMES, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * PEAK_FRAMES + 1)
    return [
        int(frame) for frame in np.flatnonzero((windows.argmax(axis=1) == PEAK_FRAMES) & (values > lowest))
    ]


def _weigh(
    candidate: _Candidate, seen: NDArray[np.float32], *, weights: tuple[float, float, float]
) -> _Candidate:
    """Join a doubtful candidate's log-odds with what the network saw there, if it saw all of it."""
    probabilities = seen[slice(*candidate.span), 0]
    if not candidate.is_doubtful or np.isnan(probabilities).any():
        return candidate
    probability = float(np.clip(probabilities.max(), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
    own, network, bias = weights
    return candidate._replace(
        log_odds=own * candidate.log_odds + network * float(np.log(probability / (1 - probability))) + bias
    )


def _settle(cuts: Sequence[_Candidate], dissolves: Sequence[_Candidate]) -> list[_Candidate]:
    """Choose the likely ones; where a cut lies within a dissolve, the likelier of the two."""
    chosen = [cut for cut in cuts if cut.log_odds > 0]
    for dissolve in dissolves:
        start, end = dissolve.whole
        inside = [cut for cut in chosen if start <= cut.boundary.frame < end and cut.boundary.kind == "cut"]
        if dissolve.log_odds > max((cut.log_odds for cut in inside), default=0.0):
            chosen = [each for each in chosen if each not in inside] + [dissolve]
    return chosen
