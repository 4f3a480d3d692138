"""From a film's signals and shots to its ranked stills: the one way that workers and the shell share."""

from collections.abc import Iterable
from fractions import Fraction

from ava.shots.shot_list import ShotList
from curation.stills.candidates import Candidate, choose_candidates, suitability
from curation.stills.film import LOOKED_AT, Signals
from curation.stills.rank import RankedStill, rank_stills


def propose_stills(
    signals: Signals, *, shots: ShotList, fps: Fraction, keep: Iterable[int] = (), rating: str = ""
) -> list[RankedStill]:
    """Choose and rank the stills of a film, or of the part of it that has been measured.

    ``signals`` are per frame, ``float32 (frame_count,)``, and ``shots`` cover the same frames. Frames in ``keep``
    are among the stills in any case, last when they are unusable. ``rating`` is the title's maturity rating, empty
    where it has none. Raises MissingSignal.
    """
    if not shots.shots:
        return []
    candidates = choose_frames(signals, shots=shots, fps=fps, keep=keep)
    judged = suitability(signals, shots=shots, fps=fps)
    candidates = [each._replace(suitability=float(judged[each.frame_index])) for each in candidates]
    return rank_stills(candidates, signals, shots=shots, fps=fps, rating=rating)


def choose_frames(
    signals: Signals, *, shots: ShotList, fps: Fraction, keep: Iterable[int] = ()
) -> list[Candidate]:
    """Choose the candidates of a film by what is measured of every frame, whether it was looked at closely or not.

    So the same frames are chosen before the closer looks, which they are then given, and after them.
    """
    everywhere = {name: signal for name, signal in signals.items() if name not in LOOKED_AT}
    return choose_candidates(everywhere, shots=shots, fps=fps, keep=keep)
