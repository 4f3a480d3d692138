"""Rankers that people bring as files, with the figures that were measured where they were trained."""

from typing import Any

from ava.models import User
from curation.models import MomentRanker
from curation.moment_versions import active_ranker, add_version
from curation.moment_work import measures_beside
from curation.moments.ranker_file import read_ranker
from curation.moments.version_training import UnfitFigures, read_left_out

ELSEWHERE = "Elsewhere, "


def bring_ranker(packed: bytes, *, name: str, user: User | None) -> tuple[MomentRanker, bool]:
    """Make a file the next version; False with it where it was one already. Raises UnfitRanker with a sentence.

    Its recipe tells what was measured on titles left out; one that tells nothing of it cannot be released.
    """
    recipe = read_ranker(packed, name=name).recipe
    return add_version(packed, user=user, measures=_measures(recipe), parent=active_ranker(), name=name)


def _measures(recipe: dict[str, Any]) -> dict[str, Any]:
    try:
        left_out = read_left_out(recipe.get("left_out"))
    except UnfitFigures:
        return {}
    # Titles have numbers of their own where it was trained: nothing of another installation's is held against them.
    elsewhere = [each._replace(name=f"{ELSEWHERE}{each.name}") for each in left_out]
    return measures_beside(None, elsewhere)
