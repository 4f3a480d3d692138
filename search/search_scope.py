"""Where a search looks: the films a person may see, of the titles they chose, and the shots that pass the filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from ava.models import User, Video
from ava.selectors import access_videos
from curation.people_selectors import access_characters
from search.attributes import attribute_filter, usable_attributes
from search.models import DialogueLine, ShotDescription, ShotLabel
from search.query import Query
from search.word_query import phrase_query

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Scope:
    """`video_ids` None stands for every film there is, `shots` None for every shot of theirs.

    `shots` are the descriptions of those that pass: what was measured of a shot stands there.
    """

    user: User
    video_ids: tuple[int, ...] | None
    shots: QuerySet[ShotDescription] | None

    def of_films(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Rows with a `video` that lie in the scope's films."""
        return rows if self.video_ids is None else rows.filter(video__in=self.video_ids)

    def passing(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Rows with `video` and `start_frame`, as shots have them, whose shot passes the filters."""
        if self.shots is None:
            return rows
        here: dict[str, Any] = {"video": OuterRef("video"), "start_frame": OuterRef("start_frame")}
        return rows.filter(Exists(self.shots.filter(**here).order_by()))


def read_scope(query: Query, *, user: User) -> Scope:
    """The scope of a query for a person; titles and attributes that they may not see narrow it like unknown ones."""
    videos = access_videos(user)
    if query.titles:
        videos = videos.filter(title__in=query.titles)
    ids: tuple[int, ...] | None = tuple(sorted(videos.values_list("pk", flat=True)))
    if len(ids) == Video.objects.count():  # a filter that every film passes would only take time
        ids = None
    scope = Scope(user, ids, None)
    if not (query.filters_shots or query.phrases):
        return scope
    return Scope(user, ids, _filtered(scope.of_films(ShotDescription.objects.all()), query, user=user))


def _filtered(shots: QuerySet[ShotDescription], query: Query, *, user: User) -> QuerySet[ShotDescription]:
    if query.scale:
        shots = shots.filter(_any_fact("scale", query.scale))
    if query.camera:
        shots = shots.filter(_any_fact("camera", query.camera))
    for colour in query.colour:
        shots = shots.filter(facts__contains={"colours": [colour]})
    for name in query.characters:
        shots = shots.filter(_shows(name, user=user))
    if query.shortest_s is not None:
        shots = shots.filter(facts__duration_s__gte=query.shortest_s)
    if query.longest_s is not None:
        shots = shots.filter(facts__duration_s__lte=query.longest_s)
    if query.attributes:
        known = {each.pk for each in usable_attributes(user).filter(pk__in=query.attributes)}
        shots = attribute_filter(shots, sorted(known)) if known == set(query.attributes) else shots.none()
    if query.dialogue:
        shots = shots.filter(_overlapped(DialogueLine.objects.filter(words=phrase_query(query.dialogue))))
    for term in query.phrases:
        shots = shots.filter(_tells(term))
    for term in query.negatives:
        shots = shots.exclude(_tells(term))
    return shots


def _any_fact(name: str, values: Iterable[str]) -> Q:
    wanted = Q()
    for value in values:
        wanted |= Q(facts__contains={name: value})
    return wanted


def _shows(name: str, *, user: User) -> Q:
    """Shots with a character of that name, as the person's films name them."""
    characters = access_characters(user).filter(name__iexact=name, merged_into=None).order_by("pk")
    wanted = Q(pk=None)
    for key in characters.values_list("pk", flat=True):
        wanted |= Q(facts__contains={"characters": [key]})
    return wanted


def _tells(term: str) -> Q:
    """Shots of whose description, dialogue or labels the words are part, as they are."""
    wanted = phrase_query(term)
    said = _overlapped(DialogueLine.objects.filter(words=wanted))
    labelled = _overlapped(ShotLabel.objects.filter(words=wanted, stands=True))
    return Q(words=wanted) | Q(said) | Q(labelled)


def _overlapped(spans: QuerySet[Any]) -> Exists:
    here: dict[str, Any] = {"start_frame__lt": OuterRef("end_frame"), "end_frame__gt": OuterRef("start_frame")}
    return Exists(spans.filter(video=OuterRef("video"), **here).order_by())
