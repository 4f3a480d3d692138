"""Grouping a title's pictures: rows, descriptions, comparisons and groups, as far as each is due."""

import time

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ava.exclusive import exclusive
from ava.models import Title
from ava.turns import take_turn
from curation.models import Artwork, Picture, SimilarPair
from curation.picture_comparing import COMPARED_VERSION, compare_new_pictures, uncompared
from curation.picture_groups import compare_with_best, groups_uncompared, regroup, tell_pictures
from curation.picture_looks import describe_pictures, undescribed
from curation.picture_rows import refresh_rows, send_grouping, titles_with_other_pictures
from curation.similarity.descriptor import DESCRIPTOR_VERSION
from curation.similarity.index import INDEX_VERSION

GROUP_FOR_S = 30.0
"""After so long the grouping of a title lets other work pass and goes on in a message of its own."""
ASK_EVERY_S = 60.0

_asked_at = {"s": -ASK_EVERY_S}


def group_title(title: Title) -> None:
    """Group a title's pictures for a while; what is left then is asked for again.

    One process at a time groups a title, others return at once. It can be stopped and called again at any time: what
    is done is saved every few pictures, and groups are stored as a whole.
    """
    ends = time.monotonic() + GROUP_FOR_S

    def is_late() -> bool:
        return time.monotonic() > ends

    with exclusive(f"pictures of title {title.pk}") as is_mine:
        if not is_mine:
            return
        refresh_rows(title)
        describe_pictures(title, is_late=is_late)
        if not is_late():
            compare_new_pictures(title, is_late=is_late)
        if not undescribed(title).exists() and not uncompared(title).exists():
            renew_groups(title)
            return
    send_grouping(title.pk)


def renew_groups(title: Title) -> None:
    """Bring a title's groups in line with its pairs, and tell pages where that changed anything."""
    before = _memberships(title)
    with transaction.atomic():
        take_turn(title)
        SimilarPair.objects.filter(first__title=title).exclude(version=INDEX_VERSION).delete()
        regroup(title)
    for group in groups_uncompared(title):
        compare_with_best(group)
    if _memberships(title) != before:
        tell_pictures(title)


def resend_grouping() -> None:
    """For the janitor: once a minute, send a grouping for titles that have one due; messages get lost."""
    if time.monotonic() - _asked_at["s"] < ASK_EVERY_S:
        return
    _asked_at["s"] = time.monotonic()
    for title_id in titles_due().values_list("pk", flat=True):
        send_grouping(title_id)


def titles_due():  # type: ignore[no-untyped-def]
    """Titles with stills or artwork that are not described, compared and grouped yet."""
    waiting = Q(artwork__isnull=False) & ~Q(artwork__state=Artwork.State.READY)
    current = Q(descriptor_version=DESCRIPTOR_VERSION, compared_version=COMPARED_VERSION)
    due = Picture.objects.filter(title=OuterRef("pk")).exclude(waiting).exclude(current)
    others = titles_with_other_pictures().values("pk")
    return Title.objects.filter(Q(Exists(due)) | Q(pk__in=others)).order_by("pk")


def _memberships(title: Title) -> dict[int, int | None]:
    return dict(Picture.objects.filter(title=title).order_by("pk").values_list("pk", "group"))
