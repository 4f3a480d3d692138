"""What a shot sounds like, told from its film's sound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.sound.film_sound import FilmSound
from ava.sound.loudness import (
    ABSOLUTE_GATE_LUFS,
    FLOOR_LUFS,
    HOP_S,
    MOMENTARY_HOPS,
    gated_loudness,
    loudness_of,
    power_of,
    sliding_loudness,
)
from ava.sound.silence import find_silence

BESIDE_S = 1.0
"""How much of a shot's beginning is held against as much before its cut."""

Numbers = NDArray[np.float64]


class ShotSound(NamedTuple):
    """One shot's sound; every value is finite, also in silence.

    loudness_lufs: K-weighted loudness of the whole shot, FLOOR_LUFS (−100) to about 10.
    peak_lufs: of its loudest 0.4 s; of the whole shot where it is shorter.
    relative_lu: against the film's gated loudness; −70 LUFS and below count as −70. 0 in a film that is silent.
    rise_lu: its last third against its first, 0 in shots of less than 0.3 s.
    step_lu: its first second against the second before its cut; 0 at the film's beginning.
    onset_rate_hz: notes, blows and words that begin, a second.
    onset_db: the strongest of them.
    silence_unit: the share of its time that is silent, 0–1.
    speech_unit: how much of it sounds like speech, 0–1.
    brightness_hz: the centroid of its spectrum; 0 in silence.
    """

    loudness_lufs: float
    peak_lufs: float
    relative_lu: float
    rise_lu: float
    step_lu: float
    onset_rate_hz: float
    onset_db: float
    silence_unit: float
    speech_unit: float
    brightness_hz: float


SILENT_SHOT = ShotSound(FLOOR_LUFS, FLOOR_LUFS, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def shot_sound(sound: FilmSound, *, start_s: float, end_s: float) -> ShotSound:
    """What is heard from ``start_s`` to ``end_s``, seconds of playback; outside the film there is silence."""
    return shot_sounds(sound, spans_s=np.array([[start_s, end_s]]))[0]


def shot_sounds(sound: FilmSound, *, spans_s: Numbers) -> list[ShotSound]:
    """What is heard in each of S spans, float64 (S, 2) of seconds of playback.

    Hops that a span covers in part count in part. Spans of no length, and such that are not finite, are silent.
    """
    spans = np.asarray(spans_s, dtype=np.float64).reshape(-1, 2)
    is_span = np.isfinite(spans).all(axis=1) & (spans[:, 1] > spans[:, 0])
    listener = _Listener(sound)
    told = iter(listener.tell(spans[is_span]))
    return [next(told) if each else SILENT_SHOT for each in is_span.tolist()]


class _Listener:
    """Sums over the film from which the mean over any span follows at once."""

    def __init__(self, sound: FilmSound) -> None:
        self.sound = sound
        self.edges = np.arange(len(sound.loudness_lufs) + 1) * HOP_S
        self.power = power_of(sound.loudness_lufs)
        self.momentary = sliding_loudness(sound.loudness_lufs, hops=MOMENTARY_HOPS)
        self.film_lufs = gated_loudness(sound.loudness_lufs)
        self.power_until = _until(self.power)

    def tell(self, spans: Numbers) -> list[ShotSound]:
        start, end = spans.T
        loudness = self._loudness(start, end)
        third = (end - start) / 3
        rise = self._step(start, start + third, end - third, end)
        begins = np.minimum(start + BESIDE_S, end)
        step = self._step(np.maximum(start - BESIDE_S, 0), start, start, begins)
        relative = np.maximum(loudness, ABSOLUTE_GATE_LUFS) - max(self.film_lufs, ABSOLUTE_GATE_LUFS)
        silence = self._mean(find_silence(self.sound.loudness_lufs).astype(np.float64), start, end)
        columns = (
            loudness,
            [self._peak(*span, mean=mean) for span, mean in zip(spans.tolist(), loudness.tolist(), strict=True)],
            relative if self.film_lufs > FLOOR_LUFS else np.zeros(len(spans)),
            np.where(end - start >= 3 * HOP_S, rise, 0.0),
            np.where(start > 0, step, 0.0),
            self._mean(self.sound.onsets / HOP_S, start, end),
            [self._strongest(*span) for span in spans.tolist()],
            1 - self._inside(start, end) + silence,
            self._mean(self.sound.speech_unit, start, end),
            self._brightness(start, end),
        )
        return [ShotSound(*(float(value) for value in row)) for row in zip(*columns, strict=True)]

    def _mean(self, values: NDArray[np.floating], start: Numbers, end: Numbers) -> Numbers:
        """The mean over each span, 0 outside the film."""
        until = _until(np.asarray(values, dtype=np.float64))
        return (np.interp(end, self.edges, until) - np.interp(start, self.edges, until)) / (end - start)

    def _inside(self, start: Numbers, end: Numbers) -> Numbers:
        """The share of each span that lies inside the film."""
        return self._mean(np.ones(len(self.power)), start, end)

    def _loudness(self, start: Numbers, end: Numbers) -> Numbers:
        until = np.interp(end, self.edges, self.power_until) - np.interp(start, self.edges, self.power_until)
        return loudness_of(np.maximum(until, 0) / np.maximum(end - start, 1e-9))

    def _step(self, *edges: Numbers) -> Numbers:
        before, after = self._loudness(edges[0], edges[1]), self._loudness(edges[2], edges[3])
        return np.maximum(after, ABSOLUTE_GATE_LUFS) - np.maximum(before, ABSOLUTE_GATE_LUFS)

    def _peak(self, start: float, end: float, *, mean: float) -> float:
        """Of the windows that lie in the shot: hop k's reaches from hop k − 1 to hop k + 2."""
        first, last = _hops(start, end)
        inside = self.momentary[first + 1 : max(last - 2, 0)]
        return max(float(inside.max()), mean) if len(inside) else mean

    def _strongest(self, start: float, end: float) -> float:
        first, last = _hops(start, end)
        inside = self.sound.onset_db[first:last]
        return float(inside.max()) if len(inside) else 0.0

    def _brightness(self, start: Numbers, end: Numbers) -> Numbers:
        """The mean over hops, each as much as it is loud."""
        power = self._mean(self.power, start, end)
        moment = self._mean(self.power * self.sound.brightness_hz, start, end)
        return np.divide(moment, power, out=np.zeros(len(power)), where=power > 0)


def _until(values: Numbers) -> Numbers:
    """The integral over time until each edge of a hop: (H + 1,)."""
    return np.concatenate([[0.0], np.cumsum(values)]) * HOP_S


def _hops(start: float, end: float) -> tuple[int, int]:
    """The hops of which a span covers at least half, half-open; at least the one it begins in."""
    first = max(int(np.floor(start / HOP_S + 0.5)), 0)
    return first, max(int(np.floor(end / HOP_S + 0.5)), first + 1)
