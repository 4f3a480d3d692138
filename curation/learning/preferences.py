"""What editors prefer to what: pairs of stills of one film, weighted, from verdicts, stars and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PICKED = 4.0
"""How much a picked still is liked, of 5; one star more or less is 1. A pick is never liked less for its stars."""

MOST_LIKED = 5.0
LEAST_DIFFERENCE = 1.0
"""Between two likings, for one still to count as preferred to the other."""

MOST_PARTNERS = 12
"""With so many better or worse ones of its film a still is paired at most: all pairs of thousands say no more."""

HALF_WEIGHT = 60.0
"""A film in which so much was said weighs half of what any film can weigh, so that one busy film does not rule."""


class FilmOpinions(NamedTuple):
    """What is said of one film's stills, N rows: ``liking`` ``float64 (N,)`` 0–5, NaN for nothing said; ``compared``
    ``int64 (M, 2)`` rows (better, worse) of comparisons that stand, the same pair as often as it was said."""

    liking: NDArray[np.float64]
    compared: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Preferences:
    """P preferences between stills of the same film: ``better``, ``worse`` ``int64 (P,)`` rows, ``weights``
    ``float64 (P,)`` above 0, ``films`` ``int64 (P,)``."""

    better: NDArray[np.int64]
    worse: NDArray[np.int64]
    weights: NDArray[np.float64]
    films: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.better)

    def within(self, rows: NDArray[np.bool_]) -> "Preferences":
        """Those both of whose stills are among ``rows``, ``bool (N,)``."""
        kept = rows[self.better] & rows[self.worse]
        return Preferences(self.better[kept], self.worse[kept], self.weights[kept], self.films[kept])


def liking_of(*, verdict: str, stars: int) -> float:
    """How much a still is liked that stands with this verdict and these stars: 0–5, NaN for neither.

    A reject is 0 whatever its stars; a pick is 4, with five stars 5; stars alone are themselves.
    """
    if verdict == "reject":
        return 0.0
    if verdict == "pick":
        return max(PICKED, float(stars))
    return float(stars) if stars else float("nan")


def pair_preferences(films: Sequence[FilmOpinions]) -> Preferences:
    """Pair the stills of each film that were preferred to one another, never stills of two films.

    Rows are numbered through all films in their order. What a person did weighs the same: a comparison 1, and all
    pairs of likings together as much as there are stills in them, shared out by the differences. Then the weights of
    a film are drawn in, to n · 60 / (n + 60) where they were n. Which of very many pairs are taken is drawn by a
    generator seeded alike for every film.
    """
    better, worse, weights, owners = [], [], [], []
    first = 0
    for number, film in enumerate(films):
        liked = _liked_pairs(film.liking)
        pairs = np.concatenate([liked, film.compared.reshape(-1, 2)])
        weight = _weigh(film, liked)
        better.append(pairs[:, 0] + first)
        worse.append(pairs[:, 1] + first)
        weights.append(weight)
        owners.append(np.full(len(pairs), number, dtype=np.int64))
        first += len(film.liking)
    if not films:
        nothing = np.empty(0, dtype=np.int64)
        return Preferences(nothing, nothing, np.empty(0), nothing)
    return Preferences(*map(np.concatenate, (better, worse, weights, owners)))


def gains(films: Sequence[FilmOpinions]) -> NDArray[np.float64]:
    """What each still is worth to its editors, ``float64 (N,)`` 0–5, NaN where nothing was said.

    Its liking; without one, five times the share of its comparisons that it won.
    """
    return np.concatenate([_film_gains(film) for film in films]) if films else np.empty(0)


def _weigh(film: FilmOpinions, liked: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the pairs of likings, and after them the comparisons, of one film weigh."""
    differences = film.liking[liked[:, 0]] - film.liking[liked[:, 1]]
    shares = differences / differences.sum() if len(liked) else differences
    weight = np.concatenate([shares * len(np.unique(liked)), np.ones(len(film.compared))])
    return np.asarray(weight * HALF_WEIGHT / (HALF_WEIGHT + weight.sum()), dtype=np.float64)


def _film_gains(film: FilmOpinions) -> NDArray[np.float64]:
    count = len(film.liking)
    pairs = film.compared.reshape(-1, 2)
    won, lost = (np.bincount(pairs[:, side], minlength=count)[:count] for side in (0, 1))
    share = np.where(won + lost > 0, won / np.maximum(won + lost, 1), np.nan)
    return np.where(np.isnan(film.liking), MOST_LIKED * share, film.liking)


def _liked_pairs(liking: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows (better, worse) of stills whose likings differ enough, at most ``MOST_PARTNERS`` drawn for each."""
    rng = np.random.default_rng(0)
    known = np.flatnonzero(~np.isnan(liking))
    taken: list[NDArray[np.int64]] = [np.empty((0, 2), dtype=np.int64)]
    for row in known:
        below = known[liking[known] <= liking[row] - LEAST_DIFFERENCE]
        above = known[liking[known] >= liking[row] + LEAST_DIFFERENCE]
        for partners, is_better in ((below, True), (above, False)):
            if len(partners) > MOST_PARTNERS:
                partners = rng.choice(partners, size=MOST_PARTNERS, replace=False)
            own = np.full(len(partners), row)
            taken.append(np.stack([own, partners] if is_better else [partners, own], axis=1))
    return np.unique(np.concatenate(taken), axis=0)
