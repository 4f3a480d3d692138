"""Parts of a still's score that are known of frames that were looked at closely: layout, faces, and grain."""

import numpy as np
from numpy.typing import NDArray

from curation.people.frame_signals import EXPRESSION, FULL_SIZE_UNIT, PROMINENCE
from curation.stills.curves import fall, plateau, rise
from curation.stills.film import JudgedFilm

NEUTRAL = 0.5
"""The value of a part that cannot be told of a frame, so that neither blame nor praise comes from it."""

_LEAST_GRAIN = 0.004
"""Noise, as a share of the scale, that nobody sees; a film's own grain counts from there on."""


def judge_closer(film: JudgedFilm) -> dict[str, NDArray[np.float64]]:
    """Judge frames in what is known of looked-at ones: part → ``float64 (frame_count,)``, 0–1.

    Neutral where nobody looked, NaN where a frame was not measured. Raises MissingSignal.
    """
    judged = {
        "noise": _judge_noise(film),
        "composition": _judge_composition(film),
        "saliency": _judge_saliency(film),
        "space": _judge_space(film),
        "people": _judge_people(film),
        "expression": known_of(film, EXPRESSION),
        "pose": _judge_pose(film),
    }
    measured = ~np.isnan(film.signal("exposure.brightness"))
    return {
        name: np.where(measured, np.where(np.isnan(values), NEUTRAL, values), np.nan) for name, values in judged.items()
    }


def known_of(film: JudgedFilm, name: str) -> NDArray[np.float64]:
    """A signal of all frames, NaN for one that no detector of this installation gives."""
    return film.signal(name) if name in film.signals else np.full(film.frame_count, np.nan)


def _judge_noise(film: JudgedFilm) -> NDArray[np.float64]:
    """Free of noise: half by what can be seen, half by what is more than this film's own grain.

    In a picture that is texture all over, noise cannot be told from it: the less calm ground, the nearer to neutral.
    """
    sigma = known_of(film, "noise.sigma")
    known = sigma[~np.isnan(sigma)]
    usual = max(float(np.median(known)), _LEAST_GRAIN) if len(known) else _LEAST_GRAIN
    free = 0.5 * fall(sigma, low=0.003, high=0.02) + 0.5 * fall(sigma / usual, low=1.2, high=3.0)
    calm = known_of(film, "saliency.negative_space")
    return NEUTRAL + (free - NEUTRAL) * np.where(np.isnan(calm), 1.0, rise(calm, low=0.02, high=0.2))


def _judge_composition(film: JudgedFilm) -> NDArray[np.float64]:
    """Laid out with intent, by the thirds or symmetrically; its weights about the middle; its horizon level.

    Photographs that people rate highly have their subject near a power point or balance its weight about the middle
    (Liu, Chen, Wolf & Cohen-Or 2010).
    """
    thirds = rise(known_of(film, "composition.thirds"), low=0.05, high=0.7)
    symmetry = rise(known_of(film, "composition.symmetry_left_right"), low=0.2, high=0.8)
    balance = rise(known_of(film, "composition.balance"), low=0.6, high=0.95)
    tilt = np.abs(known_of(film, "composition.horizon_tilt_deg"))
    level = np.where(np.isnan(tilt), 1.0, fall(tilt, low=1.0, high=8.0))
    return 0.5 * np.maximum(thirds, symmetry) + 0.35 * balance + 0.15 * level


def _judge_saliency(film: JudgedFilm) -> NDArray[np.float64]:
    """One subject that the eye goes to: it stands out from the rest, and is sharp before softer ground."""
    strength = rise(known_of(film, "saliency.strength"), low=0.05, high=0.5)
    depth = known_of(film, "composition.depth_of_field")
    return np.where(np.isnan(depth), strength, 0.7 * strength + 0.3 * depth)


def _judge_space(film: JudgedFilm) -> NDArray[np.float64]:
    """Calm ground where a title can stand, little clutter; a picture of nothing but ground is worth less again."""
    room = plateau(known_of(film, "saliency.negative_space"), low=0.02, good_from=0.35, good_to=0.65, high=0.95)
    return room * (0.5 + 0.5 * fall(known_of(film, "saliency.complexity"), low=0.5, high=0.9))


def _judge_people(film: JudgedFilm) -> NDArray[np.float64]:
    """How prominent whoever is shown is: neutral without anybody known, more for those whom the film is about.

    Prominence falls off steeply behind the leading character, its root less so: secondary characters count, too.
    """
    return NEUTRAL + (1 - NEUTRAL) * np.sqrt(np.nan_to_num(known_of(film, PROMINENCE)))


def _judge_pose(film: JudgedFilm) -> NDArray[np.float64]:
    """The largest face turned to the camera, and every eye open; small faces count in proportion.

    Seen from the side a face is worth little; a quarter turn, as portraits have it, costs nothing.
    """
    turned = fall(np.abs(known_of(film, "face_mesh.yaw_deg")), low=25.0, high=80.0)
    bowed = fall(np.abs(known_of(film, "face_mesh.pitch_deg")), low=15.0, high=50.0)
    largest, least = (rise(known_of(film, f"face_mesh.{name}"), low=0.2, high=0.7) for name in _EYES)
    pose = turned * bowed * (0.3 + 0.7 * np.fmin(largest, least))
    size = np.clip(known_of(film, "faces.largest_height") / FULL_SIZE_UNIT, 0, 1)
    return NEUTRAL + (pose - NEUTRAL) * np.where(np.isnan(size), 1.0, size)


_EYES = ("eyes_open", "least_eyes_open")
