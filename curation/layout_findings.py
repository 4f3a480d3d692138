"""What is known to be in a frame or an artwork that is laid out, in few queries, and what is not known of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import StringAgg
from django.core.cache import cache
from django.db.models import FilteredRelation, Func, Prefetch, Q, TextField, Value
from django.db.models.functions import MD5, Coalesce

from ava.annotate.area import Area
from ava.annotate.availability import unavailable_detectors
from ava.annotate.describe import describe_findings
from ava.annotate.shot_inspection import FACE_TRACKS
from ava.findings import current_detections
from ava.model_files import weights_store
from ava.models import Detection, Inspection, Title, Video
from ava.packing import unpack_integers
from curation.cast import prominences
from curation.face_facts import describe_people
from curation.layout.contents import PictureContents, read_contents
from curation.models import Artwork, FaceTrack, Logo

NEEDED = ("faces", "face_mesh", FACE_TRACKS, "body_pose", "people", "text", "saliency")
"""Detectors whose findings matter to a layout."""
_WHAT = {"faces": "faces", "people": "people", "text": "lettering", "saliency": "where the eye goes"}
_KEPT_S = 3600


class Findings(NamedTuple):
    """What was found in a picture, and sentences on what was not looked for."""

    contents: PictureContents
    unknown: tuple[str, ...]


def find_in_frame(video: Video, frame_index: int, *, area: Area) -> Findings:
    """What is known of a frame; between looks that is faces alone, as they were followed. In at most six queries."""
    needed = Prefetch("detections", Detection.objects.filter(detector__in=NEEDED))
    span = video.inspections.filter(start_frame__lte=frame_index, end_frame__gt=frame_index)
    inspection = span.prefetch_related(needed).first()
    tables = current_detections(inspection) if inspection else {}
    is_looked_at = bool(tables) and _was_looked_at(inspection, frame_index)
    found = describe_findings(tables, frame_index)
    logos, unsearched = _find_logos(video, frame_index)
    known = found | {
        "faces": _with_people(video, frame_index, found["faces"]),
        "logos": logos,
    }
    looked = frozenset(tables) if is_looked_at else frozenset(tables) & {FACE_TRACKS}
    contents = read_contents(known, size=(video.width, video.height), area=area, looked=looked)
    return Findings(contents, (*_unknown_of_frame(looked, inspection), *unsearched))


def find_in_artwork(artwork: Artwork) -> Findings:
    """What is known of an artwork. In one query."""
    is_ready = artwork.state == Artwork.State.READY
    looked = frozenset(artwork.versions) if is_ready else frozenset()
    contents = read_contents(artwork.findings, size=(artwork.width, artwork.height), looked=looked)
    if not is_ready:
        return Findings(contents, ("Nobody has looked into this picture yet; wait until it is measured.",))
    unsearched = _never_searched("Logos were not looked for here: they are looked for in stills only.", artwork.title)
    return Findings(contents, (*_lacking(looked), *unsearched))


def _was_looked_at(inspection: Inspection | None, frame_index: int) -> bool:
    return inspection is not None and frame_index in unpack_integers(bytes(inspection.looks))


def _with_people(video: Video, frame_index: int, faces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The faces with who they are, and how prominent in the film."""
    told = [{**face, **known} for face, known in zip(faces, describe_people(video, frame_index, faces), strict=True)]
    if any(face["character"] for face in told):
        prominence = _prominences(video)
        for face in told:
            face["prominence"] = prominence.get(face["character"]["id"]) if face["character"] else None
    return told


def _prominences(video: Video) -> dict[int, float]:
    """Character → prominence, 0–1, in a film; worked out anew when any of its tracks has been written since."""
    row = "curation_facetrack.id || ' ' || curation_facetrack.xmin || ' ' || curation_facetrack.ctid"
    written = StringAgg(Func(template=row, output_field=TextField()), delimiter=",", order_by="pk")
    state = MD5(Coalesce(written, Value(""), output_field=TextField()))
    key = f"prominences-{video.pk}-{FaceTrack.objects.filter(video=video).aggregate(state=state)['state']}"
    found: dict[int, float] | None = cache.get(key)
    if found is None:
        found = prominences(video)
        cache.set(key, found, _KEPT_S)
    return found


def _find_logos(video: Video, frame_index: int) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Where logos of the title's teams were found in a frame, and a sentence if not all were looked for."""
    here = Q(looks__video=video, looks__frame_index=frame_index, looks__probability__isnull=False)
    logos = Logo.objects.filter(team__titles=video.title_id).alias(look=FilteredRelation("looks", condition=here))
    found = list(logos.order_by("pk").values_list("look__pk", "look__found"))
    boxes = [{"box": each["box"]} for look, finds in found if look for each in finds]
    missing = sum(look is None for look, _ in found)
    if not missing:
        return boxes, ()
    what = "No logo was" if missing == len(found) else f"{missing} of {len(found)} logos were not"
    return boxes, (f"{what} looked for here, so one may be cut or covered.",)


def _never_searched(sentence: str, title: Title) -> tuple[str, ...]:
    return (sentence,) if Logo.objects.filter(team__titles=title).exists() else ()


def _unknown_of_frame(looked: frozenset[str], inspection: Inspection | None) -> tuple[str, ...]:
    if inspection is None:
        return ("This part of the film was not looked into yet: what is in the frame is not known. Analyse the film.",)
    if looked & _WHAT.keys():
        return _lacking(looked)
    if FACE_TRACKS in looked:
        return (
            "Nobody has looked closely at this very frame: faces are followed to it from frames nearby; people,"
            " lettering and where the eye goes are not known. Make it a still to have it looked at.",
        )
    return ("Nobody has looked closely at this frame: what is in it is not known. Make it a still, or analyse again.",)


def _lacking(looked: frozenset[str]) -> tuple[str, ...]:
    """A sentence for each kind of thing that no detector looked for, with the reason where a model file lacks."""
    lacking = [name for name in _WHAT if name not in looked]
    if not lacking:
        return ()
    reasons = {each.what: each.why for each in unavailable_detectors(weights_store())}
    return tuple(f"Nobody looked for {_WHAT[name]} here. {reasons.get(name, 'Analyse again.')}" for name in lacking)
