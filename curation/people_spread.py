"""Which tracks come along with those that a person has just confirmed, because they are surely like them."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from django.db.models import (
    Avg,
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Power
from numpy.typing import NDArray
from pgvector.django import L2Distance

from ava.annotate.face_encoders import ENCODERS, FaceEncoder
from ava.models import User
from ava.selectors import EDITING_ROLES, access_videos
from curation.models import Character, Difference, FaceClaim, FaceTrack
from curation.people.evidence import SCATTER_OF_LOOKS
from curation.people_claims import claims_on
from curation.people_memory import resolve_merges
from curation.people_selectors import titles_in_scope
from curation.track_vectors import comparable

SURE = 0.95
"""Probability of being one person, from the distance to the nearest confirmed face, from which a track comes along."""

CLEARLY = math.log(10)
"""By how much, in log odds, it must be nearer to that face than it is, on the whole, to its present character."""

MOST_CONFIRMED = 100
"""Confirmed tracks that others are compared with: of more, those whose vectors can be trusted most."""


class Alike(NamedTuple):
    """A track that comes along, and the probability, 0–1, that it is the same person as a confirmed one."""

    track: int
    probability: float


class _Candidate(NamedTuple):
    """A track that may come along; `squared` is its squared distance from the nearest confirmed one."""

    track: int
    video: int
    start_frame: int
    end_frame: int
    character: int | None
    vector: Sequence[float]
    scatter: float
    squared: float


def find_alike(confirmed: Sequence[int], *, to: Character, user: User) -> list[Alike]:
    """Tracks that nobody has spoken of, in films that the user edits, and that are surely like a confirmed one.

    Left out are pictures on walls, tracks seen together with one of the character's, and those that were refused to
    it. A locked character neither gives nor takes any. The most alike come first.
    """
    if to.is_locked:
        return []
    found: list[Alike] = []
    for encoder in ENCODERS:
        sure = _find_sure(confirmed, to=to, user=user, encoder=encoder)
        taken = _never_together(_clearly_nearer(sure, encoder=encoder), to=to)
        odds = encoder.log_odds(np.sqrt([each.squared for each in taken]))
        found += [Alike(each.track, 1 / (1 + math.exp(-value))) for each, value in zip(taken, odds, strict=True)]
    return found


def _find_sure(confirmed: Sequence[int], *, to: Character, user: User, encoder: FaceEncoder) -> list[_Candidate]:
    best = comparable(FaceTrack.objects.filter(pk__in=confirmed), encoder).order_by("-weight", "pk")
    examples = list(best.values_list("pk", flat=True)[:MOST_CONFIRMED])
    if not examples:
        return []
    limit = encoder.even_distance - math.log(SURE / (1 - SURE)) / encoder.slope
    distance = Power(L2Distance("vector", OuterRef("vector")), 2) + _scatter(encoder)
    nearest = FaceTrack.objects.filter(pk__in=examples).annotate(squared=distance).order_by("squared")
    squared = Subquery(nearest.values("squared")[:1]) + _scatter(encoder)
    rows = _open_tracks(to, user=user, encoder=encoder).exclude(pk__in=confirmed).annotate(squared=squared)
    near = {pk: value for pk, value in rows.order_by().values_list("pk", "squared") if value <= limit**2}
    tracks = FaceTrack.objects.filter(pk__in=near).exclude(pk__in=_spoken_of(list(near), to=to)).order_by()
    fields = ("pk", "video", "start_frame", "end_frame", "character", "vector", _scatter(encoder))
    found = [_Candidate(*row, near[row[0]]) for row in tracks.values_list(*fields)]
    return sorted(found, key=lambda each: (each.squared, each.track))


def _scatter(encoder: FaceEncoder) -> Combinable:
    """What averaging has taken from a track's distances to others, squared; see `describe_rows` of the evidence."""
    lost = 1.0 - 1.0 / Greatest(F("weight"), 1.0)
    return ExpressionWrapper(SCATTER_OF_LOOKS * encoder.even_distance**2 * lost, output_field=FloatField())


def _open_tracks(to: Character, *, user: User, encoder: FaceEncoder) -> QuerySet[FaceTrack]:
    """Comparable tracks of the scope that AVA may give to a character."""
    videos = access_videos(user, roles=EDITING_ROLES).filter(title__in=titles_in_scope(to.scope))
    tracks = FaceTrack.objects.filter(video__in=videos, given_by=FaceTrack.GivenBy.ANALYSIS)
    elsewhere = Q(character=None) | ~Q(character=to) & Q(character__is_locked=False)
    apart = tracks.filter(elsewhere).exclude(character__in=_different_from(to))
    return comparable(apart, encoder)


def _different_from(to: Character) -> list[int]:
    """Characters that a person has said are other people than this one."""
    now = resolve_merges(to.scope.characters.all())
    pairs = Difference.objects.filter(stands=True, first__scope=to.scope).values_list("first", "second")
    sides = [(now[first], now[second]) for first, second in pairs]
    return [second if first == to.pk else first for first, second in sides if to.pk in {first, second}]


def _spoken_of(tracks: Sequence[int], *, to: Character) -> list[int]:
    """Tracks that a person has said are somebody, no face, or not this character."""
    now = resolve_merges(to.scope.characters.all())
    refused = FaceClaim.Verdict.IS_NOT
    said = claims_on(tracks)
    return [each.track for each in said if each.verdict != refused or now.get(each.character or 0) == to.pk]


class _Gathered(NamedTuple):
    """The tracks of one character: how many, and means of what averaging has left of them."""

    tracks: int
    mean: NDArray[np.float64]
    scatter: float

    def squared_from_others(self, one: _Candidate) -> float:
        """Squared distance of one of the tracks from the mean of the others, which a few strangers hardly move."""
        others = (self.tracks * self.mean - np.array(one.vector)) / (self.tracks - 1)
        return float(np.sum(np.square(np.array(one.vector) - others))) + self.scatter + one.scatter


def _clearly_nearer(candidates: Sequence[_Candidate], *, encoder: FaceEncoder) -> list[_Candidate]:
    """Those that are nearer to a confirmed one than to what else their present character consists of."""
    present = _gather({each.character for each in candidates if each.character}, encoder=encoder)

    def is_nearer(each: _Candidate) -> bool:
        mine = present.get(each.character or 0)
        if mine is None or mine.tracks < 2:
            return True
        here, there = encoder.log_odds(np.sqrt([each.squared, mine.squared_from_others(each)]))
        return bool(here - there >= CLEARLY)

    return [each for each in candidates if is_nearer(each)]


def _gather(characters: Iterable[int], *, encoder: FaceEncoder) -> dict[int, _Gathered]:
    tracks = comparable(FaceTrack.objects.filter(character__in=characters), encoder).order_by()
    rows = tracks.values("character").annotate(
        tracks=Count("pk"), mean=Avg("vector"), scatter=Avg(_scatter(encoder))
    )
    return {
        row["character"]: _Gathered(row["tracks"], np.array(row["mean"], dtype=np.float64), row["scatter"])
        for row in rows
    }


def _never_together(candidates: Sequence[_Candidate], *, to: Character) -> list[_Candidate]:
    """One after the other, without those that share a frame with one of the character's or one that comes along."""
    taken: list[_Candidate] = []
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    spans = to.tracks.filter(video__in={each.video for each in candidates}).order_by("video", "start_frame", "pk")
    for video, start, end in spans.values_list("video", "start_frame", "end_frame"):
        mine, theirs = starts.setdefault(video, []), ends.setdefault(video, [])
        if theirs and start < theirs[-1]:  # seen twice in one frame, as in a mirror
            theirs[-1] = max(theirs[-1], end)
        else:
            mine.append(start)
            theirs.append(end)
    for each in candidates:
        mine, theirs = starts.setdefault(each.video, []), ends.setdefault(each.video, [])
        place = bisect_left(theirs, each.start_frame + 1)  # the first that ends after this one begins
        if place == len(mine) or mine[place] >= each.end_frame:
            mine.insert(place, each.start_frame)
            theirs.insert(place, each.end_frame)
            taken.append(each)
    return taken
