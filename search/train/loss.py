"""The contrastive loss: every shot is to be closer to its own text than to the other texts, and the other way round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

FIRST_LOG_SCALE = math.log(1 / 0.07)
LARGEST_LOG_SCALE = math.log(100.0)


def contrastive_loss(
    shots: torch.Tensor, texts: torch.Tensor, *, log_scale: torch.Tensor, no_negative: torch.Tensor
) -> torch.Tensor:
    """Symmetric cross-entropy over the negatives of a batch, a scalar.

    ``shots``, ``texts``: float ``(N, D)``, of length 1, row by row a pair. ``log_scale``: logarithm of what
    similarities are multiplied by (one over the temperature), learnt, and held to 100 at most. ``no_negative``: bool
    ``(N, N)``, True where shot and text of different pairs are none of each other's negatives; its diagonal does not
    matter. Source: Radford and others, CLIP (2021), figure 3; leaving out negatives that are right, as supervised
    contrastive learning does (Khosla and others, 2020), is a deviation.
    """
    import torch

    own = torch.eye(len(shots), dtype=torch.bool, device=shots.device)
    scale = log_scale.clamp(max=LARGEST_LOG_SCALE).exp()
    logits = (scale * shots @ texts.T).masked_fill(no_negative & ~own, -torch.inf)
    labels = torch.arange(len(shots), device=shots.device)
    cross_entropy = torch.nn.functional.cross_entropy
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


def find_no_negatives(links: torch.Tensor) -> torch.Tensor:
    """Which pairs of a batch are no negatives of each other: ``links`` int ``(N, 2)`` to bool ``(N, N)``.

    Those of one text, or of one shot: what is right for the one is not wrong for the other.
    """
    shots, texts = links[:, 0], links[:, 1]
    return (shots[:, None] == shots[None, :]) | (texts[:, None] == texts[None, :])
