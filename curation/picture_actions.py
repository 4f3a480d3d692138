"""What people do to groups of pictures: each action is one transaction and one row with a sentence, and can be undone.

The caller has checked that the user may edit the title and sees the pictures.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ava.models import Title, User
from ava.turns import take_turn
from curation.decisions import InvalidDecision, current_state, decide
from curation.models import Picture, PictureAction, PictureGroup, Sameness
from curation.people_told import count
from curation.picture_undo import finish

Kind = PictureAction.Kind
MOST_PICTURES = 500
"""That one action may be about: every two of them are remembered."""


class InvalidPictureAction(ValueError):
    """What was asked for cannot be done; the sentence says what can."""


@transaction.atomic
def join_pictures(pictures: Iterable[Picture], *, user: User) -> PictureAction:
    """Say that pictures are the same, and with them all that is grouped with any of them.

    What people said to the contrary of any two of these ends. Raises InvalidPictureAction.
    """
    title, chosen = _take_turn(pictures, least=2)
    united = _with_groups(chosen)
    is_one = chosen[0].group_id is not None and len({picture.group_id for picture in chosen}) == 1
    # Of whole groups: what joined one of them by likeness alone may not be like enough to all the others together.
    said = [picture.pk for picture in chosen] if is_one else united
    pairs = [(said[0], other) for other in said[1:]]
    if is_one and Sameness.objects.filter(_among(said), stands=True, is_same=True).count() >= len(pairs):
        raise InvalidPictureAction("Somebody has said already that these are the same.")
    ended = _end(_among(said), is_same=False)
    made = _say(pairs, is_same=True, user=user)
    sentence = f"{count(len(chosen), 'picture')} are the same: {count(len(united), 'picture')} in one group."
    return finish(title, user, Kind.SAME, sentence, about=chosen[0], made=made, ended=ended)


@transaction.atomic
def take_out(picture: Picture, *, user: User) -> PictureAction:
    """Say that a picture is not the same as all others of its group. Raises InvalidPictureAction."""
    title, (picture,) = _take_turn([picture], least=1)
    others = Picture.objects.filter(group=picture.group_id).exclude(pk=picture.pk) if picture.group_id else None
    if not others:
        raise InvalidPictureAction("This picture is in no group; reload the page.")
    return _separate(title, [picture.pk], _pks(others), user=user, about=picture)


@transaction.atomic
def separate(first: Picture, second: Picture, *, user: User) -> PictureAction:
    """Say of two pictures that they are not the same. Raises InvalidPictureAction."""
    title, (first, second) = _take_turn([first, second], least=2)
    return _separate(title, [first.pk], [second.pk], user=user, about=first)


@transaction.atomic
def choose_best(picture: Picture, *, user: User) -> PictureAction:
    """Choose the copy to keep of a group; it stays through every later grouping. Raises InvalidPictureAction."""
    title, (picture,) = _take_turn([picture], least=1)
    _check_not_chosen(picture)
    return finish(title, user, Kind.BEST, f"{_name(picture)} is the best copy.", about=picture)


@transaction.atomic
def keep_best(group: PictureGroup, *, user: User) -> PictureAction:
    """Choose a group's best copy, pick it, and reject the other stills of the group; artwork is left as it is.

    Raises InvalidPictureAction.
    """
    title = group.title
    take_turn(title)
    members = list(Picture.objects.filter(group=group.pk).select_related("video", "artwork").order_by("pk"))
    best = next((each for each in members if each.pk == _best_of(group)), None)
    if best is None:
        raise InvalidPictureAction("This group has changed; reload the page.")
    changed = [_judge(each, verdict="pick" if each == best else "reject", user=user) for each in members]
    decisions = [each for each in changed if each]
    if not decisions:
        raise InvalidPictureAction("All of its stills are picked and rejected so already.")
    rejected = sum(each["verdict"] == "reject" for each in decisions)
    sentence = f"{_name(best)} is kept, {count(rejected, 'still')} rejected."
    return finish(title, user, Kind.KEEP, sentence, about=best, decisions=decisions)


def _judge(picture: Picture, *, verdict: str, user: User) -> dict[str, Any] | None:
    """Decide on a still, and what it takes to undo that; None for artwork and where it is decided so already."""
    if picture.video is None or picture.frame_index is None:
        return None
    before = current_state(picture.video, frame_index=picture.frame_index).verdict
    if before == verdict:
        return None
    try:
        decision = decide(picture.video, frame_index=picture.frame_index, user=user, verdict=verdict)
    except InvalidDecision as error:
        raise InvalidPictureAction(str(error)) from error
    return {
        "video": picture.video_id, "frame": picture.frame_index, "decision": decision.pk, "before": before,
        "verdict": verdict,
    }  # fmt: skip


def _separate(title: Title, ones: Sequence[int], others: Sequence[int], *, user: User, about: Picture) -> PictureAction:
    if len(ones) * len(others) > MOST_PICTURES:
        raise InvalidPictureAction(f"This group has more than {MOST_PICTURES} pictures; split it in smaller steps.")
    pairs = list(product(ones, others))
    between = Q(first__in=ones, second__in=others) | Q(first__in=others, second__in=ones)
    ended = _end(between, is_same=True)
    known = set(Sameness.objects.filter(between, stands=True).values_list("first", "second"))
    new = [pair for pair in pairs if (min(pair), max(pair)) not in known]
    if not new:
        raise InvalidPictureAction("Somebody has said already that these are not the same.")
    made = _say(new, is_same=False, user=user)
    whom = "another picture" if len(others) == 1 else f"{len(others):,} others"
    return finish(
        title, user, Kind.DIFFERENT, f"{_name(about)} is not the same as {whom}.", about=about, made=made, ended=ended
    )


def _take_turn(pictures: Iterable[Picture], *, least: int) -> tuple[Title, list[Picture]]:
    """Hold the title until the transaction ends, and read the pictures as they are now."""
    given = list(dict.fromkeys(picture.pk for picture in pictures))
    if len(given) < least:
        raise InvalidPictureAction(f"Choose at least {least} pictures.")
    if len(given) > MOST_PICTURES:
        raise InvalidPictureAction(f"Choose {MOST_PICTURES} pictures at most.")
    titles = list(Title.objects.filter(pictures__in=given).distinct())
    if len(titles) != 1:
        raise InvalidPictureAction("Choose pictures of one title.")
    take_turn(titles[0])
    rows = Picture.objects.select_related("video", "artwork", "group").in_bulk(given)
    if len(rows) < len(given):
        raise InvalidPictureAction("One of these pictures is gone; reload the page.")
    return titles[0], [rows[pk] for pk in given]


def _with_groups(pictures: Collection[Picture]) -> list[int]:
    groups = {picture.group_id for picture in pictures} - {None}
    chosen = [picture.pk for picture in pictures]
    return _pks(Picture.objects.filter(Q(group__in=groups) | Q(pk__in=chosen)))


def _among(pictures: Iterable[int]) -> Q:
    given = list(pictures)
    return Q(first__in=given, second__in=given)


def _end(which: Q, *, is_same: bool) -> list[int]:
    words = Sameness.objects.filter(which, is_same=is_same, stands=True)
    pks = _pks(words)
    Sameness.objects.filter(pk__in=pks).update(stands=False)
    return pks


def _say(pairs: Iterable[tuple[int, int]], *, is_same: bool, user: User) -> list[int]:
    words = [
        Sameness(first_id=min(pair), second_id=max(pair), is_same=is_same, user=user) for pair in sorted(set(pairs))
    ]
    return [word.pk for word in Sameness.objects.bulk_create(words)]


def _check_not_chosen(picture: Picture) -> None:
    group = picture.group
    if group is None:
        raise InvalidPictureAction("This picture is in no group; reload the page.")
    if group.is_best_chosen and group.best_id == picture.pk:
        raise InvalidPictureAction("This is chosen as the best copy already.")


def _best_of(group: PictureGroup) -> int | None:
    """The group's best copy as it is now, read under the turn."""
    return PictureGroup.objects.filter(pk=group.pk).values_list("best", flat=True).first()


def _name(picture: Picture) -> str:
    return str(picture.artwork) if picture.artwork else f"Frame {picture.frame_index}"


def _pks(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
