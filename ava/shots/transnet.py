"""TransNet V2: a network that says, for every frame of a window, how likely a shot transition is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

FRAME_SIZE_PX = (48, 27)
"""Width and height of the frames the network was trained on, whatever the film's shape."""

WINDOW_FRAMES = 100
MARGIN_FRAMES = 25
"""The network sees 100 frames and is believed on the middle 50, as it was trained."""

_DILATIONS = (1, 2, 4, 8)
_CELLS = 3
_LOOKUP_FRAMES = 101
_BATCH_NORM_EPSILON = 1e-3


class UnusableWeights(Exception):
    """A weights file is not TransNet V2's; the message says what to do."""


class _Layer(NamedTuple):
    """One dilated (2+1)D convolution block, its batch normalisation folded in.

    ``spatial`` (8F, C, 3, 3) makes the four branches' 2F channels each in one convolution. ``temporal``
    (12F, 2F, 1, 1) makes for every branch the terms that come from the frame before, the frame itself and
    the frame after.
    """

    spatial: Tensor
    temporal: Tensor
    bias: Tensor


class _Similarity(NamedTuple):
    weight: Tensor
    bias: Tensor


class TransNet:
    """The network of Souček & Lokoč, "TransNet V2" (2020), for prediction on one CPU core.

    It computes what the published network computes, arranged for speed: the four branches of a block share
    one spatial convolution, temporal convolutions are a product with three shifted sums, and batch
    normalisation is folded into the weights. Differences to the published arrangement are rounding (below
    1e-4 in probability).
    """

    def __init__(self, weights_path: Path) -> None:
        """Load the published PyTorch weights; raises ``UnusableWeights`` when the file is another model's."""
        import torch

        state = torch.load(weights_path, map_location="cpu", weights_only=True)
        try:
            self._cells = [
                [_fold_layer(state, f"SDDCNN.{cell}.DDCNN.{layer}") for layer in range(2)]
                for cell in range(_CELLS)
            ]
            self._projection = _Similarity(
                state["frame_sim_layer.projection.weight"], state["frame_sim_layer.projection.bias"]
            )
            self._frame_similarity = _Similarity(
                state["frame_sim_layer.fc.weight"], state["frame_sim_layer.fc.bias"]
            )
            self._colour_similarity = _Similarity(
                state["color_hist_layer.fc.weight"], state["color_hist_layer.fc.bias"]
            )
            self._hidden = _Similarity(state["fc1.weight"], state["fc1.bias"])
            self._single = _Similarity(state["cls_layer1.weight"], state["cls_layer1.bias"])
            self._many = _Similarity(state["cls_layer2.weight"], state["cls_layer2.bias"])
        except KeyError as missing:
            raise UnusableWeights(
                f"{weights_path.name} holds no TransNet V2 weights ({missing} is missing); fetch the model again."
            ) from missing

    def predict_window(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Predict the transitions of consecutive frames ``uint8 (T, H, W, 3)``, RGB, any size, T at most 100.

        Returns ``float32 (T, 2)``: the probability that a transition's middle lies at the frame (for a hard
        cut the last frame of the old shot), and that the frame belongs to a transition. The 25 frames at
        either end serve as context and are not to be believed.
        """
        import torch

        window = torch.from_numpy(shrink_frames(frames))
        with torch.inference_mode():
            return np.asarray(self._predict_window(window).numpy(), dtype=np.float32)

    def predict(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Predict the transitions of a whole film of frames ``uint8 (T, H, W, 3)`` in overlapping windows.

        Returns ``float32 (T, 2)`` as ``predict_window`` does. Film ends are padded with copies of the end
        frames, as published.
        """
        if not len(frames):
            return np.empty((0, 2), dtype=np.float32)
        small = shrink_frames(frames)
        step = WINDOW_FRAMES - 2 * MARGIN_FRAMES
        behind = MARGIN_FRAMES + -len(small) % step
        padded = np.concatenate([small[:1].repeat(MARGIN_FRAMES, 0), small, small[-1:].repeat(behind, 0)])
        parts = [
            self.predict_window(padded[start : start + WINDOW_FRAMES])[MARGIN_FRAMES:-MARGIN_FRAMES]
            for start in range(0, len(padded) - WINDOW_FRAMES + 1, step)
        ]
        return np.concatenate(parts)[: len(small)]

    def _predict_window(self, window: Tensor) -> Tensor:
        from torch import cat, sigmoid
        from torch.nn.functional import linear, relu

        features = window.permute(0, 3, 1, 2).float().div_(255)
        means = []
        for cell in self._cells:
            features = _apply_cell(features, cell)
            means.append(features.mean(dim=(2, 3)))
        seen = cat(
            [
                self._compare_colours(window),
                self._compare_features(cat(means, dim=1)),
                features.permute(0, 2, 3, 1).reshape(len(window), -1),
            ],
            dim=1,
        )
        hidden = relu(linear(seen, *self._hidden))
        return sigmoid(cat([linear(hidden, *self._single), linear(hidden, *self._many)], dim=1))

    def _compare_features(self, means: Tensor) -> Tensor:
        from torch.nn.functional import linear, normalize, relu

        projected = normalize(linear(means, *self._projection), dim=1)
        return relu(linear(_look_around(projected @ projected.T), *self._frame_similarity))

    def _compare_colours(self, window: Tensor) -> Tensor:
        import torch
        from torch.nn.functional import linear, normalize, relu

        bits = (window >> 5).long().reshape(len(window), -1, 3)
        bins = (bits[..., 0] << 6) + (bits[..., 1] << 3) + bits[..., 2]
        counts = torch.zeros(len(window), 512).scatter_add_(1, bins, torch.ones(bins.shape))
        histograms = normalize(counts, dim=1)
        return relu(linear(_look_around(histograms @ histograms.T), *self._colour_similarity))


def shrink_frames(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resize frames ``uint8 (T, H, W, 3)`` to the network's ``(T, 27, 48, 3)`` by area, shape ignored as in
    training."""
    width, height = FRAME_SIZE_PX
    if frames.shape[1:3] == (height, width):
        return frames
    return np.stack([cv2.resize(frame, FRAME_SIZE_PX, interpolation=cv2.INTER_AREA) for frame in frames])


def _fold_layer(state: Mapping[str, Tensor], prefix: str) -> _Layer:
    from torch import cat, channels_last, zeros_like

    scale = state[f"{prefix}.bn.weight"] / (state[f"{prefix}.bn.running_var"] + _BATCH_NORM_EPSILON).sqrt()
    bias = state[f"{prefix}.bn.bias"] - state[f"{prefix}.bn.running_mean"] * scale
    branches = [f"{prefix}.Conv3D_{dilation}.layers" for dilation in _DILATIONS]
    spatial = cat([state[f"{branch}.0.weight"][:, :, 0] for branch in branches])
    taps: list[Tensor] = []
    for branch, branch_scale in zip(branches, scale.chunk(len(branches)), strict=True):
        weight = state[f"{branch}.1.weight"][..., 0, 0] * branch_scale[:, None, None]
        taps.extend(weight[:, :, tap, None, None] for tap in range(3))
    no_bias = zeros_like(bias[: len(bias) // len(branches)])
    return _Layer(
        spatial=spatial.contiguous(memory_format=channels_last),
        temporal=cat(taps).contiguous(memory_format=channels_last),
        bias=cat([part for own in bias.chunk(len(branches)) for part in (no_bias, own, no_bias)]),
    )


def _apply_cell(features: Tensor, layers: list[_Layer]) -> Tensor:
    from torch.nn.functional import avg_pool2d, relu

    first = relu(_apply_layer(features, layers[0]))
    second = relu(_apply_layer(first, layers[1]))
    return avg_pool2d(second.add_(first), kernel_size=2)


def _apply_layer(features: Tensor, layer: _Layer) -> Tensor:
    """Convolve frames as a batch in space, then add each branch's shifted terms in time (zeros outside the
    window)."""
    from torch.nn.functional import conv2d

    spread = conv2d(
        conv2d(features, layer.spatial, padding=1), layer.temporal, layer.bias, groups=len(_DILATIONS)
    )
    frames, channels, height, width = spread.shape
    terms = spread.permute(0, 2, 3, 1).view(frames, height, width, len(_DILATIONS), 3, channels // 12)
    total = terms[..., 1, :].clone()
    for branch, dilation in enumerate(_DILATIONS):
        total[dilation:, ..., branch, :] += terms[:-dilation, ..., branch, 0, :]
        total[:-dilation, ..., branch, :] += terms[dilation:, ..., branch, 2, :]
    return total.view(frames, height, width, channels // 3).permute(0, 3, 1, 2)


def _look_around(similarities: Tensor) -> Tensor:
    """Turn similarities of all pairs ``(T, T)`` into each frame's similarities to its 101 neighbours ``(T,
    101)``."""
    from torch.nn.functional import pad

    reach = _LOOKUP_FRAMES // 2
    frame_count = len(similarities)
    padded = pad(similarities, (reach, reach))
    # Row t starts at column t: one stride of a row and a column walks down the diagonal.
    return padded.as_strided((frame_count, _LOOKUP_FRAMES), (padded.stride(0) + 1, 1))
