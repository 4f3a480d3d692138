"""What is known of a shot as a moment, feature by feature, and how much each speaks for it, as people read it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from curation.moments.prior import WEIGHTS
from curation.moments.scores import PICTURE, UNLIKE_PICTURE, MomentScores
from curation.moments.shot_features import FEATURE_AT, FEATURES, FilmShots


class Fact(NamedTuple):
    """A feature of a shot: its value in words, and its share of the score, −100 to 100 of the shot's weightiest."""

    label: str
    value: str
    percent: int

    @property
    def speaks(self) -> str:
        """Which way it weighs, in a word."""
        return "for it" if self.percent > 0 else "against it" if self.percent < 0 else ""


class PriorLine(NamedTuple):
    """A line of the table by which moments are ranked until a network has learnt to."""

    label: str
    weight: float
    why: str


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "length_s": lambda value: f"{value:.1f} s",
    "motion_unit_s": lambda value: f"{100 * value:.0f} % of the picture a second",
    "subject_motion_unit_s": lambda value: f"{100 * value:.0f} % of the picture a second",
    "people": lambda value: f"{value:.0f}",
    "prominence_unit": lambda value: f"{100 * value:.0f} % of the height",
    "relative_lu": lambda value: f"{value:+.1f} LU",
    "peak_lufs": lambda value: f"{value:.1f} LUFS",
    "rise_lu": lambda value: f"{value:+.1f} LU",
    "step_lu": lambda value: f"{value:+.1f} LU",
    "onset_rate_hz": lambda value: f"{value:.1f} a second",
    "onset_db": lambda value: f"{value:.0f} dB",
    "sound_brightness_hz": lambda value: f"{value:,.0f} Hz",
    "warmth": lambda value: f"{1e6 / value:,.0f} K" if value > 0 else "unknown",
}
"""How values are written; what is not here is a share."""


def tell_facts(scores: MomentScores, shots: FilmShots, index: int) -> list[Fact]:
    """Everything that was measured of shot `index`, the weightiest first; what its picture adds is among it."""
    told = [
        (float(weight), feature.label, _WRITTEN.get(feature.name, _share)(float(value)))
        for feature, value, weight in zip(FEATURES, shots.values[index], scores.contributions[index], strict=True)
        if np.isfinite(value)
    ]
    if scores.of_picture is not None and scores.of_picture[index]:
        adds = float(scores.of_picture[index])
        told.append((adds, "Picture", PICTURE if adds > 0 else UNLIKE_PICTURE))
    most = max((abs(weight) for weight, *_ in told), default=0.0) or 1.0
    told.sort(key=lambda each: -abs(each[0]))
    return [Fact(label, value, round(100 * weight / most)) for weight, label, value in told]


def prior_table() -> list[PriorLine]:
    """The documented weights, the strongest first."""
    lines = [PriorLine(FEATURES[FEATURE_AT[each.feature]].label, each.weight, each.why) for each in WEIGHTS]
    return sorted(lines, key=lambda line: -abs(line.weight))
