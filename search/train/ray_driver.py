"""The same training on Ray Train: one worker or many, on this machine or on a cluster (optional extra ``ray``).

One worker trains to the same weights, to the last bit, as no Ray does. Several do the same steps on the same batches
and add up their gradients, which rounds otherwise; so many workers always round alike.
"""

from __future__ import annotations

import copy
import importlib.util
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.whole_file import write_whole
from ava.train.checkpoint import unpack_checkpoint
from ava.train.loop import Diverged, TrainResult
from search.train.pairs import PairArrays
from search.train.training import ContrastiveSettings, Exchange, share_of, train_towers

if TYPE_CHECKING:
    import torch

    from search.train.towers import Towers

CHECKPOINT_EVERY = 100
_MOST_DEATHS = 3
_CHECKPOINTS_KEPT = 2
_FILE = "training.checkpoint"
_REFUSAL = "refusal.txt"


class RayUnavailable(RuntimeError):
    """Ray is not installed, not reached, too small, or lost its workers; the sentence says what to do."""


class _Given(NamedTuple):
    """What every worker gets."""

    towers: Towers
    arrays: PairArrays
    learnt: NDArray[np.int64]
    settings: ContrastiveSettings
    checkpoint: bytes | None
    checkpoint_every: int
    kept_at: Path | None


class GlooExchange:
    """Workers of one process group of torch: vectors are gathered, gradients added up.

    Every worker has the whole loss and all vectors, but only its own ones carry gradients; added up over workers they
    are the gradient of the whole batch. The temperature's is whole on every worker already: of it the mean is taken.
    """

    def __init__(self) -> None:
        import torch.distributed as distributed

        self.rank, self.workers = distributed.get_rank(), distributed.get_world_size()

    def gather(self, vectors: torch.Tensor, *, rows: int) -> torch.Tensor:
        import torch
        import torch.distributed as distributed

        shares = [share_of(rows, rank=rank, workers=self.workers) for rank in range(self.workers)]
        lengths = [share.stop - share.start for share in shares]
        # What is gathered has one length; the rest of a shorter share is cut off again.
        own = vectors.new_zeros((max(lengths), *vectors.shape[1:]))
        own[: len(vectors)] = vectors.detach()
        padded = [torch.empty_like(own) for _ in lengths]
        distributed.all_gather(padded, own)
        parts = [part[:length] for part, length in zip(padded, lengths, strict=True)]
        parts[self.rank] = vectors
        return torch.cat(parts)

    def share_gradients(self, towers: Towers) -> None:
        for parameter in towers.parameters():
            if parameter.requires_grad:
                divisor = self.workers if parameter is towers.log_scale else 1
                # torch gives this method no types
                parameter.register_post_accumulate_grad_hook(  # type: ignore[no-untyped-call]
                    lambda each, divisor=divisor: _add_up(each, divisor)
                )


def train_on_ray(
    towers: Towers,
    *,
    arrays: PairArrays,
    learnt: NDArray[np.int64],
    settings: ContrastiveSettings,
    workers: int,
    kept_at: Path | None = None,
    checkpoint: bytes | None = None,
    checkpoint_every: int = CHECKPOINT_EVERY,
) -> tuple[TrainResult, bytes]:
    """Train towers in place as ``train_towers`` does, on Ray workers, and give the last checkpoint with the outcome.

    A worker that dies is replaced, and all go on from the last checkpoint. ``kept_at``: a file that always holds the
    last checkpoint, so that a training whose every process was killed can go on, too; on a cluster it lies in a folder
    that all machines share, beside which Ray keeps its own. Raises RayUnavailable, and ValueError as ``train_towers``.
    """
    if settings.batch < 2 * workers or len(learnt) < 2 * workers:
        raise ValueError(f"{workers} workers need two pairs each in a batch, at least; ask for fewer workers.")
    ray = _start_ray(workers)
    kept_at = kept_at.resolve() if kept_at else None
    given = _Given(towers, arrays, learnt, settings, checkpoint, checkpoint_every, kept_at)
    folder = kept_at.with_name(f"{kept_at.name}.ray") if kept_at else Path(tempfile.mkdtemp(prefix="towers-"))
    try:
        packed = _fit(ray.put(given), workers=workers, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    end = unpack_checkpoint(packed)
    towers.load_state_dict(end.weights)
    towers.eval()
    return TrainResult(end.steps_done, tuple(end.losses), end.steps_done >= settings.train.steps), packed


def _fit(given: Any, *, workers: int, folder: Path) -> bytes:
    """Have Ray's workers train what the reference tells; the last checkpoint. Raises ValueError where they refuse."""
    from ray import train as ray_train
    from ray.train.torch import TorchTrainer

    trainer = TorchTrainer(
        _work,
        train_loop_config={"given": given},
        scaling_config=ray_train.ScalingConfig(num_workers=workers, use_gpu=False),
        run_config=ray_train.RunConfig(
            storage_path=str(folder),
            failure_config=ray_train.FailureConfig(max_failures=_MOST_DEATHS),
            checkpoint_config=ray_train.CheckpointConfig(num_to_keep=_CHECKPOINTS_KEPT),
        ),
    )
    try:
        last = trainer.fit().checkpoint
    except ray_train.TrainingFailedError as error:
        raise RayUnavailable(
            f"Ray's workers died more than {_MOST_DEATHS} times; look into Ray's log, and go on from the checkpoint."
        ) from error
    with last.as_directory() as where:
        if (refusal := Path(where) / _REFUSAL).exists():
            raise ValueError(refusal.read_text("utf-8"))
        return (Path(where) / _FILE).read_bytes()


def _start_ray(workers: int) -> Any:
    if importlib.util.find_spec("ray") is None:
        raise RayUnavailable("Ray is not installed; install the extra “ray”, or train without --ray.")
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    if not ray.is_initialized():
        _join(ray)
    processors = int(ray.cluster_resources().get("CPU", 0))
    if workers > processors:
        raise RayUnavailable(
            f"Ray has {processors} processors here and cannot run {workers} workers; ask for fewer, or join a cluster "
            "by RAY_ADDRESS."
        )
    return ray


def _join(ray: Any) -> None:
    """Begin a cluster of this machine alone, or join the one of RAY_ADDRESS, which is sent this program's code."""
    if not os.environ.get("RAY_ADDRESS"):
        ray.init(include_dashboard=False, logging_level="error", log_to_driver=False)
        return
    house = Path(__file__).resolve().parents[2]
    code = {"py_modules": [str(house / name) for name in ("ava", "search")], "excludes": ["__pycache__"]}
    try:
        ray.init(logging_level="error", log_to_driver=False, runtime_env=code)
    except (ConnectionError, ValueError) as error:
        raise RayUnavailable(f"No cluster of Ray answers at RAY_ADDRESS ({os.environ['RAY_ADDRESS']}).") from error


def _work(config: dict[str, Any]) -> None:
    """What each worker runs: the training of one machine, with an exchange where it is not alone."""
    import ray
    import torch
    from ray import train as ray_train

    torch.set_num_threads(1)
    given: _Given = ray.get(config["given"])
    exchange: Exchange | None = GlooExchange() if ray_train.get_context().get_world_size() > 1 else None

    rank = ray_train.get_context().get_world_rank()

    def keep(packed: bytes) -> None:
        if given.kept_at is not None and rank == 0:
            with suppress(OSError):  # a machine that does not share the folder; Ray's own checkpoint counts
                write_whole(given.kept_at, packed)
        _report(_FILE, packed, rank=rank)

    try:
        train_towers(
            copy.deepcopy(given.towers),  # what the object store holds is everybody's
            arrays=given.arrays,
            learnt=given.learnt,
            settings=given.settings,
            exchange=exchange,
            checkpoint=_last_checkpoint() or given.checkpoint,
            checkpoint_every=given.checkpoint_every,
            keep=keep,
        )
    except (Diverged, ValueError) as error:  # all workers come to the same, and trying again would not help
        _report(_REFUSAL, str(error).encode(), rank=rank)


def _report(name: str, content: bytes, *, rank: int) -> None:
    """Every worker has to report; what the first one brings is everybody's."""
    from ray import train as ray_train

    if rank:
        ray_train.report({"bytes": len(content)})
        return
    with tempfile.TemporaryDirectory(prefix="towers-") as where:
        (Path(where) / name).write_bytes(content)
        ray_train.report({"bytes": len(content)}, checkpoint=ray_train.Checkpoint.from_directory(where))


def _last_checkpoint() -> bytes | None:
    """Where a group of workers, one of which died, was; None for the first group."""
    from ray import train as ray_train

    last = ray_train.get_checkpoint()
    if last is None:
        return None
    with last.as_directory() as where:
        return (Path(where) / _FILE).read_bytes()


def _add_up(parameter: torch.Tensor, divisor: int) -> None:
    import torch.distributed as distributed

    assert parameter.grad is not None
    distributed.all_reduce(parameter.grad)
    if divisor > 1:
        parameter.grad /= divisor
