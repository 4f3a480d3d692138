"""From a film's signals and shots to its ranked stills: the one way that workers and the shell share."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ava.annotate.base import Signals
from ava.shots.shot_list import ShotList
from curation.stills.candidates import choose_candidates, suitability
from curation.stills.film import JudgedFilm
from curation.stills.rank import RankedStill, rank_stills


def propose_stills(
    signals: Signals, *, shots: ShotList, fps: Fraction, keep: Iterable[int] = ()
) -> list[RankedStill]:
    """Choose and rank the stills of a film, or of the part of it that has been measured.

    ``signals`` are per frame, ``float32 (frame_count,)``, and ``shots`` cover the same frames. Frames in ``keep``
    are among the stills in any case. Raises MissingSignal.
    """
    if not shots.shots:
        return []
    film = JudgedFilm(signals, shots, fps)
    return rank_stills(choose_candidates(film, suitability(film), keep=keep), film)
