"""Why a title shows no flag: nothing scanned, a scan at work, nothing found, or everything reviewed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ava.models import ACTIVE_STATES, Chunk, Job, Title, Video, WorkState
from ava.pages import job_messages
from qc.model_versions import active_model
from qc.models import ChunkScan
from qc.pixel.model_file import UnfitModel
from qc.review_queue import Progress


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What scans of a title are there: `chunks` scanned of how many, by which versions, and the newest one's time."""

    chunks: int
    chunk_total: int
    versions: tuple[int, ...]
    newest: datetime | None

    @property
    def is_complete(self) -> bool:
        return 0 < self.chunks == self.chunk_total


@dataclass(frozen=True, slots=True)
class Emptiness:
    """`reason`: no-film, at-work, failed, no-model, not-scanned, half-scanned, none-found, all-reviewed, none-match.

    `error`: why the last job failed, or no model is there.
    """

    reason: str
    scan: ScanFacts
    videos: tuple[Video, ...]
    jobs: tuple[dict[str, Any], ...]
    error: str


def scan_facts(title: Title) -> ScanFacts:
    """How much of a title's films was scanned for pixel errors, with which versions of the network, and when."""
    scans = ChunkScan.objects.filter(chunk__video__title=title)
    return ScanFacts(
        chunks=scans.count(),
        chunk_total=Chunk.objects.filter(video__title=title).count(),
        versions=tuple(scans.order_by("model__version").values_list("model__version", flat=True).distinct()),
        newest=scans.order_by("-created_at").values_list("created_at", flat=True).first(),
    )


def active_scans(title: Title) -> tuple[dict[str, Any], ...]:
    """Jobs at work on a title's films, as the websocket tells them."""
    return tuple(job_messages(Job.objects.filter(video__title=title, state__in=ACTIVE_STATES).order_by("id")))


def explain_emptiness(title: Title, *, progress: Progress) -> Emptiness:
    """Why the page has no flag to show, with what a reader can do about it."""
    scan, jobs = scan_facts(title), active_scans(title)
    videos = tuple(title.videos.only("pk", "original_name", "title_id"))
    failed = Job.objects.filter(video__title=title).order_by("-created_at", "-id").first()
    error = failed.error if failed and failed.state == WorkState.FAILED else ""
    reason = _reason(scan, progress, has_film=bool(videos), is_busy=bool(jobs), has_failed=bool(error))
    if reason in {"not-scanned", "half-scanned", "failed"} and (lacking := _lacking_model()):
        reason, error = "no-model", lacking
    return Emptiness(reason, scan, videos, jobs, error)


def _lacking_model() -> str:
    """Why no scan can begin; empty where a version of the network is there."""
    try:
        active_model()
    except UnfitModel as error:
        return str(error)
    return ""


def _reason(scan: ScanFacts, progress: Progress, *, has_film: bool, is_busy: bool, has_failed: bool) -> str:
    if not has_film:
        return "no-film"
    if progress.to_judge:
        return "none-match"
    if is_busy and not scan.is_complete:
        return "at-work"
    if progress.total:
        return "all-reviewed"
    if scan.is_complete:
        return "none-found"
    if has_failed:
        return "failed"
    return "half-scanned" if scan.chunks else "not-scanned"
