"""What there is to ask about the people of a title, worked out from the database and kept until something changes."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple

import numpy as np
from django.core.cache import cache
from django.db import connection
from django.db.models import CharField, Func, QuerySet

from ava.annotate.face_encoders import FaceEncoder
from ava.models import Title, User, Video
from curation.cast import load_cast
from curation.models import FaceTrack
from curation.people.doubts import find_doubts
from curation.people_memory import resolve_merges, standing_differences
from curation.people_selectors import access_cast_videos, access_face_tracks, cast_scope, titles_in_scope
from curation.track_vectors import TrackVectors, comparable, load_track_vectors, main_encoder, tracks_together

Kind = Literal["characters", "track"]

_KEPT_S = 24 * 3600


class OpenDoubt(NamedTuple):
    """A doubt about things that exist, the most worthwhile first in a list.

    Kind "characters": whether characters `first` and `second` are one person. Kind "track": whether track `first`
    shows character `second`. `probability`, 0–1, is AVA's own guess at a yes.
    """

    kind: Kind
    first: int
    second: int
    probability: float

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.first}-{self.second}"

    @property
    def characters(self) -> tuple[int, ...]:
        return (self.first, self.second) if self.kind == "characters" else (self.second,)


class _Grounds(NamedTuple):
    """All that doubts rest on: while it is as it was, so are they."""

    tracks: tuple[tuple[int, str], ...]
    """Every track, and which version of its row stands: written by what transaction, and where."""
    shown: tuple[int, ...]
    """Videos whose people are asked about."""
    different: frozenset[tuple[int, int]]
    refused: frozenset[tuple[int, int]]
    """(track, character)."""
    locked: frozenset[int]

    def digest(self, encoder: FaceEncoder) -> str:
        content = (encoder, self.tracks, self.shown, *map(sorted, (self.different, self.refused, self.locked)))
        return sha256(repr(content).encode()).hexdigest()


def open_doubts(user: User, title: Title) -> list[OpenDoubt]:
    """What to ask a user about the people of a title, the most worthwhile first; nothing that has been answered."""
    scope = cast_scope(title)
    shown = access_cast_videos(user, title)
    visible = access_face_tracks(user).filter(video__title__in=titles_in_scope(scope))
    encoder = main_encoder(visible.filter(video__in=shown))
    if encoder is None:
        return []
    tracks = comparable(visible, encoder)
    grounds = _read_grounds(scope, tracks, shown=shown)
    key = f"people-doubts-{grounds.digest(encoder)}"
    found = cache.get(key)
    if found is None:
        prominence = {each.character.pk: each.prominence for each in load_cast(user, scope).members}
        found = _find(load_track_vectors(tracks, encoder), grounds, prominence=prominence)
        cache.set(key, [tuple(each) for each in found], _KEPT_S)
    return [OpenDoubt(*each) for each in found]


def _read_grounds(scope: Title, tracks: QuerySet[FaceTrack], *, shown: QuerySet[Video]) -> _Grounds:
    version = "curation_facetrack.xmin::text || curation_facetrack.ctid::text"
    written = Func(template=version, output_field=CharField())
    rows = tuple(tracks.order_by("pk").values_list("pk", written))
    characters = list(scope.characters.only("scope", "merged_into", "is_locked"))
    merges = resolve_merges(characters)
    refused = _find_refused([pk for pk, _ in rows])
    return _Grounds(
        tracks=rows,
        shown=tuple(shown.order_by("pk").values_list("pk", flat=True)),
        different=standing_differences(scope, merges=merges),
        refused=frozenset((track, merges.get(character, character)) for track, character in refused),
        locked=frozenset(character.pk for character in characters if character.is_locked),
    )


_REFUSED = """
    SELECT DISTINCT face.track_id, claim.character_id
    FROM curation_faceclaim claim
    JOIN curation_face face ON face.frame_index = claim.frame_index
    JOIN curation_facetrack track ON track.id = face.track_id AND track.video_id = claim.video_id
    WHERE track.id = ANY(%s) AND claim.stands AND claim.verdict = 'is_not'
        AND (claim.x0 + claim.x1) / 2 BETWEEN face.x0 AND face.x1
        AND (claim.y0 + claim.y1) / 2 BETWEEN face.y0 AND face.y1
        AND (face.x0 + face.x1) / 2 BETWEEN claim.x0 AND claim.x1
        AND (face.y0 + face.y1) / 2 BETWEEN claim.y0 AND claim.y1
"""
"""Claims are bound to frame and place; one is about a face when each has the other's middle in it."""


def _find_refused(tracks: Sequence[int]) -> list[tuple[int, int]]:
    """(track, character) of what somebody has said no to."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [list(tracks)])
        return cursor.fetchall()


def _find(rows: TrackVectors, grounds: _Grounds, *, prominence: Mapping[int, float]) -> list[OpenDoubt]:
    pk = rows.pk.tolist()
    place = {track: index for index, track in enumerate(pk)}
    who = dict(zip(pk, rows.character.tolist(), strict=True))
    doubts = find_doubts(
        rows.vectors,
        weights=rows.weights,
        character=rows.character,
        confidence=rows.confidence,
        said=rows.said,
        encoder=rows.encoder,
        prominence=prominence,
        apart=grounds.different | {(who[one], who[other]) for one, other in tracks_together(pk)},
        refused={(place[track], character) for track, character in grounds.refused},
    )
    found = [
        OpenDoubt(each.kind, pk[each.first] if each.kind == "track" else each.first, each.second, each.probability)
        for each in doubts
    ]
    is_shown = np.isin(rows.video, np.array(grounds.shown, dtype=np.int64))
    shown_tracks, shown_characters = set(rows.pk[is_shown].tolist()), set(rows.character[is_shown].tolist())
    return [
        each
        for each in found
        if grounds.locked.isdisjoint(each.characters)
        and (each.first in shown_tracks if each.kind == "track" else not shown_characters.isdisjoint(each.characters))
    ]
