"""Two small towers from nothing: a few convolutions for frames, an average of words for texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from search.embed.temporal_head import TemporalHead
from search.train.pairs import plain_text
from search.train.towers import MeanPool, Towers, to_length_1

WIDTH_PX, HEIGHT_PX = 64, 36
"""Of the frames that the tower sees."""
LONGEST_TEXT_WORDS = 48
MOST_WORDS = 4096
_NO_WORD, _UNKNOWN = 0, 1
_WORD = re.compile(r"\w+")


class SmallTowers(Towers):
    """Towers that learn everything from the pairs: a test bed, and a beginning where no encoder is installed.

    Frames are ``uint8 (N, F, 36, 64, 3)`` RGB, texts ``int64 (N, 48)`` numbers of words (`number_words`).
    """

    def __init__(self, *, words: Sequence[str], is_temporal: bool, dimension: int = 64, channels: int = 12) -> None:
        super().__init__()
        self.words, self.is_temporal, self.dimension, self.channels = tuple(words), is_temporal, dimension, channels
        self.look = nn.Sequential(
            nn.Conv2d(3, channels, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(2 * channels, 4 * channels, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(4 * channels * 5 * 8, dimension),
        )  # fmt: skip
        self.pool: nn.Module = TemporalHead(dimension) if is_temporal else MeanPool()
        self.read = nn.Embedding(len(self.words) + 2, dimension, padding_idx=_NO_WORD)
        self.say = nn.Sequential(nn.Linear(dimension, 2 * dimension), nn.ReLU(), nn.Linear(2 * dimension, dimension))

    def encode_shots(self, shots: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        count, frames = shots.shape[:2]
        light = shots.flatten(0, 1).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        return to_length_1(self.pool(self.look(light).reshape(count, frames, -1), present))

    def encode_texts(self, texts: torch.Tensor) -> torch.Tensor:
        said = (texts != _NO_WORD).sum(dim=1, keepdim=True).clamp(min=1)
        return to_length_1(self.say(self.read(texts).sum(dim=1) / said))

    def layout(self) -> dict[str, Any]:
        return {
            "words": list(self.words),
            "is_temporal": self.is_temporal,
            "dimension": self.dimension,
            "channels": self.channels,
        }


def find_words(texts: Sequence[str]) -> tuple[str, ...]:
    """The words of texts, the most frequent first, 4,096 at most; of equally frequent ones the alphabet decides."""
    counts = Counter(word for text in texts for word in _WORD.findall(plain_text(text)))
    return tuple(sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS])


def number_words(texts: Sequence[str], *, words: Sequence[str]) -> NDArray[np.int64]:
    """Texts as numbers of words, ``int64 (N, 48)``: 0 behind the end, 1 for a word that is not among ``words``."""
    numbers = {word: place + 2 for place, word in enumerate(words)}
    table = np.full((len(texts), LONGEST_TEXT_WORDS), _NO_WORD, np.int64)
    for row, text in zip(table, texts, strict=True):
        found = [numbers.get(word, _UNKNOWN) for word in _WORD.findall(plain_text(text))[:LONGEST_TEXT_WORDS]]
        row[: len(found)] = found
    return table
