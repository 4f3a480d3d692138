"""Where a film is silent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ava.sound.loudness import HOP_S

SILENT_LUFS = -60.0
"""Quieter is silence to who listens at a usual level: dialogue stands at −27 to −23, room tone at −55 and above."""

LEAST_SILENCE_S = 0.3

Floats = NDArray[np.float32]


def find_silence(loudness_lufs: Floats) -> NDArray[np.bool_]:
    """Which hops are silent, bool (H,): below SILENT_LUFS for LEAST_SILENCE_S and longer; a short film's all count."""
    is_quiet = np.asarray(loudness_lufs) < SILENT_LUFS
    least = min(round(LEAST_SILENCE_S / HOP_S), len(is_quiet))
    silent = np.zeros(len(is_quiet), dtype=bool)
    for first, last in _runs(is_quiet):
        silent[first:last] = last - first >= least
    return silent


def silence_spans(loudness_lufs: Floats) -> NDArray[np.float64]:
    """Spans of silence, float64 (S, 2): starts and ends in seconds from the start of playback, rising."""
    return np.array(_runs(find_silence(loudness_lufs)), dtype=np.float64).reshape(-1, 2) * HOP_S


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where runs of true begin and end, half-open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
