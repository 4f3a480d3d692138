"""Shot boundaries of a whole film from its stitched per-frame signals."""

from collections.abc import Sequence
from fractions import Fraction

from ava.annotate.base import Signals
from ava.shots.candidates import Candidate, find_candidates
from ava.shots.fades import find_fades
from ava.shots.film_signals import read_film_signals
from ava.shots.shot_list import Shot, ShotList, Transition, list_shots
from ava.shots.verify import Look, TransitionNetwork, predict_around

__all__ = ["Look", "Shot", "ShotList", "Transition", "find_shots"]


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
    ``network`` doubtful places are looked at again; without them the signals decide alone. Shots cover
    all frames, also those that are not measured yet.

    A hard cut's shot begins at the first frame of the new picture; a dissolve's in the middle of its span.
    Through black for less than half a second there is one boundary, at the first frame of the new picture;
    longer black is a shot of its own.
    """
    frame_count = len(signals["motion.residual"])
    film = read_film_signals(signals)
    if film.frame_count < 2:
        return list_shots([], frame_count=frame_count)
    fades = find_fades(film, fps=float(fps))
    candidates = find_candidates(film, explained=fades.explained, fps=float(fps))
    if look is not None and network is not None:
        places = [candidate.seen_at for candidate in candidates if candidate.is_doubtful]
        seen = predict_around(places, look=look, network=network, frame_count=film.frame_count)
        candidates = [candidate.weigh(seen) for candidate in candidates]
    chosen = _settle(candidates)
    spans = [Transition("dissolve", *each.frames) for each in chosen if each.boundary.kind == "dissolve"]
    return list_shots(
        [*fades.boundaries, *(each.boundary for each in chosen)],
        frame_count=frame_count,
        transitions=[*fades.transitions, *spans],
    )


def _settle(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Choose the likely ones; where cuts lie within a dissolve, the dissolve if it is likelier than all of
    them."""
    likely = [candidate for candidate in candidates if candidate.log_odds > 0]
    chosen = [candidate for candidate in likely if candidate.boundary.kind == "cut"]
    for dissolve in likely:
        if dissolve.boundary.kind != "dissolve":
            continue
        start, end = dissolve.frames
        inside = [
            each for each in chosen if each.boundary.kind == "cut" and start <= each.boundary.frame < end
        ]
        if dissolve.log_odds > max((cut.log_odds for cut in inside), default=0.0):
            chosen = [*(each for each in chosen if each not in inside), dissolve]
    return chosen
