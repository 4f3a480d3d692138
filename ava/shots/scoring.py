"""How well found shots match the truth, with a stated tolerance."""

from collections.abc import Sequence
from typing import NamedTuple

from ava.shots.shot_list import ShotList


class Truth(NamedTuple):
    """Hand-checked transitions of a film.

    ``cuts``: first frames of new shots. ``graduals``: first and last affected frame of gradual transitions.
    ``ambiguous``: spans (first and last frame) in which a boundary is neither right nor wrong.
    """

    cuts: tuple[int, ...]
    graduals: tuple[tuple[int, int], ...] = ()
    ambiguous: tuple[tuple[int, int], ...] = ()


class Score(NamedTuple):
    """Counts of one film, or of many added up."""

    cuts: int
    cuts_found: int
    graduals: int
    graduals_found: int
    wrong: int

    @property
    def found(self) -> int:
        return self.cuts_found + self.graduals_found

    @property
    def precision(self) -> float:
        """Share of boundaries that are right, 0–1; 1 where there is none."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of true transitions that were found, 0–1; 1 where there is none."""
        true = self.cuts + self.graduals
        return self.found / true if true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0–1."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_shots(
    shots: ShotList, truth: Truth, *, cut_tolerance: int = 0, gradual_tolerance: int = 3
) -> Score:
    """Count the true transitions that were found and the boundaries that are wrong.

    A true cut is found by the nearest boundary at most ``cut_tolerance`` frames away, each boundary finding
    one cut. A gradual transition is found by a boundary, or by the span of a transition, that touches its
    span widened by ``gradual_tolerance`` frames. A boundary is wrong that is near no true transition and in
    no ambiguous span.
    """
    boundaries = [shot.start_frame for shot in shots.shots[1:]]
    unused = set(boundaries)
    cuts_found = 0
    for cut in truth.cuts:
        near = [frame for frame in unused if abs(frame - cut) <= cut_tolerance]
        if near:
            unused.discard(min(near, key=lambda frame: (abs(frame - cut), frame)))
            cuts_found += 1
    widened = [(first - gradual_tolerance, last + gradual_tolerance) for first, last in truth.graduals]
    spans = [(frame, frame) for frame in boundaries]
    spans += [(transition.start_frame, transition.end_frame - 1) for transition in shots.transitions]
    graduals_found = sum(
        any(start <= last and end >= first for start, end in spans) for first, last in widened
    )
    excused = [*widened, *truth.ambiguous]
    wrong = sum(not any(first <= frame <= last for first, last in excused) for frame in unused)
    return Score(len(truth.cuts), cuts_found, len(truth.graduals), graduals_found, wrong)


def add_scores(scores: Sequence[Score]) -> Score:
    """Add the counts of several films."""
    return Score(*(sum(counts) for counts in zip(*scores, strict=True))) if scores else Score(0, 0, 0, 0, 0)
