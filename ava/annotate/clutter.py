"""Clutter: how much is going on in a picture, and which parts of it are calm."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray, to_lab

LEVELS = 3
CHANNEL_WEIGHTS = (0.84, 0.08, 0.08)
"""Luma and the two chroma channels, as Rosenholtz, Li & Nakano (2007) weigh them."""

BIN_LEVELS = 2
MOST_ENTROPY_BITS = 5.5
"""Subband entropy of the busiest photographs; white noise has a little more and counts as 1 too."""

CALM_WINDOW_UNIT = 1 / 32
CALM_SIGMA = 5.0
"""Standard deviation of luma, in levels, up to which the surroundings of a pixel count as calm."""


def measure_complexity(rgb: NDArray[np.uint8]) -> float:
    """How cluttered RGB ``uint8 (H, W, 3)`` is, 0 (one colour) to 1.

    Subband entropy (Rosenholtz, Li & Nakano 2007): the bits a coder would need for the picture's bands. Bands here are
    those of a Laplacian pyramid instead of a steerable one, of the Lab channels, in bins of two levels.
    """
    lab = to_lab(rgb).astype(np.float32)
    entropy = sum(
        weight * _subband_entropy(np.ascontiguousarray(lab[..., channel]))
        for channel, weight in enumerate(CHANNEL_WEIGHTS)
    )
    return min(entropy / MOST_ENTROPY_BITS, 1.0)


def _subband_entropy(channel: NDArray[np.float32]) -> float:
    """Mean entropy in bits of the bands of a Laplacian pyramid of one channel."""
    entropies = []
    for _ in range(LEVELS):
        if min(channel.shape) < 2:
            break
        smaller = np.asarray(cv2.pyrDown(channel), dtype=np.float32)
        band = channel - cv2.pyrUp(smaller, dstsize=(channel.shape[1], channel.shape[0]))
        entropies.append(_entropy_bits(np.round(band / BIN_LEVELS).astype(np.int32)))
        channel = smaller
    return sum(entropies) / len(entropies) if entropies else 0.0


def _entropy_bits(values: NDArray[np.int32]) -> float:
    counts = np.bincount((values - values.min()).ravel())
    shares = counts[counts > 0] / values.size
    return float(-(shares * np.log2(shares)).sum())


def measure_calm(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels of RGB ``uint8 (H, W, 3)`` have calm surroundings: ``bool (H, W)``, little contrast within a 32nd
    of the longer side."""
    luma = to_gray(rgb).astype(np.float32)
    side = max(round(max(luma.shape) * CALM_WINDOW_UNIT), 3)
    mean = cv2.blur(luma, (side, side))
    variance = cv2.blur(luma * luma, (side, side)) - mean * mean
    return np.asarray(variance <= CALM_SIGMA**2, dtype=np.bool_)
