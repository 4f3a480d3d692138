"""What ranks moments until a network has been trained: a table of weights over ranks within the film."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.scores import BY_PRIOR, MomentScores
from curation.moments.shot_features import FEATURE_AT, FEATURES, FilmShots, film_places, film_ranks


class Weight(NamedTuple):
    """How much a feature counts for a shot, −1 to 1, where the film's most of it is meant, and why."""

    feature: str
    weight: float
    why: str


WEIGHTS = (
    Weight("subject_motion_unit_s", 0.8, "Action is what trailers show most: shots in them move more than others."),
    Weight("prominence_unit", 0.7, "A large face says whose story it is."),
    Weight("expression_unit", 0.6, "Feeling is read in faces; neutral ones say little in two seconds."),
    Weight("relative_lu", 0.6, "Loud passages are where much happens: fights, crowds, music that swells."),
    Weight("step_lu", 0.4, "A cut into loudness is a beat that a trailer can be cut on."),
    Weight("onset_db", 0.4, "A sudden sound (a blow, a door, a shot) marks an event."),
    Weight("motion_unit_s", 0.4, "Movement of the camera carries, too, though less than that of the subject."),
    Weight("peak_lufs", 0.3, "One loud moment is enough to cut to, even in a quiet shot."),
    Weight("scale_unit", 0.3, "Close shots are read at once, also on a telephone."),
    Weight("contrast_unit", 0.3, "Strong contrast reads well at any size."),
    Weight("brightness_unit", 0.2, "Dark shots are hard to see on small and dim screens."),
    Weight("saturation_unit", 0.2, "Colourful shots catch the eye."),
    Weight("people", 0.2, "Trailers sell people more than places."),
    Weight("dialogue_unit", 0.2, "A line that is heard tells the story."),
    Weight("rise_lu", 0.2, "Sound that grows leads on to what comes next."),
    Weight("onset_rate_hz", 0.2, "Many sounds go with much going on."),
    Weight("length_s", 0.2, "Very short shots leave nothing to trim."),
    Weight("silence_unit", -0.3, "Silence is used now and then, but most silent shots are pauses."),
    Weight("text_unit", -0.8, "A trailer has titles and credits of its own."),
)
"""Set by judgement after what is published of trailers: they favour action, loud and sudden sound, faces and feeling
(Hermes and Schultz 2006, "Automatic generation of Hollywood-like movie trailers"; Smeaton and others 2006,
"Automatically selecting shots for action movie trailers"; Smith and others 2017, "Harnessing A.I. for augmenting
creativity"). Features without a line (smile, speech, brightness of sound, warmth) depend on the genre."""


def prior_weights() -> NDArray[np.float32]:
    """``WEIGHTS`` as float32 (F,), their amounts 1 together."""
    weights = np.zeros(len(FEATURES))
    for each in WEIGHTS:
        weights[FEATURE_AT[each.feature]] = each.weight
    return np.asarray(weights / np.abs(weights).sum(), dtype=np.float32)


def score_by_prior(shots: FilmShots) -> MomentScores:
    """Score shots by ``WEIGHTS`` over ranks within the film, from −1 (the film's least) to 1 (its most).

    A feature that was not measured of a shot, or is the same throughout, says nothing of it. Any number of shots gives
    scores; where nothing is known of any, all are 0.5.
    """
    contributions = film_places(shots.values) * prior_weights()
    # Rounded, so that shots of equal worth tie in whatever order their parts are added.
    totals = contributions.sum(axis=1, dtype=np.float64).round(6)
    return MomentScores(film_ranks(totals), contributions, BY_PRIOR)
