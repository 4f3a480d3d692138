"""The vectors of many tracks at once, in one layout, of one encoder: those of two cannot be compared."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.db import connection
from django.db.models import BinaryField, Count, Func, QuerySet
from numpy.typing import NDArray

from ava.annotate.face_encoders import ENCODERS, FaceEncoder
from curation.models import FaceTrack

_HEADER_BYTES = 4
"""What `vector_send` of pgvector puts before the values, which are big-endian floats."""


class TrackVectors(NamedTuple):
    """Rows of tracks, T of them, in the order of their numbers.

    ``pk`` and ``video`` ``int64 (T,)``; ``vectors`` ``float32 (T, D)``; ``weights`` ``float32 (T,)``; ``character``
    ``int64 (T,)``, −1 for none; ``confidence`` ``float32 (T,)``, NaN for none; ``said`` ``bool (T,)``: a person has
    said who it is.
    """

    encoder: FaceEncoder
    pk: NDArray[np.int64]
    video: NDArray[np.int64]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    character: NDArray[np.int64]
    confidence: NDArray[np.float32]
    said: NDArray[np.bool_]


def main_encoder(tracks: QuerySet[FaceTrack]) -> FaceEncoder | None:
    """The encoder that most of these tracks have a vector of, the better one of two; None where none has any."""
    counted = tracks.exclude(vector=None).order_by().values_list("encoder").annotate(Count("pk"))
    counts = dict(counted)
    return max((each for each in ENCODERS if counts.get(each.detector)), key=lambda e: counts[e.detector], default=None)


def comparable(tracks: QuerySet[FaceTrack], encoder: FaceEncoder) -> QuerySet[FaceTrack]:
    """Those that are faces of people who are there, and known by this encoder."""
    return tracks.filter(encoder=encoder.detector, vector__isnull=False, is_face=True, is_static=False)


def load_track_vectors(tracks: QuerySet[FaceTrack], encoder: FaceEncoder) -> TrackVectors:
    """Read the comparable ones of these tracks in one query."""
    packed = Func("vector", function="vector_send", output_field=BinaryField())
    fields = ("pk", "video_id", packed, "weight", "character_id", "confidence", "given_by")
    rows = list(comparable(tracks, encoder).order_by("pk").values_list(*fields))
    pk, video, vectors, weights, character, confidence, given_by = zip(*rows, strict=True) if rows else ((),) * 7
    return TrackVectors(
        encoder=encoder,
        pk=np.array(pk, dtype=np.int64),
        video=np.array(video, dtype=np.int64),
        vectors=_unpack(vectors, dimensions=encoder.dimensions),
        weights=np.array(weights, dtype=np.float32),
        character=np.array([-1 if each is None else each for each in character], dtype=np.int64),
        confidence=np.array(confidence, dtype=np.float32),  # None becomes NaN
        said=np.array(given_by) == FaceTrack.GivenBy.PERSON if rows else np.zeros(0, dtype=np.bool_),
    )


def _unpack(packed: tuple[bytes | memoryview, ...], *, dimensions: int) -> NDArray[np.float32]:
    content = np.frombuffer(b"".join(packed), dtype=np.uint8).reshape(len(packed), _HEADER_BYTES + 4 * dimensions)
    return content[:, _HEADER_BYTES:].copy().view(">f4").astype(np.float32)


_TOGETHER = """
    WITH looks AS (
        SELECT track.id, track.video_id, face.frame_index
        FROM curation_facetrack track JOIN curation_face face ON face.track_id = track.id
        WHERE track.id = ANY(%s)
    )
    SELECT DISTINCT one.id, other.id
    FROM looks one JOIN looks other ON other.video_id = one.video_id AND other.frame_index = one.frame_index
    WHERE one.id < other.id
"""


def tracks_together(tracks: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of these tracks, by number, of which faces were found in one frame: they are two people."""
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, [list(tracks)])
        return cursor.fetchall()
