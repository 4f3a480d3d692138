"""`manage.py ingest FILM --title NAME`: add a film from the shell, and with --wait follow its analysis to the end."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.urls import reverse

from ava.ingest import Ingested, NotStored, UnusableVideo, ingest_file
from ava.models import Job, Team, Title, Video, WorkState
from ava.progress import job_message
from ava.services import AnalysisRunning, start_analysis

_NAMES: dict[str, str] = {Job.Kind.ANALYSIS: "analysis", Job.Kind.SCAN: "scan"}

LOOK_EVERY_S = 0.5
LOG_EVERY_S = 10.0
STILL_AFTER_S = 60.0


class Command(BaseCommand):
    help = "Add a film to a title, making the title when there is none, and start its analysis."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("film", type=Path, help="The film's file; it is copied and stays where it is.")
        parser.add_argument("--title", required=True, help="Name of the title that the film belongs to.")
        parser.add_argument("--team", help="The team that sees a new title (default: the first).")
        parser.add_argument("--kind", choices=Title.Kind.values, default=Title.Kind.FILM, help="What a new title is.")
        parser.add_argument(
            "--scan-only", action="store_true", help="Only look for pixel errors; nothing else is measured."
        )
        parser.add_argument("--wait", action="store_true", help="Follow the analysis; fails when it fails.")
        parser.add_argument("--json", action="store_true", help="Print the outcome as JSON.")

    def handle(self, *, film: Path, title: str, wait: bool, scan_only: bool, **options: Any) -> None:
        kind = Job.Kind.SCAN if scan_only else Job.Kind.ANALYSIS
        try:
            ingested, is_new_title = self._ingest(film, name=title, job_kind=kind, **options)
            job = _latest_job(ingested.video, start=wait, kind=kind)
            if wait and job is not None:
                job = self._follow(job)
        except (UnusableVideo, NotStored) as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (OperationalError, ImproperlyConfigured) as error:
            raise CommandError("AVA's database does not answer; start AVA with: python3 manage.py up") from error
        self._tell(ingested, job=job, is_new_title=is_new_title, as_json=options["json"])
        if wait and job is not None and job.state != WorkState.DONE:
            ended = f"The {_NAMES[job.kind]} ended as {job.get_state_display().lower()}."
            raise CommandError(f"{ended} {job.error}".strip())

    def _ingest(
        self, film: Path, *, name: str, team: str | None, kind: str, job_kind: str, **options: Any
    ) -> tuple[Ingested, bool]:
        chosen_team = _team(team)
        title = _title(name, team=chosen_team, kind=kind)
        is_new = title is None
        if title is None:
            title = _new_title(name, team=chosen_team, kind=kind)
        try:
            ingested = ingest_file(
                film, title=title, original_name=film.name, user=None, keep_source=True, kind=job_kind
            )
        except BaseException:
            if is_new:
                title.delete()
            raise
        if is_new and ingested.is_duplicate:
            title.delete()  # the film is in another title of this team, and this one would stay empty
            is_new = False
        return ingested, is_new

    def _follow(self, job: Job) -> Job:
        """Print how the job comes along until it ends."""
        place, moved_at, shown_at = "", time.monotonic(), 0.0
        while True:
            job = Job.objects.select_related("video__title").prefetch_related("stages").get(pk=job.pk)
            message, now = job_message(job), time.monotonic()
            if _place(message) != place:
                place, moved_at = _place(message), now
            if now - shown_at > (0 if sys.stderr.isatty() else LOG_EVERY_S) or not job.is_active:
                self._show(_progress_line(message, state=job.get_state_display().lower()), is_last=not job.is_active)
                shown_at = now
            if not job.is_active:
                return job
            if now - moved_at > STILL_AFTER_S:
                self._show("Nothing has moved for a minute; are workers running? Start them with: python3 manage.py up")
                moved_at = now
            time.sleep(LOOK_EVERY_S)

    def _show(self, line: str, *, is_last: bool = False) -> None:
        """One line of progress: over the last one on a terminal, below it in a log."""
        if not sys.stderr.isatty():
            self.stderr.write(line)
        else:
            self.stderr.write(f"{line}\033[K", ending="\n" if is_last else "\r")

    def _tell(self, ingested: Ingested, *, job: Job | None, is_new_title: bool, as_json: bool) -> None:
        video = ingested.video
        if as_json:
            outcome = {
                "video": video.pk,
                "title": video.title_id,
                "title_name": str(video.title),
                "is_new_title": is_new_title,
                "is_duplicate": ingested.is_duplicate,
                "job": job.pk if job else None,
                "state": job.state if job else None,
                "url": f"{reverse('title', args=[video.title_id])}?video={video.pk}",
            }
            self.stdout.write(json.dumps(outcome))
        elif ingested.is_duplicate:
            self.stdout.write(f"{video} is in “{video.title}” already (video {video.pk}); nothing was stored twice.")
        else:
            self.stdout.write(f"Added {video} to “{video.title}” (video {video.pk}, {video.frame_count} frames).")


def _team(name: str | None) -> Team | None:
    """The named team, else the first; None on an installation without teams, where superusers see every title."""
    if name is None:
        return Team.objects.order_by("id").first()
    team = Team.objects.filter(name=name).first()
    if team is None:
        known = ", ".join(Team.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no team named “{name}”; the teams are: {known}.")
    return team


def _title(name: str, *, team: Team | None, kind: str) -> Title | None:
    """The title of that name in the team, whatever its kind unless several share the name."""
    titles = list(Title.objects.filter(name=name, **({"teams": team} if team else {})))
    if len(titles) > 1:
        titles = [title for title in titles if title.kind == kind]
    if len(titles) > 1:
        raise CommandError(f"Several titles are named “{name}”; add the film to the right one in the browser.")
    return titles[0] if titles else None


def _new_title(name: str, *, team: Team | None, kind: str) -> Title:
    title = Title(name=name, kind=kind)
    title.full_clean()
    title.save()
    if team is not None:
        title.teams.add(team)
    return title


def _latest_job(video: Video, *, start: bool, kind: str) -> Job | None:
    """The newest job of the video; with `start`, a first one of a kind is begun when there has been none."""
    job = video.jobs.order_by("-id").first()
    if job is not None or not start:
        return job
    try:
        return start_analysis(video, kind=kind)
    except AnalysisRunning:
        return video.jobs.order_by("-id").first()


def _place(message: dict[str, Any]) -> str:
    """Where a job stands, without how long it will take from there."""
    return str([message["state"], *((stage["name"], stage["state"], stage["done"]) for stage in message["stages"])])


def _progress_line(message: dict[str, Any], *, state: str) -> str:
    running = next((stage for stage in message["stages"] if stage["state"] == WorkState.RUNNING), None)
    if running is None:
        return f"{message['video']}: {state}"
    left = f", {running['seconds_left']} s left" if running["seconds_left"] else ""
    done = f"{running['done']} of {running['total']} {running['unit']}" if running["total"] else "…"
    return f"{message['video']}: {running['label']}, {done}{left}"
