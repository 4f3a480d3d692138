"""Characters, their tracks and what was done to casts in the admin console: to be looked at, never changed there."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from ava.admin_access import AccessAdmin, administered, administered_titles
from ava.admin_display import badge, frame_picture, link, picture
from ava.admin_measured import MeasuredAdmin
from curation.models import Character, FaceTrack, PeopleAction
from curation.people_selectors import access_characters, access_face_tracks, access_people_actions


class ScopeAdmin(AccessAdmin):
    """Rows of a film or series, whose name is shown to those who administer it and not just a part of it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        known = When(scope__in=administered_titles(request.user).values("pk"), then=F("scope__name"))
        return super().get_queryset(request).annotate(scope_name=Case(known))

    @display(description="film or series", ordering="scope_name")
    def film_or_series(self, row: Character | PeopleAction) -> str:
        return row.scope_name or ""


@admin.register(Character)
class CharacterAdmin(ScopeAdmin):
    access = staticmethod(administered(access_characters))
    list_display = ["portrait", "label", "film_or_series", "importance", "is_locked", "is_kept", "tracks", "part_of"]
    list_display_links = ["portrait", "label"]
    list_filter = [("importance", ChoicesDropdownFilter), "is_locked", "is_kept"]
    list_filter_submit = True
    search_fields = ["name"]
    ordering = ["-scope", "number"]
    list_per_page = 25
    fields = [
        "portrait", "label", "film_or_series", "number", "importance", "is_locked", "is_kept", "tracks", "part_of",
        "created_at",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Character]:
        mine = administered(access_face_tracks)(request.user).filter(character=OuterRef("pk"), is_face=True)
        counted = mine.order_by().values("character").annotate(count=Count("pk")).values("count")
        best = mine.filter(portrait__isnull=False).order_by("is_static", "-weight", "pk").values("pk")[:1]
        rows = super().get_queryset(request).select_related("merged_into")
        return rows.annotate(track_count=Coalesce(Subquery(counted), 0), best_track=Subquery(best))

    @display(description="portrait")
    def portrait(self, character: Character) -> SafeString | str:
        return track_picture(character.best_track, text=character.label) if character.best_track else "–"

    @display(description="tracks", ordering="track_count")
    def tracks(self, character: Character) -> int:
        return character.track_count

    @display(description="merged into")
    def part_of(self, character: Character) -> SafeString | str:
        whole = character.merged_into
        return link("admin:curation_character_change", whole.pk, text=whole.label) if whole else ""


@admin.register(FaceTrack)
class FaceTrackAdmin(MeasuredAdmin):
    access = staticmethod(administered(access_face_tracks))
    list_display = ["shown", "video", "who", "said_by", "certainty", "span", "is_face", "is_static"]
    list_display_links = ["shown", "video"]
    list_filter = [("given_by", ChoicesDropdownFilter), "is_face", "is_static"]
    list_filter_submit = True
    ordering = ["-video", "start_frame", "id"]
    list_per_page = 25
    fields = [
        "shown", "video", "who", "said_by", "certainty", "span", "shot_number", "is_face", "is_static", "height_unit",
        "centrality_unit", "sharpness_unit", "dialogue_unit", "encoder", "weight",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[FaceTrack]:
        tracks = super().get_queryset(request).select_related("character").defer("vector", "portrait")
        return tracks.annotate(has_portrait=Q(portrait__isnull=False))

    @display(description="portrait")
    def shown(self, track: FaceTrack) -> SafeString:
        if track.has_portrait:
            return track_picture(track.pk, text=str(track.character or "Somebody"))
        return frame_picture(track.video_id, (track.start_frame + track.end_frame) // 2)

    @display(description="character", ordering="character")
    def who(self, track: FaceTrack) -> SafeString | str:
        character = track.character
        return link("admin:curation_character_change", character.pk, text=character.label) if character else "Nobody"

    @display(description="given by", ordering="given_by")
    def said_by(self, track: FaceTrack) -> SafeString:
        colour = "success" if track.given_by == FaceTrack.GivenBy.PERSON else "info"
        return badge(track.get_given_by_display(), colour=colour)

    @display(description="certainty", ordering="confidence")
    def certainty(self, track: FaceTrack) -> str:
        return "" if track.confidence is None else f"{track.confidence:.0%}"

    @display(description="frames", ordering="start_frame")
    def span(self, track: FaceTrack) -> str:
        return f"{track.start_frame}–{track.end_frame - 1}"

    @display(description="shot", ordering="shot_index")
    def shot_number(self, track: FaceTrack) -> int:
        return track.shot_index + 1


@admin.register(PeopleAction)
class PeopleActionAdmin(ScopeAdmin):
    access = staticmethod(administered(access_people_actions))
    list_display = ["created_at", "user", "what", "sentence", "film_or_series", "takes_back"]
    list_filter = [("kind", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ["sentence", "user__username"]
    ordering = ["-id"]
    date_hierarchy = "created_at"
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeopleAction]:
        return super().get_queryset(request).select_related("user").defer("changes")

    @display(description="action", ordering="kind")
    def what(self, action: PeopleAction) -> SafeString:
        is_undo = action.kind == PeopleAction.Kind.UNDO
        return badge(action.get_kind_display(), colour="warning" if is_undo else "info")

    @display(description="takes back")
    def takes_back(self, action: PeopleAction) -> SafeString | str:
        if action.undoes_id is None:
            return ""
        return link("admin:curation_peopleaction_change", action.undoes_id, text=f"Action {action.undoes_id}")


def track_picture(track: int, *, text: str) -> SafeString:
    return picture(reverse("track-portrait", args=[track]), width_px=64, text=text)
