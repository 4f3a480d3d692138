"""What the pages of rankers of moments and of their trainings show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ava.models import ACTIVE_STATES, Title, User
from ava.selectors import access_titles
from ava.training_curve import draw_shares
from ava.training_pages import RunPage
from curation.models import MomentRanker, MomentTraining
from curation.moment_bringing import ELSEWHERE
from curation.moment_pairs import FoundFilms, find_films
from curation.moment_versions import active_ranker, ranker_problem, switches, why_not_releasable
from curation.moments.prior import WEIGHTS
from curation.moments.shot_features import FEATURE_AT, FEATURES
from curation.selectors import access_moment_rankers, access_moment_trainings

SHOWN_RUNS = 10
SHOWN_SWITCHES = 10
METHODS = {
    "ranker": "This version", "prior": "The prior", "loudness": "Loudness alone", "motion": "Motion alone",
    "random": "By chance",
}  # fmt: skip


@dataclass(frozen=True)
class MethodRow:
    """Shares, 0–1, of the best ten shots, and of as many as trailers use, that really are in trailers."""

    name: str
    top_ten: float
    top_used: float


@dataclass(frozen=True)
class TitleRow:
    """One title that was left out, for whoever may see it."""

    name: str
    used: int
    shots: int
    own: float
    prior: float

    @property
    def is_worse(self) -> bool:
        return self.own < self.prior


@dataclass(frozen=True)
class VersionRow:
    """One version on the page. ``titles``: left out of it, that the person may see; ``unseen``: how many others;
    ``refusal``: why it cannot be put to use; ``problem``: why it cannot be read."""

    ranker: MomentRanker
    methods: list[MethodRow]
    titles: list[TitleRow]
    unseen: int
    refusal: str
    problem: str

    @property
    def verdict(self) -> str:
        return str(self.ranker.measures.get("verdict", ""))


@dataclass(frozen=True)
class PriorRow:
    """One line of the prior's table."""

    label: str
    weight: float
    why: str

    @property
    def size(self) -> float:
        """The weight without its sign, which is written as a minus."""
        return abs(self.weight)


@dataclass(frozen=True)
class MomentModelsPage:
    rows: list[VersionRow]
    prior: list[PriorRow]
    is_prior: bool
    found: FoundFilms
    runs: list[MomentTraining]
    active_run: MomentTraining | None
    switches: list[Any]
    may_change: bool


def read_models_page(user: User) -> MomentModelsPage:
    runs = list(
        access_moment_trainings(user).defer("settings", "curve").select_related("parent", "result")[:SHOWN_RUNS]
    )
    return MomentModelsPage(
        rows=list_versions(user),
        prior=prior_rows(),
        is_prior=active_ranker() is None,
        found=find_films(),
        runs=runs,
        active_run=next((run for run in runs if run.state in ACTIVE_STATES), None),
        switches=list(switches()[:SHOWN_SWITCHES]),
        may_change=user.is_superuser,
    )


def prior_rows() -> list[PriorRow]:
    """The prior's table, for people."""
    return [PriorRow(FEATURES[FEATURE_AT[each.feature]].label, each.weight, each.why) for each in WEIGHTS]


def list_versions(user: User) -> list[VersionRow]:
    """Versions, newest first, with figures; titles that a person may not see are only counted."""
    rankers = list(
        access_moment_rankers(user).select_related("parent", "created_by").defer("weights", "parent__weights")
    )
    names = _names(user, rankers)
    return [_version_row(ranker, names) for ranker in rankers]


def _version_row(ranker: MomentRanker, names: dict[str, str]) -> VersionRow:
    left_out = ranker.measures.get("left_out", ())
    titles = [_title_row(each, names) for each in left_out if each["name"] in names]
    return VersionRow(
        ranker,
        methods=_methods(ranker.measures),
        titles=sorted(titles, key=lambda row: row.name),
        unseen=len(left_out) - len(titles),
        refusal="" if ranker.is_active else why_not_releasable(ranker),
        problem=ranker_problem(ranker),
    )


def active_runs(user: User) -> QuerySet[MomentTraining]:
    """Runs that wait or train, for the page of jobs."""
    return access_moment_trainings(user).filter(state__in=ACTIVE_STATES).defer("settings", "curve", "checkpoint")


def read_run_page(run: MomentTraining, *, now: datetime) -> RunPage:
    """A training run and its curve: the loss of each stretch, and how well left-out titles did."""
    drawing = draw_shares(run.curve, steps_total=run.steps_total, held_out="share of the best ten in trailers")
    return RunPage(run, name="moment-training", now=now, drawing=drawing)


def _methods(measures: dict[str, Any]) -> list[MethodRow]:
    top_ten, top_used = measures.get("top_ten", {}), measures.get("top_used", {})
    return [
        MethodRow(label, top_ten[name], top_used.get(name, 0.0)) for name, label in METHODS.items() if name in top_ten
    ]


def _title_row(told: dict[str, Any], names: dict[str, str]) -> TitleRow:
    top_ten = told["top_ten"]
    return TitleRow(names[told["name"]], told["used"], told["shots"], top_ten["ranker"], top_ten["prior"])


def _names(user: User, rankers: Iterable[MomentRanker]) -> dict[str, str]:
    """Names of left-out titles that a person may see, by what figures call them: "title 12" is one of this
    installation."""
    told = {each["name"] for ranker in rankers for each in ranker.measures.get("left_out", ())}
    numbers = {int(name.removeprefix("title ")) for name in told if name.removeprefix("title ").isdecimal()}
    titles: QuerySet[Title] = access_titles(user).filter(pk__in={number for number in numbers if number < 2**63})
    elsewhere = {name: name for name in told if name.startswith(ELSEWHERE)}
    return elsewhere | {f"title {title.pk}": str(title) for title in titles}
