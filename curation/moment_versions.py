"""The versions of the ranker of moments: which one is in use, adding one, releasing one and going back.

Until one is released, the prior ranks, and it can always be gone back to. Nothing is put to use by itself. Every
switch stands in Django's log of what administrators did.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet

from ava.exclusive import wait_for_turn
from ava.models import User
from ava.switch_log import log_version, logged_switches
from curation.models import MomentRanker
from curation.moments.scores import MomentScores
from curation.moments.shot_features import FilmShots

if TYPE_CHECKING:
    from curation.moments.ranker_file import RankerFile

PRIOR_NAME = "The prior"
_TURN = "versions of the moment ranker"


class NotReleasable(ValueError):
    """A version may not be put to use; the sentence says why and what to do."""


def active_ranker() -> MomentRanker | None:
    """The version in use, without its weights; None: the prior ranks."""
    return MomentRanker.objects.filter(is_active=True).defer("weights").first()


def ranker_problem(ranker: MomentRanker) -> str:
    """Why a version cannot be used by this program, in a sentence; empty where it can."""
    from curation.moments.ranker_file import UnfitRanker

    try:
        _load(ranker)
    except UnfitRanker as error:
        return str(error)
    return ""


def score_with(ranker: MomentRanker, shots: FilmShots) -> MomentScores:
    """Score a film's shots with a version; their vectors have to be of its space, or None. Raises UnfitRanker."""
    from curation.moments.ranker_scores import score_by_ranker

    return score_by_ranker(_load(ranker).ranker, shots, by=ranker.name)


def add_version(
    packed: bytes,
    *,
    user: User | None,
    measures: Mapping[str, Any],
    parent: MomentRanker | None = None,
    name: str = "The model file",
) -> tuple[MomentRanker, bool]:
    """Make a file the next version, without putting it to use; False with it where it was one already.

    Raises UnfitRanker, with a sentence that says `name`.
    """
    from curation.moments.ranker_file import read_ranker

    fitting = read_ranker(packed, name=name)
    with transaction.atomic():
        wait_for_turn(_TURN)
        known = MomentRanker.objects.filter(sha256=fitting.sha256).first()
        if known is not None:
            return known, False
        newest = MomentRanker.objects.aggregate(newest=Max("version"))["newest"] or 0
        ranker = MomentRanker.objects.create(
            version=newest + 1, weights=packed, sha256=fitting.sha256, recipe=fitting.recipe,
            space=str(fitting.recipe.get("space", ""))[:80], measures=dict(measures), parent=parent, created_by=user,
        )  # fmt: skip
        log_version(MomentRanker, user=user, version=ranker, name=str(ranker), message="Trained.", flag=ADDITION)
    return ranker, True


def why_not_releasable(ranker: MomentRanker) -> str:
    """Why a version cannot be put to use, in a sentence; empty where it can. What was in use before always can."""
    if problem := ranker_problem(ranker):
        return problem
    if ranker.is_active or switches().filter(object_id=str(ranker.pk)).exists():
        return ""
    if not ranker.measures:
        return "It has not been measured on titles left out; train it again."
    return "" if ranker.measures.get("is_fit") else str(ranker.measures.get("verdict", "It ranks worse."))


def use_ranker(ranker: MomentRanker | None, *, user: User) -> None:
    """Rank the moments of every film with this version from now on, with the prior for None.

    A newer one or one gone back to; films are scored anew when they are looked at. Raises NotReleasable.
    """
    with transaction.atomic():
        wait_for_turn(_TURN)
        if ranker is not None:
            ranker = MomentRanker.objects.get(pk=ranker.pk)
            if reason := why_not_releasable(ranker):
                raise NotReleasable(reason)
        MomentRanker.objects.filter(is_active=True).update(is_active=False)
        if ranker is not None:
            MomentRanker.objects.filter(pk=ranker.pk).update(is_active=True)
        name = str(ranker) if ranker else PRIOR_NAME
        log_version(MomentRanker, user=user, version=ranker, name=name, message="Put to use.")


def switches() -> QuerySet[LogEntry]:
    """Who put which version to use and when, newest first."""
    return logged_switches(MomentRanker)


def _load(ranker: MomentRanker) -> "RankerFile":
    return _read(ranker.pk, ranker.sha256, ranker.name)


@lru_cache(maxsize=8)
def _read(pk: int, sha256: str, name: str) -> "RankerFile":
    """A version's file never changes, so it is read from its row once a process."""
    from curation.moments.ranker_file import read_ranker

    packed = MomentRanker.objects.filter(pk=pk, sha256=sha256).values_list("weights", flat=True).get()
    return read_ranker(bytes(packed), name=name)
