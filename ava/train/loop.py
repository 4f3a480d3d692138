"""The one training loop: seeded batches, warm-up, clipped gradients, checkpoints, and an end that is always told.

Everything random comes from the seed and the step, or from torch's generator, which checkpoints hold: a training that
was killed and went on from a checkpoint ends with the same weights, to the last bit, as one that was left alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ava.train.checkpoint import Checkpoint, UnfitCheckpoint, pack_checkpoint, unpack_checkpoint
from ava.train.schedule import learning_rate_at

if TYPE_CHECKING:
    import torch
    from torch import nn

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class TrainSettings:
    """What decides the outcome of a training, beside its network and its batches.

    ``learning_rate``: the highest, after the warm-up. ``weight_decay``: decoupled (Loshchilov and Hutter 2019).
    ``gradient_norm``: longer gradients are shortened to this length (Pascanu et al. 2013).
    """

    steps: int
    learning_rate: float = 1e-3
    warm_up_steps: int = 0
    seed: int = 0
    weight_decay: float = 1e-4
    gradient_norm: float = 1.0
    final_share: float = 0.01

    def __post_init__(self) -> None:
        if self.steps < 1 or self.warm_up_steps < 0:
            raise ValueError("A training has at least one step, and no fewer than no steps of warm-up.")
        if not (0 < self.learning_rate < math.inf and self.gradient_norm > 0):
            raise ValueError("The learning rate and the longest gradient are positive numbers.")


class StepReport(NamedTuple):
    """What one step did; ``step`` counts from 1, ``loss`` is that of its batch before the step."""

    step: int
    loss: float
    learning_rate: float


class TrainResult(NamedTuple):
    """How a training ended. ``losses``: of every step, those before a resumption too. Not complete: cancelled."""

    steps_done: int
    losses: tuple[float, ...]
    is_complete: bool


class Diverged(ArithmeticError):
    """The loss or its gradient is no number any more; the sentence says when, and what to do."""


def train(
    module: nn.Module,
    *,
    loss_of: Callable[[nn.Module, Batch], torch.Tensor],
    batch_of: Callable[[int], Batch],
    settings: TrainSettings,
    checkpoint: bytes | None = None,
    on_step: Callable[[StepReport], bool] | None = None,
    checkpoint_every: int = 0,
    keep: Callable[[bytes], None] | None = None,
) -> TrainResult:
    """Train a network in place with AdamW (Loshchilov and Hutter 2019).

    ``batch_of(step)``, steps counted from 0, has to depend on its step (and a seed) alone. ``on_step`` is told of
    every step done, and stops the training by returning False. Every ``checkpoint_every`` steps (0: never), when
    stopped, and at the end, ``keep`` is given a checkpoint; passed as ``checkpoint`` with equal settings to a network
    of equal shape, it goes on from there. Raises Diverged, and UnfitCheckpoint for a checkpoint of something else.
    """
    import torch

    optimiser = torch.optim.AdamW(
        module.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    losses: list[float] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        if checkpoint is not None:
            losses = _go_on(module, optimiser, settings=settings, checkpoint=unpack_checkpoint(checkpoint))
        module.train()
        goes_on = True
        while goes_on and len(losses) < settings.steps:
            report = _do_step(
                module, optimiser, loss_of=loss_of, batch_of=batch_of, settings=settings, step=len(losses)
            )
            losses.append(report.loss)
            goes_on = on_step is None or on_step(report)
            is_due = checkpoint_every > 0 and report.step % checkpoint_every == 0
            if keep is not None and (is_due or not goes_on or report.step == settings.steps):
                keep(_pack(module, optimiser, settings=settings, losses=losses))
        module.eval()
    return TrainResult(len(losses), tuple(losses), is_complete=len(losses) >= settings.steps)


def _do_step(
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    *,
    loss_of: Callable[[nn.Module, Batch], torch.Tensor],
    batch_of: Callable[[int], Batch],
    settings: TrainSettings,
    step: int,
) -> StepReport:
    import torch

    rate = learning_rate_at(
        step,
        steps=settings.steps,
        peak=settings.learning_rate,
        warm_up_steps=settings.warm_up_steps,
        final_share=settings.final_share,
    )
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss = loss_of(module, batch_of(step))
    value = float(loss.detach())
    if not math.isfinite(value):
        raise Diverged(_divergence(step, what=f"the loss is {value}", rate=rate))
    torch.autograd.backward(loss)
    norm = float(torch.nn.utils.clip_grad_norm_(module.parameters(), settings.gradient_norm))
    if not math.isfinite(norm):
        raise Diverged(_divergence(step, what="the gradient is no number", rate=rate))
    optimiser.step()
    return StepReport(step + 1, value, rate)


def _divergence(step: int, *, what: str, rate: float) -> str:
    return (
        f"The training diverged at step {step + 1}: {what}. "
        f"Train anew with a learning rate lower than {rate:.3g}, or look for examples that are no numbers."
    )


def _pack(
    module: nn.Module, optimiser: torch.optim.Optimizer, *, settings: TrainSettings, losses: list[float]
) -> bytes:
    import torch

    return pack_checkpoint(
        Checkpoint(
            steps_done=len(losses),
            settings=asdict(settings),
            weights=dict(module.state_dict()),
            optimiser=optimiser.state_dict(),
            random_state=torch.get_rng_state(),
            losses=list(losses),
        )
    )


def _go_on(
    module: nn.Module, optimiser: torch.optim.Optimizer, *, settings: TrainSettings, checkpoint: Checkpoint
) -> list[float]:
    import torch

    if checkpoint.settings != asdict(settings):
        names = [name for name, value in asdict(settings).items() if checkpoint.settings.get(name) != value]
        raise UnfitCheckpoint(f"This checkpoint was made with other settings ({', '.join(names)}); begin anew.")
    try:
        module.load_state_dict(checkpoint.weights)
        optimiser.load_state_dict(checkpoint.optimiser)
        torch.set_rng_state(checkpoint.random_state)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnfitCheckpoint("This checkpoint is of another network; begin anew.") from error
    return list(checkpoint.losses)
