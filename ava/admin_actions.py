"""What the console's actions do to films and jobs, with a message for each outcome."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest

from ava import services
from ava.models import ACTIVE_STATES, Job, Video


def analyse_again(request: HttpRequest, videos: Iterable[Video], *, everything: bool = False) -> None:
    """Start an analysis of each video and say how many began and which did not."""
    started = 0
    for video in videos:
        try:
            services.analyse_again(video, user=request.user, everything=everything)
        except services.AnalysisRunning as error:
            messages.warning(request, str(error))
        else:
            started += 1
    _count(request, started, "analysis was started", "analyses were started")


def cancel(request: HttpRequest, jobs: Iterable[Job]) -> None:
    """Stop each job that is waiting or running; what they measured stays."""
    cancelled = 0
    for job in jobs:
        try:
            services.cancel_job(job)
        except services.JobNotActive as error:
            messages.warning(request, f"{job.video}: {error}")
        else:
            cancelled += 1
    _count(request, cancelled, "job was cancelled", "jobs were cancelled")


def cancel_jobs_of(request: HttpRequest, videos: Iterable[Video]) -> None:
    """Stop whatever is being done to the videos."""
    jobs = Job.objects.filter(video__in=list(videos), state__in=ACTIVE_STATES).select_related("video")
    if not jobs:
        messages.info(request, "Nothing is being done to this, so there is nothing to cancel.")
        return
    cancel(request, jobs)


def retry(request: HttpRequest, jobs: Iterable[Job]) -> None:
    """Take up failed or cancelled jobs where they stopped."""
    started = 0
    for job in jobs:
        try:
            services.retry_job(job)
        except (services.JobNotFailed, services.AnalysisRunning) as error:
            messages.warning(request, f"{job.video}: {error}")
        else:
            started += 1
    _count(request, started, "job was taken up again", "jobs were taken up again")


def _count(request: HttpRequest, number: int, one: str, many: str) -> None:
    if number:
        messages.success(request, f"{number} {one if number == 1 else many}.")
