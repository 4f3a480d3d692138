"""dlib's residual network of faces, run by torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.compute_device import Device, prepare_torch
from ava.annotate.dlib_network_file import Layer, read_saved_network
from ava.annotate.network_errors import UnusableNetwork

if TYPE_CHECKING:
    import torch

CHIP_SIDE_PX = 150
DIMENSIONS = 128
LEVELS_PER_UNIT = 256.0
CHIPS_AT_ONCE = 32

_STEM_FILTERS, _STEM_SIDE, _BLOCK_SIDE = 32, 7, 3
_BLOCKS = (
    *[(32, False)] * 3,
    *[(64, True), *[(64, False)] * 3],
    *[(128, True), *[(128, False)] * 2],
    *[(256, True), *[(256, False)] * 2],
    (256, True),
)
"""Filters of each block, and whether it halves its picture."""


class _Convolution(NamedTuple):
    """A convolution with the affine map behind it folded into its parameters."""

    weight: torch.Tensor
    bias: torch.Tensor
    stride: int
    padding: int


class _Block(NamedTuple):
    """Two convolutions beside which their input passes, at half its size where ``is_halving``."""

    first: _Convolution
    second: _Convolution
    is_halving: bool


class FaceResnet:
    """The 29-layer network of King (2017, "High quality face recognition with deep metric learning"), a smaller
    ResNet-34 (He, Zhang, Ren & Sun 2015) trained on about 3 million faces of 7,485 people.

    Gives dlib's own vectors to 1e-4, several times as fast. Raises ``UnusableNetwork`` for a file that holds
    anything else.
    """

    def __init__(self, file: Path, *, device: Device = "cpu") -> None:
        import torch

        prepare_torch()
        saved = read_saved_network(file)
        if saved.size_px != (CHIP_SIDE_PX, CHIP_SIDE_PX):
            raise _not_this_network(file)
        self.device = device
        self._mean = torch.tensor(saved.mean_levels, dtype=torch.float32).view(1, 3, 1, 1).to(device)
        try:
            self._build(iter(saved.layers))
        except (StopIteration, ValueError) as error:
            raise _not_this_network(file) from error

    def encode(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors ``float32 (N, 128)`` of aligned faces ``uint8 (N, 150, 150, 3)``, RGB.

        Their Euclidean distance tells people apart, at about 0.6; their length has no meaning. The last bits of a
        vector depend on how many are given at once.
        """
        parts = [self._encode(chips[first : first + CHIPS_AT_ONCE]) for first in range(0, len(chips), CHIPS_AT_ONCE)]
        return np.concatenate([np.empty((0, DIMENSIONS), np.float32), *parts])

    def _encode(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            levels = torch.from_numpy(chips).to(self.device).permute(0, 3, 1, 2).float()
            vectors = self._run((levels - self._mean) / LEVELS_PER_UNIT)
            return np.asarray(vectors.cpu().numpy(), dtype=np.float32)

    def _run(self, x: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        x = functional.max_pool2d(functional.relu(_convolve(self._stem, x)), 3, 2)
        for block in self._blocks:
            inner = _convolve(block.second, functional.relu(_convolve(block.first, x)))
            x = functional.relu(_add(inner, functional.avg_pool2d(x, 2) if block.is_halving else x))
        return x.mean(dim=(2, 3)) @ self._last

    def _build(self, layers: Iterator[Layer]) -> None:
        """Take the layers one by one; raises ``StopIteration`` or ``ValueError`` where one is another."""
        self._stem = self._take_convolution(layers, sizes=(_STEM_FILTERS, 3, _STEM_SIDE), stride=2, padding=0)
        _take(layers, "relu")
        _take(layers, "max_pool", (3, 3, 2, 2, 0, 0))
        self._blocks: list[_Block] = []
        channels = _STEM_FILTERS
        for filters, is_halving in _BLOCKS:
            self._blocks.append(self._take_block(layers, filters=filters, channels=channels, is_halving=is_halving))
            channels = filters
        _take(layers, "avg_pool", (0, 0, 1, 1, 0, 0))
        parameters = _take(layers, "fc", (DIMENSIONS, channels)).parameters
        self._last = self._on_device(parameters.reshape(channels, DIMENSIONS))
        if next(layers, None) is not None:
            raise ValueError("more layers follow")

    def _take_block(self, layers: Iterator[Layer], *, filters: int, channels: int, is_halving: bool) -> _Block:
        stride, padding = (2, 0) if is_halving else (1, 1)
        sizes = (filters, channels, _BLOCK_SIDE)
        first = self._take_convolution(layers, sizes=sizes, stride=stride, padding=padding)
        _take(layers, "relu")
        second = self._take_convolution(layers, sizes=(filters, filters, _BLOCK_SIDE), stride=1, padding=1)
        if is_halving:
            _take(layers, "avg_pool", (2, 2, 2, 2, 0, 0))
        _take(layers, "add_prev")
        _take(layers, "relu")
        return _Block(first, second, is_halving)

    def _take_convolution(
        self, layers: Iterator[Layer], *, sizes: tuple[int, int, int], stride: int, padding: int
    ) -> _Convolution:
        """``sizes``: filters, channels and side of the convolution that must come."""
        filters, channels, side = sizes
        parameters = _take(layers, "con", (filters, side, side, stride, stride, padding, padding)).parameters
        weight = parameters[:-filters].reshape(filters, channels, side, side)
        gain, shift = _take(layers, "affine").parameters.reshape(2, filters)
        bias = parameters[-filters:] * gain + shift
        return _Convolution(
            self._on_device(weight * gain[:, None, None, None]), self._on_device(bias), stride, padding
        )

    def _on_device(self, values: NDArray[np.float32]) -> torch.Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)


def _take(layers: Iterator[Layer], kind: str, numbers: tuple[int, ...] | None = None) -> Layer:
    layer = next(layers)
    if layer.kind != kind or numbers not in (None, layer.numbers):
        raise ValueError(f"{layer.kind} stands where {kind} should")
    return layer


def _convolve(convolution: _Convolution, x: torch.Tensor) -> torch.Tensor:
    from torch.nn import functional

    weight, bias, stride, padding = convolution
    return functional.conv2d(x, weight, bias, stride=stride, padding=padding)


def _add(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The sum of two tensors of differing sizes, zero where one has nothing, as dlib's ``add_prev`` has it."""
    from torch.nn import functional

    size = [max(pair) for pair in zip(a.shape[1:], b.shape[1:], strict=True)]
    padded = []
    for each in (a, b):
        missing = [full - own for full, own in zip(size, each.shape[1:], strict=True)]
        padded.append(functional.pad(each, (0, missing[2], 0, missing[1], 0, missing[0])))
    return padded[0] + padded[1]


def _not_this_network(file: Path) -> UnusableNetwork:
    return UnusableNetwork(f"{file.name} is not dlib's network of faces; fetch or add the model file again.")
