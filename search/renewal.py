"""Keeping words and vectors of all films up to date: what is stale is found, and renewed in the background.

The truth stands in `FilmRenewal`: whoever changes something a film is found by asks for a renewal; what nobody told of
is found by comparing each film, in turn, with what it was made from. Messages are hints, and a killed renewal is taken
up by the next worker, which finds what is done already.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from ava.leases import UNHEARD_AFTER, Heartbeat, WorkLost, stale, take, unattended
from ava.messages import send_task
from ava.models import ACTIVE_STATES, Job, Shot, Video, WorkState
from ava.turns import Gone
from search.film_basis import basis_of
from search.film_making import current_kit, make_searchable
from search.models import FilmRenewal

logger = logging.getLogger(__name__)

RENEW_TASK = "search.tasks.renew_film"
INDEX_TASK = "search.tasks.renew_vector_indexes"
MOST_ATTEMPTS = 5
FAILED_AGAIN_AFTER = timedelta(minutes=10)
COMPARED_AGAIN_AFTER = timedelta(minutes=1)
SENT_AT_ONCE = 4
"""Each renewal sends for the next, so a few messages keep as many workers busy."""


def ask_renewal(videos: Iterable[int]) -> None:
    """Have films renewed soon, after the transaction; those at work begin again when they are done."""
    ids = list(videos)
    _queue(ids)
    _send(FilmRenewal.objects.filter(video__in=ids, state=WorkState.QUEUED, sent_at=None), limit=SENT_AT_ONCE)


def cast_changed(instance: Model, **kwargs: object) -> None:
    """Have the films of a cast renewed when somebody did something to it, such as naming a character."""
    from curation.people_selectors import titles_in_scope

    films = Video.objects.filter(title__in=titles_in_scope(instance.scope))
    transaction.on_commit(lambda: ask_renewal(films.values_list("pk", flat=True)))


def renew_stale(limit: int = SENT_AT_ONCE) -> int:
    """Find films whose words or vectors are stale or missing and send at most `limit` of them to the workers.

    Returns how many were sent. Called by the janitor every few seconds; any number of processes may call it at once.
    """
    _find_new()
    _find_outdated()
    _compare_next()
    return _send(FilmRenewal.objects.filter(unattended()), limit=limit)


def renew_film(video_id: int) -> None:
    """Renew one film's words and vectors, unless somebody is at it; a film in analysis is left to that."""
    free = _renewable().filter(Q(claim=None) | stale(), video=video_id, state__in=ACTIVE_STATES)
    token = take(free, state=WorkState.RUNNING)
    if token is None:
        return
    mine = FilmRenewal.objects.filter(video=video_id, claim=token)
    row = mine.select_related("video__title").first()
    try:
        if row is None or row.attempts > MOST_ATTEMPTS:
            raise RuntimeError("the worker died every time")
        with Heartbeat(mine) as heartbeat:
            make_searchable(row.video, report=heartbeat.report)
    except (WorkLost, Gone):
        logger.info("The renewal of video %s was taken over or is not wanted any more", video_id)
    except Exception as error:
        logger.exception("The words and vectors of video %s could not be renewed", video_id)
        mine.update(state=WorkState.FAILED, error=f"{type(error).__name__}: {error}", checked_at=Now())
    finally:
        mine.update(claim=None)
    if not _send(FilmRenewal.objects.filter(state=WorkState.QUEUED, sent_at=None), limit=1):
        send_task(INDEX_TASK)


def _renewable() -> QuerySet[FilmRenewal]:
    """Films that have shots and are not in analysis, which makes everything anew at its end."""
    active = Job.objects.filter(video=OuterRef("video"), kind=Job.Kind.ANALYSIS, state__in=ACTIVE_STATES)
    return FilmRenewal.objects.filter(~Exists(active))


def _find_new() -> None:
    """Films analysed before there was search, or whose rows were lost."""
    shots = Shot.objects.filter(video=OuterRef("pk"), provisional=False)
    films = Video.objects.filter(Exists(shots), search_renewal=None).values_list("pk", flat=True)
    FilmRenewal.objects.bulk_create([FilmRenewal(video_id=video) for video in films], ignore_conflicts=True)


@transaction.atomic
def _queue(videos: list[int]) -> None:
    """Have films wait for a renewal; one that is at work is told to begin again, one that is deleted is left out."""
    held = Video.objects.select_for_update(no_key=True).filter(pk__in=videos).order_by("pk")
    videos = list(held.values_list("pk", flat=True))
    FilmRenewal.objects.bulk_create([FilmRenewal(video_id=video) for video in videos], ignore_conflicts=True)
    rows = FilmRenewal.objects.filter(video__in=videos)
    rows.update(asked=F("asked") + 1)
    # One action of a person is several changes: a message that is on its way already is enough.
    expected = Q(state=WorkState.QUEUED, sent_at__gt=Now() - UNHEARD_AFTER)
    rows.exclude(Q(state=WorkState.RUNNING) | expected).update(
        state=WorkState.QUEUED, attempts=0, error="", sent_at=None
    )


def _find_outdated() -> None:
    """Films made by other versions of code or other encoders than are wanted now, and failed ones after a while."""
    outdated = Q(state=WorkState.DONE) & ~Q(kit=current_kit())
    failed = Q(state=WorkState.FAILED) & (Q(checked_at=None) | Q(checked_at__lt=Now() - FAILED_AGAIN_AFTER))
    FilmRenewal.objects.filter(outdated | failed).update(
        state=WorkState.QUEUED, attempts=0, sent_at=None, asked=F("asked") + 1
    )


def _compare_next() -> None:
    """Compare the film that was not compared for longest with what it was made from."""
    due = Q(checked_at=None) | Q(checked_at__lt=Now() - COMPARED_AGAIN_AFTER)
    row = _renewable().filter(due, state=WorkState.DONE).order_by(F("checked_at").asc(nulls_first=True), "pk").first()
    if row is None:
        return
    if basis_of(row.video) == row.basis:
        FilmRenewal.objects.filter(pk=row.pk).update(checked_at=Now())
    else:
        _queue([row.video_id])


def _send(rows: QuerySet[FilmRenewal], *, limit: int) -> int:
    wanted = _renewable().filter(pk__in=rows.values("pk")).order_by("sent_at", "pk")
    ids = list(wanted.values_list("pk", "video_id")[:limit])
    FilmRenewal.objects.filter(pk__in=[pk for pk, _ in ids]).update(sent_at=Now())
    for _, video_id in ids:
        send_task(RENEW_TASK, video_id)
    return len(ids)
