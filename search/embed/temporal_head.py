"""Pooling the frames of a shot by a small network that sees them in their order."""

import math

import torch
from torch import nn
from torch.nn import functional

HEADS = 4
_SHORTEST = 1e-12


class TemporalHead(nn.Module):
    """One transformer layer over the frames of a shot, and a mean weighted by attention over what it gives.

    Whatever it adds begins as zero, so that an untrained head is the mean pool (search.embed.pooling.mean_pool) and
    training can only start from there. A frame's place in its shot is told by sines of its number.
    Sources: Luo and others, CLIP4Clip (2021), "seqTransf" with its residual way; Vaswani and others, Attention is all
    you need (2017); attention pooling as in Ilse and others, Attention-based deep multiple instance learning (2018).
    """

    def __init__(self, dimension: int, *, hidden: int | None = None) -> None:
        super().__init__()
        self.dimension = dimension
        self.heads = HEADS if dimension % HEADS == 0 else 1
        hidden = hidden or dimension
        self.attention_norm = nn.LayerNorm(dimension)
        self.query_key_value = nn.Linear(dimension, 3 * dimension)
        self.attention_out = nn.Linear(dimension, dimension)
        self.wide_norm = nn.LayerNorm(dimension)
        self.widen = nn.Linear(dimension, hidden)
        self.narrow = nn.Linear(hidden, dimension)
        self.worth = nn.Linear(dimension, 1)
        for last in (self.attention_out, self.narrow, self.worth):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, frames: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """``(N, F, D)`` and bool ``(N, F)`` to ``(N, D)``, not yet of length 1; zeros for a shot without frames.

        Frames that are not present change nothing; those that are come first, in their order.
        """
        values = functional.normalize(frames, dim=2, eps=_SHORTEST) * present[..., None]
        values = values + self._look_around(values, present)
        values = values + self.narrow(functional.gelu(self.widen(self.wide_norm(values))))
        worth = self.worth(values)[..., 0].masked_fill(~present, -math.inf)
        weights = torch.softmax(worth.masked_fill(~present.any(dim=1, keepdim=True), 0.0), dim=1) * present
        pooled: torch.Tensor = (weights[..., None] * values).sum(dim=1)
        return pooled

    def _look_around(self, values: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        count, frames, width = values.shape
        placed = self.attention_norm(values * math.sqrt(width) + _places(frames, width).to(values))
        parts = self.query_key_value(placed).view(count, frames, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        # A frame that is not there sees itself, so that no row of the softmax is empty.
        seen = present[:, None, :] | torch.eye(frames, dtype=torch.bool, device=present.device)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None])
        outcome: torch.Tensor = self.attention_out(attended.transpose(1, 2).reshape(count, frames, width))
        return outcome


def _places(frames: int, width: int) -> torch.Tensor:
    """Sines and cosines of the frames' numbers, ``(F, D)``, each at its own pace."""
    paces = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(frames)[:, None] * paces
    return torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).flatten(1)[:, :width]
