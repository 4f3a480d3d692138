"""Titles and videos in the admin console."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django_htmx.http import HttpResponseClientRedirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from ava import admin_actions
from ava.admin_access import (
    AccessAdmin,
    AccessInline,
    AccessRelatedFilter,
    administered,
    administered_teams,
    administered_titles,
    object_action,
)
from ava.admin_display import duration, frame_picture, link, size, state_badge
from ava.deletion import delete_titles, delete_videos
from ava.models import Chunk, Job, Shot, Title, Upload, Video
from ava.selectors import access_videos, packed_fields


def dialog_done(request: HttpRequest, name: str, object_id: str | int) -> HttpResponse:
    """Leave an action's dialogue, which posts by script where there are scripts."""
    address = reverse(name, args=[object_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def latest_job(video: str) -> QuerySet[Job]:
    return Job.objects.filter(video=OuterRef(video)).order_by("-created_at", "-id")


class VideoInline(AccessInline):
    model = Video
    hide_title = True
    access = staticmethod(administered(access_videos))
    fields = readonly_fields = ["file_link", "length", "picture_size", "codec", "bytes", "state"]
    ordering = ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        videos = super().get_queryset(request).defer(*packed_fields())
        return videos.annotate(job_state=Subquery(latest_job("pk").values("state")[:1]))

    @display(description="file")
    def file_link(self, video: Video) -> SafeString:
        return link("admin:ava_video_change", video.pk, text=video.original_name)

    @display(description="length")
    def length(self, video: Video) -> str:
        return duration(video.duration_s)

    @display(description="picture")
    def picture_size(self, video: Video) -> str:
        return f"{video.width} × {video.height}"

    @display(description="size")
    def bytes(self, video: Video) -> str:
        return size(video.size_bytes)

    @display(description="analysis")
    def state(self, video: Video) -> SafeString | str:
        return state_badge(video.job_state)  # type: ignore[attr-defined]


@admin.register(Title)
class TitleAdmin(AccessAdmin):
    access = staticmethod(administered_titles)
    may_add = may_change = may_delete = True
    inlines = [VideoInline]
    list_display = ["name", "kind", "part_of", "seen_by", "videos_here", "state", "created_at"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("content_format", ChoicesDropdownFilter),
        ("maturity_rating", ChoicesDropdownFilter),
        ("teams", AccessRelatedFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    search_fields = ["name", "genre", "parent__name"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["created_by", "created_at"]
    fieldsets = (
        (None, {"fields": ["name", "kind", "parent", ("season", "episode")]}),
        ("About", {"fields": [("genre", "content_format"), ("maturity_rating", "language")]}),
        ("Who sees it", {"fields": ["teams"]}),
        ("Record", {"fields": [("created_by", "created_at")]}),
    )
    actions = ["analyse_titles"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Title]:
        teams = Prefetch("teams", queryset=administered_teams(request.user), to_attr="administered_teams")
        titles = super().get_queryset(request).select_related("parent", "created_by").prefetch_related(teams)
        jobs = Job.objects.filter(video__title=OuterRef("pk")).order_by("-created_at", "-id")
        return titles.annotate(video_count=Count("videos", distinct=True), job_state=Subquery(jobs.values("state")[:1]))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "teams":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def view_on_site(self, title: Title) -> str:
        return title.get_absolute_url()

    def save_model(self, request: HttpRequest, obj: Title, form: ModelForm, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """The form knows only the visitor's teams; others that see the title keep it."""
        hidden = list(form.instance.teams.exclude(pk__in=administered_teams(request.user).values("pk")))
        super().save_related(request, form, formsets, change)
        form.instance.teams.add(*hidden)

    def delete_model(self, request: HttpRequest, obj: Title) -> None:
        delete_titles(Title.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Title]) -> None:
        delete_titles(queryset)

    def consequences(self, objs: list[Title]) -> dict[str, int]:
        return video_consequences(Video.objects.filter(title__in=objs)) | {
            "uploads on their way": Upload.objects.filter(title__in=objs).count()
        }

    def obstacles(self, objs: list[Title]) -> list[str]:
        dependent = Title.objects.filter(parent__in=objs).exclude(pk__in=[title.pk for title in objs])
        count = dependent.count()
        return [f"Episodes or trailers that belong to it: {count}. Delete or change them first."] if count else []

    @admin.action(description="Analyse again", permissions=["change"])
    def analyse_titles(self, request: HttpRequest, titles: QuerySet[Title]) -> None:
        videos = Video.objects.filter(title__in=titles.values("pk")).order_by("pk")
        admin_actions.analyse_again(request, videos)

    @display(description="belongs to", ordering="parent__name")
    def part_of(self, title: Title) -> str:
        return str(title.parent) if title.parent else ""

    @display(description="teams")
    def seen_by(self, title: Title) -> str:
        return ", ".join(team.name for team in title.administered_teams)  # type: ignore[attr-defined]

    @display(description="films", ordering="video_count")
    def videos_here(self, title: Title) -> int:
        return title.video_count  # type: ignore[attr-defined]

    @display(description="analysis", ordering="job_state")
    def state(self, title: Title) -> SafeString | str:
        return state_badge(title.job_state)  # type: ignore[attr-defined]


def video_consequences(videos: QuerySet[Video]) -> dict[str, int]:
    """What is deleted with the films; the files of the films, proxies and stills go too."""
    films = videos.values("pk")
    rows = {"shots": Shot, "chunks with their measurements": Chunk, "jobs": Job}
    related = {name: model.objects.filter(video__in=films).count() for name, model in rows.items()}
    counts = Video.objects.filter(pk__in=films)
    return {"film files": counts.count(), **related} | {
        name: counts.aggregate(count=Count(name))["count"] for name in ("stills", "decisions")
    }


@admin.register(Video)
class VideoAdmin(AccessAdmin):
    access = staticmethod(administered(access_videos))
    may_delete = True
    list_display = [
        "thumbnail",
        "original_name",
        "title",
        "length",
        "picture_size",
        "codec",
        "bytes",
        "state",
        "created_at",
    ]
    list_display_links = ["thumbnail", "original_name"]
    list_filter = [
        ("title__teams", AccessRelatedFilter),
        ("codec", admin.AllValuesFieldListFilter),
        "is_vfr",
        "interlaced",
        ("created_at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    list_per_page = 25
    search_fields = ["original_name", "title__name", "sha256"]
    ordering = ["-created_at", "-id"]
    actions = ["analyse_videos", "analyse_videos_anew", "cancel_analyses"]
    actions_detail = ["analyse_video", "cancel_analysis"]
    fieldsets = (
        (None, {"fields": ["large_picture", "title", "original_name", "state", "notes"]}),
        ("Picture", {"fields": [("picture_size", "stored_size"), ("aspect", "rotation_deg"), ("rate", "is_vfr"),
                                ("frame_count", "length"), ("start_timecode", "interlaced")]}),
        ("Coding", {"fields": [("container", "codec"), ("pixel_format", "bit_depth"), ("color_space", "color_range"),
                               ("color_transfer", "color_primaries"), ("audio_streams", "subtitle_streams")]}),
        ("File", {"fields": [("bytes", "sha256"), "proxy_reason", "has_proxy", ("created_by", "created_at")]}),
        ("Results", {"fields": ["results"]}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        videos = super().get_queryset(request).select_related("title", "created_by").defer(*packed_fields())
        return videos.annotate(job_state=Subquery(latest_job("pk").values("state")[:1]))

    def get_readonly_fields(self, request: HttpRequest, obj: Video | None = None) -> list[str]:
        return flatten_fieldsets(self.fieldsets)

    def delete_model(self, request: HttpRequest, obj: Video) -> None:
        delete_videos(Video.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        delete_videos(queryset)

    def consequences(self, objs: list[Video]) -> dict[str, int]:
        return video_consequences(Video.objects.filter(pk__in=[video.pk for video in objs]))

    @admin.action(description="Analyse again: what is stale or missing", permissions=["view"])
    def analyse_videos(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        admin_actions.analyse_again(request, Video.objects.filter(pk__in=videos.values("pk")))

    @admin.action(description="Analyse again: every frame anew", permissions=["view"])
    def analyse_videos_anew(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        admin_actions.analyse_again(request, Video.objects.filter(pk__in=videos.values("pk")), everything=True)

    @admin.action(description="Cancel what is being done", permissions=["view"])
    def cancel_analyses(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        admin_actions.cancel_jobs_of(request, Video.objects.filter(pk__in=videos.values("pk")))

    @object_action(
        description="Analyse again",
        icon="refresh",
        dialog={
            "title": "Analyse this film again?",
            "description": "What is stale or missing is measured, and shots and stills are renewed. Decisions stay.",
            "form_class": None,
            "form_submit_text": "Analyse",
        },
    )
    def analyse_video(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        admin_actions.analyse_again(request, [self.get_object(request, object_id)])
        return dialog_done(request, "admin:ava_video_change", object_id)

    @object_action(
        description="Cancel",
        icon="cancel",
        dialog={
            "title": "Cancel the analysis of this film?",
            "description": "What was measured so far stays, and a later analysis takes it up.",
            "form_class": None,
            "form_submit_text": "Cancel the analysis",
        },
    )
    def cancel_analysis(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        admin_actions.cancel_jobs_of(request, [self.get_object(request, object_id)])
        return dialog_done(request, "admin:ava_video_change", object_id)

    @display(description="picture")
    def thumbnail(self, video: Video) -> SafeString:
        return frame_picture(video.pk, video.frame_count // 3)

    @display(description="picture")
    def large_picture(self, video: Video) -> SafeString:
        return frame_picture(video.pk, video.frame_count // 3, width_px=320)

    @display(description="length", ordering="duration_s")
    def length(self, video: Video) -> str:
        return duration(video.duration_s)

    @display(description="picture size", ordering="width")
    def picture_size(self, video: Video) -> str:
        return f"{video.width} × {video.height}"

    @display(description="stored as")
    def stored_size(self, video: Video) -> str:
        return f"{video.coded_width} × {video.coded_height}"

    @display(description="pixel aspect")
    def aspect(self, video: Video) -> str:
        return f"{video.sample_aspect_num}:{video.sample_aspect_den}"

    @display(description="frames per second")
    def rate(self, video: Video) -> str:
        return f"{video.fps:.3f} ({video.fps_num}/{video.fps_den})"

    @display(description="size", ordering="size_bytes")
    def bytes(self, video: Video) -> str:
        return size(video.size_bytes)

    @display(description="proxy made", boolean=True)
    def has_proxy(self, video: Video) -> bool:
        return bool(video.proxy)

    @display(description="analysis", ordering="job_state")
    def state(self, video: Video) -> SafeString | str:
        return state_badge(video.job_state)  # type: ignore[attr-defined]

    @display(description="what to know")
    def notes(self, video: Video) -> SafeString | str:
        return format_html_join("", "<p>{}</p>", ((note,) for note in video.warnings)) or "Nothing unusual."

    @display(description="results")
    def results(self, video: Video) -> SafeString:
        query = f"?video__id__exact={video.pk}"
        lists = [("shots", "ava_shot"), ("stills", "curation_still"), ("decisions", "curation_decision"),
                 ("jobs", "ava_job"), ("chunks", "ava_chunk")]  # fmt: skip
        links = ((link(f"admin:{name}_changelist", text=text, query=query),) for text, name in lists)
        return format_html_join(" · ", "{}", links)
