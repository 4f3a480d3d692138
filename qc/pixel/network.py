"""The network that judges pixels: five frames at full resolution in, the logit of an error at every pixel out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES

INPUT_CHANNELS = 3 * WINDOW_FRAMES
FEATURE_CHANNELS = 17
FEATURE_RADIUS_PX = 4
RADIUS_PX = FEATURE_RADIUS_PX + 4
"""How far the picture decides about a pixel: the fixed features' reach and that of the three convolutions."""

_NEAR_RADIUS_PX = 1
_LEVELS = 255.0
_KNEE_LEVELS = 2.0


class PixelNetwork(nn.Module):
    """A fixed first layer of differences that tell a lit pixel from what stays or moves, and three 3x3 convolutions.

    ``forward`` takes ``float32 (B, 15, H, W)``: five frames x (Y, Cb, Cr), frame-major, stored levels / 255, chroma
    brought to luma size by nearest neighbour. It gives logits ``(B, 1, H, W)``; beyond the picture's edges its
    outermost pixels are repeated. Nothing is scaled down anywhere.

    The fixed layer compares the middle frame with its neighbours (signed differences, and the excess over the
    brightest of their surroundings, a temporal min-max rule) and with its own surroundings (white top-hat, Serra
    1982); logarithms make amplitudes of 5 and of 200 levels alike in size.
    """

    def __init__(self, *, channels: int = 16) -> None:
        super().__init__()
        self.channels = channels
        self.enter = nn.Conv2d(FEATURE_CHANNELS, channels, 3)
        self.spread = nn.Conv2d(channels, channels, 3, dilation=2)
        self.join = nn.Conv2d(channels, channels, 3)
        self.judge = nn.Conv2d(channels, 1, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Logits ``(B, 1, H, W)`` of windows ``float32 (B, 15, H, W)``."""
        return self.judge_padded(functional.pad(frames, [RADIUS_PX] * 4, mode="replicate"))

    def judge_padded(self, frames: Tensor) -> Tensor:
        """Logits of windows that bring their own margin of RADIUS_PX on each side, which is used up."""
        with torch.no_grad():
            features = pixel_features(frames)
        hidden = functional.relu(self.enter(features))
        hidden = functional.relu(self.spread(hidden))
        hidden = functional.relu(self.join(hidden))
        logits: Tensor = self.judge(hidden)
        return logits


def pixel_features(frames: Tensor) -> Tensor:
    """The fixed first layer: ``(B, 15, H, W)`` → ``(B, FEATURE_CHANNELS, H - 8, W - 8)``."""
    planes = frames.view(len(frames), WINDOW_FRAMES, 3, *frames.shape[2:]) * _LEVELS
    luma = planes[:, :, 0]
    return torch.cat([_luma_features(luma), _chroma_features(planes[:, 1:4, 1:])], dim=1)


def _luma_features(luma: Tensor) -> Tensor:
    """Of luma ``(B, 5, H, W)`` in levels."""
    middle = _crop(luma[:, HALO_FRAMES], FEATURE_RADIUS_PX)
    others = _crop(luma[:, [1, 3, 0, 4]], FEATURE_RADIUS_PX)
    near = _crop(_dilate(luma[:, [1, 3, 0, 4]], _NEAR_RADIUS_PX), FEATURE_RADIUS_PX - _NEAR_RADIUS_PX)
    far = _dilate(torch.maximum(luma[:, 1], luma[:, 3]), FEATURE_RADIUS_PX)
    opened = _dilate(-_dilate(-luma[:, HALO_FRAMES], 2), 2)
    change = functional.avg_pool2d((luma[:, 3:4] - luma[:, 1:2]).abs(), 2 * FEATURE_RADIUS_PX + 1, stride=1)
    mean = functional.avg_pool2d(luma[:, HALO_FRAMES : HALO_FRAMES + 1], 2 * FEATURE_RADIUS_PX + 1, stride=1)
    differences = torch.stack(
        [
            middle - near[:, :2].amax(dim=1),
            middle - near[:, 2:].amax(dim=1),
            middle - far,
            middle - opened,
            middle - mean[:, 0],
            others[:, 1] - others[:, 0],
            *(middle - others[:, number] for number in range(4)),
            change[:, 0],
        ],
        dim=1,
    )
    return torch.cat([_compress(differences), middle[:, None] / _LEVELS], dim=1)


def _chroma_features(chroma: Tensor) -> Tensor:
    """Of chroma ``(B, 3, 2, H, W)`` of the middle frame and its two neighbours, in levels."""
    middle = _crop(chroma[:, 1], FEATURE_RADIUS_PX)
    rest = FEATURE_RADIUS_PX - 2
    above = _crop(_dilate(torch.maximum(chroma[:, 0], chroma[:, 2]), 2), rest)
    below = -_crop(_dilate(-torch.minimum(chroma[:, 0], chroma[:, 2]), 2), rest)
    difference = middle - 0.5 * (
        _crop(chroma[:, 0], FEATURE_RADIUS_PX) + _crop(chroma[:, 2], FEATURE_RADIUS_PX)
    )
    both = (middle - above).clamp(min=0) + (below - middle).clamp(min=0)
    return _compress(torch.cat([both, difference, (difference**2).sum(dim=1, keepdim=True).sqrt()], dim=1))


def _compress(levels: Tensor) -> Tensor:
    return levels.sign() * torch.log1p(levels.abs() / _KNEE_LEVELS) * 0.5


def _crop(planes: Tensor, margin_px: int) -> Tensor:
    return planes[..., margin_px : planes.shape[-2] - margin_px, margin_px : planes.shape[-1] - margin_px]


def _dilate(planes: Tensor, radius_px: int) -> Tensor:
    """The brightest within a square of ``2 radius + 1``; the result is smaller by the radius on each side."""
    for axis in (-2, -1):
        length = planes.shape[axis] - 2 * radius_px
        reach = 1
        while 2 * reach <= 2 * radius_px + 1:
            size = planes.shape[axis] - reach
            planes = torch.maximum(planes.narrow(axis, 0, size), planes.narrow(axis, reach, size))
            reach *= 2
        rest = 2 * radius_px + 1 - reach
        planes = torch.maximum(planes.narrow(axis, 0, length), planes.narrow(axis, rest, length))
    return planes
