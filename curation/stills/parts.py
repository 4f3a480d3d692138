"""Parts of a still's score: how good each frame is in each respect, 0–1."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from curation.stills.closer_parts import NEUTRAL, judge_closer
from curation.stills.curves import fall, plateau, rise
from curation.stills.exclusions import keep_shares
from curation.stills.film import SUBTITLE_REACH_S, TITLE_REACH_S, JudgedFilm

PICTURE_PARTS = ("soundness", "sharpness", "stillness", "exposure", "contrast", "colour", "clarity")
"""Parts that every measured frame has, whether it was looked at closely or not: candidates are chosen by them."""

FRAME_PARTS = (
    *PICTURE_PARTS, "noise", "composition", "saliency", "space", "people", "expression", "pose",
)  # fmt: skip
"""Parts that a frame has whatever is ranked above it. "soundness" is what the reasons for exclusion leave of it."""

ORDER_PARTS = ("variety", "spread")
"""Parts that depend on the stills ranked above."""

PART_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "soundness": 0.09,
        "sharpness": 0.08,
        "stillness": 0.05,
        "exposure": 0.05,
        "contrast": 0.06,
        "noise": 0.015,
        "colour": 0.055,
        "clarity": 0.05,
        "composition": 0.05,
        "saliency": 0.03,
        "space": 0.025,
        "people": 0.09,
        "expression": 0.1,
        "pose": 0.03,
        "variety": 0.1575,
        "spread": 0.0675,
    }
)
"""What each part weighs in a still's score where no purpose is chosen; together 1. Who is shown, and how they look and
stand, weigh more than a fifth, and so does the difference from the stills above."""

PICTURE_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"sharpness": 0.16, "stillness": 0.1, "exposure": 0.1, "contrast": 0.12, "colour": 0.11, "clarity": 0.1}
)
"""What the parts of a picture weigh in its suitability, which its soundness multiplies."""

LEAST_SUITABILITY = 0.2
"""Below this a frame is black, blurred, in a transition or lettered, and never a candidate."""

_LOCAL_REACH_S = 0.5
_USUAL_REACH_S = 1.0
_NO_MOVEMENT = 0.0004
"""Flow, as a share of the longer side a frame, that noise alone gives a still picture."""
_GREY_FILM = 0.06


def judge_parts(film: JudgedFilm) -> dict[str, NDArray[np.float64]]:
    """Judge every frame in every respect that it has alone: part of FRAME_PARTS → ``float64 (frame_count,)``, 0–1.

    NaN where a frame was not measured. Raises MissingSignal.
    """
    return judge_picture(film) | judge_closer(film)


def judge_picture(film: JudgedFilm) -> dict[str, NDArray[np.float64]]:
    """Judge every frame as a picture, whoever is in it: part of PICTURE_PARTS → ``float64 (frame_count,)``, 0–1.

    NaN where a frame was not measured. Raises MissingSignal.
    """
    return {
        "soundness": np.prod(list(keep_shares(film).values()), axis=0),
        "sharpness": _judge_sharpness(film),
        "stillness": _judge_stillness(film),
        "exposure": _judge_exposure(film),
        "contrast": rise(film.signal("exposure.contrast"), low=0.03, high=0.24),
        "colour": _judge_colour(film),
        "clarity": judge_clarity(film),
    }


def judge_suitability(parts: Mapping[str, NDArray[np.floating]], *, count: int) -> NDArray[np.float64]:
    """How usable ``count`` stills are as pictures, ``float64 (count,)``, 0–1: the weighted mean of PICTURE_WEIGHTS
    times the soundness. ``parts``: part → ``(count,)``; one that is not there, or is NaN, is neutral."""
    unknown = np.full(count, np.nan)
    known = {
        name: np.nan_to_num(np.asarray(parts.get(name, unknown), dtype=np.float64), nan=NEUTRAL)
        for name in PICTURE_PARTS
    }
    mean = sum(weight * known[name] for name, weight in PICTURE_WEIGHTS.items()) / sum(PICTURE_WEIGHTS.values())
    return np.asarray(np.clip(mean * known["soundness"], 0, 1), dtype=np.float64)


def _judge_sharpness(film: JudgedFilm) -> NDArray[np.float64]:
    subject = film.signal("sharpness.subject_sharpness")
    absolute = rise(subject, low=0.45, high=0.95)
    relative = rise(film.relative_sharpness(), low=0.6, high=1.0)
    return 0.5 * absolute + 0.5 * relative


def _judge_stillness(film: JudgedFilm) -> NDArray[np.float64]:
    """Free of motion blur, and an instant that is sharper and calmer than those around it."""
    subject = film.signal("sharpness.subject_sharpness")
    best = film.highest_around(subject, reach_frames=film.frames(_LOCAL_REACH_S))
    instant = rise(subject / np.maximum(best, 1e-6), low=0.82, high=0.99)
    return fall(film.signal("sharpness.motion_blur"), low=0.12, high=0.55) * (
        0.3 + 0.4 * instant + 0.3 * _judge_calm(film)
    )


def _judge_calm(film: JudgedFilm) -> NDArray[np.float64]:
    """Little movement into the frame and out of it: what moves alone in a still picture is blurred alone."""
    into = film.signal("motion.flow_magnitude").copy()
    out_of = np.append(into[1:], np.nan)
    for shot in film.spans:
        into[shot.start_frame] = out_of[shot.end_frame - 1] = np.nan  # across the cut
    movement = np.fmax(into, out_of)
    usual = film.mean_around(movement, reach_frames=film.frames(_USUAL_REACH_S))
    relative = fall(movement / (usual + _NO_MOVEMENT), low=0.6, high=2.5)
    calm = relative * fall(movement, low=0.006, high=0.05)
    return np.where(np.isnan(movement) & ~np.isnan(film.signal("exposure.brightness")), 1.0, calm)


def _judge_exposure(film: JudgedFilm) -> NDArray[np.float64]:
    level = plateau(film.signal("exposure.brightness"), low=0.03, good_from=0.24, good_to=0.62, high=0.95)
    blown = fall(film.signal("exposure.clipped_high"), low=0.08, high=0.45)
    # Black bars are part of this share, so that it begins to count late.
    crushed = fall(film.signal("exposure.clipped_low"), low=0.45, high=0.95)
    return level * (0.4 + 0.6 * blown) * (0.4 + 0.6 * crushed)


def _judge_colour(film: JudgedFilm) -> NDArray[np.float64]:
    """Colourfulness; a black-and-white film is not blamed for what none of its frames has."""
    colourfulness = film.signal("palette.colourfulness")
    measured = colourfulness[~np.isnan(colourfulness)]
    if not len(measured) or np.percentile(measured, 90) < _GREY_FILM:
        return np.where(np.isnan(colourfulness), np.nan, NEUTRAL)
    return rise(colourfulness, low=0.02, high=0.6)


def judge_clarity(film: JudgedFilm) -> NDArray[np.float64]:
    """How free of lettering a frame is: subtitles lower it, titles in the middle of the picture end it."""
    anywhere = film.read_lettering("lettering.area", read="text.area", reach_s=SUBTITLE_REACH_S)
    middle = film.read_lettering("lettering.middle_area", read="text.title_area", reach_s=TITLE_REACH_S)
    return fall(anywhere, low=0.0, high=0.016) * fall(middle, low=0.003, high=0.03)
