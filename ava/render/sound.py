"""A simple synthesised track, so that a rendered film has sound."""

import numpy as np
from numpy.typing import NDArray

from ava.render.encode import SAMPLE_RATE_HZ

_CHORDS_HZ = ((110.0, 164.81, 220.0, 261.63), (87.31, 130.81, 174.61, 220.0), (98.0, 146.83, 196.0, 246.94))
"""A minor, F major, G major: low, open voicings."""
_CHORD_S = 8.0


def synthesise_score(
    duration_s: float, *, rumble_s: tuple[float, float] | None = None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Play slow chords over wind, with an engine's rumble between two moments: ``float32 (N, 2)`` at 48 kHz."""
    count = int(np.ceil(duration_s * SAMPLE_RATE_HZ))
    time_s = np.arange(count, dtype=np.float64) / SAMPLE_RATE_HZ
    mono = 0.16 * _play_chords(time_s)
    mono += 0.02 * _soft_noise(count, smooth_samples=24, rng=rng) * (1 + 0.5 * np.sin(2 * np.pi * time_s / 11))
    if rumble_s is not None:
        mono += 0.4 * _soft_noise(count, smooth_samples=240, rng=rng) * _swell(time_s, rumble_s)
    # Half a millisecond between the ears is enough to open the picture.
    stereo = np.stack([mono, np.roll(mono, SAMPLE_RATE_HZ // 2000)], axis=1)
    fade = np.clip(np.minimum(time_s, duration_s - time_s) / 1.5, 0, 1)[:, None]
    return np.asarray(np.tanh(stereo * fade), dtype=np.float32)


def _play_chords(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.zeros_like(time_s)
    position = time_s / _CHORD_S
    for index, chord in enumerate(_CHORDS_HZ):
        # Each chord swells and gives way to the next, three in a round.
        distance = np.abs((position - index + 1.5) % len(_CHORDS_HZ) - 1.5)
        loudness = np.clip(1 - distance, 0, 1)
        for tone in chord:
            total += loudness * (
                np.sin(2 * np.pi * tone * time_s) + 0.6 * np.sin(2 * np.pi * tone * 1.003 * time_s + 1.0)
            )
    return total / (len(_CHORDS_HZ[0]) * 1.6)


def _soft_noise(count: int, *, smooth_samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise with its high tones taken away by a moving mean, standard deviation 1."""
    noise = np.cumsum(rng.normal(0, 1, count + smooth_samples))
    smooth = noise[smooth_samples:] - noise[:-smooth_samples]
    return np.asarray(smooth / smooth.std(), dtype=np.float64)


def _swell(time_s: NDArray[np.float64], span_s: tuple[float, float]) -> NDArray[np.float64]:
    rise = np.clip((time_s - span_s[0]) / 1.0, 0, 1)
    fall = np.clip((span_s[1] - time_s) / 3.0, 0, 1)
    return np.asarray(rise * fall, dtype=np.float64)
