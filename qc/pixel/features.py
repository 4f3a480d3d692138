"""The network's fixed first layer: differences that tell a pixel lit for one frame from what stays or moves.

Everything is integer arithmetic on whole planes laid out in a row, which a processor does many times as fast as the
same in floats and tile by tile: what runs over a row's end lands in margins that are cut away.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from qc.pixel.found import HALO_FRAMES, WINDOW_FRAMES

FEATURE_CHANNELS = 16
FEATURE_RADIUS_PX = 4
_KNEE_LEVELS = 12.0
_AROUND_PX = 2 * FEATURE_RADIUS_PX + 1

Choice = Callable[..., Tensor]


def pixel_features(levels: Tensor) -> Tensor:
    """Windows ``int16 (B, 15, H, W)`` in levels 0–255 → ``float32 (B, FEATURE_CHANNELS, H - 8, W - 8)``.

    Of luma: excess over the brightest 3x3 px of the frames beside, of the next two, and over 9x9 px of those beside;
    white top-hat of 5x5 px (Serra 1982); difference from the mean of 9x9 px; how the frame after differs from the one
    before; differences from each of the four; mean change around; the level itself. Of each chroma plane: excess over
    the range that the frames beside have within 5x5 px, and the difference from their mean. All but the level are
    brought to -1…1 by x / (\\|x\\| + 12), so that amplitudes of 5 and of 200 levels are alike in size.
    """
    planes = levels.view(len(levels), WINDOW_FRAMES, 3, *levels.shape[2:])
    luma = _luma_features(planes[:, :, 0])
    features = torch.cat([luma, _chroma_features(planes[:, HALO_FRAMES - 1 : HALO_FRAMES + 2, 1:])], dim=1)
    features = features / (features.abs() + _KNEE_LEVELS)
    features[:, luma.shape[1] - 1] = _crop(planes[:, HALO_FRAMES, 0], FEATURE_RADIUS_PX).float() / 255
    return features


def _luma_features(luma: Tensor) -> Tensor:
    """Of luma ``int16 (B, 5, H, W)``; the last channel is left for the level."""
    middle = luma[:, HALO_FRAMES].contiguous()
    others = luma[:, [1, 3, 0, 4]]
    near = _grow(others, 1)
    beside, further = (torch.maximum(near[:, first], near[:, first + 1]) for first in (0, 2))
    far = _grow(beside, FEATURE_RADIUS_PX - 1)
    opened = _grow(_grow(middle, 2, torch.minimum), 2)
    height, width = (side - 2 * FEATURE_RADIUS_PX for side in luma.shape[2:])
    here = _crop(middle, FEATURE_RADIUS_PX)
    around = _crop(others, FEATURE_RADIUS_PX)
    sums = _sum_around(torch.stack([middle, (others[:, 1] - others[:, 0]).abs()], dim=1))
    mean = sums[:, :, :height, :width].float() / _AROUND_PX**2
    differences = [here - grown[:, start : start + height, start : start + width]
                   for grown, start in ((beside, 3), (further, 3), (far, 0), (opened, 0))]  # fmt: skip
    differences += [here - mean[:, 0], around[:, 1] - around[:, 0], *(here - around[:, each] for each in range(4))]
    return torch.stack([*(each.float() for each in differences), mean[:, 1], mean[:, 1]], dim=1)


def _chroma_features(chroma: Tensor) -> Tensor:
    """Of chroma ``int16 (B, 3, 2, H, W)`` of the middle frame and those beside it."""
    height, width = (side - 2 * FEATURE_RADIUS_PX for side in chroma.shape[3:])
    above = _grow(torch.maximum(chroma[:, 0], chroma[:, 2]), 2)[..., 2 : 2 + height, 2 : 2 + width]
    below = _grow(torch.minimum(chroma[:, 0], chroma[:, 2]), 2, torch.minimum)[..., 2 : 2 + height, 2 : 2 + width]
    before, here, after = (_crop(chroma[:, frame], FEATURE_RADIUS_PX) for frame in range(3))
    beyond = (here - above).clamp(min=0) + (below - here).clamp(min=0)
    return torch.cat([beyond.float(), here - 0.5 * (before + after)], dim=1)


def _crop(planes: Tensor, margin_px: int) -> Tensor:
    return planes[..., margin_px : planes.shape[-2] - margin_px, margin_px : planes.shape[-1] - margin_px]


def _grow(planes: Tensor, radius_px: int, choose: Choice = torch.maximum) -> Tensor:
    """The brightest (or by ``torch.minimum`` darkest) of squares of ``2 radius + 1``, at their left top corners.

    Of the shape given; the last ``2 radius`` rows and columns mean nothing.
    """
    row = planes.reshape(-1)
    for stride in (1, planes.shape[-1]):
        reach = 1
        while 2 * reach <= 2 * radius_px + 1:
            row = _join_shifted(row, row, reach * stride, choose)
            reach *= 2
        row = _join_shifted(row, row, (2 * radius_px + 1 - reach) * stride, choose)
    return row.view(planes.shape)


def _sum_around(planes: Tensor) -> Tensor:
    """Sums of squares of 9x9 px at their left top corners, like ``_grow``; 81 x 255 fits 16 bits."""
    row = planes.reshape(-1)
    for stride in (1, planes.shape[-1]):
        one = row
        for reach in (1, 2, 4):
            row = _join_shifted(row, row, reach * stride, torch.add)
        row = _join_shifted(row, one, 8 * stride, torch.add)
    return row.view(planes.shape)


def _join_shifted(row: Tensor, other: Tensor, shift: int, join: Choice) -> Tensor:
    joined, both = torch.empty_like(row), max(len(row) - shift, 0)
    join(row[:both], other[shift:], out=joined[:both])
    joined[both:] = 0
    return joined
