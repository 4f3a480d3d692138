"""From a film's signals and shots to its ranked stills: the one way that workers and the shell share."""

from collections.abc import Iterable
from fractions import Fraction

from ava.shots.shot_list import ShotList
from curation.stills.candidates import choose_candidates
from curation.stills.film import Signals
from curation.stills.rank import RankedStill, rank_stills


def propose_stills(signals: Signals, *, shots: ShotList, fps: Fraction, keep: Iterable[int] = ()) -> list[RankedStill]:
    """Choose and rank the stills of a film, or of the part of it that has been measured.

    ``signals`` are per frame, ``float32 (frame_count,)``, and ``shots`` cover the same frames. Frames in ``keep``
    are among the stills in any case, last when they are unusable. Raises MissingSignal.
    """
    if not shots.shots:
        return []
    candidates = choose_candidates(signals, shots=shots, fps=fps, keep=keep)
    return rank_stills(candidates, signals, shots=shots, fps=fps)
