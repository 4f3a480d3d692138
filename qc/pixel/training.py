"""Training the pixel network: from nothing, or on from a version that scans have used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ava.train.loop import StepReport, TrainResult, TrainSettings, train
from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.lookalike import Lookalike
from qc.pixel.dataset import Mix, PixelBatch, make_batch
from qc.pixel.examples import Example
from qc.pixel.loss import pixel_loss

if TYPE_CHECKING:
    import torch
    from torch import nn

FINE_TUNING = TrainSettings(steps=400, learning_rate=1e-3, warm_up_steps=20)
"""Two to three minutes on one core; what is planted is half of every batch, so that nothing is forgotten."""
FROM_NOTHING = TrainSettings(steps=3400, learning_rate=3e-3, warm_up_steps=150)
MIX_FROM_NOTHING = Mix(
    windows=32, side_px=48, spots=4, clean_share=0.25, lookalike_share=0.4, weathered_share=0.5, compressed_share=0.15
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
) -> TrainResult:
    """Train the network in place on windows drawn by `qc.pixel.dataset.make_batch`; see `ava.train.loop.train`."""
    mix = mix or Mix()

    def batch_of(step: int) -> PixelBatch:
        return make_batch(step, seed=settings.seed, clips=clips, mix=mix, lookalikes=lookalikes, examples=examples)

    def loss_of(module: nn.Module, batch: PixelBatch) -> torch.Tensor:
        return batch_loss(module, batch, device=device)

    return train(
        network.to(device),
        loss_of=loss_of,
        batch_of=batch_of,
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
