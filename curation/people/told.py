"""What people said of single faces as what it means for tracks, some of which it cuts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from curation.people.collect import FilmPeople
from curation.people.film_faces import FaceTrack
from curation.people.known_people import Claim
from curation.people.locate import locate_faces


@dataclass(frozen=True, slots=True)
class Told:
    """What people said of one face, or of a track: who it is, who it is not, or that it is no face."""

    character: int | None = None
    not_characters: frozenset[int] = frozenset()
    is_face: bool = True

    @property
    def is_anything(self) -> bool:
        return self.character is not None or bool(self.not_characters) or not self.is_face

    def hear(self, claim: Claim) -> "Told":
        """The same after one more claim, which is right where it contradicts what was said before."""
        if claim.verdict == "not_face":
            return Told(is_face=False)
        if claim.character is None:
            return self
        if claim.verdict == "is":
            return Told(claim.character, self.not_characters - {claim.character})
        character = None if self.character == claim.character else self.character
        return Told(character, self.not_characters | {claim.character})

    def agrees(self, other: "Told") -> bool:
        """Whether both can be true of one track."""
        if not (self.is_face and other.is_face):
            return self.is_face == other.is_face
        is_one = self.character is None or other.character is None or self.character == other.character
        return is_one and self.character not in other.not_characters and other.character not in self.not_characters

    def join(self, other: "Told") -> "Told":
        """Both together, when they agree."""
        character = self.character if self.character is not None else other.character
        return Told(character, self.not_characters | other.not_characters, self.is_face and other.is_face)


@dataclass(slots=True)
class _Piece:
    """Part of a track: its faces that something was said about, and what it comes to."""

    told: Told
    frames: list[int] = field(default_factory=list)


def hear_claims(people: FilmPeople, claims: Sequence[Claim]) -> tuple[FilmPeople, list[Told]]:
    """Lay claims on tracks; where two cannot both be true of one track, it is cut half-way between their faces.

    Returns the people with their tracks cut, in the order of their first frames, and what was said of each track.
    Claims about faces that no track goes through are without effect.
    """
    heard = _hear_faces(people, claims)
    by_track: dict[int, list[int]] = {}
    for row in sorted(heard, key=lambda row: int(people.faces.frame_index[row])):
        by_track.setdefault(int(people.faces.track[row]), []).append(row)
    spans: list[tuple[FaceTrack, int, Told]] = []
    for index, track in enumerate(people.tracks):
        pieces = _find_pieces(people, by_track.get(index, []), heard=heard)
        borders = [(one.frames[-1] + other.frames[0] + 1) // 2 for one, other in pairwise(pieces)]
        edges = [track.start_frame, *borders, track.end_frame]
        for piece, (start, end) in zip(pieces, pairwise(edges), strict=True):
            spans.append((track._replace(start_frame=start, end_frame=end), index, piece.told))
    if len(spans) > len(people.tracks):
        spans.sort(key=lambda span: span[0].start_frame)
        people = _cut(people, spans)
    return people, [told for _, _, told in spans]


def _hear_faces(people: FilmPeople, claims: Sequence[Claim]) -> dict[int, Told]:
    """What was said of each face, by its row."""
    rows = locate_faces(
        people,
        frame_index=np.array([claim.frame_index for claim in claims], dtype=np.int64),
        boxes=np.array([claim.box for claim in claims], dtype=np.float32).reshape(-1, 4),
    )
    heard: dict[int, Told] = {}
    for row, claim in zip(rows.tolist(), claims, strict=True):
        if row >= 0:
            heard[row] = heard.get(row, Told()).hear(claim)
    return {row: told for row, told in heard.items() if told.is_anything}


def _find_pieces(people: FilmPeople, rows: Sequence[int], *, heard: dict[int, Told]) -> list[_Piece]:
    """The parts of a track that one person each can be, by what was said of its faces in the order of the film."""
    pieces = [_Piece(Told())]
    for row in rows:
        told = heard[row]
        if not pieces[-1].frames:
            pieces[-1].told = told
        elif pieces[-1].told.agrees(told):
            pieces[-1].told = pieces[-1].told.join(told)
        else:
            pieces.append(_Piece(told))
        pieces[-1].frames.append(int(people.faces.frame_index[row]))
    return pieces


def _cut(people: FilmPeople, spans: Sequence[tuple[FaceTrack, int, Told]]) -> FilmPeople:
    """The faces with the numbers of the new tracks."""
    faces = people.faces
    track = np.full(len(faces.track), -1, dtype=np.int64)
    for place, (span, before, _) in enumerate(spans):
        within = (faces.frame_index >= span.start_frame) & (faces.frame_index < span.end_frame)
        track[(faces.track == before) & within] = place
    return FilmPeople(faces._replace(track=track), tuple(span for span, _, _ in spans))
