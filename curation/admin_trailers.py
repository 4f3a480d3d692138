"""Trailers laid against films, their parts and what people said of these, in the admin console: to look at only."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from ava.admin_access import AccessRelatedFilter, administered
from ava.admin_display import badge, frame_picture, link
from ava.admin_measured import MeasuredAdmin
from ava.selectors import packed_fields
from curation.models import TrailerMatching, TrailerPart, TrailerVerdict
from curation.moments.trailer_passages import Reason
from curation.trailer_pages import REASONS
from curation.trailer_reading import access_matchings, access_trailer_parts, access_trailer_verdicts

SAID_COLOURS = {"right": "success", "wrong": "danger", "": "info"}


class PairAdmin(MeasuredAdmin):
    """Something of a film and its trailer; `pair_lookup` leads to the row that names both."""

    film_lookup = "film"
    pair_lookup = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        trailer = f"{self.pair_lookup}trailer"
        rows = super().get_queryset(request).select_related(f"{trailer}__title")
        return rows.defer(*packed_fields(f"{self.film_lookup}__"), *packed_fields(f"{trailer}__"))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        own = [f"{self.pair_lookup}trailer__original_name", f"{self.pair_lookup}trailer__title__name"]
        return [*super().get_search_fields(request), *own]


@admin.register(TrailerMatching)
class TrailerMatchingAdmin(PairAdmin):
    access = staticmethod(administered(access_matchings))
    list_display = ["film", "trailer", "standing", "share", "part_count", "made_at"]
    list_filter = ["belongs", ("film__title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    ordering = ["-made_at", "-id"]
    fields = [*list_display, "map_link", "error", "failures", "basis", "sent_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailerMatching]:
        return super().get_queryset(request).annotate(counted=Count("parts"))

    @display(description="standing", ordering="belongs")
    def standing(self, row: TrailerMatching) -> SafeString:
        if row.made_at is None:
            return badge("Failed", colour="danger") if row.error else badge("Not compared yet", colour="info")
        return badge("Its trailer", colour="success") if row.belongs else badge("Does not match", colour="warning")

    @display(description="of the film", ordering="share_unit")
    def share(self, row: TrailerMatching) -> str:
        return f"{100 * row.share_unit:.0f} %" if row.made_at else ""

    @display(description="parts", ordering="counted")
    def part_count(self, row: TrailerMatching) -> SafeString:
        query = "?" + urlencode({"matching__id__exact": row.pk})
        return link("admin:curation_trailerpart_changelist", text=row.counted, query=query)

    @display(description="map")
    def map_link(self, row: TrailerMatching) -> SafeString:
        query = "?" + urlencode({"film": row.film_id, "trailer": row.trailer_id})
        return link("trailer-map", row.film.title_id, text="Both beside one another", query=query)


@admin.register(TrailerPart)
class TrailerPartAdmin(PairAdmin):
    access = staticmethod(administered(access_trailer_parts))
    film_lookup, pair_lookup = "matching__film", "matching__"
    list_display = ["matching", "frames", "where", "speed", "mirrored", "certainty"]
    list_filter = ["mirrored", ("matching__film__title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    ordering = ["-matching", "trailer_start", "id"]
    list_per_page = 50
    fields = ["trailer_picture", "film_picture", *list_display, "agreement", "motion_agreement", "window"]
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "matching__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description="of the trailer")
    def trailer_picture(self, part: TrailerPart) -> SafeString:
        return frame_picture(part.matching.trailer_id, (part.trailer_start + part.trailer_end) // 2, width_px=320)

    @display(description="of the film")
    def film_picture(self, part: TrailerPart) -> SafeString | str:
        if part.first_frame is None:
            return "–"
        return frame_picture(part.matching.film_id, part.first_frame, width_px=320)

    @display(description="trailer's frames", ordering="trailer_start")
    def frames(self, part: TrailerPart) -> str:
        return f"{part.trailer_start}–{part.trailer_end - 1}"

    @display(description="in the film", ordering="film_start")
    def where(self, part: TrailerPart) -> str:
        if part.film_start is not None and part.film_end is not None:
            return f"Frames {part.film_start}–{part.film_end - 1}"
        return REASONS[Reason(part.reason)] if part.reason in set(Reason) else "Not of the film"

    @display(description="confidence", ordering="confidence")
    def certainty(self, part: TrailerPart) -> str:
        return "" if part.confidence is None else f"{100 * part.confidence:.0f} %"


@admin.register(TrailerVerdict)
class TrailerVerdictAdmin(PairAdmin):
    access = staticmethod(administered(access_trailer_verdicts))
    list_display = ["created_at", "user", "said", "film", "trailer", "frames", "film_frames"]
    list_filter = [
        ("verdict", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
        ("film__title__teams", AccessRelatedFilter),
    ]
    list_filter_submit = True
    ordering = ["-id"]
    date_hierarchy = "created_at"
    fields = ["film_picture", *list_display]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailerVerdict]:
        return super().get_queryset(request).select_related("user")

    @display(description="picture")
    def film_picture(self, row: TrailerVerdict) -> SafeString:
        return frame_picture(row.film_id, row.first_frame, width_px=320)

    @display(description="said", ordering="verdict")
    def said(self, row: TrailerVerdict) -> SafeString:
        return badge(row.get_verdict_display() if row.verdict else "Taken back", colour=SAID_COLOURS[row.verdict])

    @display(description="trailer's frames", ordering="trailer_start")
    def frames(self, row: TrailerVerdict) -> str:
        return f"{row.trailer_start}–{row.trailer_end - 1}"

    @display(description="film's frames", ordering="film_start")
    def film_frames(self, row: TrailerVerdict) -> str:
        return f"{row.film_start}–{row.film_end - 1}"
