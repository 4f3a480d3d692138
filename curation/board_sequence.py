"""In which order a board shows its stills: that of the analysis, or the one that its address or its team asks for."""

import re
from typing import Any, NamedTuple

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from numpy.typing import NDArray

from ava.models import Title, User, Video
from curation.maturity_overrides import current_overrides
from curation.models import RankingModel, RankingProfile
from curation.stills.purposes import BALANCED, fit_weighting

NAMES = re.compile(r"purpose|variety|[wv]\..+")
"""What an order of its own is called in addresses."""
USUAL_RATINGS = ("", Title.MaturityRating.THIRTEEN)
"""Ratings under which a title that had none when it was analysed is ranked as it was then."""


def board_sequence(video: Video, *, query: QueryDict, user: User) -> NDArray[np.int64] | None:
    """The film's frames, best first, where they do not simply follow the analysis; else None."""
    if not is_ordered_anew(video, query=query):
        return None
    from curation.board_order import order_board, read_weighting

    weighting = read_weighting(query, user=user, title=video.title)
    return order_board(video, weighting).frames


class Explained(NamedTuple):
    """Why a still has its rank in an order of its own: its score, 0–1, the parts of it, and what each can give."""

    score: float
    parts: dict[str, float]
    percentages: dict[str, float]


def explain_rank(video: Video, *, frame: int, query: QueryDict, user: User) -> Explained | None:
    """What makes a still's rank in the order that the address or the team asks for; None in the analysis's order."""
    if not is_ordered_anew(video, query=query):
        return None
    from curation.board_order import order_board, part_percentages, read_weighting

    weighting = read_weighting(query, user=user, title=video.title)
    order = order_board(video, weighting)
    places = np.flatnonzero(order.frames == frame)
    if not len(places):
        return None
    parts = {name: float(values[places[0]]) for name, values in order.explanation.items()}
    return Explained(float(order.scores[places[0]]), parts, part_percentages(weighting))


def is_ordered_anew(video: Video, *, query: QueryDict) -> bool:
    """Whether an order is asked for, or something that was said since the analysis changes the usual one."""
    if any(NAMES.fullmatch(name) for name in query):
        return True
    title, teams = video.title, video.title.teams.all()
    fitted, _ = fit_weighting(BALANCED, content_format=title.content_format, genre=title.genre)
    return (
        fitted != BALANCED
        or title.maturity_rating not in USUAL_RATINGS
        or bool(current_overrides(video))
        or RankingProfile.objects.filter(team__in=teams, is_default=True).exists()
        or RankingModel.objects.filter(team__in=teams, is_active=True).exists()
    )


def index_address(video: Video, *, query: QueryDict) -> str:
    """Where the board's script gets what it knows of the stills, in the same order."""
    kept: dict[str, Any] = {name: query[name] for name in query if NAMES.fullmatch(name)}
    asked = QueryDict(mutable=True)
    asked.update({"video": str(video.pk)} | kept)
    return f"{reverse('stills-index', args=[video.title_id])}?{asked.urlencode()}"
