"""How many answers it takes to order shots well, chosen as the page chooses them or by chance, and how well
probabilities hold; on the sentence encoder's vectors of random facts, of which everything is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.train.attribute import LEAST_EACH, Answers, Learned, even_odds, learn
from search.train.attribute_choice import choose_questions
from search.train.attribute_head import tell
from tests.bench.figures import Figure
from tests.bench.search_catalogue import Kind, make_kinds
from tests.bench.search_films import use_model_files

TRUTHS: dict[str, Callable[[Kind], bool]] = {
    "close-up": lambda kind: "Close-up" in kind.text,
    "laughing": lambda kind: "laughing" in kind.text,
    "red": lambda kind: "red" in kind.text.split("Dominant colours:")[-1].split(".")[0],
    "tracking shot": lambda kind: "tracking" in kind.text.casefold(),
}
AT_ONCE, MOST_ANSWERS = 12, 240
GOOD = 0.9
FIRST_EACH = 2
FILMS = 30
SECTION = f"attributes: answers until average precision {GOOD} on the rest of 3,000 shots"
CALIBRATED_ON = 96


def measure(data: Path | None) -> list[Figure]:
    """Answers needed and calibration for each attribute; ``data`` is not needed."""
    from search.installed_encoders import sentence_encoder

    use_model_files()
    text = sentence_encoder().load().text
    kinds = make_kinds(text)
    vectors = np.stack([kind.vector for kind in kinds]).astype(np.float32)
    figures = []
    for name, is_so in TRUTHS.items():
        has_it = np.array([is_so(kind) for kind in kinds], np.bool_)
        told = f"{has_it.mean():.0%} of the shots, by construction"
        for how, ask in (("as the page asks", _guesses), ("by chance", _by_chance)):
            count = _answers_needed(vectors, has_it, ask)
            figures.append(Figure(SECTION, f"{name}, {how}", count, "answers", told))
        figures += _calibration(name, vectors, has_it)
    return figures


def _answers_needed(vectors: NDArray[np.float32], has_it: NDArray[np.bool_], ask: _Ask) -> int:
    """One batch more than the most, where these are not enough."""
    rng = np.random.default_rng(0)
    rows = _first(has_it, rng, each=FIRST_EACH)
    while len(rows) <= MOST_ANSWERS:
        learned = _learn(vectors, has_it, rows)
        if _average_precision(learned, vectors, has_it, rows) >= GOOD:
            return len(rows)
        rows += ask(learned, vectors, rows, rng)
    return len(rows)


_Ask = Callable[[Learned, NDArray[np.float32], Sequence[int], np.random.Generator], list[int]]


def _guesses(
    learned: Learned, vectors: NDArray[np.float32], rows: Sequence[int], rng: np.random.Generator
) -> list[int]:
    boundary = None if learned.lacking else even_odds(learned.head)
    answered = np.array(sorted(rows), np.int64)
    scores = learned.head.score(vectors)
    asked = choose_questions(vectors, scores=scores, answered=answered, boundary=boundary, count=AT_ONCE)
    return [question.row for question in asked]


def _by_chance(
    learned: Learned, vectors: NDArray[np.float32], rows: Sequence[int], rng: np.random.Generator
) -> list[int]:
    return [int(each) for each in rng.permutation(np.setdiff1d(np.arange(len(vectors)), rows))[:AT_ONCE]]


def _learn(vectors: NDArray[np.float32], has_it: NDArray[np.bool_], rows: Sequence[int]) -> Learned:
    row = np.array(sorted(rows), np.int64)
    return learn(vectors, answers=Answers(row, has_it[row], row % FILMS, row // FILMS))


def _average_precision(
    learned: Learned, vectors: NDArray[np.float32], has_it: NDArray[np.bool_], rows: Sequence[int]
) -> float:
    rest = np.setdiff1d(np.arange(len(vectors)), rows)
    right = has_it[rest][np.argsort(-learned.head.score(vectors)[rest], kind="stable")]
    return float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean())


def _calibration(name: str, vectors: NDArray[np.float32], has_it: NDArray[np.bool_]) -> list[Figure]:
    """After answers to the page's own questions, on all shots that nobody answered."""
    section = f"attributes: probabilities after {CALIBRATED_ON} answers, on the shots that nobody answered"
    rng = np.random.default_rng(9)
    rows = _first(has_it, rng, each=LEAST_EACH)
    while len(rows) < CALIBRATED_ON:
        rows += _guesses(_learn(vectors, has_it, rows), vectors, rows, rng)
    learned = _learn(vectors, has_it, rows)
    if learned.head.calibration is None or learned.measures is None:
        return [Figure(section, f"{name}: none are told", 0.0, "", learned.lacking)]
    rest = np.setdiff1d(np.arange(len(vectors)), rows)
    probability, truth = tell(learned.head.calibration, learned.head.score(vectors[rest])).probability, has_it[rest]
    share = float(truth.mean())
    bins = np.array_split(np.argsort(probability, kind="stable"), 10)
    off = sum(len(each) * abs(float(probability[each].mean() - truth[each].mean())) for each in bins) / len(rest)
    told = f"by construction; told of itself: {learned.measures.ece:.3f}"
    brier = float(((probability - truth) ** 2).mean())
    return [
        Figure(section, f"{name}: expected calibration error", off, "share", told),
        Figure(section, f"{name}: Brier score", brier, "", f"{share * (1 - share):.3f} if all got their share"),
    ]


def _first(has_it: NDArray[np.bool_], rng: np.random.Generator, *, each: int) -> list[int]:
    sides = (rng.permutation(np.flatnonzero(has_it == side))[:each] for side in (True, False))
    return np.concatenate(list(sides)).tolist()
