"""Rankers of moments, their trainings and films' scores in the admin console: to be looked at only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ava.admin_access import AccessRelatedFilter, administered, of_installation
from ava.admin_measured import MeasuredAdmin
from ava.admin_versions import TrainingAdmin, VersionAdmin
from curation.models import MomentRanker, MomentScoring, MomentTraining
from curation.selectors import access_moment_rankers, access_moment_scorings, access_moment_trainings


@admin.register(MomentRanker)
class MomentRankerAdmin(VersionAdmin):
    access = staticmethod(of_installation(access_moment_rankers))
    list_display = ["version", "is_active", "space", "parent_version", "created_by", "created_at"]
    list_filter = ["is_active"]
    fields = [*list_display, "sha256", "recipe_text", "measures_text"]
    readonly_fields = fields


@admin.register(MomentTraining)
class MomentTrainingAdmin(TrainingAdmin):
    access = staticmethod(of_installation(access_moment_trainings))
    list_display = ["created_at", "badge", "progress", "result_version", "created_by", "error"]
    fields = [*list_display, "started_at", "finished_at", "attempts", "failures"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MomentTraining]:
        trainings = super().get_queryset(request).select_related("result", "created_by")
        return trainings.defer("checkpoint", "settings", "result__weights")


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
