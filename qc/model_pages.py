"""What the pages of model versions and of training runs show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from ava.models import ACTIVE_STATES, User
from ava.training_pages import RunPage
from qc.model_versions import active_model, switches, why_not_releasable
from qc.models import PixelFlag, PixelModel, PixelTraining
from qc.pixel.held_out import CONFIRMED
from qc.pixel.model_file import UnfitModel
from qc.selectors import access_pixel_models, access_pixel_trainings
from qc.training_curve import draw_curve
from qc.training_examples import LEAST_REVIEWED, Reviewed, find_reviewed

SHOWN_RUNS = 10
SHOWN_SWITCHES = 10
_KIND_NAMES = {CONFIRMED: "confirmed by reviewers", "2x2": "2 × 2", "l_shape": "L shape"}


@dataclass(frozen=True)
class KindRow:
    """Recall of one kind of error, the parent's beside it where there is one."""

    name: str
    found: int
    total: int
    parent_found: int | None

    @property
    def is_worse(self) -> bool:
        return self.parent_found is not None and self.found < self.parent_found


@dataclass(frozen=True)
class Field:
    """What reviewers said of the flags that a version raised first."""

    raised: int
    confirmed: int
    rejected: int
    open: int

    @property
    def precision_percent(self) -> float | None:
        """Share of confirmed ones among those that reviewers decided; None before anybody did."""
        decided = self.confirmed + self.rejected
        return 100 * self.confirmed / decided if decided else None


@dataclass(frozen=True)
class VersionRow:
    """One version on the page. ``refusal``: why it cannot be put to use; ``since``: in use since, where known."""

    model: PixelModel
    kinds: list[KindRow]
    own: dict[str, Any]
    parent: dict[str, Any]
    field: Field
    refusal: str
    since: datetime | None

    @property
    def is_measured(self) -> bool:
        return bool(self.own)

    @property
    def verdict(self) -> str:
        return str(self.model.measures.get("verdict", ""))


@dataclass(frozen=True)
class ModelsPage:
    """The whole page; ``problem`` says why there is no version at all."""

    rows: list[VersionRow]
    problem: str
    reviewed: Reviewed
    least: int
    runs: list[PixelTraining]
    active_run: PixelTraining | None
    switches: list[Any]
    may_change: bool


def read_models_page(user: User) -> ModelsPage:
    problem = ""
    try:
        active_model()
    except UnfitModel as error:
        problem = str(error)
    runs = list(access_pixel_trainings(user).defer("settings").select_related("parent", "result")[:SHOWN_RUNS])
    return ModelsPage(
        rows=list_versions(access_pixel_models(user)),
        problem=problem,
        reviewed=find_reviewed(),
        least=LEAST_REVIEWED,
        runs=runs,
        active_run=next((run for run in runs if run.state in ACTIVE_STATES), None),
        switches=list(switches()[:SHOWN_SWITCHES]),
        may_change=user.is_superuser,
    )


def list_versions(models: QuerySet[PixelModel]) -> list[VersionRow]:
    """Versions, newest first, with figures and what the field says."""
    fields, since = _fields(), _in_use_since()
    rows = models.defer(None).select_related("parent", "created_by")
    return [
        VersionRow(
            model=model,
            kinds=_kinds(model.measures),
            own=model.measures.get("own") or {},
            parent=model.measures.get("parent") or {},
            field=fields.get(model.pk, Field(0, 0, 0, 0)),
            refusal="" if model.is_active else why_not_releasable(model),
            since=since.get(model.pk, model.created_at) if model.is_active else None,
        )
        for model in rows
    ]


def active_runs(user: User) -> QuerySet[PixelTraining]:
    """Runs that wait or train, for the page of jobs."""
    runs = access_pixel_trainings(user).filter(state__in=ACTIVE_STATES)
    return runs.defer("settings", "curve").select_related("parent")


def read_run_page(run: PixelTraining, *, now: datetime) -> RunPage:
    """A training run and its curve of losses."""
    drawing = draw_curve(run.curve, steps_total=run.steps_total)
    return RunPage(run, name="pixel-training", now=now, drawing=drawing)


def _kinds(measures: dict[str, Any]) -> list[KindRow]:
    own = (measures.get("own") or {}).get("recall", {})
    parent = (measures.get("parent") or {}).get("recall", {})
    return [
        KindRow(_KIND_NAMES.get(kind, kind), found, total, parent[kind][0] if kind in parent else None)
        for kind, (found, total) in own.items()
    ]


def _fields() -> dict[int, Field]:
    counts: dict[int, dict[str, int]] = {}
    raised = PixelFlag.objects.exclude(raised_by=None).values_list("raised_by", "state")
    for pk, state, count in raised.annotate(count=Count("pk")).order_by():
        counts.setdefault(pk, {})[state] = count
    state = PixelFlag.State
    return {
        pk: Field(
            sum(each.values()), each.get(state.CONFIRMED, 0), each.get(state.REJECTED, 0), each.get(state.OPEN, 0)
        )
        for pk, each in counts.items()
    }


def _in_use_since() -> dict[int, datetime]:
    since: dict[int, datetime] = {}
    for entry in switches().order_by("pk"):
        if entry.object_id and entry.object_id.isdigit():
            since[int(entry.object_id)] = entry.action_time
    return since
