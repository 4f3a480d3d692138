"""Starting scans for pixel errors, and how far a film is scanned."""

from collections import Counter
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum

from ava.models import ACTIVE_STATES, Job, JobStage, User, Video, WorkState
from ava.roles import may_edit, may_review
from ava.services import start_analysis
from qc.model_versions import active_model
from qc.models import ChunkScan
from qc.pixel_stage import PIXEL_STAGE


class ScanState(NamedTuple):
    """How far a film is scanned.

    `scanned_frames` of `frame_count`; `models` are the versions that scanned it, newest first. `is_complete`: every
    frame is scanned, stuck pixels of the whole film are found, and nothing is at work on it. `has_shots`: flags know
    their shots, which only an analysis finds. `job` is the one at work. `sentences`: what a reader of the flags should
    know of the scan.
    """

    scanned_frames: int
    frame_count: int
    models: tuple[int, ...]
    is_complete: bool
    has_shots: bool
    job: Job | None
    sentences: tuple[str, ...]


def start_scan(video: Video, user: User | None) -> Job:
    """Queue a scan of whatever the model in use has not scanned yet, without measuring anything.

    Raises ava.services.AnalysisRunning when a job of this video is queued or running, and UnfitModel, with a sentence,
    where there is no model to scan with.
    """
    active_model()
    return start_analysis(video, user=user, kind=Job.Kind.SCAN)


def may_scan(user: User, *, title_id: int) -> bool:
    """Whether the user is editor, administrator or QC reviewer of one of the title's teams."""
    return may_edit(user, title_id=title_id) or may_review(user, title_id=title_id)


def require_scanner(user: User, *, title_id: int) -> None:
    """Raise PermissionDenied with a sentence unless the user may have the title's films scanned."""
    if not may_scan(user, title_id=title_id):
        raise PermissionDenied(
            "Only editors, administrators and QC reviewers of this title's teams may have its films scanned."
        )


def scan_state(video: Video) -> ScanState:
    """How far a film is scanned now, in seven queries."""
    scans = ChunkScan.objects.filter(chunk__video=video)
    spans = scans.aggregate(ends=Sum("chunk__end_frame"), starts=Sum("chunk__start_frame"))
    scanned = (spans["ends"] or 0) - (spans["starts"] or 0)
    job = video.jobs.filter(state__in=ACTIVE_STATES).first()
    settled = JobStage.objects.filter(job__video=video, name=PIXEL_STAGE.name, state=WorkState.DONE).exists()
    return ScanState(
        scanned_frames=scanned,
        frame_count=video.frame_count,
        models=tuple(scans.order_by("-model__version").values_list("model__version", flat=True).distinct()),
        is_complete=job is None and settled and scanned == video.frame_count,
        has_shots=video.shots.exists(),
        job=job,
        sentences=tuple(_sentences(video, scans)),
    )


def _sentences(video: Video, scans: QuerySet[ChunkScan]) -> list[str]:
    """What the scanner says of all chunks together, and what a film lacks that was not analysed."""
    from qc.pixel.scan import tell_counts

    counts: Counter[str] = Counter()
    crowded: list[int] = []
    for report in scans.order_by("chunk__index").values_list("report", flat=True):
        crowded += report.get("crowded_frames", [])
        counts.update({name: value for name, value in report.items() if isinstance(value, int)})
    said = tell_counts(counts, fields=video.interlaced, crowded_frames=crowded)
    if counts and not video.shots.exists():
        said.append("The film was only scanned: its flags get their shots when it is analysed.")
    return said
