"""What was measured in films, in the admin console: chunks, looks, shots and what they gave."""

from typing import Any

from django.contrib import admin
from django.db.models import IntegerField, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ava.admin_access import (
    AccessAdmin,
    AccessRelatedFilter,
    administered,
)
from ava.admin_display import frame_picture, progress_bar, size, state_badge
from ava.models import (
    Annotation,
    Chunk,
    Detection,
    Inspection,
    Shot,
    WorkUnit,
)
from ava.selectors import (
    access_annotations,
    access_chunks,
    access_detections,
    access_inspections,
    access_shots,
    packed_fields,
)


class MeasuredAdmin(AccessAdmin):
    """Something measured, to be looked at; found by film, and by `?video__id__exact=` from the film's page."""

    film_lookup = "video"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == f"{self.film_lookup}__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [f"{self.film_lookup}__original_name", f"{self.film_lookup}__title__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related(f"{self.film_lookup}__title")
        return rows.defer(*packed_fields(f"{self.film_lookup}__"))


class UnitAdmin(MeasuredAdmin):
    """Spans of films that workers take up."""

    list_display = ["video", "index", "span", "badge", "progress", "attempts", "failures", "error"]
    list_filter = [("state", ChoicesDropdownFilter), ("video__title__teams", AccessRelatedFilter)]
    ordering = ["-video", "index"]
    fields = [*list_display, "sent_at", "heartbeat_at"]
    readonly_fields = fields

    @display(description="frames")
    def span(self, unit: WorkUnit) -> str:
        return f"{unit.start_frame}–{unit.end_frame - 1}"

    @display(description="state", ordering="state")
    def badge(self, unit: WorkUnit) -> SafeString | str:
        return state_badge(unit.state)

    @display(description="done")
    def progress(self, unit: WorkUnit) -> SafeString:
        return progress_bar(unit.frames_done, unit.end_frame - unit.start_frame)


@admin.register(Chunk)
class ChunkAdmin(UnitAdmin):
    access = staticmethod(administered(access_chunks))
    list_display = [*UnitAdmin.list_display, "missing_frames"]
    fields = [*UnitAdmin.fields, "missing_frames"]
    readonly_fields = fields


@admin.register(Inspection)
class InspectionAdmin(UnitAdmin):
    access = staticmethod(administered(access_inspections))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inspection]:
        return super().get_queryset(request).defer("looks", *packed_fields("video__"))


class TableAdmin(MeasuredAdmin):
    """What one version of one measurement gave for one unit; `unit` is the field that leads there."""

    unit: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).defer("values", *packed_fields(f"{self.unit}__video__"))
        return rows.annotate(value_bytes=Length("values", output_field=IntegerField()))

    @display(description="film")
    def film(self, row: Annotation | Detection) -> str:
        name: str = getattr(row, self.unit).video.original_name
        return name

    @display(description="frames")
    def span(self, row: Annotation | Detection) -> str:
        unit = getattr(row, self.unit)
        return f"{unit.start_frame}–{unit.end_frame - 1}"

    @display(description="measures")
    def measures(self, row: Annotation | Detection) -> str:
        return ", ".join(row.columns)

    @display(description="size", ordering="value_bytes")
    def bytes(self, row: Annotation | Detection) -> str:
        return size(row.value_bytes)  # type: ignore[union-attr]


@admin.register(Annotation)
class AnnotationAdmin(TableAdmin):
    access = staticmethod(administered(access_annotations))
    unit, film_lookup = "chunk", "chunk__video"
    list_display = fields = readonly_fields = ["film", "span", "annotator", "version", "measures", "bytes"]
    list_filter = [("annotator", admin.AllValuesFieldListFilter), "version"]
    ordering = ["-chunk__video", "chunk__index", "annotator"]


@admin.register(Detection)
class DetectionAdmin(TableAdmin):
    access = staticmethod(administered(access_detections))
    unit, film_lookup = "inspection", "inspection__video"
    list_display = fields = readonly_fields = ["film", "span", "detector", "version", "measures", "bytes"]
    list_filter = [("detector", admin.AllValuesFieldListFilter), "version"]
    ordering = ["-inspection__video", "inspection__index", "detector"]


@admin.register(Shot)
class ShotAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_shots))
    list_display = ["thumbnail", "video", "number", "span", "transition", "scale", "camera", "is_provisional"]
    list_display_links = ["thumbnail", "video"]
    list_filter = [
        *((field, ChoicesDropdownFilter) for field in ("transition", "scale", "camera")),
        "provisional",
        ("video__title__teams", AccessRelatedFilter),
    ]
    ordering = ["-video", "index"]
    list_per_page = 25
    fields = ["large_picture", "video", "number", "span", "transition", "scale", "scale_by", "scale_confidence",
              "camera", "camera_confidence", "is_provisional"]  # fmt: skip
    readonly_fields = fields

    @display(description="picture")
    def thumbnail(self, shot: Shot) -> SafeString:
        return frame_picture(shot.video_id, shot.middle_frame)

    @display(description="picture")
    def large_picture(self, shot: Shot) -> SafeString:
        return frame_picture(shot.video_id, shot.middle_frame, width_px=320)

    @display(description="standing", ordering="provisional")
    def is_provisional(self, shot: Shot) -> str:
        return "Provisional" if shot.provisional else "Final"

    @display(description="shot", ordering="index")
    def number(self, shot: Shot) -> int:
        return shot.index + 1

    @display(description="frames", ordering="start_frame")
    def span(self, shot: Shot) -> str:
        return f"{shot.start_frame}–{shot.end_frame - 1}"
