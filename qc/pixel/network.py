"""The network that judges pixels: five frames at full resolution in, the logit of an error at every pixel out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from qc.pixel.features import FEATURE_CHANNELS, FEATURE_RADIUS_PX, pixel_features
from qc.pixel.found import WINDOW_FRAMES

INPUT_CHANNELS = 3 * WINDOW_FRAMES
RADIUS_PX = FEATURE_RADIUS_PX + 4
"""How far the picture decides about a pixel: the fixed features' reach and that of the three convolutions."""

_LEVELS = 255


class PixelNetwork(nn.Module):
    """A fixed first layer of differences in time and space (qc.pixel.features) and three 3x3 convolutions.

    ``forward`` takes ``float32 (B, 15, H, W)``: five frames x (Y, Cb, Cr), frame-major, stored levels / 255, chroma
    brought to luma size by nearest neighbour. It gives logits ``(B, 1, H, W)``; beyond the picture's edges its
    outermost pixels are repeated. Nothing is scaled down anywhere. About 7,000 multiplications a pixel.
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
        padded = functional.pad(frames, [RADIUS_PX] * 4, mode="replicate")
        return self.judge_levels((padded * _LEVELS).round().to(torch.int16))

    def judge_levels(self, levels: Tensor) -> Tensor:
        """Logits of windows ``int16 (B, 15, H, W)`` in levels 0–255; a margin of RADIUS_PX on each side is used up."""
        with torch.no_grad():
            features = pixel_features(levels)
        hidden = functional.relu(self.enter(features))
        hidden = functional.relu(self.spread(hidden))
        hidden = functional.relu(self.join(hidden))
        logits: Tensor = self.judge(hidden)
        return logits
