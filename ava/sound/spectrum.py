"""The spectrum of a film's sound, a hundred times a second, brought down to what later steps need of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.proxy_sound import SAMPLE_RATE_HZ
from ava.sound.loudness import HOP_SAMPLES

FRAME_SAMPLES = 480
FRAMES_PER_HOP = HOP_SAMPLES // FRAME_SAMPLES
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ
WINDOW_SAMPLES = 1536  # 32 ms: two periods of the lowest voice, and short enough for a blow
BINS_HZ = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE_HZ).astype(np.float32)

FLOOR_DB = -80.0
"""What is below counts as nothing: hiss and the noise of quantisation must not rise and fall."""

RISE_BANDS, RISE_RANGE_HZ = 36, (60.0, 16_000.0)
RISE_LAG_FRAMES = 2
ENVELOPE_EDGES_HZ = (300.0, 600.0, 1000.0, 1500.0, 2200.0, 3000.0, 4000.0, 8000.0)
BAND_EDGES_HZ = (20.0, 250.0, 2000.0, 6000.0, 20_000.0)
"""Four parts of the sound: bass, the body of voices, consonants, and what glitters."""

FINE_RANGE_HZ = (90.0, 4000.0)
STEADY_LAG_FRAMES = 8
FINE_FLOOR_DB = -90.0
_FINE_SMOOTH_BINS = 9
_FINE_LEAST = 3.0  # dB over all bins: weaker structure than this is none

Floats = NDArray[np.float32]


class SpectrumFrames(NamedTuple):
    """What is kept of F frames of 10 ms, of all channels together but low-frequency effects.

    rise_db: float32 (F,) by how much bands rise above what they and their neighbours were 20 ms before, the mean in dB.
    bands: float32 (F, 4) power between BAND_EDGES_HZ, 1 for a square wave at full scale.
    moment_hz: float32 (F,) sum of power times frequency, for the centroid.
    envelopes_db: float32 (F, 7) power between ENVELOPE_EDGES_HZ, not below FLOOR_DB.
    steadiness_unit: float32 (F,) −1 … 1, how alike the overtones are to those of 80 ms before: near 1 for a note that
        is held, near 0 for noise, and for a voice, whose pitch glides.
    """

    rise_db: Floats
    bands: Floats
    moment_hz: Floats
    envelopes_db: Floats
    steadiness_unit: Floats


class Spectrum:
    """Takes sound block by block; each frame sees the 32 ms that end with it."""

    def __init__(self) -> None:
        self._window = np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
        self._scale = np.float32(2.0 / (np.square(self._window, dtype=np.float64).sum() * WINDOW_SAMPLES))
        self._rise = _triangles(RISE_BANDS, range_hz=RISE_RANGE_HZ)
        self._envelope = _boxes(ENVELOPE_EDGES_HZ)
        self._band = _boxes(BAND_EDGES_HZ)
        self._fine = slice(*np.searchsorted(BINS_HZ, FINE_RANGE_HZ).tolist())
        self._tail = np.zeros(WINDOW_SAMPLES - FRAME_SAMPLES, dtype=np.float32)
        self._before = np.full((RISE_LAG_FRAMES, RISE_BANDS), FLOOR_DB, dtype=np.float32)
        self._fine_before = np.zeros((STEADY_LAG_FRAMES, len(BINS_HZ[self._fine])), dtype=np.float32)

    def add(self, samples: Floats, *, channels: Sequence[str]) -> SpectrumFrames:
        """Frames of samples float32 (C, N), N a multiple of FRAME_SAMPLES."""
        power = self._power(_mixed(samples, channels=channels))
        return SpectrumFrames(
            rise_db=self._rises(power),
            bands=power @ self._band,
            moment_hz=power @ BINS_HZ,
            envelopes_db=_decibels(power @ self._envelope),
            steadiness_unit=self._steadiness(power),
        )

    def _power(self, mono: Floats) -> Floats:
        """Power of each frame and bin, float32 (F, 769), summing to the mean square of the samples."""
        from scipy.fft import rfft

        joined = np.concatenate([self._tail, mono])
        self._tail = joined[len(mono) :]
        windows = np.lib.stride_tricks.sliding_window_view(joined, WINDOW_SAMPLES)[::FRAME_SAMPLES]
        spectrum = rfft(windows * self._window, axis=1)
        power = np.square(spectrum.real)
        power += np.square(spectrum.imag)
        power *= self._scale
        return np.asarray(power, dtype=np.float32)

    def _rises(self, power: Floats) -> Floats:
        """Spectral flux against the maximum over neighbouring bands (SuperFlux; Böck and Widmer, 2013)."""
        levels = np.concatenate([self._before, _decibels(power @ self._rise)])
        self._before = levels[-RISE_LAG_FRAMES:]
        wide = levels.copy()
        np.maximum(wide[:, 1:], levels[:, :-1], out=wide[:, 1:])
        np.maximum(wide[:, :-1], levels[:, 1:], out=wide[:, :-1])
        rise = levels[RISE_LAG_FRAMES:] - wide[:-RISE_LAG_FRAMES]
        return np.asarray(np.maximum(rise, 0).mean(axis=1), dtype=np.float32)

    def _steadiness(self, power: Floats) -> Floats:
        """The correlation of each frame's fine spectrum, its decibels less their course, with an earlier one's."""
        from scipy.ndimage import uniform_filter1d

        level = _decibels(power[:, self._fine], floor_db=FINE_FLOOR_DB)
        fine = level - uniform_filter1d(level, _FINE_SMOOTH_BINS, axis=1)
        fine /= np.sqrt(np.square(fine).sum(axis=1, keepdims=True)) + np.float32(_FINE_LEAST)
        joined = np.concatenate([self._fine_before, fine])
        self._fine_before = joined[-STEADY_LAG_FRAMES:]
        return np.asarray((fine * joined[:-STEADY_LAG_FRAMES]).sum(axis=1), dtype=np.float32)


def _mixed(samples: Floats, *, channels: Sequence[str]) -> Floats:
    """The mean of the channels that carry all frequencies; a film of effects alone is heard as it is."""
    full = [row for row, name in enumerate(channels) if name not in ("LFE", "LFE2")]
    chosen = samples[full] if full and len(full) < len(samples) else samples
    return np.asarray(chosen.mean(axis=0), dtype=np.float32)


def _decibels(power: Floats, *, floor_db: float = FLOOR_DB) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, np.float32(10 ** (floor_db / 10)))), dtype=np.float32)


def _boxes(edges_hz: Sequence[float]) -> Floats:
    """Which bins lie between neighbouring edges: float32 (769, bands)."""
    lower, upper = np.array(edges_hz[:-1]), np.array(edges_hz[1:])
    return ((BINS_HZ[:, None] >= lower) & (BINS_HZ[:, None] < upper)).astype(np.float32)


def _triangles(bands: int, *, range_hz: tuple[float, float]) -> Floats:
    """Overlapping triangles, evenly wide on the mel scale: float32 (769, bands), each at least one bin wide."""
    lowest, highest = (2595 * math.log10(1 + each / 700) for each in range_hz)
    mel = np.linspace(lowest, highest, bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    step = BINS_HZ[1]
    rising = (BINS_HZ[:, None] - edges[:-2]) / np.maximum(np.diff(edges)[:-1], step)
    falling = (edges[2:] - BINS_HZ[:, None]) / np.maximum(np.diff(edges)[1:], step)
    return np.asarray(np.maximum(np.minimum(rising, falling), 0), dtype=np.float32)
