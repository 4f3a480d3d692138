"""Taking back what somebody did to a pick list: it becomes what it was, but for what others did to it since."""

from django.db import transaction

from ava.models import User
from curation.models import PickList, PickListEntry, PickListStep
from curation.pick_list_frames import FrameKey, key_of, newest_entries
from curation.pick_lists import Kind, publish_list, save_fields, take_turn

WORDS = {
    Kind.CREATE: "the list is no longer there",
    Kind.CHANGE: "the list has its former name and purpose",
    Kind.DELETE: "the list is back",
    Kind.ADD: "what was added is out again",
    Kind.REMOVE: "what was taken out is back",
    Kind.MOVE: "the order is as before",
}


@transaction.atomic
def undo(pick_list: PickList, *, user: User) -> PickListStep | None:
    """Take back this user's last step on a list that still stands; None when there is none left.

    Every frame returns to the newest entry that nobody has taken back: what a colleague did to it since stays, and
    so does a name that a colleague gave. Nothing is deleted; the return is a step of its own.
    """
    pick_list = take_turn(pick_list)
    standing = pick_list.steps.filter(undone_by=None).exclude(kind=Kind.UNDO)
    last = standing.filter(user=user).order_by("-id").first()
    if last is None or (last.kind == Kind.CREATE and standing.exclude(user=user).exists()):
        return None
    step = PickListStep.objects.create(pick_list=pick_list, kind=Kind.UNDO, user=user, undoes=last)
    before = {"is_deleted": True} if last.kind == Kind.CREATE else _still_as_left(pick_list, last)
    if before:
        save_fields(pick_list, before)
    entries = list(last.entries.all())
    former = _standing_without(last)
    PickListEntry.objects.bulk_create(_return(step, entry, former.get(key_of(entry))) for entry in entries)
    publish_list(pick_list, step, frames=[key_of(entry) for entry in entries])
    return step


def tell_undone(step: PickListStep) -> str:
    """What became of the list, in a sentence."""
    assert step.undoes is not None
    return f"Taken back: {WORDS[Kind(step.undoes.kind)]}."


def _still_as_left(pick_list: PickList, step: PickListStep) -> dict[str, object]:
    """The fields that the step changed and nobody has changed since, with their former values."""
    return {name: value for name, value in step.before.items() if getattr(pick_list, name) == step.after[name]}


def _standing_without(step: PickListStep) -> dict[FrameKey, PickListEntry]:
    """The newest entry of every frame of the list that is not the step's own and was not taken back."""
    others = step.pick_list.entries.filter(undoes=None, undone_by=None).exclude(pk__in=step.entries.values("pk"))
    return {key_of(entry): entry for entry in newest_entries(others)}


def _return(step: PickListStep, entry: PickListEntry, former: PickListEntry | None) -> PickListEntry:
    return PickListEntry(
        pick_list=step.pick_list, step=step, video_id=entry.video_id, frame_index=entry.frame_index, user=step.user,
        is_in=former.is_in if former else False, position=former.position if former else entry.position, undoes=entry,
    )  # fmt: skip
