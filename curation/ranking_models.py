"""The versions of a team's ranking model: training one, using one, and giving it up when it is no longer better.

A new version is never put to use by itself, and one that is not better than the team's weights cannot be. A version in
use that new words of editors, or other weights, prove no better goes out of use by itself. Every switch is logged.
"""

import logging
import math
from dataclasses import asdict
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet

from ava.models import Team, User
from ava.switch_log import log_version, logged_switches
from curation.learning.effects import feature_effects
from curation.learning.ranking_model import UnfitModel, pack_model, unpack_model
from curation.learning.validation import (
    LEAST_HELD_BACK_PAIRS,
    Examples,
    Score,
    Validation,
    score_model,
    score_weights,
    train_and_validate,
)
from curation.models import RankingModel
from curation.ranking_examples import current_weights, load_examples

logger = logging.getLogger(__name__)

STOPPED = "The current weights of {team}"


class NotBetter(ValueError):
    """A version may not be used; the sentence says why and what to do."""


def active_model(team: Team | int) -> RankingModel | None:
    """The version in use of a team, or of the team of that number; None for the weights alone."""
    return RankingModel.objects.filter(team=team, is_active=True).first()


def train_model(team: Team, *, user: User | None) -> RankingModel:
    """Train the team's next version on what its editors said; it is not put to use by that.

    The version in use is looked at again, by what is known now. Raises TooFewPreferences.
    """
    examples = load_examples(team)
    weights, validation = train_and_validate(examples, part_weights=current_weights(team))
    learnt = examples.preferences.within(~examples.held_back)
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=team.pk)
        newest = team.ranking_models.aggregate(newest=Max("version"))["newest"] or 0
        model = RankingModel.objects.create(
            team=team,
            version=newest + 1,
            pairs=len(learnt),
            stills=len({*learnt.better.tolist(), *learnt.worse.tolist()}),
            films=len(set(learnt.films.tolist())),
            measures=_pack_validation(validation),
            effects=[asdict(effect) for effect in feature_effects(weights, examples.features)],
            weights=pack_model(weights),
            created_by=user,
        )
        log_version(RankingModel, user=user, version=model, name=str(model), message="Trained.", flag=ADDITION)
    fall_back_unless_better(team, examples=examples)
    return model


def why_not_usable(model: RankingModel) -> str:
    """Why a version cannot be used, in a sentence; empty where it can."""
    if not model.measures.get("is_better"):
        return str(model.measures.get("verdict") or "It was never shown to be better than the current weights.")
    try:
        trained = unpack_model(model.weights)
    except UnfitModel as error:
        return str(error)
    if _differ(trained.part_weights, current_weights(model.team)):
        return "The team's weights have changed since it was compared with them; train again."
    return ""


def use_model(model: RankingModel, *, user: User) -> None:
    """Have the team's boards ordered with this version. Raises NotBetter with a sentence."""
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=model.team_id)
        if reason := why_not_usable(model):
            raise NotBetter(reason)
        RankingModel.objects.filter(team=model.team_id, is_active=True).update(is_active=False)
        RankingModel.objects.filter(pk=model.pk).update(is_active=True)
        model.is_active = True
        log_version(RankingModel, user=user, version=model, name=str(model), message="Put to use.")


def stop_using(team: Team, *, user: User | None, reason: str = "Taken back.") -> bool:
    """Order the team's boards by its weights alone again; False where that was so already.

    Where it happens by itself, `user` None, it stands in the log under whoever put the version to use.
    """
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=team.pk)
        model = active_model(team)
        if model is None:
            return False
        RankingModel.objects.filter(pk=model.pk).update(is_active=False)
        last = switches(team).first()
        responsible = user or (last.user if last else model.created_by)
        name = STOPPED.format(team=team)
        log_version(RankingModel, user=responsible, version=model, name=name, message=reason)
    return True


def fall_back_unless_better(team: Team, *, examples: Examples | None = None) -> str:
    """Give the version in use up when it is no better than the weights by what is known now; why, or "".

    It is judged by the stills that are held back for good, which no version was trained on.
    """
    model = active_model(team)
    if model is None:
        return ""
    try:
        trained = unpack_model(model.weights)
        examples = load_examples(team) if examples is None else examples
        held_back = examples.preferences.within(examples.held_back)
        ours = score_model(trained, examples, held_back)
    except UnfitModel as error:
        reason = f"Fell back by itself: {error}"
    else:
        weights = current_weights(team)
        theirs = score_weights(weights, examples, held_back)
        reason = _reason_to_fall_back(
            ours, theirs, pairs=len(held_back), are_other=_differ(trained.part_weights, weights)
        )
    if reason:
        logger.warning("%s: %s", model, reason)
        stop_using(team, user=None, reason=reason)
    return reason


def switches(team: Team) -> QuerySet[LogEntry]:
    """Who put which of the team's versions to use or took it back, and when, newest first."""
    versions = [str(pk) for pk in team.ranking_models.values_list("pk", flat=True)]
    return logged_switches(RankingModel).filter(object_id__in=versions)


def _reason_to_fall_back(ours: Score, theirs: Score, *, pairs: int, are_other: bool) -> str:
    if pairs >= LEAST_HELD_BACK_PAIRS and ours.auc <= theirs.auc:
        return (
            f"Fell back by itself: of {pairs} held-back pairs it orders {100 * ours.auc:.0f} % right, "
            f"the current weights {100 * theirs.auc:.0f} %."
        )
    if are_other and pairs < LEAST_HELD_BACK_PAIRS:
        return "Fell back by itself: the team's weights have changed, and too little is held back to compare with them."
    return ""


def _differ(one: Any, other: Any) -> bool:
    """True when two weightings are not the same up to a factor."""
    names = {*one, *other}
    sums = [sum(each.values()) or 1.0 for each in (one, other)]
    return any(abs(one.get(name, 0.0) / sums[0] - other.get(name, 0.0) / sums[1]) > 1e-6 for name in names)


def _pack_validation(validation: Validation) -> dict[str, Any]:
    def pack(score: Score) -> dict[str, float | None]:
        return {name: None if math.isnan(value) else value for name, value in asdict(score).items()}

    return {
        "model": [pack(score) for score in validation.model],
        "weights": [pack(score) for score in validation.weights],
        "divided_by": validation.divided_by,
        "held_back": {
            "model": pack(validation.held_back_model),
            "weights": pack(validation.held_back_weights),
            "pairs": validation.held_back_pairs,
        },
        "is_better": validation.is_better,
        "verdict": validation.verdict,
    }
