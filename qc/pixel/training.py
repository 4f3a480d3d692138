"""Training the pixel network: from nothing, or on from a version that scans have used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from ava.train.loop import StepReport, TrainResult, TrainSettings, train
from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.lookalike import Lookalike
from qc.pixel.dataset import Mix, PixelBatch, make_batch
from qc.pixel.drawing_ahead import drawn_ahead
from qc.pixel.examples import Example
from qc.pixel.loss import pixel_loss

if TYPE_CHECKING:
    import torch
    from torch import nn

FINE_TUNING = TrainSettings(steps=400, learning_rate=1e-3, warm_up_steps=20)
"""Two to three minutes on one core; what is planted is half of every batch, so that nothing is forgotten."""
FROM_NOTHING = TrainSettings(steps=2600, learning_rate=3e-3, warm_up_steps=150)
MIX_FROM_NOTHING = Mix(
    windows=32,
    side_px=48,
    spots=4,
    clean_share=0.5,
    lookalike_share=0.35,
    weathered_share=0.4,
    compressed_share=0.2,
    clean_weight=2.0,
)


def train_pixel(
    network: nn.Module,
    *,
    clips: Sequence[RgbFrames],
    settings: TrainSettings,
    mix: Mix | None = None,
    lookalikes: Sequence[Lookalike] = (),
    examples: Sequence[Example] = (),
    checkpoint: bytes | None = None,
    on_step: Callable[[StepReport], bool] | None = None,
    checkpoint_every: int = 0,
    keep: Callable[[bytes], None] | None = None,
    device: str = "cpu",
    draws_ahead: bool = False,
) -> TrainResult:
    """Train the network in place on windows drawn by `qc.pixel.dataset.make_batch`; see `ava.train.loop.train`.

    ``draws_ahead``: a second process draws them, on a core of its own; the outcome is the same.
    """
    mix = mix or Mix()

    def batch_of(step: int) -> PixelBatch:
        return make_batch(step, seed=settings.seed, clips=clips, mix=mix, lookalikes=lookalikes, examples=examples)

    def loss_of(module: nn.Module, batch: PixelBatch) -> torch.Tensor:
        return batch_loss(module, batch, device=device)

    with drawn_ahead(batch_of) if draws_ahead else nullcontext(batch_of) as drawn:
        return train(
            network.to(device),
            loss_of=loss_of,
            batch_of=drawn,
            settings=settings,
            checkpoint=checkpoint,
            on_step=on_step,
            checkpoint_every=checkpoint_every,
            keep=keep,
        )


def batch_loss(network: nn.Module, batch: PixelBatch, *, device: str = "cpu") -> torch.Tensor:
    """`pixel_loss` of a batch; differentiable."""
    import torch

    windows, targets, weights = (torch.from_numpy(array).to(device) for array in batch)
    return pixel_loss(network(windows), targets, weights=weights)


def held_out_loss(network: nn.Module, batches: Sequence[PixelBatch], *, device: str = "cpu") -> float:
    """Mean loss of batches that nothing is learnt from; NaN for none."""
    import torch

    if not batches:
        return float("nan")
    was_training = network.training
    network.eval()
    with torch.no_grad():
        mean = sum(float(batch_loss(network, batch, device=device)) for batch in batches) / len(batches)
    network.train(was_training)
    return mean
