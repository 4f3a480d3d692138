"""Versions of the pixel network, their trainings and what was scanned, in the admin console: to be looked at only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ava.admin_access import AccessRelatedFilter, administered, of_installation
from ava.admin_measured import MeasuredAdmin
from ava.admin_versions import TrainingAdmin, VersionAdmin
from qc.models import ChunkScan, PixelModel, PixelTraining
from qc.selectors import access_chunk_scans, access_pixel_models, access_pixel_trainings


@admin.register(PixelModel)
class PixelModelAdmin(VersionAdmin):
    access = staticmethod(of_installation(access_pixel_models))
    list_display = ["version", "is_active", "is_shipped", "parent_version", "created_by", "created_at"]
    list_filter = ["is_active", "is_shipped"]
    fields = [*list_display, "sha256", "recipe_text", "measures_text"]
    readonly_fields = fields


@admin.register(PixelTraining)
class PixelTrainingAdmin(TrainingAdmin):
    access = staticmethod(of_installation(access_pixel_trainings))
    list_display = ["created_at", "badge", "progress", "parent_version", "result_version", "created_by", "error"]
    fields = [*list_display, "started_at", "finished_at", "attempts", "failures", "examples"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PixelTraining]:
        trainings = super().get_queryset(request).select_related("parent", "result", "created_by")
        return trainings.defer("checkpoint", "parent__weights", "result__weights")

    @display(description="from", ordering="parent__version")
    def parent_version(self, training: PixelTraining) -> str:
        return str(training.parent)


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
