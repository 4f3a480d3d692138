"""Loudness as ITU-R BS.1770-4 (2015) measures it, in steps of a tenth of a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ava.media.proxy_sound import SAMPLE_RATE_HZ

HOP_S = 0.1
HOP_SAMPLES = round(HOP_S * SAMPLE_RATE_HZ)
FLOOR_LUFS = -100.0
"""What silence is given; 16 bits reach down to about −98."""

MOMENTARY_HOPS = 4
SHORT_TERM_HOPS = 30
ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU = -70.0, -10.0
CALIBRATION_LU = -0.691  # a sine of 997 Hz at full scale in one channel then reads −3.01

# The two biquads of annex 1 for 48 kHz: a shelf for the head, then a high-pass.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

SURROUND = 1.41
"""+1.5 dB for channels 60° to 120° to the side (annex 3)."""

Floats = NDArray[np.float32]
Power = NDArray[np.float64]


def channel_weight(name: str, *, channels: Sequence[str]) -> float:
    """By how much a channel's power counts: 0 for low-frequency effects, 1.41 from the side, else 1.

    "BL" and "BR" are the surrounds of a 5.1 film, at 110°, but behind the listener, 135° and more, where ``channels``
    has side channels as well; FFmpeg's ``ebur128`` weighs them 1.41 there, too.
    """
    if name in ("LFE", "LFE2"):
        return 0.0
    if name in ("SL", "SR"):
        return SURROUND
    if name in ("BL", "BR"):
        return 1.0 if "SL" in channels else SURROUND
    return 1.0


class KWeighting:
    """Filters sound as it comes, block by block, and gives the weighted power of each tenth of a second."""

    def __init__(self) -> None:
        self._numerator = np.convolve(_SHELF[0], _HIGH_PASS[0])
        self._denominator = np.convolve(_SHELF[1], _HIGH_PASS[1])
        self._states: dict[str, Power] = {}

    def power(self, samples: Floats, *, channels: Sequence[str]) -> Power:
        """Power summed over channels, float64 (N / HOP_SAMPLES,), of samples float32 (C, N), N a multiple of that."""
        hops = samples.shape[1] // HOP_SAMPLES
        total = np.zeros(hops)
        for name, own in zip(channels, samples, strict=True):
            weight = channel_weight(name, channels=channels)
            if weight and (name in self._states or own.any()):
                filtered = self._filter(name, own)
                total += weight * np.square(filtered).reshape(hops, HOP_SAMPLES).mean(axis=1)
        return total

    def _filter(self, name: str, samples: Floats) -> Power:
        from scipy.signal import lfilter

        state: Mapping[str, Power] = self._states
        before = state.get(name, np.zeros(len(self._denominator) - 1))
        filtered, after = lfilter(self._numerator, self._denominator, samples.astype(np.float64), zi=before)
        after[np.abs(after) < 1e-30] = 0.0  # numbers that fade out to nothing are slow to reckon with
        self._states[name] = after
        return np.asarray(filtered, dtype=np.float64)


def loudness_of(power: Power) -> Power:
    """Powers as LUFS, not below FLOOR_LUFS: −0.691 + 10 log10 (equation 2)."""
    least = 10 ** ((FLOOR_LUFS - CALIBRATION_LU) / 10)
    return np.asarray(CALIBRATION_LU + 10 * np.log10(np.maximum(power, least)), dtype=np.float64)


def power_of(loudness_lufs: Floats) -> Power:
    """The reverse of `loudness_of`; FLOOR_LUFS is no power at all."""
    power = 10 ** ((np.asarray(loudness_lufs, dtype=np.float64) - CALIBRATION_LU) / 10)
    return np.where(np.asarray(loudness_lufs) <= FLOOR_LUFS, 0.0, power)


def sliding_loudness(loudness_lufs: Floats, *, hops: int) -> Floats:
    """Loudness in a window of so many hops around each, float32 (H,) LUFS: 4 hops are momentary, 30 short-term.

    ``loudness_lufs`` float32 (H,) is that of each hop alone. A meter shows at a window's end what stands here at its
    middle, so that it is told of the pictures it belongs to; of an even number, one hop more lies behind than before.
    Outside the film there is silence.
    """
    before = (hops - 1) // 2
    sums = np.cumsum(np.pad(power_of(loudness_lufs), (before + 1, hops - 1 - before)))
    windows = np.maximum(sums[hops:] - sums[:-hops], 0.0) / hops
    return loudness_of(windows).astype(np.float32)


def gated_loudness(loudness_lufs: Floats) -> float:
    """A film's integrated loudness in LUFS: of windows of 0.4 s, those above −70 and above 10 LU below their mean.

    FLOOR_LUFS where none is as loud as −70 LUFS. Films shorter than one window are measured as one that is silent
    around them.
    """
    windows = power_of(sliding_loudness(loudness_lufs, hops=MOMENTARY_HOPS))
    whole = windows[1:-2] if len(windows) > 3 else windows
    loud = whole[loudness_of(whole) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return FLOOR_LUFS
    gate = float(loudness_of(loud.mean(keepdims=True))[0]) + RELATIVE_GATE_LU
    return float(loudness_of(loud[loudness_of(loud) > gate].mean(keepdims=True))[0])
