"""Editors with a known taste, for tests and benchmarks: what they say follows from what stills are worth to them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from curation.learning.features import FEATURES, describe_stills
from curation.learning.held_back import is_held_back
from curation.learning.preferences import FilmOpinions, gains, pair_preferences
from curation.learning.validation import Examples
from curation.stills.table import StillTable

Taste = Callable[[NDArray[np.float64]], NDArray[np.float64]]
NAMES = [feature.name for feature in FEATURES]


def likes(**amounts: float) -> Taste:
    """A taste for stills with more of some features than the film's others have, in standard deviations."""

    def worth(features: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = np.nan_to_num(features[:, [NAMES.index(name.replace("_", " ")) for name in amounts]], nan=0.5)
        deviations = columns.std(axis=0)
        return (columns - columns.mean(axis=0)) / np.where(deviations > 0, deviations, 1) @ list(amounts.values())

    return worth


def at_random(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """No taste at all: whatever is said is chance."""
    return np.zeros(len(features))


def worths(table: StillTable, taste: Taste) -> NDArray[np.float64]:
    return taste(describe_stills(table).astype(np.float64))


def say(
    worth: NDArray[np.float64], *, judged: int, compared: int, rng: np.random.Generator, noise: float = 1.0
) -> FilmOpinions:
    """What an editor says of a film's stills who is as unsure as ``noise``, on the scale of worths, makes them.

    ``judged`` stills, drawn by chance, are picked or rejected, half and half; ``compared`` pairs are compared.
    """
    count = len(worth)
    liking = np.full(count, np.nan)
    rows = rng.choice(count, size=min(judged, count), replace=False)
    felt = worth[rows] + noise * rng.logistic(size=len(rows))
    liking[rows] = np.where(felt > np.median(felt), 4.0, 0.0) if len(rows) else liking[rows]
    pairs = rng.integers(0, count, size=(compared, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    is_upset = worth[pairs[:, 0]] + noise * rng.logistic(size=len(pairs)) < worth[pairs[:, 1]]
    return FilmOpinions(liking, np.where(is_upset[:, None], pairs[:, ::-1], pairs))


def make_examples(
    tables: list[StillTable], taste: Taste, *, judged: int = 0, compared: int = 0, seed: int = 0, noise: float = 1.0
) -> Examples:
    """What an editor of this taste says of every film, as a team's ranking model learns from it."""
    rng = np.random.default_rng(seed)
    opinions = [say(worths(each, taste), judged=judged, compared=compared, rng=rng, noise=noise) for each in tables]
    films = np.concatenate([np.full(len(table), number) for number, table in enumerate(tables)])
    shots = np.stack([films, np.concatenate([table.shots for table in tables])], axis=1)
    keys, groups = np.unique(shots, axis=0, return_inverse=True)
    held_back = is_held_back([f"{seed}-{film}-{shot}" for film, shot in keys])
    return Examples(
        features=np.concatenate([describe_stills(table) for table in tables]),
        gains=gains(opinions),
        films=films.astype(np.int64),
        groups=groups.reshape(-1),
        held_back=held_back[groups.reshape(-1)],
        preferences=pair_preferences(opinions),
    )
