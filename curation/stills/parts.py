"""Parts of a still's score: how good each frame is in each respect, 0–1, and what each part weighs."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from curation.people.frame_signals import EXPRESSION, PROMINENCE
from curation.stills.curves import fall, plateau, rise
from curation.stills.exclusions import keep_shares
from curation.stills.film import SUBTITLE_REACH_S, TITLE_REACH_S, JudgedFilm

PART_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "soundness": 0.1125,
        "sharpness": 0.12,
        "stillness": 0.075,
        "exposure": 0.075,
        "contrast": 0.09,
        "colour": 0.0825,
        "clarity": 0.075,
        "people": 0.12,
        "expression": 0.13,
        "variety": 0.0825,
        "spread": 0.0375,
    }
)
"""What each part weighs in a still's score; together 1. "soundness" is what the reasons for exclusion leave of a
frame. Who is shown and how they look weigh a quarter. All but the last two are known of every frame alone, the last
two depend on the stills ranked above."""

PICTURE_PARTS = ("soundness", "sharpness", "stillness", "exposure", "contrast", "colour", "clarity")
"""Parts that every measured frame has, whether it was looked at closely or not: candidates are chosen by them."""

FRAME_PARTS = (*PICTURE_PARTS, "people", "expression")

NEUTRAL = 0.5
"""The value of a part that cannot be told of a frame, so that neither blame nor praise comes from it."""

_LOCAL_REACH_S = 0.5
_USUAL_REACH_S = 1.0
_NO_MOVEMENT = 0.0004
"""Flow, as a share of the longer side a frame, that noise alone gives a still picture."""
_GREY_FILM = 0.06


def judge_parts(film: JudgedFilm) -> dict[str, NDArray[np.float64]]:
    """Judge every frame in every respect that it has alone: part of FRAME_PARTS → ``float64 (frame_count,)``, 0–1.

    NaN where a frame was not measured. Raises MissingSignal.
    """
    return judge_picture(film) | {"people": _judge_people(film), "expression": _judge_expression(film)}


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


def _judge_people(film: JudgedFilm) -> NDArray[np.float64]:
    """How prominent whoever is shown is: neutral without anybody known, more for those whom the film is about.

    Prominence falls off steeply behind the leading character, its root less so: secondary characters count, too.
    """
    return NEUTRAL + (1 - NEUTRAL) * np.sqrt(_where_known(film, PROMINENCE, otherwise=0.0))


def _judge_expression(film: JudgedFilm) -> NDArray[np.float64]:
    """How well the main faces look, the least of them telling; a frame without faces is neither better nor worse."""
    return _where_known(film, EXPRESSION, otherwise=NEUTRAL)


def _where_known(film: JudgedFilm, name: str, *, otherwise: float) -> NDArray[np.float64]:
    """A signal of looked-at frames, filled up elsewhere and for films that it was never worked out for."""
    measured = ~np.isnan(film.signal("exposure.brightness"))
    values = film.signal(name) if name in film.signals else np.full(len(measured), np.nan)
    return np.where(measured, np.where(np.isnan(values), otherwise, values), np.nan)
