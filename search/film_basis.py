"""What a film's words and texts are made from, as one fingerprint that is cheap to take."""

import hashlib

from ava.models import Detection, Video
from search.models import DialogueLine


def basis_of(video: Video) -> str:
    """The sha-256, as hex digits, of everything that descriptions, lines and labels of a film come from.

    Signals and findings are told by their rows' numbers and versions: an analysis that makes them anew gives new ones.
    """
    digest = hashlib.sha256()
    for part in (*_measured(video), *_said(video), *_cast(video)):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _measured(video: Video) -> list[object]:
    from search.embed.shot_findings import DETECTORS

    shots = video.shots.order_by("start_frame")
    found = Detection.objects.filter(inspection__video=video, detector__in=DETECTORS)
    return [
        list(
            shots.values_list(
                "start_frame", "end_frame", "transition", "provisional", "camera", "scale", "scale_by"
            )
        ),
        list(found.order_by("pk").values_list("pk", "version")),
    ]


def _said(video: Video) -> list[object]:
    uploaded = video.dialogue_lines.filter(source=DialogueLine.Source.UPLOADED)
    return [
        list(video.shot_labels.order_by("pk").values_list("pk", "stands")),
        list(uploaded.order_by("pk").values_list("pk", flat=True)),
    ]


def _cast(video: Video) -> list[object]:
    from curation.cast_tracks import read_tracks
    from curation.people_selectors import cast_scope

    tracks = read_tracks(Video.objects.filter(pk=video.pk)).tracks
    columns = (tracks.character, tracks.start_frame, tracks.end_frame, tracks.is_static)
    named = cast_scope(video.title).characters.exclude(name="").order_by("pk")
    return [[column.tobytes() for column in columns], list(named.values_list("pk", "name"))]
