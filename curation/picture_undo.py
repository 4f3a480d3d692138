"""The record of what people did to groups of pictures, and taking it back."""

from typing import Any

from django.db import transaction

from ava.models import Title, User
from ava.turns import take_turn
from curation.decisions import decide
from curation.models import Decision, Picture, PictureAction, PictureGroup, Sameness
from curation.picture_groups import compare_with_best, regroup, tell_pictures

Kind = PictureAction.Kind


def finish(
    title: Title, user: User, kind: str, sentence: str, *, about: Picture | None, undoes: PictureAction | None = None,
    **changes: list[Any],
) -> PictureAction:  # fmt: skip
    """Write an action down, and bring groups and pages in line with it."""
    action = PictureAction.objects.create(
        title=title, user=user, kind=kind, picture=about, sentence=sentence, changes=changes, undoes=undoes
    )
    touched = _touched(undoes or action)
    regroup(title, about=touched)
    for group in PictureGroup.objects.filter(members__in=touched).distinct().order_by("pk"):
        compare_with_best(group)
    tell_pictures(title, sentence=sentence, user=user)
    return action


@transaction.atomic
def undo(title: Title, *, user: User) -> PictureAction | None:
    """Take back this user's last action on a title's pictures that still stands; None when there is none left.

    Where somebody has said or decided otherwise since, that stays, and the sentence says so.
    """
    take_turn(title)
    standing = PictureAction.objects.filter(title=title, user=user, undone_by=None).exclude(kind=Kind.UNDO)
    last = standing.order_by("-id").first()
    if last is None:
        return None
    stayed = _unsay(last) + sum(not _unjudge(each, user=user) for each in last.changes.get("decisions", []))
    sentence = f"Taken back: {last.sentence}"
    if stayed:
        sentence += " What was changed again since then stays as it is."
    return finish(title, user, Kind.UNDO, sentence[:300], about=None, undoes=last)


def _touched(action: PictureAction) -> set[int]:
    words = [*action.changes.get("made", []), *action.changes.get("ended", [])]
    pairs = Sameness.objects.filter(pk__in=words).order_by().values_list("first", "second")
    return {pk for pair in pairs for pk in pair} | ({action.picture_id} if action.picture_id else set())


def _unsay(action: PictureAction) -> int:
    """End what an action said and revive what it ended; how many of these words have been overruled since."""
    ended = Sameness.objects.filter(pk__in=action.changes.get("ended", []), stands=False)
    made = Sameness.objects.filter(pk__in=action.changes.get("made", []))
    stayed = made.filter(stands=False).count()
    made.update(stands=False)
    revived = []
    for word in ended.order_by("pk"):
        contrary = Sameness.objects.filter(
            first=word.first_id, second=word.second_id, stands=True, is_same=not word.is_same
        )
        if not contrary.exists():
            revived.append(word.pk)
    Sameness.objects.filter(pk__in=revived).update(stands=True)
    return stayed + len(action.changes.get("ended", [])) - len(revived)


def _unjudge(change: dict[str, Any], *, user: User) -> bool:
    """Give a frame the verdict that it had before; False where somebody has decided on it since."""
    newest = Decision.objects.filter(video=change["video"], frame_index=change["frame"]).order_by("-id").first()
    if newest is None or newest.pk != change["decision"]:
        return False
    decide(newest.video, frame_index=newest.frame_index, user=user, verdict=change["before"])
    return True
