"""What people say of faces, bound to a frame and a place in it, so that every later analysis respects it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from curation.models import Character, Face, FaceClaim
from curation.people_memory import resolve_merges
from curation.people_record import Place, Record, among

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
    faces = Face.objects.filter(track__in=among(tracks)).order_by("track_id", "-quality", "-score", "frame_index", "pk")
    rows = faces.distinct("track_id")
    return [BestFace(*row) for row in rows.values_list("track", "track__video", "frame_index", "x0", "y0", "x1", "y1")]


def every_face(tracks: Sequence[int]) -> list[BestFace]:
    """All faces of tracks, in the order of the film."""
    faces = Face.objects.filter(track__in=among(tracks)).order_by("track_id", "frame_index", "pk")
    return [BestFace(*row) for row in faces.values_list("track", "track__video", "frame_index", "x0", "y0", "x1", "y1")]


def claim_faces(
    record: Record, faces: Sequence[BestFace], *, verdict: str, character: Character | None = None
) -> None:
    """Say the same of some faces; what was said of their tracks before and contradicts it stands no longer."""
    end_contradicted(record, sorted({face.track for face in faces}), verdict=verdict, character=character)
    if character is not None:
        record.change("character", [character.pk], is_kept=True)
    if faces:
        _, videos, frames, x0, y0, x1, y1 = (list(column) for column in zip(*faces, strict=True))
        record.add(
            "claim", video=videos, frame_index=frames, x0=x0, y0=y0, x1=x1, y1=y1, verdict=verdict,
            character=character.pk if character else None,
        )  # fmt: skip


def end_contradicted(record: Record, tracks: Sequence[int], *, verdict: str, character: Character | None) -> None:
    """Let nothing stand that was said of these tracks and contradicts what is said of them now."""
    record.change("claim", _contradicted(tracks, verdict=verdict, character=character), stands=False)


class Said(NamedTuple):
    """A standing claim about a face of a track."""

    claim: int
    verdict: str
    character: int | None
    track: int


def claims_on(tracks: Sequence[int]) -> list[Said]:
    """The standing claims about faces of these tracks: the middle of each box lies in the other."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS_ON, [list(tracks)])
        return [Said(*row) for row in cursor.fetchall()]


_CLAIMS_ON = """
WITH face AS MATERIALIZED (
    SELECT track.video_id, track_id, frame_index, x0, y0, x1, y1
    FROM curation_facetrack AS track JOIN curation_face AS face ON face.track_id = track.id
    WHERE track.id = ANY(%s)
),
claim AS MATERIALIZED (
    SELECT * FROM curation_faceclaim WHERE stands AND video_id IN (SELECT DISTINCT video_id FROM face)
)
SELECT DISTINCT claim.id, claim.verdict, claim.character_id, face.track_id
FROM claim JOIN face USING (video_id, frame_index)
WHERE claim.x0 + claim.x1 BETWEEN 2 * face.x0 AND 2 * face.x1
  AND claim.y0 + claim.y1 BETWEEN 2 * face.y0 AND 2 * face.y1
  AND face.x0 + face.x1 BETWEEN 2 * claim.x0 AND 2 * claim.x1
  AND face.y0 + face.y1 BETWEEN 2 * claim.y0 AND 2 * claim.y1
ORDER BY claim.id, face.track_id
"""
"""Materialised, so that no more is joined than the films' claims and the tracks' faces, whatever the tables hold."""


def _contradicted(tracks: Sequence[int], *, verdict: str, character: Character | None) -> list[int]:
    said = claims_on(tracks)
    if not said:
        return []
    now = resolve_merges(character.scope.characters.all()) if character else {}
    key = character.pk if character else None

    def holds(each: Said) -> bool:
        same = key is not None and each.character is not None and now.get(each.character, each.character) == key
        if verdict == Verdict.IS:
            return same if each.verdict == Verdict.IS else each.verdict == Verdict.IS_NOT and not same
        if verdict == Verdict.IS_NOT:
            return not (same and each.verdict == Verdict.IS)
        return each.verdict == Verdict.NOT_FACE

    return sorted({each.claim for each in said if not holds(each)})
