"""Work on films in the admin console: jobs with their stages, and uploads on their way in."""


from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import display

from ava import admin_actions
from ava.admin_access import (
    AccessAdmin,
    AccessInline,
    AccessRelatedFilter,
    administered,
    administered_uploads,
    object_action,
)
from ava.admin_display import duration, link, progress_bar, size, state_badge
from ava.admin_films import dialog_done
from ava.models import Chunk, Job, JobStage, Upload, WorkState
from ava.progress import job_message
from ava.selectors import access_jobs, packed_fields


class StageInline(AccessInline):
    model = JobStage
    hide_title = True
    access = staticmethod(lambda user: JobStage.objects.filter(job__in=administered(access_jobs)(user)))
    fields = readonly_fields = ["label", "badge", "progress", "started_at", "finished_at"]
    ordering = ["position"]

    @display(description="state")
    def badge(self, stage: JobStage) -> SafeString | str:
        return state_badge(stage.state)

    @display(description="progress")
    def progress(self, stage: JobStage) -> SafeString:
        figures = f"{stage.done_units} of {stage.total_units} {stage.unit}" if stage.total_units else "not begun"
        return progress_bar(stage.done_units, stage.total_units, text=figures)


@admin.register(Job)
class JobAdmin(AccessAdmin):
    access = staticmethod(administered(access_jobs))
    inlines = [StageInline]
    list_display = ["film", "title", "kind", "badge", "progress", "trouble", "created_by", "created_at", "took"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("video__title__teams", AccessRelatedFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_filter_submit = True
    search_fields = ["video__original_name", "video__title__name", "error"]
    ordering = ["-created_at", "-id"]
    actions = ["cancel_jobs", "retry_jobs"]
    actions_detail = ["cancel_job", "retry_job"]
    fieldsets = (
        (None, {"fields": ["film_link", "title", "kind", "badge", "progress", "error"]}),
        ("Record", {"fields": [("created_by", "created_at"), ("started_at", "finished_at"), ("took", "attempts")]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        measured = Chunk.objects.filter(video=OuterRef("video")).order_by().values("video")
        return (
            super()
            .get_queryset(request)
            .select_related("video__title", "created_by")
            .defer(*packed_fields("video__"))
            .prefetch_related("stages")
            .annotate(measured_frames=Subquery(measured.annotate(frames=Sum("frames_done")).values("frames")))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        return flatten_fieldsets(self.fieldsets)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "video__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[UnfoldAction]:
        """Only what makes sense in the job's state."""
        job = self.get_object(request, str(object_id))
        wanted = {"cancel_job": job.is_active, "retry_job": job.state in {WorkState.FAILED, WorkState.CANCELLED}}
        offered = super().get_actions_detail(request, object_id)
        return [each for each in offered if wanted[each.action_name.removeprefix("ava_job_")]]

    @admin.action(description="Cancel", permissions=["view"])
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        admin_actions.cancel(request, jobs)

    @admin.action(description="Try again", permissions=["view"])
    def retry_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        admin_actions.retry(request, jobs)

    @object_action(
        description="Cancel",
        icon="cancel",
        dialog={
            "title": "Cancel this job?",
            "description": "What was measured so far stays, and a later analysis takes it up.",
            "form_class": None,
            "form_submit_text": "Cancel the job",
        },
    )
    def cancel_job(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        admin_actions.cancel(request, [self.get_object(request, object_id)])
        return dialog_done(request, "admin:ava_job_change", object_id)

    @object_action(
        description="Try again",
        icon="refresh",
        dialog={
            "title": "Try again?",
            "description": "A new job takes up the work where this one stopped.",
            "form_class": None,
            "form_submit_text": "Try again",
        },
    )
    def retry_job(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        admin_actions.retry(request, [self.get_object(request, object_id)])
        return dialog_done(request, "admin:ava_job_change", object_id)

    @display(description="film", ordering="video__original_name")
    def film(self, job: Job) -> str:
        return job.video.original_name

    @display(description="film")
    def film_link(self, job: Job) -> SafeString:
        return link("admin:ava_video_change", job.video_id, text=job.video)

    @display(description="title", ordering="video__title__name")
    def title(self, job: Job) -> str:
        return str(job.video.title)

    @display(description="state", ordering="state")
    def badge(self, job: Job) -> SafeString | str:
        return state_badge(job.state)

    @display(description="progress")
    def progress(self, job: Job) -> SafeString:
        frames = job.measured_frames or 0  # type: ignore[attr-defined]
        message = job_message(job, frames_done=frames)
        running = next((stage for stage in message["stages"] if stage["state"] == "running"), None)
        done = message["progress_unit"]
        return progress_bar(done, 1, text=f"{done:.0%} {running['label'] if running and job.is_active else ''}")

    @display(description="error")
    def trouble(self, job: Job) -> str:
        return job.error if len(job.error) < 90 else f"{job.error[:88]}…"

    @display(description="took")
    def took(self, job: Job) -> str:
        if job.started_at is None or job.finished_at is None:
            return ""
        return duration((job.finished_at - job.started_at).total_seconds())


@admin.register(Upload)
class UploadAdmin(AccessAdmin):
    access = staticmethod(administered_uploads)
    list_display = ["original_name", "title", "user", "progress", "outcome", "updated_at"]
    list_filter = [("title__teams", AccessRelatedFilter), "is_duplicate", ("created_at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ["original_name", "title__name", "user__username"]
    ordering = ["-created_at"]
    fields = ["original_name", "title", "user", "progress", "outcome", "video", "created_at", "updated_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).select_related("title", "user")

    @display(description="received")
    def progress(self, upload: Upload) -> SafeString:
        figures = f"{size(upload.received_bytes)} of {size(upload.size_bytes)}"
        return progress_bar(upload.received_bytes, upload.size_bytes, text=figures)

    @display(description="outcome")
    def outcome(self, upload: Upload) -> SafeString | str:
        if upload.error:
            return upload.error
        if upload.is_duplicate:
            return "It was there already."
        if upload.video_id:
            return link("admin:ava_video_change", upload.video_id, text="Taken in")
        return "On its way"
