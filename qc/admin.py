"""Pixel flags and what was said of them in the admin console: to be looked at, never changed there."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, SliderNumericFilter
from unfold.decorators import display

from ava.admin_access import AccessRelatedFilter, administered
from ava.admin_display import badge, frame_picture, link, progress_bar
from ava.admin_measured import MeasuredAdmin
from qc import admin_models
from qc.models import PixelDecision, PixelFlag, Verdict
from qc.selectors import access_pixel_decisions, access_pixel_flags

__all__ = ["PixelDecisionAdmin", "PixelFlagAdmin", "admin_models"]

State = PixelFlag.State
STATE_COLOURS = {
    State.OPEN: "info", State.CONFIRMED: "danger", State.REJECTED: "success", State.UNSURE: "warning",
    State.DISPUTED: "warning",
}  # fmt: skip


@admin.register(PixelFlag)
class PixelFlagAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_pixel_flags))
    list_display = [
        "where", "video", "kind", "frame_index", "sureness", "standing", "reviews", "raised_first", "current",
    ]  # fmt: skip
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("confidence", SliderNumericFilter),
        "is_current",
        ("video__title__teams", AccessRelatedFilter),
    ]
    list_filter_submit = True
    ordering = ["-video", "frame_index", "y", "x", "id"]
    fields = [
        "frame_shown", "where", "video", "kind", "frame_index", "shot_number", "spans", "area_px", "sureness",
        "amplitude", "standing", "reviews", "raised_first", "raised_last", "added_by", "current", "created_at",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PixelFlag]:
        flags = super().get_queryset(request).select_related("shot", "raised_by", "last_raised_by", "added_by")
        return flags.defer("raised_by__weights", "last_raised_by__weights")

    @display(description="picture")
    def frame_shown(self, flag: PixelFlag) -> SafeString:
        return frame_picture(flag.video_id, flag.frame_index, width_px=480)

    @display(description="place", ordering="x")
    def where(self, flag: PixelFlag) -> str:
        return f"{flag.x:.1f}, {flag.y:.1f}"

    @display(description="confidence", ordering="confidence")
    def sureness(self, flag: PixelFlag) -> SafeString:
        return progress_bar(flag.confidence, 1, text=f"{flag.confidence:.2f}")

    @display(description="state", ordering="state")
    def standing(self, flag: PixelFlag) -> SafeString:
        return badge(flag.get_state_display(), colour=STATE_COLOURS[State(flag.state)])

    @display(description="raised by", ordering="raised_by__version")
    def raised_first(self, flag: PixelFlag) -> str:
        return "A person" if flag.added_by_id else str(flag.raised_by or "Statistics of the film")

    @display(description="last raised by")
    def raised_last(self, flag: PixelFlag) -> str:
        return str(flag.last_raised_by or "")

    @display(description="shot")
    def shot_number(self, flag: PixelFlag) -> int | None:
        return flag.shot.index + 1 if flag.shot else None

    @display(description="standing", ordering="is_current")
    def current(self, flag: PixelFlag) -> str:
        return "Current" if flag.is_current else "Raised no more"


@admin.register(PixelDecision)
class PixelDecisionAdmin(MeasuredAdmin):
    film_lookup = "flag__video"
    access = staticmethod(administered(access_pixel_decisions))
    list_display = ["created_at", "user", "said", "about", "flag_link", "film", "stands", "action"]
    list_filter = [
        ("verdict", ChoicesDropdownFilter),
        ("scope", ChoicesDropdownFilter),
        "stands",
        ("created_at", RangeDateTimeFilter),
        ("flag__video__title__teams", AccessRelatedFilter),
    ]
    list_filter_submit = True
    ordering = ["-id"]
    date_hierarchy = "created_at"
    fields = readonly_fields = list_display

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*super().get_search_fields(request), "user__username", "action"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PixelDecision]:
        return super().get_queryset(request).select_related("user")

    @display(description="verdict", ordering="verdict")
    def said(self, decision: PixelDecision) -> SafeString:
        return badge(decision.get_verdict_display(), colour=STATE_COLOURS[State(Verdict(decision.verdict))])

    @display(description="said of", ordering="scope")
    def about(self, decision: PixelDecision) -> str:
        return decision.get_scope_display()

    @display(description="flag", ordering="flag")
    def flag_link(self, decision: PixelDecision) -> SafeString:
        return link("admin:qc_pixelflag_change", decision.flag_id, text=decision.flag)

    @display(description="video", ordering="flag__video")
    def film(self, decision: PixelDecision) -> str:
        return str(decision.flag.video)
