"""Training two towers on pairs: seeded batches, the loss over all workers' negatives, recall on what is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ava.train.loop import StepReport, TrainResult, TrainSettings, train
from search.train.loss import contrastive_loss, find_no_negatives
from search.train.pairs import PairArrays
from search.train.retrieval import Retrieval, measure_retrieval

if TYPE_CHECKING:
    import torch

    from search.train.towers import Towers

_ENCODED_AT_ONCE = 64


@dataclass(frozen=True)
class ContrastiveSettings:
    """What decides the outcome beside the towers and the pairs. ``batch``: pairs in a step, over all workers."""

    train: TrainSettings = field(default_factory=lambda: TrainSettings(steps=400, warm_up_steps=20))
    batch: int = 64

    def __post_init__(self) -> None:
        if self.batch < 2:
            raise ValueError("A batch has at least two pairs: the others are what a pair is told from.")


class Exchange(Protocol):
    """How workers that train one pair of towers meet; a worker alone has nothing to exchange."""

    rank: int
    workers: int

    def gather(self, vectors: torch.Tensor, *, rows: int) -> torch.Tensor:
        """All workers' vectors, ``rows`` together, in order of rank; gradients reach those of this worker."""

    def share_gradients(self, towers: Towers) -> None:
        """From now on have every backward pass end with the same gradients on all workers."""


class Alone:
    """One worker."""

    rank, workers = 0, 1

    def gather(self, vectors: torch.Tensor, *, rows: int) -> torch.Tensor:
        return vectors

    def share_gradients(self, towers: Towers) -> None:
        return None


def share_of(rows: int, *, rank: int, workers: int) -> slice:
    """Which of so many rows a worker has: as many as every other, or one more where they cannot be shared evenly."""
    each, left = divmod(rows, workers)
    first = rank * each + min(rank, left)
    return slice(first, first + each + (rank < left))


class _Batch(NamedTuple):
    links: torch.Tensor
    own: torch.Tensor


def train_towers(
    towers: Towers,
    *,
    arrays: PairArrays,
    learnt: NDArray[np.int64],
    settings: ContrastiveSettings,
    exchange: Exchange | None = None,
    checkpoint: bytes | None = None,
    on_step: Callable[[StepReport], bool] | None = None,
    checkpoint_every: int = 0,
    keep: Callable[[bytes], None] | None = None,
) -> TrainResult:
    """Train towers in place on the pairs that ``learnt`` numbers; see ``ava.train.loop.train`` for the rest.

    Every worker of an ``exchange`` encodes its part of each batch and sees all workers' vectors as negatives, so that
    any number of workers does the same steps on the same batches, but for rounding. Raises ValueError where there are
    no two pairs, or fewer than workers; Diverged and UnfitCheckpoint.
    """
    meeting = exchange or Alone()
    size = min(settings.batch, len(learnt))
    if size < max(2, meeting.workers):
        raise ValueError(
            f"There are {len(learnt)} pairs to learn from; two are the least, and one for each of "
            f"{meeting.workers} workers."
        )
    meeting.share_gradients(towers)

    def batch_of(step: int) -> _Batch:
        import torch

        links = torch.from_numpy(arrays.links[learnt[_numbers(step, size, len(learnt), settings.train.seed)]])
        return _Batch(links, links[share_of(size, rank=meeting.rank, workers=meeting.workers)])

    def loss_of(module: Towers, batch: _Batch) -> torch.Tensor:
        shots = meeting.gather(module.encode_shots(*_shots(arrays, batch.own[:, 0].numpy())), rows=size)
        texts = meeting.gather(module.encode_texts(_texts(arrays, batch.own[:, 1].numpy())), rows=size)
        return contrastive_loss(
            shots, texts, log_scale=module.log_scale, no_negative=find_no_negatives(batch.links)
        )

    return train(
        towers,
        loss_of=loss_of,  # type: ignore[arg-type]
        batch_of=batch_of,
        settings=settings.train,
        checkpoint=checkpoint,
        on_step=on_step,
        checkpoint_every=checkpoint_every,
        keep=keep,
    )


def measure_towers(
    towers: Towers, *, arrays: PairArrays, pairs: NDArray[np.int64], others: NDArray[np.int64] | None = None
) -> Retrieval:
    """Recall of towers on the pairs that are numbered, each shot and text of them encoded once.

    ``others``: numbers of shots of ``arrays`` that texts are not about and must not be found by them.
    """
    links = arrays.links[pairs]
    shot_numbers, own_shots = np.unique(links[:, 0], return_inverse=True)
    text_numbers, own_texts = np.unique(links[:, 1], return_inverse=True)
    shots = encode_all(lambda some: towers.encode_shots(*_shots(arrays, some)), shot_numbers, towers)
    texts = encode_all(lambda some: towers.encode_texts(_texts(arrays, some)), text_numbers, towers)
    wrong = None
    if others is not None and len(others):
        wrong = encode_all(lambda some: towers.encode_shots(*_shots(arrays, some)), others, towers)
    return measure_retrieval(shots, texts, np.stack([own_shots, own_texts], axis=1), others=wrong)


def encode_all(
    encode: Callable[[NDArray[np.int64]], torch.Tensor], numbers: NDArray[np.int64], towers: Towers
) -> NDArray[np.float32]:
    """What ``encode`` gives for all numbers, some at a time: ``float32 (N, D)``, without learning from it."""
    import torch

    was_training = towers.training
    towers.eval()
    try:
        with torch.inference_mode():
            parts = [
                encode(numbers[first : first + _ENCODED_AT_ONCE]).numpy()
                for first in range(0, len(numbers), _ENCODED_AT_ONCE)
            ]
    finally:
        towers.train(was_training)
    return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)


def _numbers(step: int, size: int, count: int, seed: int) -> NDArray[np.int64]:
    """The pairs of one step: each pass over all of them is in an order of its own, and none begins anew in between."""
    places = np.arange(step * size, (step + 1) * size)
    orders = {int(turn): np.random.default_rng([seed, int(turn)]).permutation(count) for turn in set(places // count)}
    return np.array([orders[int(place // count)][place % count] for place in places], np.int64)


def _shots(arrays: PairArrays, numbers: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    return torch.from_numpy(arrays.shots[numbers]), torch.from_numpy(arrays.present[numbers])


def _texts(arrays: PairArrays, numbers: NDArray[np.int64]) -> torch.Tensor:
    import torch

    return torch.from_numpy(arrays.texts[numbers])
