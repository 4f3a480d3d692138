"""A film as the judgement of its stills sees it: signals and shots, frame by frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ava.shots.shot_list import Shot, ShotList
from curation.people.frame_signals import PEOPLE_SIGNALS

Signals = Mapping[str, NDArray[np.float32]]
"""Per-frame signals keyed ``"annotator.column"``, each ``float32 (frame_count,)``, NaN where not measured."""

SUBTITLE_REACH_S, TITLE_REACH_S = 0.4, 1.5
"""How long before letters are first seen, and after they are last seen, they may be fading in or out."""

LOOKED_AT = frozenset({"text.area", "text.title_area", *PEOPLE_SIGNALS})
"""Signals that are known of looked-at frames only."""

_BORNE_OUT_S = 1.0


class MissingSignal(Exception):
    """A signal that stills are judged by has not been measured; the message says which."""


@dataclass(frozen=True, slots=True)
class JudgedFilm:
    """Signals of a film, its shots and its rate: everything that the parts of a still's score are made from."""

    signals: Signals
    shots: ShotList
    fps: Fraction

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.signal("exposure.brightness"))

    def signal(self, name: str, frames: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Return a signal of all frames or of some, ``float64 (N,)``, NaN where not measured.

        Raises MissingSignal.
        """
        try:
            values = self.signals[name] if frames is None else self.signals[name][frames]
            return np.asarray(values, dtype=np.float64)
        except KeyError:
            raise MissingSignal(f"The signal {name} has not been measured; run the analysis again.") from None

    @property
    def spans(self) -> tuple[Shot, ...]:
        """Shots as far as the signals reach: the last one may go on in a part that is yet to be measured."""
        count = self.frame_count
        return tuple(
            shot._replace(end_frame=min(shot.end_frame, count))
            for shot in self.shots.shots
            if shot.start_frame < count and shot.start_frame < shot.end_frame
        )

    def frames(self, seconds: float) -> int:
        """Return how many frames a time lasts, at least one."""
        return max(1, round(seconds * self.fps))

    def relative_sharpness(self) -> NDArray[np.float64]:
        """Return subject sharpness as a share of what this film's sharp frames reach, so that soft old prints
        count too."""
        sharpness = self.signal("sharpness.subject_sharpness")
        usable = sharpness[(self.signal("exposure.contrast") > 0.04) & (sharpness > 0)]
        reached = float(np.percentile(usable, 85)) if len(usable) else 0.95
        return np.asarray(sharpness / np.clip(reached, 0.55, 0.95), dtype=np.float64)

    def fill_sampled(self, name: str, *, reach_s: float) -> NDArray[np.float64]:
        """Return for each frame the highest believed sample of a signal within ``reach_s`` of it in the same shot.

        For signals that are only sampled and that miss what they look for now and then, or see what is not there:
        a sample is believed as far as another one within a second bears it out, or when its shot has no other. A
        shot without samples has 0, frames that were not measured stay NaN.
        """
        values = self.signal(name)
        believed = np.full(len(values), np.nan)
        for shot in self.spans:
            inside = slice(shot.start_frame, shot.end_frame)
            believed[inside] = _bear_out(values[inside], within=self.frames(_BORNE_OUT_S))
        filled = np.nan_to_num(self.highest_around(believed, reach_frames=self.frames(reach_s)))
        return np.asarray(np.where(np.isnan(self.signal("exposure.brightness")), np.nan, filled))

    def read_lettering(self, name: str, *, read: str, reach_s: float) -> NDArray[np.float64]:
        """Return a signal of lettering for each frame, corrected by what was read nearby.

        ``name`` is measured everywhere by its looks alone; where a frame of the same shot within ``reach_s`` was
        looked at closely, the signal ``read`` of the nearest one holds instead.
        """
        guessed = self.fill_sampled(name, reach_s=reach_s)
        if read not in self.signals:
            return guessed
        values = self.signal(read)
        for shot in self.spans:
            looks = shot.start_frame + np.flatnonzero(~np.isnan(values[shot.start_frame : shot.end_frame]))
            if not len(looks):
                continue
            frames = np.arange(shot.start_frame, shot.end_frame)
            nearest = looks[np.searchsorted((looks[1:] + looks[:-1]) / 2, frames)]
            near = np.abs(frames - nearest) <= self.frames(reach_s)
            guessed[frames[near]] = values[nearest[near]]
        return guessed

    def highest_around(self, values: NDArray[np.float64], *, reach_frames: int) -> NDArray[np.float64]:
        """Return for each frame the highest value within ``reach_frames`` of it in the same shot."""
        highest = np.full(len(values), np.nan)
        for shot in self.spans:
            inside = np.nan_to_num(values[shot.start_frame : shot.end_frame], nan=-np.inf)
            padded = np.pad(inside, reach_frames, constant_values=-np.inf)
            windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach_frames + 1)
            highest[shot.start_frame : shot.end_frame] = windows.max(axis=1)
        return np.asarray(np.where(np.isfinite(highest), highest, np.nan), dtype=np.float64)

    def mean_around(self, values: NDArray[np.float64], *, reach_frames: int) -> NDArray[np.float64]:
        """Return for each frame the mean of what is known within ``reach_frames`` of it in the same shot."""
        means = np.full(len(values), np.nan)
        for shot in self.spans:
            inside = values[shot.start_frame : shot.end_frame]
            known = ~np.isnan(inside)
            sums, counts = (np.concatenate([[0.0], np.cumsum(each)]) for each in (np.nan_to_num(inside), known))
            places = np.arange(len(inside))
            first, last = np.maximum(places - reach_frames, 0), np.minimum(places + reach_frames + 1, len(inside))
            count = counts[last] - counts[first]
            mean = (sums[last] - sums[first]) / np.maximum(count, 1)
            means[shot.start_frame : shot.end_frame] = np.where(count > 0, mean, np.nan)
        return means

    def shots_of(self, frames: Sequence[int]) -> list[Shot]:
        """Return the shot that each frame belongs to, or is nearest to."""
        shots = sorted(self.shots.shots, key=lambda shot: shot.start_frame)
        starts = [shot.start_frame for shot in shots]
        places = (max(bisect_right(starts, frame) - 1, 0) for frame in frames)
        return [
            min(shots[place : place + 2], key=lambda shot: max(shot.start_frame - frame, frame - shot.end_frame + 1, 0))
            for frame, place in zip(frames, places, strict=True)
        ]


def _bear_out(values: NDArray[np.float64], *, within: int) -> NDArray[np.float64]:
    """Lower each sample to the highest other one at most ``within`` frames away; NaN between the samples."""
    places = np.flatnonzero(~np.isnan(values))
    if len(places) < 2:
        return values
    samples, highest = values[places], np.zeros(len(places))
    for step in range(1, len(places)):
        near = places[step:] - places[:-step] <= within
        if not near.any():
            break
        highest[:-step] = np.maximum(highest[:-step], np.where(near, samples[step:], 0.0))
        highest[step:] = np.maximum(highest[step:], np.where(near, samples[:-step], 0.0))
    lowered = np.full(len(values), np.nan)
    lowered[places] = np.minimum(samples, highest)
    return lowered
