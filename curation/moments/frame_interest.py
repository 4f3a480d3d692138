"""How much happens in each frame of a film: what decides which seconds of a shot are shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ava.sound.film_sound import FilmSound
from ava.sound.loudness import HOP_S

USUALLY, SELDOM = 10, 95
"""Percentiles of a film at and below which nothing, and at and above which as much as ever happens."""

Numbers = NDArray[np.float64]


def frame_interest(
    *,
    times_s: Numbers,
    first_frames: NDArray[np.int64],
    motion: NDArray[np.float32] | None = None,
    sound: FilmSound | None = None,
) -> Numbers:
    """How much moves and is heard in each of N frames, float64 (N,), 0–1; 0 where neither is known.

    ``times_s``: float64 (N + 1,) seconds of playback of each frame and of the end. ``first_frames``: of the shots,
    whose motion leads over from the shot before and does not count. ``motion``: float32 (N,), NaN unknown. Of sound,
    loudness and the strength of what begins weigh the same. Each is told against the film's own.
    """
    frames = len(times_s) - 1
    known: list[Numbers] = []
    if motion is not None:
        moving = np.array(motion[:frames], dtype=np.float64)
        moving[first_frames[(first_frames >= 0) & (first_frames < len(moving))]] = np.nan
        known.append(_against_film(moving))
    if sound is not None and sound.is_heard:
        hops = np.clip((times_s[:-1] / HOP_S).astype(np.int64), 0, len(sound.loudness_lufs) - 1)
        heard = [_against_film(values.astype(np.float64)[hops]) for values in (sound.loudness_lufs, sound.onset_db)]
        known.append((heard[0] + heard[1]) / 2)
    return np.asarray(sum(known, np.zeros(frames)) / max(len(known), 1))


def _against_film(values: Numbers) -> Numbers:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(len(values))
    least, most = np.percentile(finite, [USUALLY, SELDOM])
    if most <= least:
        return np.zeros(len(values))
    return np.asarray(np.nan_to_num(np.clip((values - least) / (most - least), 0, 1), nan=0.0))
