"""Rankers of moments, their trainings and films' scores in the admin console: to be looked at only."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ava.admin_access import AccessAdmin, AccessRelatedFilter, administered, of_installation
from ava.admin_display import progress_bar, state_badge
from ava.admin_measured import MeasuredAdmin
from curation.models import MomentRanker, MomentScoring, MomentTraining
from curation.selectors import access_moment_rankers, access_moment_scorings, access_moment_trainings


@admin.register(MomentRanker)
class MomentRankerAdmin(AccessAdmin):
    access = staticmethod(of_installation(access_moment_rankers))
    list_display = ["version", "is_active", "space", "parent_version", "created_by", "created_at"]
    list_filter = ["is_active"]
    ordering = ["-version"]
    fields = [*list_display, "sha256", "recipe_text", "measures_text"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MomentRanker]:
        return super().get_queryset(request).select_related("parent", "created_by").defer("weights", "parent__weights")

    @display(description="beside", ordering="parent__version")
    def parent_version(self, ranker: MomentRanker) -> str:
        return str(ranker.parent or "")

    @display(description="recipe")
    def recipe_text(self, ranker: MomentRanker) -> str:
        return json.dumps(ranker.recipe, indent=1, ensure_ascii=False)

    @display(description="measures")
    def measures_text(self, ranker: MomentRanker) -> str:
        return json.dumps(ranker.measures, indent=1, ensure_ascii=False)


@admin.register(MomentTraining)
class MomentTrainingAdmin(AccessAdmin):
    access = staticmethod(of_installation(access_moment_trainings))
    list_display = ["created_at", "badge", "progress", "result_version", "created_by", "error"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    ordering = ["-id"]
    fields = [*list_display, "started_at", "finished_at", "attempts", "failures"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MomentTraining]:
        trainings = super().get_queryset(request).select_related("result", "created_by")
        return trainings.defer("checkpoint", "settings", "result__weights")

    @display(description="state", ordering="state")
    def badge(self, training: MomentTraining) -> SafeString | str:
        return state_badge(training.state)

    @display(description="progress")
    def progress(self, training: MomentTraining) -> SafeString:
        figures = f"{training.steps_done} of {training.steps_total} steps"
        return progress_bar(training.steps_done, training.steps_total, text=figures)

    @display(description="made", ordering="result__version")
    def result_version(self, training: MomentTraining) -> str:
        return str(training.result or "")


@admin.register(MomentScoring)
class MomentScoringAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_moment_scorings))
    list_display = ["video", "shots", "ranked_by", "sentences", "made_at"]
    list_filter = [("video__title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    ordering = ["-made_at"]
    fields = [*list_display, "basis"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MomentScoring]:
        return super().get_queryset(request).select_related("ranker").defer("packed", "ranker__weights")

    @display(description="ranked by", ordering="ranker__version")
    def ranked_by(self, scoring: MomentScoring) -> str:
        return scoring.ranker.name if scoring.ranker else "the prior"

    @display(description="missing")
    def sentences(self, scoring: MomentScoring) -> str:
        return " ".join(scoring.missing)
