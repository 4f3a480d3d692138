"""Two towers that end in one space: what they have in common, and small heads over frozen encoders."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import nn

from search.embed.temporal_head import TemporalHead
from search.train.loss import FIRST_LOG_SCALE

_SHORTEST = 1e-12


class Towers(nn.Module):
    """A tower for shots and one for texts, and the temperature that they learn by."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(FIRST_LOG_SCALE))

    @abstractmethod
    def encode_shots(self, shots: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Shots ``(N, F, …)``, of which ``present`` bool ``(N, F)`` frames count, to ``(N, D)`` of length 1."""

    @abstractmethod
    def encode_texts(self, texts: torch.Tensor) -> torch.Tensor:
        """Texts ``(N, …)`` to ``(N, D)`` of length 1."""

    @abstractmethod
    def layout(self) -> dict[str, Any]:
        """The arguments that make towers of equal shape, as JSON values."""


class MeanPool(nn.Module):
    """The mean of a shot's frames, each of length 1: the documented default (search.embed.pooling.mean_pool)."""

    def forward(self, frames: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """``(N, F, D)`` and bool ``(N, F)`` to ``(N, D)``, not yet of length 1."""
        counted = to_length_1(frames) * present[..., None]
        return counted.sum(dim=1) / present.sum(dim=1, keepdim=True).clamp(min=1)


class ProjectionHead(nn.Module):
    """A linear layer beside the way straight through, so that untrained towers are the frozen encoder itself."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.turn = nn.Linear(dimension, dimension)
        nn.init.zeros_(self.turn.weight)
        nn.init.zeros_(self.turn.bias)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """``(N, D)`` to ``(N, D)`` of length 1."""
        return to_length_1(vectors + self.turn(vectors))


class HeadTowers(Towers):
    """Heads over what a frozen encoder gives for frames (or descriptions) and for texts, of one dimension.

    Untrained ones change nothing. Sources: mean pooling and a temporal head over frames as in Luo and others,
    CLIP4Clip (2021); a head beside the identity as in Gao and others, CLIP-Adapter (2021), here linear.
    """

    def __init__(self, *, dimension: int, is_temporal: bool) -> None:
        super().__init__()
        self.dimension, self.is_temporal = dimension, is_temporal
        self.pool: nn.Module = TemporalHead(dimension) if is_temporal else MeanPool()
        self.shot_head = ProjectionHead(dimension)
        self.text_head = ProjectionHead(dimension)

    def encode_shots(self, shots: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = self.shot_head(to_length_1(self.pool(shots, present)))
        return pooled

    def encode_texts(self, texts: torch.Tensor) -> torch.Tensor:
        turned: torch.Tensor = self.text_head(to_length_1(texts))
        return turned

    def layout(self) -> dict[str, Any]:
        return {"dimension": self.dimension, "is_temporal": self.is_temporal}


def to_length_1(vectors: torch.Tensor) -> torch.Tensor:
    """Each vector of the last axis at length 1; zeros stay zeros."""
    return nn.functional.normalize(vectors, dim=-1, eps=_SHORTEST)
