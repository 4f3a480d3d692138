"""In which order a board shows its stills: that of the analysis, or the one that its address or its team asks for."""

import re
from typing import Any

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from numpy.typing import NDArray

from ava.models import User, Video
from curation.models import RankingModel, RankingProfile

NAMES = re.compile(r"purpose|variety|[wv]\..+")
"""What an order of its own is called in addresses."""


def board_sequence(video: Video, *, query: QueryDict, user: User) -> NDArray[np.int64] | None:
    """The film's frames, best first, where they do not simply follow the analysis; else None."""
    if not is_ordered_anew(video, query=query):
        return None
    from curation.board_order import order_board, read_weighting

    weighting = read_weighting(query, user=user, title=video.title)
    return order_board(video, weighting).frames


def is_ordered_anew(video: Video, *, query: QueryDict) -> bool:
    if any(NAMES.fullmatch(name) for name in query):
        return True
    teams = video.title.teams.all()
    return (
        RankingProfile.objects.filter(team__in=teams, is_default=True).exists()
        or RankingModel.objects.filter(team__in=teams, is_active=True).exists()
    )


def index_address(video: Video, *, query: QueryDict) -> str:
    """Where the board's script gets what it knows of the stills, in the same order."""
    kept: dict[str, Any] = {name: query[name] for name in query if NAMES.fullmatch(name)}
    asked = QueryDict(mutable=True)
    asked.update({"video": str(video.pk)} | kept)
    return f"{reverse('stills-index', args=[video.title_id])}?{asked.urlencode()}"
