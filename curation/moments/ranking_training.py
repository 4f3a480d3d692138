"""Training a ranker of moments on films and their trailers: seeded batches of films, resumable to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.train.loop import StepReport, TrainResult, TrainSettings, train
from curation.moments.ranker_inputs import ShotArrays, shot_arrays
from curation.moments.shot_features import FEATURE_AT
from curation.moments.soft_labels import LearntFilm, soft_labels

if TYPE_CHECKING:
    import torch

    from curation.moments.network import RankingNetwork, ShotInputs
    from curation.moments.ranker_file import Ranker

LEAST_FILMS = 3
_SOUND = tuple(
    FEATURE_AT[name]
    for name in (
        "relative_lu", "peak_lufs", "rise_lu", "step_lu", "onset_rate_hz", "onset_db", "silence_unit", "speech_unit",
        "sound_brightness_hz",
    )
)  # fmt: skip
_PEOPLE = tuple(FEATURE_AT[name] for name in ("people", "prominence_unit", "expression_unit", "smile_unit"))


class TooFewFilms(ValueError):
    """There is too little to learn from; the sentence says what is missing."""


@dataclass(frozen=True)
class RankerSettings:
    """What decides the outcome beside the films.

    films_a_step: whose losses are averaged in a step. shots_a_film: of longer films this many are compared with each
    other in a step, half of them those of the highest labels. hidden: the share of steps in which a feature, all of
    the sound, all about people, or the embedding is hidden of a film, so that what is missing elsewhere is no surprise.
    """

    train: TrainSettings = field(
        default_factory=lambda: TrainSettings(steps=160, learning_rate=3e-3, warm_up_steps=20, weight_decay=0.05)
    )
    films_a_step: int = 4
    shots_a_film: int = 192
    hidden: float = 0.15
    width: int = 32

    def __post_init__(self) -> None:
        if self.films_a_step < 1 or self.shots_a_film < 2 or self.width < 1 or not 0 <= self.hidden < 1:
            raise ValueError("A step takes a film or more and two shots or more; less than everything can be hidden.")


class TrainedRanker(NamedTuple):
    """``result.is_complete``: whether it was trained to the end, or stopped."""

    ranker: Ranker
    result: TrainResult


class _Example(NamedTuple):
    arrays: ShotArrays
    labels: NDArray[np.float32]


class _Glance(NamedTuple):
    """One film in one step: what is shown of it, and the shots that are compared."""

    inputs: ShotInputs
    labels: torch.Tensor
    compared: torch.Tensor


def train_ranker(
    films: Sequence[LearntFilm],
    *,
    settings: RankerSettings | None = None,
    parent: Ranker | None = None,
    checkpoint: bytes | None = None,
    on_step: Callable[[StepReport], bool] | None = None,
    checkpoint_every: int = 0,
    keep: Callable[[bytes], None] | None = None,
) -> TrainedRanker:
    """Train a ranker on films with their trailers; the same films and settings always give the same weights.

    It begins as ``parent``, or as the prior. Films of which no shot is surer than another teach nothing and do not
    count. For the rest see ``ava.train.loop.train``. Raises TooFewFilms, ValueError for embeddings of different
    dimensions, Diverged and UnfitCheckpoint.
    """
    from curation.moments.ranker_file import Ranker

    chosen = settings or RankerSettings()
    dimension = _dimension(films)
    examples = [each for each in (_example(film, dimension=dimension) for film in films) if _teaches(each)]
    if len(examples) < LEAST_FILMS:
        raise TooFewFilms(
            f"{len(examples)} films can be learnt from; {LEAST_FILMS} are the least. A film counts when its trailer is "
            "matched and uses some of its shots."
        )
    network = _begin(dimension, width=chosen.width, seed=chosen.train.seed, parent=parent)
    result = train(
        network,
        loss_of=_loss_of,
        batch_of=lambda step: _batch(examples, step=step, settings=chosen),
        settings=chosen.train,
        checkpoint=checkpoint,
        on_step=on_step,
        checkpoint_every=checkpoint_every,
        keep=keep,
    )
    return TrainedRanker(Ranker(network), result)


def _dimension(films: Sequence[LearntFilm]) -> int:
    found = {film.shots.vectors.shape[1] for film in films if film.shots.vectors is not None}
    if len(found) > 1:
        raise ValueError(f"The films' vectors are of {len(found)} encoders; embed them all with one.")
    return found.pop() if found else 0


def _example(film: LearntFilm, *, dimension: int) -> _Example:
    return _Example(shot_arrays(film.shots, dimension=dimension), soft_labels(film))


def _teaches(example: _Example) -> bool:
    """Whether one of its shots is surer than another."""
    return len(example.labels) > 0 and float(np.ptp(example.labels)) > 0


def _begin(dimension: int, *, width: int, seed: int, parent: Ranker | None) -> RankingNetwork:
    """A network like its parent where they are alike: over other embeddings, what looks at them begins anew."""
    import torch

    from curation.moments.network import RankingNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = RankingNetwork(dimension=dimension, width=parent.network.width if parent else width)
    if parent is not None:
        own, given = network.state_dict(), parent.network.state_dict()
        alike = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
        network.load_state_dict({**own, **alike})
    return network


def _batch(examples: Sequence[_Example], *, step: int, settings: RankerSettings) -> list[_Glance]:
    """The films of one step: each pass over all of them is in an order of its own."""
    size = min(settings.films_a_step, len(examples))
    turn, place = divmod(step * size, len(examples))
    order = [
        int(number)
        for each in (turn, turn + 1)
        for number in np.random.default_rng([settings.train.seed, each]).permutation(len(examples))
    ]
    rng = np.random.default_rng([settings.train.seed, step, 1])
    return [_glance(examples[number], rng=rng, settings=settings) for number in order[place : place + size]]


def _glance(example: _Example, *, rng: np.random.Generator, settings: RankerSettings) -> _Glance:
    import torch

    from curation.moments.network import ShotInputs

    places, known, pictures = example.arrays
    shown = np.where(rng.random(places.shape[1]) < settings.hidden, 0, 1).astype(np.float32)
    for group in (_SOUND, _PEOPLE):
        shown[list(group)] *= rng.random() >= settings.hidden
    if pictures is not None and rng.random() < settings.hidden:
        pictures = None
    return _Glance(
        ShotInputs(
            torch.from_numpy(places * shown),
            torch.from_numpy(known * shown),
            None if pictures is None else torch.from_numpy(pictures),
        ),
        torch.from_numpy(example.labels),
        torch.from_numpy(_compared(example.labels, rng=rng, most=settings.shots_a_film)),
    )


def _compared(labels: NDArray[np.float32], *, rng: np.random.Generator, most: int) -> NDArray[np.int64]:
    """The numbers of the shots that are compared in a step, ascending."""
    if len(labels) <= most:
        return np.arange(len(labels))
    order = np.argsort(-labels, kind="stable")
    rest = rng.permutation(order[most // 2 :])[: most - most // 2]
    return np.sort(np.concatenate([order[: most // 2], rest]))


def _loss_of(network: torch.nn.Module, batch: list[_Glance]) -> torch.Tensor:
    import torch

    from curation.moments.ranking_loss import moment_loss

    losses = []
    for each in batch:
        scores, first, joined = (of_all[each.compared] for of_all in network(each.inputs))
        losses.append(moment_loss(scores, first=first, joined=joined, labels=each.labels[each.compared]))
    return torch.stack(losses).mean()
