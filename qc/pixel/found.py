"""What a scan for pixel errors finds, as plain values."""

from typing import NamedTuple

HALO_FRAMES = 2
"""Frames on each side of the judged one in the network's window."""
WINDOW_FRAMES = 2 * HALO_FRAMES + 1


class HotPixel(NamedTuple):
    """One lit spot of one frame.

    ``x``, ``y``: centroid weighted by probability, in pixels of the stored picture, 0.0 the middle of the first
    pixel. ``area_px``: pixels above the threshold. ``peak``: highest probability. ``confidence``: 0–1, calibrated.
    ``amplitude``: luma above the surroundings in 8-bit levels.
    ``repeats``: exact repeats of the frame that follow and show it too (pulldown).
    """

    frame_index: int
    x: float
    y: float
    area_px: int
    peak: float
    confidence: float
    amplitude: float
    repeats: int = 0


class StuckPixel(NamedTuple):
    """One place of the sensor that does not answer to light.

    ``x``, ``y``: centroid in pixels of the stored picture. ``spans``: half-open spans of frames in which it shows.
    ``amplitude``: median luma above (dead: below) the surroundings in 8-bit levels. ``looks``: independent looks that
    speak for it.
    """

    x: float
    y: float
    area_px: int
    spans: tuple[tuple[int, int], ...]
    amplitude: float
    confidence: float
    looks: int
