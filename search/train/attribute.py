"""Learning an attribute from a few answers: everything between the answers and the next questions."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.train.attribute_calibration import calibrate, log_loss
from search.train.attribute_fit import TRUSTS, Candidate, Examples, Fit, find_space
from search.train.attribute_head import AttributeHead, Vectors, tell
from search.train.attribute_measures import Measures, measure
from search.train.attribute_parts import Parts, part_examples

LEAST_EACH = 5
"""Fewer examples of either side leave nothing to calibrate on: scores order, and no probability is told."""

MOST_BACKGROUND = 150
MIDDLE_PENALTY = 0.2
_ABOUT_AS_GOOD = 0.02
"""Nats; a simpler choice this close to the best one is taken."""


class Answers(NamedTuple):
    """What was said of N shots: their ``row`` among all vectors, whether each ``has_it``, the ``film`` ``int64`` it is
    of and its place in it, ``shot``."""

    row: NDArray[np.int64]
    has_it: NDArray[np.bool_]
    film: NDArray[np.int64]
    shot: NDArray[np.int64]


class Learned(NamedTuple):
    """The ``head``; ``measures`` and what was left out ``together``, None before there are enough answers; what is
    ``lacking`` in a sentence, empty where nothing is; and the ``chosen`` penalty and trust in the name."""

    head: AttributeHead
    measures: Measures | None
    together: str
    lacking: str
    chosen: dict[str, float]


def learn(vectors: Vectors, *, answers: Answers, name: NDArray[np.floating] | None = None) -> Learned:
    """Learn from answers among ``vectors`` ``float32 (N, D)`` of length 1; ``name`` ``(D,)`` is what the attribute's
    name is in the same space, or None.

    Without an answer the name alone orders. With a few the line is fitted with the middle penalty, and nothing is told
    but an order; from ``LEAST_EACH`` of both sides on, penalty and trust are chosen by the loss of calibrated scores
    of examples that were left out with their like, and the scores get probabilities. The choice makes the measures
    a little too good: a few choices are tried on the examples that they are measured on.
    """
    parts = _part(answers)
    examples = Examples(
        vectors=vectors[answers.row],
        has_it=answers.has_it,
        part=parts.part,
        background=vectors[_background(len(vectors), answers.row)],
        name=name,
    )
    space = find_space(examples)
    if not len(answers.row):
        weights = space.by_name / space.spread
        return Learned(AttributeHead(weights, -float(weights @ space.centre)), None, "", lacking(answers), {})
    fit = Fit(examples, space)
    if lacking(answers):
        plain = {"penalty": MIDDLE_PENALTY, "trust": TRUSTS[0] if space.by_name.any() else 0.0}
        return Learned(fit.head(**plain), None, "", lacking(answers), plain)
    best = _choose(fit.candidates(), has_it=answers.has_it)
    chosen = {"penalty": best.penalty, "trust": best.trust}
    head = fit.head(**chosen)._replace(calibration=calibrate(best.unseen, answers.has_it))
    measures = measure(best.unseen, has_it=answers.has_it, part=parts.part, group=parts.group)
    return Learned(head, measures, parts.together, _unsure(head, measures), chosen)


def lacking(answers: Answers) -> str:
    """What is still needed before anything can be told, in a sentence; empty where nothing is."""
    positive = int(answers.has_it.sum())
    missing = {
        "example that has it": max(LEAST_EACH - positive, 0),
        "counterexample": max(LEAST_EACH - (len(answers.has_it) - positive), 0),
    }
    asked = [f"{count} more {_plural(what, count)}" for what, count in missing.items() if count]
    return f"It needs at least {' and '.join(asked)} before it can tell how sure it is." if asked else ""


def even_odds(head: AttributeHead) -> float | None:
    """The score from which a shot has the attribute rather than not; None where scores only order."""
    return None if head.calibration is None else -head.calibration.offset / head.calibration.slope


def pack_measures(learned: Learned) -> dict[str, Any]:
    """The measures as JSON takes them, None for what is not known."""
    measures = learned.measures
    if measures is None:
        return {}
    packed: dict[str, Any] = {"positive": measures.positive, "negative": measures.negative, "ece": _known(measures.ece)}
    for what in ("auc", "precision", "recall"):
        packed[what] = {part: _known(value) for part, value in getattr(measures, what)._asdict().items()}
    return packed | {"tells_apart": measures.tells_apart, "together": learned.together, **learned.chosen}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _part(answers: Answers) -> Parts:
    return part_examples(answers.film, shot=answers.shot, has_it=answers.has_it)


def _background(count: int, answered: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows spread evenly over all that nobody answered."""
    is_open = np.ones(count, dtype=np.bool_)
    is_open[answered] = False
    rows = np.flatnonzero(is_open)
    places = np.linspace(0, len(rows) - 1, min(MOST_BACKGROUND, len(rows))).astype(np.int64)
    return rows[places]


def _choose(candidates: list[Candidate], *, has_it: NDArray[np.bool_]) -> Candidate:
    losses = [_loss(each, has_it=has_it) for each in candidates]
    near = min(losses) + _ABOUT_AS_GOOD
    return next(each for each, loss in zip(candidates, losses, strict=True) if loss <= near)


def _loss(candidate: Candidate, *, has_it: NDArray[np.bool_]) -> float:
    found = calibrate(candidate.unseen, has_it)
    share = float(has_it.mean())
    probability = np.full(len(has_it), share) if found is None else tell(found, candidate.unseen).probability
    return log_loss(probability, has_it)


def _unsure(head: AttributeHead, measures: Measures) -> str:
    if head.calibration is None or not measures.tells_apart:
        return (
            "It cannot tell them apart surely yet: correct more of its guesses, or it is something that these vectors "
            "do not hold."
        )
    return ""


def _plural(what: str, count: int) -> str:
    return what if count == 1 else what.replace("example that has it", "examples that have it").replace(
        "counterexample", "counterexamples"
    )
