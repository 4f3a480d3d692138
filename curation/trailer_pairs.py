"""Which trailers belong to which films, and which pairs are due: never matched, or from what is out of date."""

from collections.abc import Iterable

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from ava.models import ACTIVE_STATES, Job, Shot, Title, Video, WorkState
from curation.models import TrailerMatching

MATCH_VERSION = 2
"""Rises whenever matching changes: all pairs are then matched anew."""
MOST_FAILURES = 3


def films_of(trailer: Title) -> QuerySet[Video]:
    """Videos of what a trailer advertises; of a series those of its episodes."""
    if trailer.kind != Title.Kind.TRAILER or trailer.parent_id is None:
        return Video.objects.none()
    own = Q(title=trailer.parent_id)
    episodes = Q(title__parent=trailer.parent_id, title__kind=Title.Kind.EPISODE)
    return Video.objects.filter(own | episodes)


def trailers_of(title: Title) -> QuerySet[Video]:
    """Videos of a title's trailers; of an episode also those of its series' trailers."""
    advertised = {title.pk, title.parent_id} if title.kind == Title.Kind.EPISODE else {title.pk}
    return Video.objects.filter(title__kind=Title.Kind.TRAILER, title__parent__in=advertised - {None})


def own_trailers(title: Title) -> QuerySet[Video]:
    """Videos of a title's trailers; of a trailer its own."""
    return title.videos.all() if title.kind == Title.Kind.TRAILER else trailers_of(title)


def films_of_title(title: Title) -> QuerySet[Video]:
    """The films that a title's trailers are laid against: its own, its episodes', or what a trailer advertises."""
    if title.kind == Title.Kind.TRAILER:
        return films_of(title)
    episodes = Q(title__parent=title.pk, title__kind=Title.Kind.EPISODE)
    return Video.objects.filter(Q(title=title.pk) | episodes)


def all_pairs() -> list[tuple[int, int]]:
    """Keys of film and trailer of every pair whose videos both are analysed and not in analysis."""
    analysed = set(settled_videos().values_list("pk", flat=True))
    trailers = Title.objects.filter(kind=Title.Kind.TRAILER, parent__isnull=False, videos__in=analysed).distinct()
    found = []
    for title in trailers.order_by("pk"):
        films = [pk for pk in films_of(title).order_by("pk").values_list("pk", flat=True) if pk in analysed]
        own = [pk for pk in title.videos.order_by("pk").values_list("pk", flat=True) if pk in analysed]
        found += [(film, trailer) for film in films for trailer in own]
    return found


def due_pairs(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the pairs that are to be matched; not those that failed often and would be matched from the same."""
    now = bases(pairs)
    rows = TrailerMatching.objects.filter(film__in={film for film, _ in now}).only(
        "film", "trailer", "basis", "failed_basis", "failures"
    )
    known = {(row.film_id, row.trailer_id): row for row in rows}
    due = []
    for pair, basis in now.items():
        row = known.get(pair)
        gave_up = row is not None and row.failed_basis == basis and row.failures >= MOST_FAILURES
        if (row is None or row.basis != basis) and not gave_up:
            due.append(pair)
    return due


def due_pairs_of(films: Iterable[Video], trailers: Iterable[Video]) -> list[tuple[int, int]]:
    """Those of some films and trailers that are to be matched, whether or not they are analysed yet."""
    held = list(trailers)
    return due_pairs([(film.pk, trailer.pk) for film in films for trailer in held])


def settled_videos() -> QuerySet[Video]:
    """Videos whose shots are final and that are not in analysis."""
    shots = Shot.objects.filter(video=OuterRef("pk"), provisional=False)
    active = Job.objects.filter(video=OuterRef("pk"), kind=Job.Kind.ANALYSIS, state__in=ACTIVE_STATES)
    return Video.objects.filter(Exists(shots), ~Exists(active))


def bases(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """What each pair would be matched from now: the code's version and the last analysis of either video."""
    wanted = list(pairs)
    videos = {pk for pair in wanted for pk in pair}
    done = Job.objects.filter(video__in=videos, kind=Job.Kind.ANALYSIS, state=WorkState.DONE)
    last = dict(done.values_list("video").annotate(last=Max("pk")).values_list("video", "last"))
    return {pair: f"{MATCH_VERSION}:{last.get(pair[0], 0)}:{last.get(pair[1], 0)}" for pair in wanted}
