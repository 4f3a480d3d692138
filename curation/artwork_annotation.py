"""Measuring artwork and looking at it, as stills are, by any worker; renewed when annotators or models change."""

import logging
import time

from django.db.models import Q, QuerySet

from ava.annotate.base import find_annotators
from ava.annotate.describe import describe_findings
from ava.annotate.picture import look_at_picture, measure_picture, measures_single_frames
from ava.annotate.shot_inspection import FACE_TRACKS
from ava.detectors import detector_versions, loaded_detectors
from ava.exclusive import exclusive
from ava.media.picture_file import UnusablePicture, read_picture
from ava.storage import local_path
from curation.artwork import publish_artwork, send_annotation
from curation.models import Artwork
from curation.picture_rows import send_grouping

logger = logging.getLogger(__name__)

WORK_FOR_S = 20.0
"""After so long other work may pass; what is left goes on in a message of its own."""
ASK_EVERY_S = 60.0
MOST_LOOKED_AT = 200

_asked_at = {"s": -ASK_EVERY_S}


def wanted_versions() -> dict[str, int]:
    """Name → version of what measures single pictures here now: artwork with others is stale."""
    versions = {each.name: each.version for each in find_annotators() if measures_single_frames(each)}
    detectors = detector_versions()
    detectors.pop(FACE_TRACKS, None)
    return versions | detectors


def due_artworks() -> QuerySet[Artwork]:
    """Artwork that waits to be measured, and what was measured by annotators or models of another day."""
    stale = Q(state=Artwork.State.READY) & ~Q(versions=wanted_versions())
    return Artwork.objects.filter(Q(state=Artwork.State.WAITING) | stale).order_by("-state", "id")  # waiting first


def annotate_artworks() -> None:
    """Measure artwork that is due, for a while; what is left then is asked for again.

    Any number of processes may be at it: each picture is one's at a time, and the others take the next.
    """
    ends = time.monotonic() + WORK_FOR_S
    titles: set[int] = set()
    late = False
    for artwork_id in due_artworks().values_list("pk", flat=True)[:MOST_LOOKED_AT]:
        late = time.monotonic() > ends
        if late:
            break
        with exclusive(f"artwork {artwork_id}") as is_mine:
            artwork = due_artworks().filter(pk=artwork_id).first() if is_mine else None
            if artwork is not None:
                _annotate(artwork)
                titles.add(artwork.title_id)
    for title_id in titles:
        send_grouping(title_id)
    if late:
        send_annotation(1)


def resend_annotation() -> None:
    """For the janitor: once a minute, call a worker when artwork is due, for its message may have been lost."""
    if time.monotonic() - _asked_at["s"] < ASK_EVERY_S:
        return
    _asked_at["s"] = time.monotonic()
    if due_artworks().exists():
        send_annotation(1)


def _annotate(artwork: Artwork) -> None:
    try:
        _measure(artwork)
    except (UnusablePicture, OSError):
        logger.warning("The picture of artwork %s cannot be read", artwork.pk, exc_info=True)
        _fail(artwork, "Its picture can no longer be read. Delete it and bring it again.")
    except Exception:
        logger.exception("Artwork %s could not be measured", artwork.pk)
        _fail(artwork, "It could not be measured; the log tells more. Try it again.")
    else:
        Artwork.objects.filter(pk=artwork.pk).update(
            state=Artwork.State.READY, error="", signals=artwork.signals, findings=artwork.findings,
            versions=artwork.versions,
        )  # fmt: skip
    publish_artwork(artwork.title_id, artwork_id=artwork.pk)


def _measure(artwork: Artwork) -> None:
    versions = wanted_versions()
    rgb = read_picture(local_path(artwork.picture))
    annotators = [each for each in find_annotators() if each.name in versions]
    for annotator in annotators:
        annotator.load()
    signals = measure_picture(rgb, annotators=annotators)
    look = look_at_picture(rgb, detectors=loaded_detectors(set(versions)))
    signals |= look.signals
    # Signatures are for comparing and not for people; what compares pictures makes its own.
    named = {name: round(value, 5) for name, value in signals.items() if not name.startswith("signature.")}
    artwork.signals, artwork.findings, artwork.versions = named, describe_findings(look.found, 0), versions


def _fail(artwork: Artwork, sentence: str) -> None:
    Artwork.objects.filter(pk=artwork.pk).update(state=Artwork.State.FAILED, error=sentence)
