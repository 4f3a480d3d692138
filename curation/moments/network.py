"""The network that ranks a film's shots: each in its neighbourhood, held against the film's likeliest and unlikeliest.

Imports torch: to be imported where it is used.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from curation.moments.prior import prior_weights
from curation.moments.shot_features import FEATURES

BESIDE = 2
"""Shots before and after one that its neighbourhood is made of."""
REMEMBERED = 16
"""Shots of either end of a film that are kept in memory; in short films a quarter of them."""
FIRST_WEIGHT = 4.0
"""How much more widely than the prior's the first scores are spread: differences then matter to a logistic loss."""


class ShotInputs(NamedTuple):
    """What is known of a film's S shots.

    places: float32 (S, F), −1 the film's least to 1 its most, 0 where not known. known: float32 (S, F), 1 or 0.
    pictures: float32 (S, D), embeddings without what all of the film's have in common, zeros where there is none.
    """

    places: Tensor
    known: Tensor
    pictures: Tensor | None

    def without(self, feature: int) -> "ShotInputs":
        """As if one feature had been measured of no shot."""
        places, known = self.places.clone(), self.known.clone()
        places[:, feature] = 0
        known[:, feature] = 0
        return self._replace(places=places, known=known)


class Memory(NamedTuple):
    """A film's likeliest and unlikeliest shots: (K, C) each."""

    high: Tensor
    low: Tensor


class RankingNetwork(nn.Module):
    """About 20,000 weights, and 32 for every number of an embedding; linear in shots, in time and memory.

    After the contrastive attention of Wang and others (2020): shots are first scored by themselves and their
    neighbourhood, the ends of that order become the memory, and every shot attends to both ends of it. Beside it a
    straight way from the features, which begins as the documented prior: an untrained network ranks as that does.
    """

    def __init__(self, *, dimension: int = 0, width: int = 32) -> None:
        super().__init__()
        self.dimension, self.width = dimension, width
        count = len(FEATURES)
        self.straight = nn.Linear(count, 1, bias=False)
        self.enter = nn.Linear(3 * count, width)
        self.picture = nn.Linear(dimension, width, bias=False) if dimension else None
        self.beside = nn.Conv1d(width, width, 2 * BESIDE + 1, padding=BESIDE, groups=width, bias=False)
        self.first = nn.Linear(width, 1)
        self.ask, self.key = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.join = nn.Linear(3 * width, width)
        self.last = nn.Linear(width, 1, bias=False)
        nn.init.zeros_(self.beside.weight)
        nn.init.zeros_(self.first.weight)
        nn.init.zeros_(self.last.weight)
        with torch.no_grad():
            self.straight.weight.copy_(FIRST_WEIGHT * torch.from_numpy(prior_weights())[None])

    def forward(self, inputs: ShotInputs) -> tuple[Tensor, Tensor, Tensor]:
        """Scores (S,), the first scores (S,) that memory is made by, and what shots are held against it by (S, C)."""
        own = self.look(inputs)
        joined = own + self.surround(own)
        first = self.score_first(inputs, joined)
        return self.judge(inputs, joined, self.remember(joined, first)), first, joined

    def look(self, inputs: ShotInputs) -> Tensor:
        """Each shot by itself: (S, C). Middling amounts may matter, too: distances from the middle are seen."""
        seen = torch.cat([inputs.places, inputs.places.abs(), inputs.known], dim=1)
        hidden: Tensor = self.enter(seen)
        if self.picture is not None and inputs.pictures is not None:
            hidden = hidden + self.picture(inputs.pictures)
        return functional.gelu(hidden)

    def surround(self, own: Tensor) -> Tensor:
        """What each shot has of its neighbours, and of itself once more: (S, C), linear."""
        around: Tensor = self.beside(own.T[None])[0].T
        return around

    @property
    def own_share(self) -> Tensor:
        """The part of ``surround`` that is the shot itself: (C,)."""
        share: Tensor = self.beside.weight[:, 0, BESIDE]
        return share

    def score_first(self, inputs: ShotInputs, joined: Tensor) -> Tensor:
        """Scores (S,) without memory."""
        scores: Tensor = (self.straight(inputs.places) + self.first(joined))[:, 0]
        return scores

    def remember(self, joined: Tensor, first: Tensor) -> Memory:
        """The ends of the first order; equal scores are kept in the film's order."""
        kept = max(1, min(REMEMBERED, len(first) // 4))
        order = torch.sort(first.detach(), descending=True, stable=True).indices
        return Memory(joined[order[:kept]], joined[order[-kept:]])

    def judge(self, inputs: ShotInputs, joined: Tensor, memory: Memory) -> Tensor:
        """Scores (S,) against a film's memory."""
        asked = self.ask(joined) / self.width**0.5
        high, low = (torch.softmax(asked @ self.key(end).T, dim=1) @ end for end in memory)
        against = functional.gelu(self.join(torch.cat([joined, high, low], dim=1)))
        scores: Tensor = self.score_first(inputs, joined) + self.last(against)[:, 0]
        return scores
