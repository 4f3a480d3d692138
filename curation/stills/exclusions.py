"""Reasons why a frame is no still at all: darkness, blur, transitions, titles and plain ground."""

import numpy as np
from numpy.typing import NDArray

from curation.stills.curves import fall, rise
from curation.stills.film import TITLE_REACH_S, JudgedFilm

_MARGIN_S = 0.09
_CUT_MARGIN_S = 0.15
_CUT_EDGE = 0.8


def keep_shares(film: JudgedFilm) -> dict[str, NDArray[np.float64]]:
    """Judge for each reason how far a frame may stay: reason → ``float64 (frame_count,)``, 0 excluded to 1 free."""
    return {
        "light": _keep_light(film),
        "detail": _keep_sharp(film),
        "transition": _keep_settled(film),
        "fade": _keep_undimmed(film),
        "title": _keep_untitled(film),
        "edge": _keep_from_cuts(film),
    }


def _keep_light(film: JudgedFilm) -> NDArray[np.float64]:
    """Neither black, nor white, nor nearly uniform."""
    lit = rise(film.signal("exposure.brightness"), low=0.012, high=0.06)
    varied = rise(film.signal("exposure.contrast"), low=0.02, high=0.09)
    burnt = fall(film.signal("exposure.clipped_high"), low=0.5, high=0.85)
    return lit * varied * burnt


def _keep_sharp(film: JudgedFilm) -> NDArray[np.float64]:
    """Not blurred, by defocus or by movement."""
    absolute = rise(film.signal("sharpness.subject_sharpness"), low=0.25, high=0.7)
    relative = rise(film.relative_sharpness(), low=0.45, high=0.92)
    smeared = fall(film.signal("sharpness.motion_blur"), low=0.25, high=0.75)
    return absolute * (0.1 + 0.9 * relative) * (0.25 + 0.75 * smeared)


def _keep_settled(film: JudgedFilm) -> NDArray[np.float64]:
    """Not within a dissolve or a fade, nor a few frames beside it, where traces may be left."""
    keep = np.ones(film.frame_count)
    margin = film.frames(_MARGIN_S)
    for transition in film.shots.transitions:
        keep[max(transition.start_frame - margin, 0) : transition.end_frame + margin] = 0.35
        keep[transition.start_frame : transition.end_frame] = 0.02
    return keep


def _keep_undimmed(film: JudgedFilm) -> NDArray[np.float64]:
    """Not much darker and flatter than the shot is otherwise: catches fades whose span was found too short."""
    share = np.maximum(
        _share_of_usual(film, film.signal("exposure.brightness")),
        _share_of_usual(film, film.signal("exposure.contrast")),
    )
    return rise(share, low=0.2, high=0.7)


def _share_of_usual(film: JudgedFilm, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value as a share of the upper quartile of its shot."""
    share = np.ones(film.frame_count)
    for shot in film.spans:
        inside = values[shot.start_frame : shot.end_frame]
        measured = inside[~np.isnan(inside)]
        if len(measured):
            share[shot.start_frame : shot.end_frame] = inside / max(float(np.percentile(measured, 75)), 1e-3)
    return share


def _keep_untitled(film: JudgedFilm) -> NDArray[np.float64]:
    """No credits and no title card: little lettering in the middle, none at all on plain ground."""
    plain = film.signal("lettering.plain")
    middle = film.read_lettering("lettering.middle_area", read="text.title_area", reach_s=TITLE_REACH_S)
    anywhere = film.read_lettering("lettering.area", read="text.area", reach_s=TITLE_REACH_S)
    bare = fall(plain, low=0.8, high=0.97)
    over_picture = 0.12 + 0.88 * fall(middle, low=0.006, high=0.03)
    on_card = 1 - rise(anywhere, low=0.002, high=0.01) * rise(plain, low=0.45, high=0.75)
    return bare * over_picture * on_card


def _keep_from_cuts(film: JudgedFilm) -> NDArray[np.float64]:
    """A little less at the ends of a shot, where a cut may be a frame off and compression is poor."""
    keep = np.ones(film.frame_count)
    margin = film.frames(_CUT_MARGIN_S)
    for shot in film.spans:
        length = shot.end_frame - shot.start_frame
        inside = np.arange(length)
        distance = np.minimum(inside + 1, length - inside) / (margin + 1)
        keep[shot.start_frame : shot.end_frame] = _CUT_EDGE + (1 - _CUT_EDGE) * np.clip(distance, 0, 1)
    return keep
