"""The "pixel" stage: what only the whole film tells of pixel errors, and the shots that flags lie in."""

from django.db import connection, transaction
from django.db.models import F

from ava.models import ACTIVE_STATES, Job, Video
from ava.progress import publish
from ava.stages import Stage, StageRun
from ava.turns import take_turn
from qc.flag_places import keep_places
from qc.flag_rows import fold_into_stuck, save_stuck_flags
from qc.model_versions import active_model, load_model
from qc.models import ChunkScan, PixelFlag
from qc.pixel.found import StuckPixel


def settle_flags(run: StageRun) -> None:
    """Give flags their shots; once the whole film is scanned, find its stuck pixels and take back what shows them.

    Flags of single chunks are there as soon as these are saved; a provisional run leaves everything else alone.
    """
    video = run.video
    if run.is_final:
        _require_scan(video)
    stuck = _find_stuck(video) if run.is_final else None
    with transaction.atomic():
        take_turn(video.title)
        if stuck is not None:
            save_stuck_flags(video, stuck=stuck)
            fold_into_stuck(video)
        _assign_shots(video)
    if run.is_final:
        keep_places(video.title)  # or the first who reviews by place waits for it
    publish_flags(video, reach=run.end_frame, is_complete=run.is_final)
    run.report(1, 1)


def _require_scan(video: Video) -> None:
    """Raise UnfitModel, which ends a scan with its sentence, where no model was there to scan with.

    An analysis goes on without: its pages say that the film is not scanned.
    """
    is_scan = video.jobs.filter(state__in=ACTIVE_STATES, kind=Job.Kind.SCAN).exists()
    if is_scan and video.chunks.filter(pixel_scan=None).exists():
        load_model(active_model())


def _find_stuck(video: Video) -> list[StuckPixel]:
    from qc.pixel.stuck import find_stuck

    scans = ChunkScan.objects.filter(chunk__video=video).order_by("chunk__index")
    return find_stuck(
        [bytes(packed) for packed in scans.values_list("stuck_evidence", flat=True)],
        frame_count=video.frame_count,
        shots=list(video.shots.filter(provisional=False).values_list("start_frame", "end_frame")),
    )


def _assign_shots(video: Video) -> None:
    """Let each flag know the shot of its first frame; none where shots are not known."""
    flags = PixelFlag.objects.filter(video=video)
    flags.exclude(frame_index__gte=F("shot__start_frame"), frame_index__lt=F("shot__end_frame")).filter(
        shot__isnull=False
    ).update(shot=None)
    with connection.cursor() as cursor:
        # Shot by shot along the flags' index by frame; a subquery a flag would read all shots for each of them.
        cursor.execute(
            "UPDATE qc_pixelflag AS flag SET shot_id = shot.id FROM ava_shot AS shot"
            " WHERE shot.video_id = %(video)s AND flag.video_id = %(video)s"
            " AND flag.frame_index >= shot.start_frame AND flag.frame_index < shot.end_frame"
            " AND flag.shot_id IS DISTINCT FROM shot.id",
            {"video": video.pk},
        )


def publish_flags(video: Video, *, reach: int, is_complete: bool) -> None:
    """Tell everyone who sees the title that its flags have changed."""
    publish(
        title_id=video.title_id,
        message={
            "type": "pixel_flags", "title_id": video.title_id, "video_id": video.pk,
            "flags": video.pixel_flags.filter(is_current=True).count(),
            "end_frame": reach, "is_complete": is_complete,
        },
    )  # fmt: skip


PIXEL_STAGE = Stage(name="pixel", label="Settling pixel errors", run=settle_flags, is_of_scans=True)
