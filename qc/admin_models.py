"""Versions of the pixel network, their trainings and what was scanned, in the admin console: to be looked at only."""

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
from qc.models import ChunkScan, PixelModel, PixelTraining
from qc.selectors import access_chunk_scans, access_pixel_models, access_pixel_trainings


@admin.register(PixelModel)
class PixelModelAdmin(AccessAdmin):
    access = staticmethod(of_installation(access_pixel_models))
    list_display = ["version", "is_active", "is_shipped", "parent_version", "created_by", "created_at"]
    list_filter = ["is_active", "is_shipped"]
    ordering = ["-version"]
    fields = [*list_display, "sha256", "recipe_text", "measures_text"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PixelModel]:
        return super().get_queryset(request).select_related("parent", "created_by").defer("weights", "parent__weights")

    @display(description="parent", ordering="parent__version")
    def parent_version(self, model: PixelModel) -> str:
        return str(model.parent or "")

    @display(description="recipe")
    def recipe_text(self, model: PixelModel) -> str:
        return json.dumps(model.recipe, indent=1, ensure_ascii=False)

    @display(description="measures")
    def measures_text(self, model: PixelModel) -> str:
        return json.dumps(model.measures, indent=1, ensure_ascii=False)


@admin.register(PixelTraining)
class PixelTrainingAdmin(AccessAdmin):
    access = staticmethod(of_installation(access_pixel_trainings))
    list_display = ["created_at", "badge", "progress", "parent_version", "result_version", "created_by", "error"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    ordering = ["-id"]
    fields = [*list_display, "started_at", "finished_at", "attempts", "failures", "examples"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PixelTraining]:
        trainings = super().get_queryset(request).select_related("parent", "result", "created_by")
        return trainings.defer("checkpoint", "parent__weights", "result__weights")

    @display(description="state", ordering="state")
    def badge(self, training: PixelTraining) -> SafeString | str:
        return state_badge(training.state)

    @display(description="progress")
    def progress(self, training: PixelTraining) -> SafeString:
        figures = f"{training.steps_done} of {training.steps_total} steps"
        return progress_bar(training.steps_done, training.steps_total, text=figures)

    @display(description="from", ordering="parent__version")
    def parent_version(self, training: PixelTraining) -> str:
        return str(training.parent)

    @display(description="made", ordering="result__version")
    def result_version(self, training: PixelTraining) -> str:
        return str(training.result or "")


@admin.register(ChunkScan)
class ChunkScanAdmin(MeasuredAdmin):
    film_lookup = "chunk__video"
    access = staticmethod(administered(access_chunk_scans))
    list_display = ["film", "span", "model_version", "version", "sentences", "created_at"]
    list_filter = [("chunk__video__title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    ordering = ["-chunk__video", "chunk__index"]
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChunkScan]:
        scans = super().get_queryset(request).select_related("model")
        return scans.defer("model__weights", "stuck_evidence")

    @display(description="video", ordering="chunk__video")
    def film(self, scan: ChunkScan) -> str:
        return str(scan.chunk.video)

    @display(description="frames", ordering="chunk__start_frame")
    def span(self, scan: ChunkScan) -> str:
        return f"{scan.chunk.start_frame}–{scan.chunk.end_frame - 1}"

    @display(description="model", ordering="model__version")
    def model_version(self, scan: ChunkScan) -> str:
        return str(scan.model)

    @display(description="report")
    def sentences(self, scan: ChunkScan) -> str:
        return " ".join(scan.report.get("sentences", []))
