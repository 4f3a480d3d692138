"""What the page of ranking models shows of a team: how much there is to learn from, versions, and what they learnt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any

from django.contrib.admin.models import LogEntry

from ava.models import Team, User
from ava.selectors import ADMINISTERING_ROLES, EDITING_ROLES, access_teams
from curation.fold_marks import Mark, place_mark
from curation.learning.validation import LEAST_STILLS
from curation.models import RankingModel
from curation.ranking_examples import OpinionCounts, count_opinions
from curation.ranking_model_tasks import training_of
from curation.ranking_models import switches, why_not_usable
from curation.trainings import TrainingState

SHOWN_SWITCHES = 10
SHOWN_EFFECTS = 8
_WHOLE_BAR = 0.3
"""A change of the probability that fills half of a bar."""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure of a version beside the current weights', over the same folds; `spread` are standard deviations."""

    label: str
    about: str
    model: Mark
    weights: Mark
    model_spread: float
    weights_spread: float
    folds: Sequence[Mark]
    is_without_chance: bool
    """An order by chance has no fixed value of it."""


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One feature's effect as a bar from the middle: `start` and `length` in percent of its width."""

    label: str
    words: str
    effect: float
    start: float
    length: float
    is_bent: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version with its figures; `refusal` says why it cannot be used, empty where it can."""

    model: RankingModel
    measures: Sequence[MeasureRow]
    held_back: Mapping[str, Any]
    divided_by: str
    verdict: str
    is_better: bool
    refusal: str
    effects: Sequence[EffectRow]
    other_effects: Sequence[EffectRow]


@dataclass(frozen=True, slots=True)
class RankingModelsPage:
    teams: Sequence[Team]
    team: Team | None
    counts: OpinionCounts | None
    least_stills: int
    versions: Sequence[VersionRow]
    active: RankingModel | None
    training: TrainingState
    switches: Sequence[LogEntry]
    may_train: bool
    may_switch: bool


def read_ranking_models_page(user: User, *, team_id: str) -> RankingModelsPage:
    """The page of the team asked for, else of the first in which the user has a say, else of the first."""
    teams = list(access_teams(user).order_by("name", "pk"))
    editing = set(access_teams(user, roles=EDITING_ROLES).values_list("pk", flat=True))
    asked = (team for team in teams if str(team.pk) == team_id)
    own = (team for team in teams if team.pk in editing)
    team = next(asked, None) or next(own, None) or next(iter(teams), None)
    models = list(team.ranking_models.select_related("created_by", "team")) if team else []
    return RankingModelsPage(
        teams=teams,
        team=team,
        counts=count_opinions(team) if team else None,
        least_stills=LEAST_STILLS,
        versions=[_describe(model) for model in models],
        active=next((model for model in models if model.is_active), None),
        training=training_of(team).state() if team else TrainingState(),
        switches=list(switches(team)[:SHOWN_SWITCHES]) if team else [],
        may_train=team is not None and team.pk in editing,
        may_switch=team is not None and access_teams(user, roles=ADMINISTERING_ROLES).filter(pk=team.pk).exists(),
    )


def _describe(model: RankingModel) -> VersionRow:
    measures: Mapping[str, Any] = model.measures
    effects = [_place_effect(each) for each in model.effects if each.get("words")]
    telling = [each for each in effects if each.words != "makes no difference"][:SHOWN_EFFECTS]
    return VersionRow(
        model=model,
        measures=[row for row in (_measure(measures, name=name) for name in ("auc", "ndcg")) if row],
        held_back=measures.get("held_back", {}),
        divided_by=measures.get("divided_by", ""),
        verdict=measures.get("verdict", ""),
        is_better=bool(measures.get("is_better")),
        refusal=why_not_usable(model),
        effects=telling,
        other_effects=[each for each in effects if each not in telling],
    )


_LABELS = {
    "auc": ("Pairs in order", "AUC: how often the preferred one of two held-out stills of a film is put first"),
    "ndcg": ("First ten", "NDCG@10: how good the first ten of a film's held-out stills are, 1 is the best order"),
}


def _measure(measures: Mapping[str, Any], *, name: str) -> MeasureRow | None:
    folds = [
        (ours[name], theirs[name])
        for ours, theirs in zip(measures.get("model", ()), measures.get("weights", ()), strict=False)
        if ours[name] is not None and theirs[name] is not None
    ]
    if not folds:
        return None
    model, weights = zip(*folds, strict=True)
    label, about = _LABELS[name]
    return MeasureRow(
        label=label,
        about=about,
        model=place_mark(fmean(model)),
        weights=place_mark(fmean(weights)),
        model_spread=pstdev(model),
        weights_spread=pstdev(weights),
        folds=[place_mark(value) for value in model],
        is_without_chance=name == "ndcg",
    )


def _place_effect(effect: Mapping[str, Any]) -> EffectRow:
    share = min(max(effect["effect"] / _WHOLE_BAR, -1.0), 1.0)
    return EffectRow(
        label=effect["label"],
        words=effect["words"],
        effect=effect["effect"],
        start=round(50 + 50 * min(share, 0.0), 1),
        length=round(50 * abs(share), 1),
        is_bent=bool(effect["is_bent"]),
    )
