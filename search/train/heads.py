"""Heads that were trained over a frozen encoder, at work: its vectors in, vectors of the trained space out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from search.embed.encoder import UnusableEncoder, Vectors
from search.train.towers_file import read_towers

if TYPE_CHECKING:
    from search.train.towers import HeadTowers


class Heads:
    """The text head and the shot head; the same vector gives the same outcome, whatever else is turned with it."""

    def __init__(self, towers: HeadTowers) -> None:
        self.dimension = towers.dimension
        self.is_temporal = towers.is_temporal
        self._towers = towers

    def turn_texts(self, vectors: NDArray[np.floating]) -> Vectors:
        """Vectors of texts ``(N, D)`` by the frozen encoder to ``float32 (N, D)`` of length 1."""
        import torch

        given = torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
        with torch.inference_mode():
            return np.asarray(self._towers.encode_texts(given).numpy(), np.float32)

    def turn_shots(self, shots: Sequence[NDArray[np.floating]]) -> Vectors:
        """Each shot's vectors of frames, or the one of its description, ``(F, D)``, to ``float32 (N, D)``.

        Frames without a direction (zeros, NaN) do not count; a shot without any other becomes zeros.
        """
        import torch

        turned = np.zeros((len(shots), self.dimension), np.float32)
        for row, frames in zip(turned, shots, strict=True):  # one by one: their numbers of frames differ
            given = np.asarray(frames, np.float32).reshape(-1, self.dimension)
            given = given[np.isfinite(given).all(axis=1) & given.any(axis=1)]
            if len(given):
                with torch.inference_mode():
                    present = torch.ones((1, len(given)), dtype=torch.bool)
                    row[:] = self._towers.encode_shots(torch.from_numpy(given[None]), present)[0].numpy()
        return turned


def read_heads(packed: bytes, *, dimension: int, name: str = "The trained encoder") -> Heads:
    """Heads out of a file for an encoder of ``dimension``; raises UnusableEncoder with a sentence."""
    from search.train.towers import HeadTowers

    towers = read_towers(packed, name=name).towers
    if not isinstance(towers, HeadTowers):
        raise UnusableEncoder(f"{name} holds towers of their own, not heads over an installed encoder.")
    if towers.dimension != dimension:
        raise UnusableEncoder(
            f"{name} turns vectors of {towers.dimension} numbers, and its encoder gives {dimension}; train it anew."
        )
    return Heads(towers)
