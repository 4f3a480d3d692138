"""How well a face's expression suits a still, from its geometry and picture alone, and why."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ava.annotate.expression import EYE_BOUNDARY, EYE_SPREAD, MOUTH_BOUNDARY_MM, MOUTH_SPREAD_MM
from curation.people.film_faces import FaceLooks
from curation.stills.curves import fall, plateau, rise

FACTORS = ("eyes", "mouth", "sharpness", "pose", "light", "size")
"""Whatever spoils an expression, one factor each; the first four can end it, the last two only lower it."""

WHERE_UNKNOWN = 0.4
"""What eyes or a mouth count for that are not known, of a face of which something else is."""

SMILING_EYES_GAP = 0.03
"""By how much a full smile may narrow the eyes, in widths of the eye, before they count as closing."""

_LEAST_LEVEL = 1e-6


def rate_expressions(looks: FaceLooks, *, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rate how well each face would look in a still: ``float32 (N,)`` 0–1, NaN where nothing is known of it.

    The product of ``explain_expressions``; eyes and mouths that are not known count ``WHERE_UNKNOWN``, other unknown
    factors are left out. ``boxes`` ``float32 (N, 4)`` in film pixels.
    """
    factors = explain_expressions(looks, boxes=boxes)
    known = [np.isfinite(factors[name]) for name in ("eyes", "mouth", "sharpness", "pose")]
    rating = np.ones(len(boxes), dtype=np.float64)
    for name, values in factors.items():
        rating *= np.where(np.isnan(values), WHERE_UNKNOWN if name in ("eyes", "mouth") else 1.0, values)
    return np.where(np.any(known, axis=0), rating, np.nan).astype(np.float32)


def explain_expressions(looks: FaceLooks, *, boxes: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
    """Say what each of ``FACTORS`` leaves of each face: ``float32 (N,)`` 0–1 (1 spoils nothing), NaN where not known.

    The criteria are those of Segalin & Liu's talk on character thumbnails (blinking, speaking, motion blur and faces
    turned away are left out). The curves were set on the labelled and drawn faces of
    ``tests/bench/people_expression.py``, so the figures that it prints flatter them a little.
    """
    looks = FaceLooks(*(known_or_nan(column) for column in looks))
    factors = {
        "eyes": _rate_eyes(looks),
        "mouth": _rate_mouth(looks),
        "sharpness": _floor(rise(looks.sharpness, low=0.4, high=0.62), least=0.03),
        "pose": _rate_pose(looks),
        "light": _rate_light(looks),
        "size": _floor(rise(box_heights_px(boxes), low=16, high=96), least=0.3),
    }
    return {name: factors[name].astype(np.float32) for name in FACTORS}


def known_or_nan(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values with NaN for whatever is not finite."""
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def box_heights_px(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Heights ``float64 (N,)`` of boxes ``(N, 4)``; NaN where a side is not known."""
    known = known_or_nan(boxes).astype(np.float64)
    return np.asarray(known[:, 3] - known[:, 1])


def eye_gaps(eyes_open: NDArray[np.float32]) -> NDArray[np.float64]:
    """Gap of the lids in widths of the eye, from ``FaceLooks.eyes_open`` (which is a logistic of it)."""
    return EYE_BOUNDARY + EYE_SPREAD * _log_odds(eyes_open)


def mouth_gaps_mm(mouth_open: NDArray[np.float32]) -> NDArray[np.float64]:
    """Gap of the inner lips in mm of an average face, from ``FaceLooks.mouth_open`` (which is a logistic of it)."""
    return MOUTH_BOUNDARY_MM + MOUTH_SPREAD_MM * _log_odds(mouth_open)


def _rate_eyes(looks: FaceLooks) -> NDArray[np.float64]:
    """Open eyes; laughing ones are narrower and right."""
    smile = np.where(np.isnan(looks.smile), 0, looks.smile)
    return _floor(rise(eye_gaps(looks.eyes_open) + SMILING_EYES_GAP * smile, low=0.16, high=0.235), least=0.02)


def _rate_mouth(looks: FaceLooks) -> NDArray[np.float64]:
    """A closed mouth, a laugh and astonishment are right; lips parted without either are a word half spoken."""
    gap_mm = mouth_gaps_mm(looks.mouth_open)
    laughs = rise(looks.smile, low=0.4, high=0.8)
    is_astonished = (
        rise(gap_mm, low=5.0, high=9.0)
        * rise(looks.brows_raised, low=0.5, high=0.85)
        * rise(looks.eyes_open, low=0.6, high=0.9)
    )
    return _floor(1 - rise(gap_mm, low=1.5, high=5.0) * (1 - laughs) * (1 - is_astonished), least=0.06)


def _rate_pose(looks: FaceLooks) -> NDArray[np.float64]:
    """Slight turns are fine, profiles and downward looks are not; a tilted head only counts less."""
    yaw_deg = np.where(np.isnan(looks.yaw_deg), looks.coarse_yaw_deg, looks.yaw_deg)
    aside = fall(np.abs(yaw_deg), low=25, high=60)
    pitch_deg = np.where(np.isnan(looks.pitch_deg), 0, looks.pitch_deg)
    upright = fall(-pitch_deg, low=18, high=42) * fall(pitch_deg, low=25, high=50)
    roll_deg = np.where(np.isnan(looks.roll_deg), 0, looks.roll_deg)
    return _floor(aside * upright, least=0.02) * _floor(fall(np.abs(roll_deg), low=25, high=75), least=0.5)


def _rate_light(looks: FaceLooks) -> NDArray[np.float64]:
    level = plateau(looks.brightness, low=0.04, good_from=0.2, good_to=0.75, high=0.98)
    drawing = rise(looks.contrast, low=0.05, high=0.25) * fall(looks.clipped, low=0.05, high=0.5)
    return _floor(level * drawing, least=0.5)


def _floor(values: NDArray[np.float64], *, least: float) -> NDArray[np.float64]:
    """Values 0–1 laid between ``least`` and 1, so that those spoilt in two ways still rank below those in one."""
    return least + (1 - least) * values


def _log_odds(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    share = np.clip(np.asarray(levels, dtype=np.float64), _LEAST_LEVEL, 1 - _LEAST_LEVEL)
    return np.asarray(np.log(share / (1 - share)))
