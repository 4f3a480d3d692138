"""How much like speech a film sounds, without a model: syllables, consonants, and a pitch that glides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.sound.spectrum import FLOOR_DB, FRAME_S, FRAMES_PER_HOP, SpectrumFrames

SYLLABLES_HZ = (2.5, 7.5)
"""Speech swells about four times a second, in every band (Houtgast and Steeneken, 1985; Scheirer and Slaney, 1997)."""

_FILTER_TAPS = 101
_AROUND_FRAMES = 100  # a second: long enough for four syllables, short enough for a line
_VOWEL_BANDS, _CONSONANT_BANDS = slice(0, 2), slice(5, 7)
_SYLLABLE_BANDS = slice(0, 6)
_QUIET = 10 ** (FLOOR_DB / 20)

STEEPNESS = 6.0

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]


class SpeechCues(NamedTuple):
    """Three measures of a second around each hop, float64 (H,).

    syllables: how strongly 300 to 4000 Hz swells at SYLLABLES_HZ, as a part of its mean amplitude.
    consonants_db: standard deviation of what hisses (3 to 8 kHz) against what sounds (300 to 1000 Hz).
    steadiness: the mean of `SpectrumFrames.steadiness_unit`: music holds its notes.
    """

    syllables: Numbers
    consonants_db: Numbers
    steadiness: Numbers


_FROM_TO = ((0.1, 0.5), (3.0, 10.0), (0.45, 0.15))
"""Of each cue, what counts as nothing like speech and what as wholly like it; chosen on films of `bench sound`."""


def measure_cues(frames: SpectrumFrames) -> SpeechCues:
    """Measure the cues of frames whose number is a multiple of FRAMES_PER_HOP."""
    consonants = frames.envelopes_db[:, _CONSONANT_BANDS].max(axis=1) - frames.envelopes_db[:, _VOWEL_BANDS].max(axis=1)
    return SpeechCues(
        syllables=_per_hop(_syllables(frames.envelopes_db[:, _SYLLABLE_BANDS])),
        consonants_db=_per_hop(_spread(consonants)),
        steadiness=_per_hop(_around(frames.steadiness_unit)),
    )


def speech_likeness(cues: SpeechCues) -> Floats:
    """How much like speech each hop sounds, float32 (H,) 0–1: the geometric mean of a logistic of each cue.

    All three must speak for it: a drum swells like syllables, a cymbal hisses, and noise has no steady overtones.
    It is no probability, and knows no words: a choir, or birds, may sound like speech to it.
    """
    shares = []
    for values, (nothing, wholly) in zip(cues, _FROM_TO, strict=True):
        share = (np.asarray(values) - nothing) / (wholly - nothing)
        shares.append(1 / (1 + np.exp(-STEEPNESS * (np.clip(share, -1, 2) - 0.5))))
    return np.asarray(np.prod(shares, axis=0) ** (1 / len(shares)), dtype=np.float32)


def _syllables(envelopes_db: Floats) -> Numbers:
    """Band by band, to hold little of a long film at once."""
    from scipy.signal import firwin, oaconvolve

    taps = firwin(_FILTER_TAPS, SYLLABLES_HZ, pass_zero=False, fs=1 / FRAME_S)
    total = np.zeros(len(envelopes_db))
    for band in envelopes_db.T:
        amplitude = 10 ** (band.astype(np.float64) / 20)
        padded = np.pad(amplitude, _FILTER_TAPS // 2, mode="edge")
        swell = np.sqrt(np.maximum(_around(np.square(oaconvolve(padded, taps, mode="valid"))), 0))
        total += swell / np.maximum(_around(amplitude), _QUIET)
    return np.asarray(total / envelopes_db.shape[1])


def _spread(values: Floats) -> Numbers:
    mean = _around(values)
    return np.asarray(np.sqrt(np.maximum(_around(np.square(values, dtype=np.float64)) - np.square(mean), 0)))


def _around(values: NDArray[np.floating]) -> Numbers:
    """The mean over a second around each frame; the first and last frame go on beyond the film's ends."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(values.astype(np.float64), _AROUND_FRAMES, mode="nearest"))


def _per_hop(values: Numbers) -> Numbers:
    return np.asarray(values.reshape(-1, FRAMES_PER_HOP).mean(axis=1))
