"""Pick lists: what people do to them, step by step. Nothing is overwritten, and every step can be taken back.

Steps on one list are taken one after the other, so that two people who work on it at once lose nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ava.list_order import positions_between
from ava.models import Title, User, Video
from curation.models import PickList, PickListEntry, PickListStep
from curation.pick_list_frames import FrameKey, key_of, listed_frames, newest_entries
from curation.services import keep_frame

Kind = PickListStep.Kind

MOST_AT_ONCE = 2000
"""Frames in one step."""

_WRONG = {
    "name": "Give the list a name of 1 to 80 characters.",
    "purpose": "A purpose has at most 60 characters; shorten it.",
}
"""Field of a list → what to say when it cannot be kept."""


class InvalidPickList(ValueError):
    """What was asked for cannot be done to a list; the sentence says what can."""


@transaction.atomic
def create_list(
    title: Title, *, name: str, user: User, purpose: str = "", frames: Sequence[FrameKey] = ()
) -> PickList:
    """Begin a list, with frames or empty. Raises InvalidPickList for a name that is taken, empty or too long."""
    Title.objects.select_for_update(no_key=True).values_list("pk").get(pk=title.pk)  # of two equal names one waits
    pick_list = PickList(title=title, name=_clean(name), purpose=_clean(purpose), created_by=user)
    _save(pick_list)
    step = PickListStep.objects.create(pick_list=pick_list, kind=Kind.CREATE, user=user)
    if frames:
        _put(step, _frames_of_title(title, frames))
    publish_list(pick_list, step, frames=frames)
    return pick_list


@transaction.atomic
def change_list(pick_list: PickList, *, user: User, name: str | None = None, purpose: str | None = None) -> None:
    """Give a list another name or purpose; what is left None stays. Raises InvalidPickList as for a new one."""
    pick_list = take_turn(pick_list)
    given = {"name": name, "purpose": purpose}
    after = {field: _clean(text) for field, text in given.items() if text is not None}
    after = {field: text for field, text in after.items() if text != getattr(pick_list, field)}
    if after:
        step = _change(pick_list, Kind.CHANGE, after, user=user)
        publish_list(pick_list, step)


@transaction.atomic
def delete_list(pick_list: PickList, *, user: User) -> None:
    """Take a list away with what is in it; `undo` brings it back."""
    pick_list = take_turn(pick_list)
    if not pick_list.is_deleted:
        step = _change(pick_list, Kind.DELETE, {"is_deleted": True}, user=user)
        publish_list(pick_list, step)


@transaction.atomic
def add_frames(pick_list: PickList, *, frames: Sequence[FrameKey], user: User) -> PickListStep | None:
    """Put frames at the end of a list; those in it stay where they are. None when this user has put all of them in.

    What a colleague put in is kept for this user as well: it stays when the colleague takes that back. Raises
    InvalidPickList for no frames, too many, and any that the title does not have.
    """
    pick_list = take_turn(pick_list)
    there = {key_of(entry): entry for entry in _standing_rows(pick_list) if entry.is_in}
    asked = _frames_of_title(pick_list.title, frames)
    new = [key for key in asked if key not in there]
    shared = [there[key] for key in asked if key in there and there[key].user_id != user.pk]
    if not new and not shared:
        return None
    step = PickListStep.objects.create(pick_list=pick_list, kind=Kind.ADD, user=user)
    last = _last_position(pick_list)
    _put(step, new, at=[last + number for number in range(1, len(new) + 1)])
    PickListEntry.objects.bulk_create(
        _entry(step, key_of(entry), is_in=True, position=entry.position) for entry in shared
    )
    publish_list(pick_list, step, frames=new)
    return step


@transaction.atomic
def remove_frames(pick_list: PickList, *, frames: Sequence[FrameKey], user: User) -> PickListStep | None:
    """Take frames out of a list; None when none of them is in it."""
    pick_list = take_turn(pick_list)
    _check_count(frames)
    asked = set(frames)
    entries = [each for each in _standing_rows(pick_list) if each.is_in and key_of(each) in asked]
    if not entries:
        return None
    step = PickListStep.objects.create(pick_list=pick_list, kind=Kind.REMOVE, user=user)
    PickListEntry.objects.bulk_create(
        _entry(step, key_of(entry), is_in=False, position=entry.position) for entry in entries
    )
    publish_list(pick_list, step, frames=[key_of(entry) for entry in entries])
    return step


@transaction.atomic
def move_frames(
    pick_list: PickList, *, frames: Sequence[FrameKey], before: FrameKey | None, user: User
) -> PickListStep | None:
    """Put frames of a list, in the order given, before another one of it; to the end for None.

    None when that changes nothing. Raises InvalidPickList for frames that are not in the list.
    """
    pick_list = take_turn(pick_list)
    _check_count(frames)
    order = listed_frames(pick_list)
    moved = list(dict.fromkeys(frames))
    if set(moved) - set(order) or (before is not None and before not in order):
        raise InvalidPickList("Somebody has taken a still out of this list meanwhile; look at it again.")
    rest = [key for key in order if key not in set(moved)]
    while before is not None and before in moved:
        at = order.index(before) + 1
        before = order[at] if at < len(order) else None
    place = len(rest) if before is None else rest.index(before)
    if rest[:place] + moved + rest[place:] == order:
        return None
    step = PickListStep.objects.create(pick_list=pick_list, kind=Kind.MOVE, user=user)
    _place(step, moved, rest=rest, place=place)
    publish_list(pick_list, step, frames=moved)
    return step


def take_turn(pick_list: PickList) -> PickList:
    """The list as it is now, held until the transaction ends; readers do not wait."""
    rows = PickList.objects.select_for_update(no_key=True, of=["self"]).select_related("title")
    return rows.get(pk=pick_list.pk)


def publish_list(pick_list: PickList, step: PickListStep, *, frames: Iterable[FrameKey] = ()) -> None:
    """Tell every page of the title what was done to a list."""
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    message = {
        "type": "list",
        "title_id": pick_list.title_id,
        "list": pick_list.pk,
        "name": pick_list.name,
        "is_deleted": pick_list.is_deleted,
        "step": step.kind,
        "frames": [list(key) for key in frames],
        "user": step.user.get_username(),
    }
    publish(title_id=pick_list.title_id, message=message)


def save_fields(pick_list: PickList, fields: dict[str, Any]) -> None:
    """Set fields of a list; a name that another list has by now gets a number behind it."""
    for field, value in fields.items():
        setattr(pick_list, field, value)
    base, number = pick_list.name, 2
    others = PickList.objects.filter(title=pick_list.title_id, is_deleted=False).exclude(pk=pick_list.pk)
    while not pick_list.is_deleted and others.filter(name__iexact=pick_list.name).exists():
        pick_list.name = f"{base[:70]} {number}"
        number += 1
    pick_list.save()


def _change(pick_list: PickList, kind: str, after: dict[str, Any], *, user: User) -> PickListStep:
    before = {field: getattr(pick_list, field) for field in after}
    for field, value in after.items():
        setattr(pick_list, field, value)
    _save(pick_list)
    return PickListStep.objects.create(pick_list=pick_list, kind=kind, before=before, after=after, user=user)


def _save(pick_list: PickList) -> None:
    try:
        pick_list.full_clean()
    except ValidationError as error:
        wrong = (sentence for field, sentence in _WRONG.items() if field in error.message_dict)
        raise InvalidPickList(next(wrong, " ".join(error.messages))) from error
    try:
        pick_list.save()
    except IntegrityError as error:  # another list has just been given the same name
        raise InvalidPickList("This title has a list of that name; choose another.") from error


def _clean(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _frames_of_title(title: Title, frames: Sequence[FrameKey]) -> list[FrameKey]:
    """The frames, each once; stills are made of those that are none yet."""
    _check_count(frames)
    wanted = list(dict.fromkeys(FrameKey(*key) for key in frames))
    videos = Video.objects.filter(title=title, pk__in={key.video_id for key in wanted}).in_bulk()
    for key in wanted:
        video = videos.get(key.video_id)
        if video is None:
            raise InvalidPickList("A list holds stills of its own title's films only.")
        if not 0 <= key.frame_index < video.frame_count:
            raise InvalidPickList(
                f"{video} has frames 0 to {video.frame_count - 1}, and no frame {key.frame_index}."
            )
    for pk, video in videos.items():
        asked = {key.frame_index for key in wanted if key.video_id == pk}
        known = video.stills.filter(frame_index__in=asked).values_list("frame_index", flat=True)
        for frame_index in sorted(asked - set(known)):
            keep_frame(video, frame_index)
    return wanted


def _check_count(frames: Sequence[FrameKey]) -> None:
    if not 1 <= len(frames) <= MOST_AT_ONCE:
        raise InvalidPickList(f"Choose 1 to {MOST_AT_ONCE} stills at once.")


def _place(step: PickListStep, moved: list[FrameKey], *, rest: list[FrameKey], place: int) -> None:
    """Write the moved frames between their new neighbours; every frame anew where there is no room between them."""
    at = {key_of(entry): entry.position for entry in _standing_rows(step.pick_list)}
    room = positions_between([at[key] for key in rest], at=place, count=len(moved))
    if room is not None:
        _put(step, moved, at=room)
    else:
        _put(step, rest[:place] + moved + rest[place:])


def _put(step: PickListStep, frames: Sequence[FrameKey], *, at: Iterable[float] | None = None) -> None:
    """Write frames into the list, at these positions or else from its beginning on."""
    places = range(1, len(frames) + 1) if at is None else at
    PickListEntry.objects.bulk_create(
        _entry(step, key, is_in=True, position=position) for key, position in zip(frames, places, strict=True)
    )


def _entry(step: PickListStep, key: FrameKey, *, is_in: bool, position: float) -> PickListEntry:
    return PickListEntry(
        pick_list=step.pick_list, step=step, video_id=key.video_id, frame_index=key.frame_index, is_in=is_in,
        position=position, user=step.user,
    )  # fmt: skip


def _standing_rows(pick_list: PickList) -> list[PickListEntry]:
    return list(newest_entries(pick_list.entries.all()))


def _last_position(pick_list: PickList) -> float:
    return max((entry.position for entry in _standing_rows(pick_list)), default=0.0)
