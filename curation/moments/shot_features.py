"""What is known of a film's shots when moments are ranked: one row of measures a shot, the same for every film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEATURES_VERSION = 1
"""Of the meaning of the features; a ranker of another one is not used."""


class Feature(NamedTuple):
    """One measure of a shot; ``high`` and ``low`` describe shots that have much and little of it."""

    name: str
    label: str
    unit: str
    high: str
    low: str


FEATURES = (
    Feature("length_s", "Length", "s", "long", "short"),
    Feature("motion_unit_s", "Motion", "of the longer side a second", "lively", "still"),
    Feature("subject_motion_unit_s", "Subject motion", "of the longer side a second", "full of action", "calm"),
    Feature("people", "People", "at once", "people in the picture", "few people or none"),
    Feature("prominence_unit", "Prominence", "largest face of the picture's height", "a large face", "no large face"),
    Feature("expression_unit", "Expression", "away from neutral", "an expressive face", "a neutral face"),
    Feature("smile_unit", "Smile", "of the likeliest smile", "a smile", "no smile"),
    Feature("relative_lu", "Loudness", "LU against the film", "loud", "quiet"),
    Feature("peak_lufs", "Loudest moment", "LUFS", "a loud moment", "no loud moment"),
    Feature("rise_lu", "Rise of loudness", "LU", "growing louder", "fading away"),
    Feature("step_lu", "Loudness at the cut", "LU", "a cut into loudness", "a cut into quiet"),
    Feature("onset_rate_hz", "Onsets", "a second", "many sounds", "few sounds"),
    Feature("onset_db", "Strongest onset", "dB", "a sudden sound", "no sudden sound"),
    Feature("silence_unit", "Silence", "of the shot", "silent", "never silent"),
    Feature("speech_unit", "Speech", "of the shot", "sounding like speech", "without speech"),
    Feature("sound_brightness_hz", "Brightness of sound", "Hz", "bright in sound", "dull in sound"),
    Feature("dialogue_unit", "Dialogue", "of the shot", "full of dialogue", "without dialogue"),
    Feature("brightness_unit", "Brightness", "0–1", "bright", "dark"),
    Feature("contrast_unit", "Contrast", "0–1", "strong in contrast", "flat in contrast"),
    Feature("saturation_unit", "Saturation", "0–1", "colourful", "muted in colour"),
    Feature(
        "warmth", "Warmth", "mired: 1,000,000 over the colour temperature in K", "warm in colour", "cold in colour"
    ),
    Feature("scale_unit", "Scale", "extreme wide 0, extreme close 1", "close", "wide"),
    Feature("text_unit", "Lettering", "of the shot with titles or credits", "lettering", "no lettering"),
)
"""The columns of ``FilmShots.values``. A shot's place in the story is none of them: it is for whoever chooses."""

FEATURE_AT = {feature.name: column for column, feature in enumerate(FEATURES)}


class FilmShots(NamedTuple):
    """The S shots of a film in its order.

    spans: int64 (S, 2), frames, half-open. times_s: float64 (S, 2), seconds of playback. values: float32 (S, F), a
    column a feature, NaN where it was not measured. vectors: float32 (S, D), unit embeddings of the shots' pictures, a
    row of zeros where a shot has none; None where the film has none.
    """

    spans: NDArray[np.int64]
    times_s: NDArray[np.float64]
    values: NDArray[np.float32]
    vectors: NDArray[np.float32] | None = None


def table_of(columns: Mapping[str, ArrayLike], *, shots: int) -> NDArray[np.float32]:
    """``FilmShots.values`` of what was measured: a sequence of S numbers a feature, NaN in those that are missing.

    What is not finite, also for float32, counts as not measured. Raises KeyError for a feature that does not exist
    and ValueError for columns of another length.
    """
    values = np.full((shots, len(FEATURES)), np.nan, dtype=np.float32)
    for name, column in columns.items():
        given = np.asarray(column, dtype=np.float64).reshape(-1)
        if len(given) != shots:
            raise ValueError(f"{name} has {len(given)} values for {shots} shots.")
        fits = np.isfinite(given) & (np.abs(given) <= np.finfo(np.float32).max)
        values[:, FEATURE_AT[name]] = np.where(fits, given, np.nan)
    return values


def film_ranks(values: ArrayLike) -> NDArray[np.float32]:
    """Where each value stands within its column of ``values`` (S, F) or (S,): 0 the least, 1 the most; NaN stays.

    Equal values share their mean rank, so that a column that is the same throughout, or known of one shot, is 0.5.
    """
    from scipy.stats import rankdata

    given = np.asarray(values, dtype=np.float64)
    known = np.isfinite(given)
    given = np.where(known, given, np.nan)
    if not given.size:
        return given.astype(np.float32)
    ranks = np.asarray(rankdata(given, axis=0, nan_policy="omit"), dtype=np.float64) - 1
    others = known.sum(axis=0) - 1
    shares = np.divide(ranks, others, out=np.full(given.shape, 0.5), where=np.broadcast_to(others > 0, given.shape))
    return np.where(known, shares, np.nan).astype(np.float32)


def film_places(values: ArrayLike) -> NDArray[np.float32]:
    """``film_ranks`` from −1 (the film's least) to 1 (its most), and 0, which says nothing, where nothing is known."""
    return np.nan_to_num(2 * film_ranks(values) - 1)
