"""What a team's ranking model makes of a film's stills, for the order of a board."""

import logging

import numpy as np
from numpy.typing import NDArray

from ava.models import Team, Video
from curation.learning.features import describe_stills
from curation.learning.ranking_model import UnfitModel, score_stills, unpack_model
from curation.ranking_models import active_model
from curation.stills.table import StillTable

logger = logging.getLogger(__name__)


def learned_scores(video: Video, table: StillTable, *, team: Team) -> NDArray[np.float32] | None:
    """How probably the team's editors prefer each still to a typical one, ``float32 (N,)`` 0–1, by its model in use.

    None where no model is in use, or where the one that is was trained on other features: the weights alone count.
    One small query where none is in use.
    """
    model = active_model(team)
    if model is None:
        return None
    try:
        return score_stills(unpack_model(model.weights), describe_stills(table))
    except UnfitModel as error:
        logger.warning("%s is not used on the board of %s: %s", model, video, error)
        return None


def learned_version(team: Team) -> int:
    """The number of the version in use, 0 for none: what is worked out with one is not kept for another."""
    return team.ranking_models.filter(is_active=True).values_list("version", flat=True).first() or 0
