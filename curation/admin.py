"""Stills, the record of decisions and logos in the admin console: to be looked at, never changed there."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, SliderNumericFilter
from unfold.decorators import display

from ava.admin_access import AccessAdmin, AccessRelatedFilter, administered
from ava.admin_display import badge, frame_picture, link, picture, progress_bar
from ava.admin_measured import MeasuredAdmin
from curation import admin_artwork, admin_canvases, admin_moments, admin_people, admin_trailers
from curation.logos import access_logos
from curation.models import Decision, Logo, Still
from curation.selectors import access_decisions, access_stills

__all__ = [
    "DecisionAdmin", "LogoAdmin", "StillAdmin", "admin_artwork", "admin_canvases", "admin_moments", "admin_people",
    "admin_trailers",
]  # fmt: skip

VERDICT_COLOURS = {"pick": "success", "reject": "danger", "": "info"}


@admin.register(Still)
class StillAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_stills))
    list_display = ["thumbnail", "video", "rank", "points", "timecode", "shot_number", "is_provisional"]
    list_display_links = ["thumbnail", "video"]
    list_filter = ["provisional", ("score", SliderNumericFilter), ("video__title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    ordering = ["-video", "rank", "id"]
    list_per_page = 25
    fields = [
        "large_picture", "video", "rank", "points", "parts", "timecode", "frame_index", "shot_number",
        "is_provisional",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Still]:
        return super().get_queryset(request).select_related("shot")

    @display(description="picture")
    def thumbnail(self, still: Still) -> SafeString:
        return self._picture(still, width_px=96)

    @display(description="picture")
    def large_picture(self, still: Still) -> SafeString:
        return self._picture(still, width_px=480)

    def _picture(self, still: Still, *, width_px: int) -> SafeString:
        if not still.image:
            return frame_picture(still.video_id, still.frame_index, width_px=width_px)
        return picture(reverse("still-image", args=[still.pk]), width_px=width_px, text=f"Still at {still.timecode}")

    @display(description="standing", ordering="provisional")
    def is_provisional(self, still: Still) -> str:
        return "Provisional" if still.provisional else "Final"

    @display(description="score", ordering="score")
    def points(self, still: Still) -> str:
        return f"{still.score:.3f}"

    @display(description="parts of the score")
    def parts(self, still: Still) -> SafeString:
        rows = sorted(still.explanation.items(), key=lambda part: -part[1])
        return format_html_join(
            "",
            '<div class="mb-1">{}</div>',
            ((progress_bar(value, 1, text=f"{value:.2f} {name}"),) for name, value in rows),
        )

    @display(description="shot", ordering="shot__index")
    def shot_number(self, still: Still) -> int | None:
        return still.shot.index + 1 if still.shot else None


@admin.register(Decision)
class DecisionAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_decisions))
    list_display = ["created_at", "user", "said", "stars_given", "video", "frame_index", "takes_back"]
    list_filter = [
        ("verdict", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
        ("video__title__teams", AccessRelatedFilter),
    ]
    list_filter_submit = True
    ordering = ["-id"]
    date_hierarchy = "created_at"
    fields = ["frame_shown", "created_at", "user", "said", "stars_given", "video", "frame_index", "takes_back"]
    readonly_fields = fields

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*super().get_search_fields(request), "user__username"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("user")

    @display(description="picture")
    def frame_shown(self, decision: Decision) -> SafeString:
        return frame_picture(decision.video_id, decision.frame_index, width_px=320)

    @display(description="verdict", ordering="verdict")
    def said(self, decision: Decision) -> SafeString:
        return badge(decision.get_verdict_display(), colour=VERDICT_COLOURS[decision.verdict])

    @display(description="stars", ordering="stars")
    def stars_given(self, decision: Decision) -> str:
        return "★" * decision.stars

    @display(description="takes back")
    def takes_back(self, decision: Decision) -> SafeString | str:
        if decision.undoes_id is None:
            return ""
        return link("admin:curation_decision_change", decision.undoes_id, text=f"Decision {decision.undoes_id}")


@admin.register(Logo)
class LogoAdmin(AccessAdmin):
    access = staticmethod(administered(access_logos))
    list_display = ["name", "team", "use", "words", "created_by", "created_at"]
    list_filter = [("team", AccessRelatedFilter), "is_wanted"]
    list_filter_submit = True
    search_fields = ["name", "team__name"]
    fields = ["shown", "name", "team", "use", "words", "created_by", "created_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Logo]:
        return super().get_queryset(request).select_related("team", "created_by")

    @display(description="picture")
    def shown(self, logo: Logo) -> SafeString | str:
        if not logo.picture:
            return ""
        return picture(reverse("logo-picture", args=[logo.pk]), width_px=240, text=f"The logo {logo.name}")

    @display(description="use", ordering="is_wanted")
    def use(self, logo: Logo) -> str:
        return "Wanted" if logo.is_wanted else "To be avoided"

    @display(description="brand words")
    def words(self, logo: Logo) -> str:
        return ", ".join(logo.brand_words)
