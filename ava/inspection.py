"""Looking closely at a few frames of every shot: planned when the shots are known, done by any worker."""

import uuid
from fractions import Fraction

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ava import stages, units
from ava.annotate import shot_inspection
from ava.annotate.base import Detections
from ava.annotate.inspect import inspect_frames
from ava.annotate.looks import InspectionPlan, Span, plan_inspections
from ava.detectors import detector_versions, loaded_detectors, with_dependants
from ava.findings import current_detections
from ava.leases import Heartbeat
from ava.messages import send_units
from ava.models import Detection, Inspection, Video, WorkState
from ava.packing import pack_integers, pack_values, unpack_integers
from ava.picture_area import picture_area
from ava.stages import StageRun
from ava.storage import local_path
from ava.video_facts import video_info


def has_open_inspections(video: Video) -> bool:
    """Whether some shots of a video still wait to be looked into."""
    return video.inspections.exclude(state=WorkState.DONE).exists()


def plan_stage(run: StageRun) -> None:
    """Plan the looks at the shots as they are now; what was looked at before and is not stale stays as it is."""
    video = run.video
    shots = [Span(*span) for span in video.shots.values_list("start_frame", "end_frame")]
    plans = plan_inspections(
        shots,
        fps=Fraction(video.fps_num, video.fps_den),
        asked=stages.named_frames(video),
        every_frame=settings.AVA_LOOK_AT_EVERY_FRAME,
    )
    send_units(_save_plans(video, plans))


@transaction.atomic
def _save_plans(video: Video, plans: list[InspectionPlan]) -> int:
    """Make the rows of a plan, keeping those that agree with it; returns how many wait for a worker."""
    known = {
        (row.start_frame, row.end_frame, tuple(unpack_integers(bytes(row.looks)))): row
        for row in video.inspections.select_for_update()
    }
    kept = {(plan.span.start_frame, plan.span.end_frame, plan.looks) for plan in plans} & known.keys()
    video.inspections.exclude(pk__in=[known[key].pk for key in kept]).delete()
    # Numbers shift while rows are kept, so they first move out of each other's way.
    video.inspections.update(index=F("index") + len(known) + len(plans))
    complete = _complete_inspections(video)
    rows = []
    for index, plan in enumerate(plans):
        row = known.get((plan.span.start_frame, plan.span.end_frame, plan.looks)) or Inspection(
            video=video,
            start_frame=plan.span.start_frame,
            end_frame=plan.span.end_frame,
            looks=pack_integers(np.array(plan.looks, dtype=np.int64)),
        )
        row.index = index
        _reset(row, is_done=row.pk in complete)
        rows.append(row)
    Inspection.objects.bulk_create([row for row in rows if row.pk is None])
    Inspection.objects.bulk_update(
        [row for row in rows if row.pk is not None],
        ["index", "state", "frames_done", "claim", "heartbeat_at", "sent_at", "error", "attempts", "failures"],
    )
    return sum(row.state == WorkState.QUEUED for row in rows)


def _reset(row: Inspection, *, is_done: bool) -> None:
    row.state = WorkState.DONE if is_done else WorkState.QUEUED
    row.frames_done = row.end_frame - row.start_frame if is_done else 0
    row.claim, row.heartbeat_at, row.sent_at, row.error = None, None, timezone.now(), ""
    row.attempts, row.failures = 0, 0


def _complete_inspections(video: Video) -> set[int]:
    """Inspections that hold what every detector that can run here would find now."""
    wanted = set(detector_versions().items())
    have: dict[int, set[tuple[str, int]]] = {}
    rows = Detection.objects.filter(inspection__video=video).values_list("inspection_id", "detector", "version")
    for inspection_id, detector, version in rows:
        have.setdefault(inspection_id, set()).add((detector, version))
    return {inspection_id for inspection_id, pairs in have.items() if wanted <= pairs}


def inspect_shots(inspection: Inspection, token: uuid.UUID, heartbeat: Heartbeat) -> None:
    """Look at the planned frames with the detectors that have not looked yet, follow the faces, and save it."""
    wanted = detector_versions()
    have = current_detections(inspection)
    renewed = with_dependants(wanted.keys() - have.keys())
    known = {name: table for name, table in have.items() if name not in renewed}
    video, frames = inspection.video, inspection.end_frame - inspection.start_frame
    shots = video.shots.filter(start_frame__gte=inspection.start_frame, end_frame__lte=inspection.end_frame)
    found = shot_inspection.inspect_shots(
        local_path(video.file),
        info=video_info(video),
        area=picture_area(video),
        shots=[Span(*span) for span in shots.values_list("start_frame", "end_frame")],
        looks=unpack_integers(bytes(inspection.looks)).tolist(),
        detectors=loaded_detectors(renewed),
        known=known,
        on_share=lambda share: heartbeat.report(round(frames * share)),
    )
    units.save(inspection, token, lambda: _save_found(inspection, found, versions=wanted))


def inspect_frame(video: Video, frame_index: int) -> bool:
    """Look at one more frame, such as one that an editor has made a still; False when there is nothing to add it to.

    Its findings join those of its inspection, and faces that were followed to it are found there from now on.
    """
    inspection = video.inspections.filter(
        start_frame__lte=frame_index, end_frame__gt=frame_index, state=WorkState.DONE
    ).first()
    if inspection is None or frame_index in unpack_integers(bytes(inspection.looks)):
        return False
    known = current_detections(inspection)
    found = inspect_frames(
        local_path(video.file),
        info=video_info(video),
        area=picture_area(video),
        detectors=loaded_detectors(known.keys() - {shot_inspection.FACE_TRACKS}),
        looks=[frame_index],
    )
    with transaction.atomic():
        row = Inspection.objects.select_for_update().filter(pk=inspection.pk, state=WorkState.DONE).first()
        if row is None or frame_index in unpack_integers(bytes(row.looks)):
            return False  # a new analysis, or somebody quicker, has been here
        merged = shot_inspection.add_look(current_detections(row), found, frame_index=frame_index)
        _save_found(row, merged, versions=detector_versions())
        row.looks = pack_integers(np.array(sorted({*unpack_integers(bytes(row.looks)).tolist(), frame_index})))
        row.save(update_fields=["looks"])
    return True


def _save_found(inspection: Inspection, found: dict[str, Detections], *, versions: dict[str, int]) -> None:
    inspection.detections.filter(detector__in=found).delete()
    Detection.objects.bulk_create(
        Detection(
            inspection=inspection,
            detector=name,
            version=versions[name],
            columns=list(shot_inspection.columns_of(name)),
            frames=pack_integers(table.frame_index),
            values=pack_values(table.values),
            words=list(table.words),
        )
        for name, table in found.items()
    )
