"""How well an order of shots finds what a trailer uses, and how well a ranker does on films that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.prior import score_by_prior
from curation.moments.shot_features import FEATURE_AT, FilmShots, film_places, film_ranks
from curation.moments.soft_labels import LearntFilm

if TYPE_CHECKING:
    from curation.moments.ranker_file import Ranker
    from curation.moments.ranking_training import RankerSettings

TOP = 10
USED = 0.5
"""From this surety on a shot counts as used."""
RANDOM, LOUDNESS, MOTION, PRIOR, PARENT, RANKER = "random", "loudness", "motion", "prior", "parent", "ranker"

Scores = NDArray[np.float32]
OnFilm = Callable[[int, int], bool]


class Measures(NamedTuple):
    """How an order of one film's shots agrees with its trailer; NaN where the trailer uses no shot of it, or all.

    top_ten_unit: the share of its ten best shots that the trailer uses, 0–1. top_used_unit: of as many as the trailer
    uses. auc: the chance that a used shot stands before one that is not, ties half. Equal scores share their places:
    what is told is the mean over all orders of them.
    """

    top_ten_unit: float
    top_used_unit: float
    auc: float


class HeldOut(NamedTuple):
    """A film that was no part of what its ranker learnt: ``by`` has the measures of each method."""

    name: str
    by: dict[str, Measures]


def measure(score_unit: NDArray[np.floating], *, used_unit: NDArray[np.floating]) -> Measures:
    """Measure scores (S,) of a film's shots against how surely its trailer uses each (S,)."""
    is_used = np.nan_to_num(np.asarray(used_unit, dtype=np.float64)) >= USED
    used = int(is_used.sum())
    if used in (0, len(is_used)):
        return Measures(float("nan"), float("nan"), float("nan"))
    places = np.nan_to_num(film_ranks(score_unit), nan=-1.0)
    above = places[is_used][:, None] - places[~is_used][None]
    auc = float((above > 0).mean() + (above == 0).mean() / 2)
    return Measures(_share_of_top(places, is_used, min(TOP, len(places))), _share_of_top(places, is_used, used), auc)


def baselines(shots: FilmShots) -> dict[str, Scores]:
    """Scores (S,) that have learnt nothing, by method; random ones are all equal, which measures as chance does."""
    places = film_places(shots.values)
    return {
        RANDOM: np.full(len(places), 0.5, dtype=np.float32),
        LOUDNESS: film_ranks(places[:, FEATURE_AT["relative_lu"]]),
        MOTION: film_ranks(places[:, FEATURE_AT["motion_unit_s"]]),
        PRIOR: score_by_prior(shots).score_unit,
    }


def measure_all(film: LearntFilm, *, rankers: dict[str, Ranker]) -> dict[str, Measures]:
    """The measures of a film by the baselines and by rankers, each under its name."""
    from curation.moments.ranker_scores import score_by_ranker

    scores = baselines(film.shots) | {
        name: score_by_ranker(ranker, film.shots, by=name).score_unit for name, ranker in rankers.items()
    }
    return {name: measure(each, used_unit=film.used_unit) for name, each in scores.items()}


def leave_one_out(
    films: Sequence[LearntFilm],
    *,
    settings: RankerSettings | None = None,
    parent: Ranker | None = None,
    on_film: OnFilm | None = None,
) -> list[HeldOut]:
    """Measure every film by a ranker that learnt from those of all other names, in the order of names.

    ``parent`` is measured, and is not begun from: it may have learnt the very film. ``on_film`` is told how many names
    are done, of how many, and stops by returning False; what is done then is returned. Raises as ``train_ranker``.
    """
    from curation.moments.ranking_training import train_ranker

    found: list[HeldOut] = []
    names = sorted({film.name for film in films})
    for done, name in enumerate(names, start=1):
        trained = train_ranker([film for film in films if film.name != name], settings=settings)
        rankers = {RANKER: trained.ranker} | ({PARENT: parent} if parent is not None else {})
        found += [HeldOut(name, measure_all(film, rankers=rankers)) for film in films if film.name == name]
        if on_film is not None and not on_film(done, len(names)):
            break
    return found


def mean_measures(held_out: Sequence[HeldOut]) -> dict[str, Measures]:
    """The means over films by method, in which films count that have the measure; NaN where none has."""
    methods = dict.fromkeys(method for film in held_out for method in film.by)
    return {
        method: Measures(*(_mean([film.by[method][at] for film in held_out if method in film.by]) for at in range(3)))
        for method in methods
    }


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return sum(known) / len(known) if known else float("nan")


def _share_of_top(places: Scores, is_used: NDArray[np.bool_], count: int) -> float:
    """Of the ``count`` highest places; those that tie at the last one count as much as they would by chance."""
    last = np.sort(places)[len(places) - count]
    above, tied = places > last, places == last
    left = count - int(above.sum())
    return float((is_used[above].sum() + left * is_used[tied].mean()) / count)
