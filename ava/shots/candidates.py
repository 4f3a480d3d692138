"""Possible boundaries with their log-odds, and which of them deserve a second look."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.cuts import score_cuts
from ava.shots.dissolves import find_dissolves, score_dissolve
from ava.shots.film_signals import FilmSignals
from ava.shots.shot_list import Boundary
from ava.shots.wipes import find_wipes

PEAK_FRAMES = 3
OPEN_END_FRAMES = 4
"""A break this close to the last measured frame may be a flash: what follows is not known yet."""

SMALLEST_PROBABILITY = 1e-3


class SecondLook(NamedTuple):
    """Between which log-odds the signals alone are wrong often enough to look again, and what the look
    counts.

    ``own``, ``network`` and ``bias`` weigh the signals' log-odds and the network's that a transition's middle
    is there. They come from logistic regression, leaning on the network more than the few hard places of the
    checked films ask for, because it has seen many films.
    """

    above: float
    below: float
    own: float
    network: float
    bias: float


LOOK_AT_CUT = SecondLook(above=-2.0, below=2.5, own=0.6, network=0.5, bias=0.3)
LOOK_AT_DISSOLVE = SecondLook(above=-2.0, below=2.0, own=0.46, network=0.38, bias=0.33)
NO_LOOK = SecondLook(above=0.0, below=0.0, own=1.0, network=0.0, bias=0.0)
WIPE_LOG_ODDS = 1.0
"""What the fit of a wipe counts against a cut inside it."""


class Candidate(NamedTuple):
    """A possible boundary: all its frames, those whose look decides about it (both half-open), and its
    log-odds."""

    boundary: Boundary
    frames: tuple[int, int]
    seen_at: tuple[int, int]
    log_odds: float
    second_look: SecondLook

    @property
    def is_doubtful(self) -> bool:
        """Whether the signals alone should not decide."""
        return self.second_look.above < self.log_odds < self.second_look.below

    def weigh(self, predictions: NDArray[np.float32]) -> "Candidate":
        """This candidate with the network's opinion added, if it is doubtful and the network saw all of it.

        ``predictions`` are probabilities ``float32 (frame_count, 2)``, NaN where the network saw nothing.
        """
        probabilities = predictions[slice(*self.seen_at), 0]
        if not self.is_doubtful or np.isnan(probabilities).any():
            return self
        probability = float(np.clip(probabilities.max(), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
        look = self.second_look
        opinion = look.network * float(np.log(probability / (1 - probability)))
        return self._replace(log_odds=look.own * self.log_odds + opinion + look.bias)


def find_candidates(film: FilmSignals, *, explained: NDArray[np.bool_], fps: float) -> list[Candidate]:
    """Cuts, dissolves and wipes that are at least doubtful, outside the frames ``explained`` (bool
    ``(N,)``) by fades."""
    cuts = _find_cuts(film, explained=explained)
    taken = explained.copy()
    taken[[cut.boundary.frame for cut in cuts if not cut.is_doubtful]] = True
    return cuts + _find_dissolves(film, taken=taken, fps=fps) + _find_wipes(film, taken=taken, fps=fps)


def _find_cuts(film: FilmSignals, *, explained: NDArray[np.bool_]) -> list[Candidate]:
    odds = score_cuts(film)
    odds[explained] = -np.inf
    odds[-OPEN_END_FRAMES:] = -np.inf
    odds[0] = -np.inf
    return [
        Candidate(
            Boundary(frame, "cut"),
            (frame, frame),
            (max(frame - 2, 0), frame + 1),
            float(odds[frame]),
            LOOK_AT_CUT,
        )
        for frame in _find_peaks(odds, lowest=LOOK_AT_CUT.above)
    ]


def _find_dissolves(film: FilmSignals, *, taken: NDArray[np.bool_], fps: float) -> list[Candidate]:
    candidates = []
    for dissolve in find_dissolves(film, fps=fps, taken=taken):
        first, last = dissolve.core
        quarter, middle = (last - first) // 4 + 2, (first + last) // 2
        candidate = Candidate(
            Boundary(dissolve.middle_frame, "dissolve"),
            (dissolve.start_frame, dissolve.end_frame),
            (max(middle - quarter, 0), middle + quarter + 1),
            score_dissolve(dissolve),
            LOOK_AT_DISSOLVE,
        )
        if candidate.log_odds > LOOK_AT_DISSOLVE.above:
            candidates.append(candidate)
    return candidates


def _find_wipes(film: FilmSignals, *, taken: NDArray[np.bool_], fps: float) -> list[Candidate]:
    """Wipes as dissolves: as gradual, but nothing that the network was taught."""
    return [
        Candidate(
            Boundary(wipe.middle_frame, "dissolve"),
            (wipe.start_frame, wipe.end_frame),
            wipe.core,
            WIPE_LOG_ODDS,
            NO_LOOK,
        )
        for wipe in find_wipes(film, fps=fps, taken=taken)
    ]


def _find_peaks(values: NDArray[np.float64], *, lowest: float) -> list[int]:
    """Frames above ``lowest`` with no higher value within ``PEAK_FRAMES`` on either side; the first of
    equals."""
    padded = np.pad(values, PEAK_FRAMES, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * PEAK_FRAMES + 1)
    is_peak = windows.argmax(axis=1) == PEAK_FRAMES
    return [int(frame) for frame in np.flatnonzero(is_peak & (values > lowest))]
