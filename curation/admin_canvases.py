"""Teams' canvases in the admin console: to be looked at, never changed there."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ava.admin_access import AccessAdmin, AccessRelatedFilter, administered
from curation.canvas_pages import canvas_cards, write_ratio
from curation.layout.canvases import Margins
from curation.models import TeamCanvas
from curation.selectors import access_canvases


@admin.register(TeamCanvas)
class TeamCanvasAdmin(AccessAdmin):
    access = staticmethod(administered(access_canvases))
    list_display = ["name", "team", "key", "pixels", "is_hidden", "created_by", "created_at"]
    list_filter = [("team", AccessRelatedFilter), "is_hidden"]
    list_filter_submit = True
    search_fields = ["name", "key", "team__name"]
    ordering = ["team__name", "id"]
    fields = ["team", "name", "key", "pixels", "safe_area", "laid_over", "is_hidden", "created_by", "created_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeamCanvas]:
        return super().get_queryset(request).select_related("team", "created_by")

    @display(description="size")
    def pixels(self, row: TeamCanvas) -> str:
        return f"{row.width_px:,} × {row.height_px:,} ({write_ratio(row.width_px, row.height_px)})"

    @display(description="safe margins")
    def safe_area(self, row: TeamCanvas) -> str:
        return ", ".join(f"{side} {100 * share:g} %" for side, share in Margins(**row.safe)._asdict().items())

    @display(description="laid over it")
    def laid_over(self, row: TeamCanvas) -> str:
        return next(card.in_words for card in canvas_cards([row]) if card.row is row)
