"""Training a version of the pixel network on with what reviewers said, without forgetting what it knows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ava.train.loop import StepReport, TrainSettings, train
from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.lookalike import Lookalike
from qc.pixel.dataset import Mix, PixelBatch, fit_example, make_batch
from qc.pixel.examples import Example
from qc.pixel.training import batch_loss

if TYPE_CHECKING:
    import torch
    from torch import nn

    from qc.pixel.network import PixelNetwork

SETTINGS = TrainSettings(steps=400, learning_rate=2e-3, warm_up_steps=20)
"""One to two minutes on one core."""
MIX = Mix(
    windows=8, side_px=48, spots=4, clean_share=0.25, lookalike_share=0.4, weathered_share=0.5, compressed_share=0.1
)
"""What shows what the parent knows, in every batch."""
REJECTED, CONFIRMED = 48, 24
"""Judged places in every batch: with fewer, hundreds of rejected places are hardly seen once."""
JUDGED_SIDE_PX = 32
"""Of what is shown around a judged place: as far as its label and what decides about it reach."""
RENDERED_CLIPS = 40
"""What errors are planted in, as `qc.pixel.footage.rendered_clips` draws it."""
KEEPING = 1.0
"""How much it counts to answer as the parent does in windows with planted errors."""


class Lesson(NamedTuple):
    """A batch: places that reviewers judged, none where there are none, and windows with planted errors."""

    judged: PixelBatch | None
    planted: PixelBatch


def fine_tune(
    parent: PixelNetwork,
    *,
    examples: Sequence[Example],
    clips: Sequence[RgbFrames],
    settings: TrainSettings = SETTINGS,
    lookalikes: Sequence[Lookalike] = (),
    checkpoint: bytes | None = None,
    on_step: Callable[[StepReport], bool] | None = None,
    checkpoint_every: int = 0,
    keep: Callable[[bytes], None] | None = None,
    network: PixelNetwork | None = None,
) -> PixelNetwork:
    """A network that answers as reviewers did at the places they judged, and as its parent does everywhere else.

    At judged places `qc.pixel.loss.pixel_loss` of their labels is made small; in windows with planted errors and
    lookalikes the Kullback-Leibler divergence from the parent's probabilities (learning without forgetting, Li and
    Hoiem 2016): what the parent finds, its child goes on finding. ``network``: a copy of the parent that is trained in
    place, where somebody watches it. For the rest see `ava.train.loop.train`.
    """
    child = copy.deepcopy(parent) if network is None else network
    parent.eval()

    def batch_of(step: int) -> Lesson:
        planted = make_batch(step, seed=settings.seed, clips=clips, mix=MIX, lookalikes=lookalikes)
        return Lesson(_draw_judged(examples, rng=np.random.default_rng([settings.seed, step, 1])), planted)

    def loss_of(module: nn.Module, lesson: Lesson) -> torch.Tensor:
        return _loss(module, lesson, parent=parent)

    train(
        child,
        loss_of=loss_of,
        batch_of=batch_of,
        settings=settings,
        checkpoint=checkpoint,
        on_step=on_step,
        checkpoint_every=checkpoint_every,
        keep=keep,
    )
    return child


def _draw_judged(examples: Sequence[Example], *, rng: np.random.Generator) -> PixelBatch | None:
    """Rejected places and confirmed ones; of fewer than wanted some again."""
    drawn = []
    for is_error, count in ((False, REJECTED), (True, CONFIRMED)):
        group = [one for one in examples if one.is_error is is_error]
        if group:
            places = rng.choice(len(group), count, replace=count > len(group))
            drawn += [fit_example(group[place], rng=rng, side_px=JUDGED_SIDE_PX) for place in places]
    if not drawn:
        return None
    windows, targets, weights = (np.stack(layers) for layers in zip(*drawn, strict=True))
    return PixelBatch(windows, targets[:, None], weights[:, None])


def _loss(module: nn.Module, lesson: Lesson, *, parent: PixelNetwork) -> torch.Tensor:
    import torch

    windows = torch.from_numpy(lesson.planted.windows)
    with torch.no_grad():
        kept = torch.sigmoid(parent(windows))
    loss = KEEPING * _divergence(module(windows), kept)
    return loss if lesson.judged is None else loss + batch_loss(module, lesson.judged)


def _divergence(logits: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Of the parent's probabilities from the child's, summed over pixels, for each that the parent holds lit."""
    from torch.nn import functional

    cross = functional.binary_cross_entropy_with_logits(logits, kept, reduction="sum")
    own = functional.binary_cross_entropy(kept, kept, reduction="sum")
    return (cross - own) / (kept.sum() + len(kept))
