"""What recognition must respect, read from the database: the cast so far, and what people have said of it."""

from collections.abc import Iterable, Mapping

import numpy as np

from ava.annotate.face_encoders import FaceEncoder
from ava.models import Title, Video
from curation.models import Character, Difference, Face, FaceClaim, FaceTrack
from curation.people.known_people import Claim, KnownCharacter, Memory
from curation.track_vectors import comparable

MOST_EXAMPLES = 60
"""Tracks of other films that stand for a character; the ones whose vectors can be trusted most."""


def resolve_merges(characters: Iterable[Character]) -> dict[int, int]:
    """Character → the one it is part of now: itself, or the end of the chain that it was merged into."""
    into = {character.pk: character.merged_into_id for character in characters}
    resolved = {}
    for pk in into:
        end, seen = pk, {pk}
        while (following := into.get(end)) is not None and following not in seen:
            end = following
            seen.add(end)
        resolved[pk] = end
    return resolved


def known_characters(scope: Title, *, video: Video, encoder: FaceEncoder) -> list[KnownCharacter]:
    """The characters of a scope, each with its best tracks of other films than this one."""
    examples: dict[int, list[tuple[np.ndarray, float]]] = {}
    tracks = FaceTrack.objects.filter(character__scope=scope).exclude(video=video)
    rows = comparable(tracks, encoder).order_by("-weight", "pk")
    for character_id, vector, weight in rows.values_list("character", "vector", "weight"):
        mine = examples.setdefault(character_id, [])
        if len(mine) < MOST_EXAMPLES:
            mine.append((np.asarray(vector, dtype=np.float32), weight))
    return [
        KnownCharacter(
            key=character.pk,
            vectors=_stack([vector for vector, _ in examples.get(character.pk, [])]),
            weights=np.array([weight for _, weight in examples.get(character.pk, [])], dtype=np.float32),
            is_kept=character.is_kept,
            is_locked=character.is_locked,
        )
        for character in scope.characters.filter(merged_into=None)
    ]


def _stack(vectors: list[np.ndarray]) -> np.ndarray:
    return np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)


def standing_claims(video: Video, *, merges: Mapping[int, int]) -> list[Claim]:
    """What people have said of the faces of a film and not taken back, oldest first."""
    return [
        Claim(
            frame_index=claim.frame_index,
            box=np.array([claim.x0, claim.y0, claim.x1, claim.y1], dtype=np.float32),
            verdict=claim.verdict,
            character=merges.get(claim.character_id) if claim.character_id else None,
        )
        for claim in FaceClaim.objects.filter(video=video, stands=True).order_by("pk")
    ]


def claimed_frames(video: Video) -> set[int]:
    """Frames in which somebody has said who a face is: they are looked at again by every analysis."""
    return set(FaceClaim.objects.filter(video=video, stands=True).values_list("frame_index", flat=True))


def standing_differences(scope: Title, *, merges: Mapping[int, int]) -> frozenset[tuple[int, int]]:
    """Pairs of characters that somebody said are two people, the lower number first."""
    rows = Difference.objects.filter(first__scope=scope, stands=True).values_list("first", "second")
    pairs = {(merges.get(first, first), merges.get(second, second)) for first, second in rows}
    return frozenset((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])


def remembered_faces(video: Video, *, merges: Mapping[int, int]) -> Memory | None:
    """Which character each face of the last analysis has; None before the first one."""
    rows = Face.objects.filter(track__video=video, track__character__isnull=False).order_by("frame_index", "row")
    faces = list(rows.values_list("frame_index", "x0", "y0", "x1", "y1", "track__character"))
    if not faces:
        return None
    return Memory(
        frame_index=np.array([face[0] for face in faces], dtype=np.int64),
        boxes=np.array([face[1:5] for face in faces], dtype=np.float32),
        character=np.array([merges.get(face[5], face[5]) for face in faces], dtype=np.int64),
    )
