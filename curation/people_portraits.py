"""Portraits of tracks: the best face of each, cut out of the film in as few decodes as possible."""

from collections.abc import Callable

import numpy as np
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from ava.media.decode import decode_frame_set
from ava.models import Video
from ava.storage import local_path
from ava.video_facts import video_info
from curation.models import Face, FaceTrack
from curation.people.portrait import cut_portrait

SAVED_AT_ONCE = 50
NEUTRAL_EXPRESSION = 0.5


def render_portraits(video: Video, *, report: Callable[[int, int], None]) -> None:
    """Make the portraits that are missing; a track whose frame cannot be decoded stays without one."""
    wanted: dict[int, list[Face]] = {}
    for face in best_faces(video):
        wanted.setdefault(face.frame_index, []).append(face)
    frames = decode_frame_set(local_path(video.file), info=video_info(video), frame_indices=wanted)
    made: list[FaceTrack] = []
    for done, frame in enumerate(frames, start=1):
        for face in wanted[frame.index]:
            scale = frame.rgb.shape[1] / video.width
            made.append(FaceTrack(pk=face.track_id, portrait=cut_portrait(frame.rgb, np.array(face.box) * scale)))
        if len(made) >= SAVED_AT_ONCE:
            FaceTrack.objects.bulk_update(made, ["portrait"])
            made.clear()
        report(done, len(wanted))
    FaceTrack.objects.bulk_update(made, ["portrait"])
    report(len(wanted), len(wanted))


def best_faces(video: Video) -> list[Face]:
    """Of every track without a portrait the face that its portrait is to show."""
    return list(best_shown(Face.objects.filter(track__video=video, track__portrait=None)))


def best_shown(faces: QuerySet[Face]) -> QuerySet[Face]:
    """Of each track's faces the one that shows the person best: clear, with a pleasant expression."""
    worth = F("quality") * (1 + Coalesce(F("expression"), Value(NEUTRAL_EXPRESSION)))
    return faces.annotate(worth=worth).order_by("track_id", "-worth", "pk").distinct("track_id")
