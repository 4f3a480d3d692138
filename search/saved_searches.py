"""Searches that people keep: they are run again when a film can be searched, and tell once what is new."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet
from django.http import QueryDict
from django.utils import timezone

from ava.messages import send_task
from ava.models import User, Video
from ava.selectors import access_videos
from search.embed.hits import Hit
from search.engine import search
from search.models import SavedSearch, SavedSearchMatch
from search.query import InvalidQuery, Query, read_query, write_query
from search.selectors import access_saved_searches
from search.strong_hits import strong_hits

MOST_NAME, MOST_QUERY, MOST_SEARCHES = 80, 2000, 200
MOST_KNOWN = 500
"""Hits that are not new when a search is kept."""
MOST_HITS = 60
"""That a saved search tells of one film."""
SAME_PLACE_S = 0.5
"""A shot that an analysis begins so much earlier or later is the one that was told already."""
_RATE = ("fps_num", "fps_den")


class InvalidSearch(ValueError):
    """The search cannot be kept; the sentence says why."""


def save_search(user: User, *, name: str, query: str) -> SavedSearch:
    """Keep a search under a name; the person's own one of that name is replaced. What matches it now is not new.

    What is only nearest now is, once it matches. Raises InvalidSearch with a sentence.
    """
    kept, name = write_query(_readable(query)), _clean_name(name)
    if len(kept) > MOST_QUERY:
        raise InvalidSearch("This is too much to keep; take some words or filters away.")
    if access_saved_searches(user).exclude(name__iexact=name).count() >= MOST_SEARCHES:
        raise InvalidSearch(f"You keep {MOST_SEARCHES} searches; delete one first.")
    with transaction.atomic():
        own = access_saved_searches(user).select_for_update().filter(name__iexact=name)
        saved = own.first() or SavedSearch(user=user)
        saved.name, saved.query = name, kept
        try:
            with transaction.atomic():
                saved.save()
        except IntegrityError:  # the same person has just kept one of this name elsewhere
            saved = SavedSearch.objects.get(user=user, name=name)
            saved.query = kept
            saved.save(update_fields=["query"])
        found = search(read_query(QueryDict(kept)), user=user, limit=MOST_KNOWN)
        _note_matches(saved, strong_hits(found), anew=True)
        look_at(saved)
    return saved


def rename_search(saved: SavedSearch, *, name: str) -> None:
    """Give a search another name; raises InvalidSearch for none, one that is too long, and one that is taken."""
    name = _clean_name(name)
    taken = InvalidSearch("You keep another search under that name already.")
    if SavedSearch.objects.filter(user=saved.user_id, name__iexact=name).exclude(pk=saved.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            SavedSearch.objects.filter(pk=saved.pk).update(name=name)
    except IntegrityError as error:  # the same person has just kept one of this name elsewhere
        raise taken from error
    saved.name = name


def look_at(saved: SavedSearch) -> None:
    """Its person looks at its results now: what is found later is new."""
    SavedSearch.objects.filter(pk=saved.pk).update(looked_at=timezone.now())


def new_matches(user: User) -> QuerySet[SavedSearchMatch]:
    """What a person's searches have found since they looked, in films that the person still sees."""
    return SavedSearchMatch.objects.filter(
        search__in=access_saved_searches(user), found_at__gt=F("search__looked_at"), video__in=access_videos(user)
    )


def count_new(user: User) -> int:
    """How many new matches a person's searches have, all together."""
    return new_matches(user).count()


def saved_with_news(user: User) -> list[tuple[SavedSearch, int]]:
    """A person's searches by name, each with the number of its new matches."""
    news = dict(new_matches(user).order_by().values_list("search").annotate(count=Count("pk")))
    return [(saved, news.get(saved.pk, 0)) for saved in access_saved_searches(user)]


def film_became_searchable(video: Video) -> None:
    """Have saved searches look into a film that was embedded, after the transaction."""
    send_task("search.tasks.tell_saved_searches", video.pk)


def tell_saved_searches(video: Video) -> int:
    """Run the saved searches of everybody who sees a film in it, and note what they find for the first time.

    Returns how many matches are new. It can be run any number of times with the same end.
    """
    every = SavedSearch.objects.select_related("user").filter(user__is_active=True).order_by("pk")
    return sum(
        _note_matches(saved, _strong_hits(saved, video))
        for saved in every.iterator()
        if access_videos(saved.user).filter(pk=video.pk).exists()
    )


def _strong_hits(saved: SavedSearch, video: Video) -> list[Hit]:
    """What a saved search finds in a film, without what only happens to be nearest."""
    try:
        query = read_query(QueryDict(saved.query))
    except InvalidQuery:
        return []  # it was kept by a version that understood more
    if query.titles and video.title_id not in query.titles:
        return []
    results = search(replace(query, titles=(video.title_id,)), user=saved.user, limit=MOST_HITS)
    return [hit for hit in strong_hits(results) if hit.video_id == video.pk]


@transaction.atomic
def _note_matches(saved: SavedSearch, hits: Sequence[Hit], *, anew: bool = False) -> int:
    """Keep the hits that were not told before, or with `anew` these and no others; return how many are new.

    The films are held, so that none is deleted meanwhile; hits of those that have been are passed over.
    """
    films = Video.objects.select_for_update(no_key=True).filter(pk__in={hit.video_id for hit in hits}).order_by("pk")
    rates = {film.pk: film.fps for film in films.only(*_RATE)}
    if anew:
        saved.matches.all().delete()
    known: dict[int, list[int]] = {}
    for video_id, start in saved.matches.filter(video__in=rates).values_list("video", "start_frame"):
        known.setdefault(video_id, []).append(start)
    fresh = []
    for hit in (hit for hit in hits if hit.video_id in rates):
        told, slack = known.setdefault(hit.video_id, []), round(rates[hit.video_id] * SAME_PLACE_S)
        if all(abs(start - hit.start_frame) > slack for start in told):
            told.append(hit.start_frame)
            fresh.append(SavedSearchMatch(search=saved, video_id=hit.video_id, start_frame=hit.start_frame))
    SavedSearchMatch.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _readable(query: str) -> Query:
    """The query of a query string; raises InvalidSearch for what cannot be looked for again."""
    try:
        read = read_query(QueryDict(query.lstrip("?")[: 4 * MOST_QUERY]))
    except InvalidQuery as error:
        raise InvalidSearch(str(error)) from error
    if read.is_empty:
        raise InvalidSearch("Look for something first; then the search can be kept.")
    if read.like and read.like.kind == "upload":
        raise InvalidSearch("A picture that you brought is kept for a day only; take it away to keep the search.")
    return read


def _clean_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise InvalidSearch("Give the search a name.")
    if len(name) > MOST_NAME:
        raise InvalidSearch(f"A name has at most {MOST_NAME} characters.")
    return name
