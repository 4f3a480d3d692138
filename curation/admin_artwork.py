"""Artwork in the admin console: to be looked at, never changed there."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ava.admin_access import AccessAdmin, AccessRelatedFilter, administered
from ava.admin_display import badge, picture
from curation.artwork_facts import describe_in_words
from curation.models import Artwork
from curation.selectors import access_artworks

STATE_COLOURS = {Artwork.State.READY: "success", Artwork.State.FAILED: "danger", Artwork.State.WAITING: "info"}


@admin.register(Artwork)
class ArtworkAdmin(AccessAdmin):
    access = staticmethod(administered(access_artworks))
    list_display = ["thumbnail", "original_name", "title", "pixels", "language", "standing", "created_at"]
    list_display_links = ["thumbnail", "original_name"]
    list_filter = [("state", ChoicesDropdownFilter), ("title__teams", AccessRelatedFilter)]
    list_filter_submit = True
    search_fields = ["original_name", "title__name"]
    ordering = ["-id"]
    list_per_page = 25
    fields = [
        "large_picture", "original_name", "title", "pixels", "shows", "language", "said", "standing", "error",
        "created_by", "created_at",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artwork]:
        return super().get_queryset(request).select_related("title", "created_by")

    @display(description="picture")
    def thumbnail(self, artwork: Artwork) -> SafeString:
        return self._picture(artwork, width_px=96)

    @display(description="picture")
    def large_picture(self, artwork: Artwork) -> SafeString:
        return self._picture(artwork, width_px=480)

    def _picture(self, artwork: Artwork, *, width_px: int) -> SafeString:
        return picture(reverse("artwork-picture", args=[artwork.pk]), width_px=width_px, text=str(artwork))

    @display(description="size")
    def pixels(self, artwork: Artwork) -> str:
        return f"{artwork.width:,} × {artwork.height:,}"

    @display(description="shows")
    def shows(self, artwork: Artwork) -> str:
        return describe_in_words(artwork)

    @display(description="how it was read")
    def said(self, artwork: Artwork) -> str:
        return " ".join(artwork.remarks)

    @display(description="state", ordering="state")
    def standing(self, artwork: Artwork) -> SafeString:
        return badge(artwork.get_state_display(), colour=STATE_COLOURS[Artwork.State(artwork.state)])
