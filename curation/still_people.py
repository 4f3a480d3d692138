"""Who can be asked for on a film's board, and who is in its stills."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from ava.models import Video
from curation.cast import prominences
from curation.models import FaceTrack
from curation.people_filters import living_faces
from curation.people_selectors import cast_scope

MOST_NAMED = 4
MANY = 12
"""From this many characters on they are searched for by name rather than by eye."""


@dataclass(frozen=True, slots=True)
class Person:
    """A character as filters offer them: `is_seen` in this film, where the track `portrait` keeps their best face."""

    pk: int
    label: str
    portrait: int | None
    is_seen: bool


def cast_of_board(video: Video) -> list[Person]:
    """All characters of the film's scope, the most prominent of this film first, then those seen elsewhere only.

    In a constant number of queries.
    """
    prominence, portraits = prominences(video), _portraits(video)
    characters = cast_scope(video.title).characters.filter(merged_into=None).order_by("number")
    cast = [Person(each.pk, each.label, portraits.get(each.pk), each.pk in portraits) for each in characters]
    return sorted(cast, key=lambda person: (not person.is_seen, -prominence.get(person.pk, 0.0)))


def _portraits(video: Video) -> dict[int, int | None]:
    """Character → the track that keeps the best portrait of them, None where none does; of everybody in a film."""
    tracks = FaceTrack.objects.filter(video=video, character__isnull=False, is_face=True, is_static=False)
    with_portrait = tracks.annotate(is_kept=ExpressionWrapper(Q(portrait__isnull=False), BooleanField()))
    best = with_portrait.order_by("character", "-is_kept", "-weight", "pk").distinct("character")
    return {
        character: track if is_kept else None
        for character, track, is_kept in best.values_list("character", "pk", "is_kept")
    }


def people_in_frames(video: Video, frames: Collection[int]) -> dict[int, set[int]]:
    """Frame → keys of the characters in it, of those frames that have any."""
    faces = living_faces().filter(track__video=video, frame_index__in=frames, track__character__isnull=False)
    people: dict[int, set[int]] = {}
    for frame, character in faces.order_by().values_list("frame_index", "track__character"):
        people.setdefault(frame, set()).add(character)
    return people


def name_people(cast: Sequence[Person], seen: Collection[int]) -> str:
    """Those of a cast who are seen, in its order: "Anna and Person 3", "Anna, Ben, Cleo, Dan and 2 others"."""
    labels = [member.label for member in cast if member.pk in seen]
    if len(labels) > MOST_NAMED + 1:
        labels = [*labels[:MOST_NAMED], f"{len(labels) - MOST_NAMED} others"]
    return " and ".join(part for part in (", ".join(labels[:-1]), *labels[-1:]) if part)


def cast_json(video: Video) -> dict[str, Any]:
    """The cast as the board's script reads it: keys in order, and what they are called."""
    cast = cast_of_board(video)
    return {
        "scope": cast_scope(video.title).pk,
        "order": [member.pk for member in cast],
        "labels": {str(member.pk): member.label for member in cast},
        "most_named": MOST_NAMED,
    }
