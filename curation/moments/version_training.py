"""The making of one version of the ranker: trained once without each title, to be measured on it, then with all.

A run is made of stretches of equal length, one for each group of titles that is left out and one for the version
itself. Whoever keeps what the stretches before gave and the last checkpoint goes on to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ava.train.loop import StepReport
from curation.moments.ranking_validation import LOUDNESS, MOTION, PRIOR, RANDOM, USED, baseline_scores, measure
from curation.moments.soft_labels import LearntFilm

if TYPE_CHECKING:
    from curation.moments.ranker_file import Ranker
    from curation.moments.ranking_training import RankerSettings

MOST_STRETCHES = 10
"""Of more titles several are left out at once, so that a run takes no longer than eleven trainings."""
MOST_TOLD = 200
MOST_SHOTS = 1_000_000
OWN = "ranker"
METHODS = (OWN, PRIOR, LOUDNESS, MOTION, RANDOM)


class Step(NamedTuple):
    """``number``: of the whole run, counted from 1; ``stretch``: from 0. The last stretch leaves nothing out."""

    number: int
    stretch: int
    loss: float


class LeftOut(NamedTuple):
    """One film that was left out: its title's ``name``, the shots it has and that are used, and for "ranker", "prior",
    "loudness", "motion" and "random" the shares of the best ten, and of as many as are used, that its trailer uses."""

    name: str
    shots: int
    used: int
    top_ten: dict[str, float]
    top_used: dict[str, float]


class UnfitFigures(ValueError):
    """What is said to be the figures of titles left out is none."""


class Keeper(NamedTuple):
    """Who is told of what: every step (False stops the run), a checkpoint now and then, the films of each stretch."""

    on_step: Callable[[Step], bool]
    keep: Callable[[bytes], None]
    on_left_out: Callable[[int, list[LeftOut]], None]
    checkpoint_every: int = 50


def settings_of(*, steps: int | None, seed: int, learning_rate: float | None = None) -> RankerSettings:
    """The usual settings but for these; raises ValueError for what cannot be."""
    from curation.moments.ranking_training import RankerSettings

    usual = RankerSettings()
    steps = usual.train.steps if steps is None else steps
    warm_up = min(usual.train.warm_up_steps, steps // 10)
    rate = usual.train.learning_rate if learning_rate is None else learning_rate
    return replace(usual, train=replace(usual.train, steps=steps, seed=seed, warm_up_steps=warm_up, learning_rate=rate))


def stretches_of(films: Sequence[LearntFilm]) -> list[tuple[str, ...]]:
    """The names that are left out together, stretch by stretch: each name once, and none in the last stretch."""
    names = sorted({film.name for film in films})
    count = min(len(names), MOST_STRETCHES)
    return [*(tuple(names[first::count]) for first in range(count)), ()]


def train_version(
    films: Sequence[LearntFilm],
    *,
    settings: RankerSettings,
    keeper: Keeper,
    left_out: Sequence[LeftOut] = (),
    begin: int = 0,
    checkpoint: bytes | None = None,
) -> tuple[Ranker, list[LeftOut]] | None:
    """Train and measure; None where it was stopped. ``begin`` is the stretch to go on with, from ``checkpoint``, after
    those that gave ``left_out``.

    Nothing that is measured was seen in the training that it measures: no network begins as another. Raises what
    ``train_ranker`` raises.
    """
    from curation.moments.ranking_training import train_ranker

    stretches = stretches_of(films)
    measured = list(left_out)
    for stretch in range(begin, len(stretches)):
        hidden = set(stretches[stretch])
        trained = train_ranker(
            [film for film in films if film.name not in hidden],
            settings=replace(settings, train=replace(settings.train, seed=settings.train.seed + stretch)),
            checkpoint=checkpoint if stretch == begin else None,
            on_step=_teller(keeper, stretch=stretch, steps=settings.train.steps),
            checkpoint_every=keeper.checkpoint_every,
            keep=keeper.keep,
        )
        if not trained.result.is_complete:
            return None
        if not hidden:
            return trained.ranker, measured
        found = [measure_left_out(trained.ranker, film) for film in films if film.name in hidden]
        measured += found
        keeper.on_left_out(stretch, found)
    raise AssertionError("The last stretch leaves nothing out.")


def measure_left_out(ranker: Ranker, film: LearntFilm) -> LeftOut:
    """Hold the order of a film's shots against its trailer, beside what can be had without a network."""
    from curation.moments.ranker_scores import score_by_ranker

    scores = {OWN: score_by_ranker(ranker, film.shots, by=OWN).score_unit, **baseline_scores(film.shots)}
    found = {name: measure(score, film.used_unit) for name, score in scores.items()}
    return LeftOut(
        film.name,
        shots=len(film.used_unit),
        used=int((film.used_unit >= USED).sum()),
        top_ten={name: round(found[name].top_ten_unit, 4) for name in METHODS},
        top_used={name: round(found[name].top_used_unit, 4) for name in METHODS},
    )


def tell_measures(
    left_out: Sequence[LeftOut], *, parent: Sequence[LeftOut] = (), parent_name: str = ""
) -> dict[str, Any]:
    """What a run has measured, ready for JSON: means over titles, and whether the version may be released.

    It may where the best ten of the titles that it did not learn from hold as many shots of their trailers as the
    prior's, and as the parent's on titles that were left out of it, too; of several films of a title the mean counts.
    """
    own, own_used = _by_title(left_out, of="top_ten"), _by_title(left_out, of="top_used")
    mean = {name: _mean([each[name] for each in own.values()]) for name in METHODS}
    before = _by_title(parent, of="top_ten")
    shared = sorted(own.keys() & before.keys())
    mine, theirs = _mean([own[name][OWN] for name in shared]), _mean([before[name][OWN] for name in shared])
    worse_than_prior, worse_than_parent = mean[OWN] < mean[PRIOR], bool(shared) and mine < theirs
    said = f"{_percent(mean[OWN])} of the best ten shots of titles left out are in their trailers"
    said += f", of the prior’s {_percent(mean[PRIOR])}, by chance {_percent(mean[RANDOM])}"
    if shared:
        common = "the one title" if len(shared) == 1 else f"the {len(shared)} titles"
        said += f"; of {common} that {parent_name} was measured on {_percent(mine)}, of its own {_percent(theirs)}"
    verdict = f"It ranks as well or better: {said}."
    if worse_than_prior or worse_than_parent:
        better = "the prior" if worse_than_prior else parent_name
        verdict = f"It ranks worse than {better}, so it cannot be released: {said}."
    return {
        "titles": len(own),
        "top_ten": mean,
        "top_used": {name: _mean([each[name] for each in own_used.values()]) for name in METHODS},
        "parent": {"name": parent_name, "titles": len(shared), "own": mine, "top_ten": theirs} if shared else None,
        "left_out": [each._asdict() for each in left_out],
        "is_fit": not (worse_than_prior or worse_than_parent),
        "verdict": verdict,
    }


def tell_for_recipe(left_out: Sequence[LeftOut]) -> list[dict[str, Any]]:
    """The figures for a file's recipe, in which they have to find room: none of more than ``MOST_TOLD`` films."""
    return [each._asdict() for each in left_out] if len(left_out) <= MOST_TOLD else []


def read_left_out(told: object) -> list[LeftOut]:
    """Figures as JSON holds them, one film at least. Raises UnfitFigures for anything else."""
    if not isinstance(told, list) or not told:
        raise UnfitFigures("No title was left out.")
    return [_read_film(each) for each in told]


def _read_film(told: object) -> LeftOut:
    if not isinstance(told, dict) or set(told) != set(LeftOut._fields):
        raise UnfitFigures("These are no figures of a film.")
    film = LeftOut(**told)
    counts = all(type(count) is int and 0 <= count <= MOST_SHOTS for count in (film.shots, film.used))
    if not (isinstance(film.name, str) and counts and all(map(_are_shares, (film.top_ten, film.top_used)))):
        raise UnfitFigures("These are no figures of a film.")
    return film


def _are_shares(told: object) -> bool:
    """0–1 of everything that a version is held against."""
    if not isinstance(told, dict) or set(told) != set(METHODS):
        return False
    return all(isinstance(share, (int, float)) and 0 <= share <= 1 for share in told.values())


def _teller(keeper: Keeper, *, stretch: int, steps: int) -> Callable[[StepReport], bool]:
    return lambda report: keeper.on_step(Step(stretch * steps + report.step, stretch, report.loss))


def _by_title(left_out: Sequence[LeftOut], *, of: str) -> dict[str, dict[str, float]]:
    """The mean figures of each title's films, by its name."""
    films: dict[str, list[dict[str, float]]] = {}
    for each in left_out:
        films.setdefault(each.name, []).append(getattr(each, of))
    return {
        name: {method: _mean([figures[method] for figures in each]) for method in each[0]}
        for name, each in films.items()
    }


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
