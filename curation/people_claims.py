"""What people say of faces, bound to a frame and a place in it, so that every later analysis respects it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from curation.models import Character, Face, FaceClaim, FaceTrack
from curation.people_memory import resolve_merges
from curation.people_record import Place, Record

Verdict = FaceClaim.Verdict


class BestFace(NamedTuple):
    """The face of a track that can be recognised best."""

    track: int
    video: int
    frame_index: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def place(self) -> Place:
        return (self.video, self.frame_index, self.x0, self.y0, self.x1, self.y1)


def best_faces(tracks: Sequence[int]) -> list[BestFace]:
    """The best face of each track that has any, by the tracks' numbers."""
    faces = Face.objects.filter(track__in=tracks).order_by("track_id", "-quality", "-score", "frame_index", "pk")
    rows = faces.distinct("track_id")
    return [BestFace(*row) for row in rows.values_list("track", "track__video", "frame_index", "x0", "y0", "x1", "y1")]


def every_face(tracks: Sequence[int]) -> list[BestFace]:
    """All faces of tracks, in the order of the film."""
    faces = Face.objects.filter(track__in=tracks).order_by("track_id", "frame_index", "pk")
    return [BestFace(*row) for row in faces.values_list("track", "track__video", "frame_index", "x0", "y0", "x1", "y1")]


def claim_faces(
    record: Record, faces: Sequence[BestFace], *, verdict: str, character: Character | None = None
) -> None:
    """Say the same of some faces; what was said of their tracks before and contradicts it stands no longer."""
    end_contradicted(record, sorted({face.track for face in faces}), verdict=verdict, character=character)
    if character is not None:
        record.change("character", [character.pk], is_kept=True)
    claims = FaceClaim.objects.bulk_create(
        FaceClaim(
            video_id=face.video, frame_index=face.frame_index, x0=face.x0, y0=face.y0, x1=face.x1, y1=face.y1,
            verdict=verdict, character=character, action=record.action, stands=False,
        )
        for face in faces
    )  # fmt: skip
    record.change("claim", [claim.pk for claim in claims], stands=True)


def end_contradicted(record: Record, tracks: Sequence[int], *, verdict: str, character: Character | None) -> None:
    """Let nothing stand that was said of these tracks and contradicts what is said of them now."""
    record.change("claim", _contradicted(tracks, verdict=verdict, character=character), stands=False)


def claims_on(tracks: QuerySet[FaceTrack] | Sequence[int]) -> QuerySet[FaceClaim]:
    """The standing claims about a face of one of these tracks: each lies in the middle of the other."""
    middle_x, middle_y = (F("x0") + F("x1")) / 2, (F("y0") + F("y1")) / 2
    claim_x, claim_y = (OuterRef("x0") + OuterRef("x1")) / 2, (OuterRef("y0") + OuterRef("y1")) / 2
    faces = Face.objects.filter(
        track__in=tracks, track__video=OuterRef("video"), frame_index=OuterRef("frame_index"),
        x0__lte=claim_x, x1__gte=claim_x, y0__lte=claim_y, y1__gte=claim_y,
    ).alias(middle_x=middle_x, middle_y=middle_y)  # fmt: skip
    inside = faces.filter(
        middle_x__gte=OuterRef("x0"), middle_x__lte=OuterRef("x1"),
        middle_y__gte=OuterRef("y0"), middle_y__lte=OuterRef("y1"),
    )  # fmt: skip
    return FaceClaim.objects.filter(stands=True).filter(Exists(inside))


def _contradicted(tracks: Sequence[int], *, verdict: str, character: Character | None) -> list[int]:
    videos = FaceTrack.objects.filter(pk__in=tracks).order_by().values("video").distinct()
    rows = list(claims_on(tracks).filter(video__in=videos).values_list("pk", "verdict", "character"))
    if not rows:
        return []
    now = resolve_merges(character.scope.characters.all()) if character else {}
    key = character.pk if character else None

    def holds(said: str, about: int | None) -> bool:
        same = key is not None and about is not None and now.get(about, about) == key
        if verdict == Verdict.IS:
            return same if said == Verdict.IS else said == Verdict.IS_NOT and not same
        if verdict == Verdict.IS_NOT:
            return not (same and said == Verdict.IS)
        return said == Verdict.NOT_FACE

    return [pk for pk, said, about in rows if not holds(said, about)]
