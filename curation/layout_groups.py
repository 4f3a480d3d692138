"""Similar stills to which a layout can be applied: a picture's copies, a film's picks, and frames that were given."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict

from ava.models import Title, User
from ava.selectors import packed_fields
from curation.decisions import current_decisions
from curation.frame_keys import BadFrames, read_frame_keys, write_frame_keys
from curation.layout_apply import apply_to
from curation.layout_checks import Choice
from curation.layout_choices import LayoutChange, standing_choices, take_steps
from curation.layout_sources import FrameSource, LayoutSource
from curation.models import Decision, Picture
from curation.pick_list_frames import FrameKey
from curation.picture_rows import row_of_frame

MOST_PICTURES = 200


class NoPictures(ValueError):
    """There is nothing to apply a layout to; the sentence says what can be named."""


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A group of pictures beside the one that is laid out; `frames` names them where the address does."""

    name: str
    label: str
    count: int
    frames: str = ""


def offered_groups(source: LayoutSource, *, picture: Picture | None, query: QueryDict) -> list[GroupChoice]:
    """The groups that are not empty."""
    given = _given_keys(source, query=query)
    groups = [
        GroupChoice("copies", "its copies", copies_of(picture).count()),
        GroupChoice("picks", "this film’s picks", len(_picks(source))),
        GroupChoice("frames", "the stills that were selected", len(given), write_frame_keys(given)),
    ]
    return [group for group in groups if group.count]


def read_group(source: LayoutSource, *, fields: QueryDict) -> list[Picture]:
    """The pictures that a form asks for with `to`, without the one that is laid out; raises NoPictures."""
    asked = set(fields.getlist("to"))
    if not asked or asked - {"copies", "picks", "frames"}:
        raise NoPictures("Say what to apply it to: copies, picks or frames.")
    pictures = list(copies_of(source.known_picture())) if "copies" in asked else []
    keys = (_picks(source) if "picks" in asked else []) + (_asked_keys(source, fields) if "frames" in asked else [])
    if len(pictures) + len(keys) > MOST_PICTURES:
        raise NoPictures(f"Apply a layout to at most {MOST_PICTURES} pictures at once.")
    videos = source.title.videos.defer(*packed_fields()).in_bulk()
    pictures += [row_of_frame(videos[key.video_id], key.frame_index) for key in dict.fromkeys(keys)]
    if not pictures:
        raise NoPictures("There is no other picture to apply it to.")
    return list({picture.pk: picture for picture in pictures}.values())


@transaction.atomic
def apply_to_group(source: LayoutSource, *, pictures: Sequence[Picture], user: User) -> LayoutChange:
    """Choose for others what is chosen for a picture; raises InvalidLayoutChoice.

    One of the picture's own choices is said again in the same action, so that undoing there finds it: the user's own
    if there is one, since what is said again has a new speaker.
    """
    picture = source.picture()
    change = apply_to(pictures, picture, user=user)
    if change.steps:
        standing = [step for step in standing_choices(picture).values() if step.value is not None]
        again = next((step for step in standing if step.user_id == user.pk), standing[0])
        choice = Choice(again.subject, again.canvas, again.value)
        take_steps({picture: [choice]}, user=user, action=change.steps[0].action)
    return change


def copies_of(picture: Picture | None) -> QuerySet[Picture]:
    """The other pictures of its group."""
    if picture is None or picture.group_id is None:
        return Picture.objects.none()
    return Picture.objects.filter(Q(group=picture.group_id) & ~Q(pk=picture.pk)).defer("descriptor")


def _picks(source: LayoutSource) -> list[FrameKey]:
    if not isinstance(source, FrameSource):
        return []
    states = current_decisions(source.video)
    picked = [frame for frame, state in states.items() if state.verdict == Decision.Verdict.PICK]
    return [FrameKey(source.video.pk, frame) for frame in sorted(picked) if frame != source.frame_index]


def _given_keys(source: LayoutSource, *, query: QueryDict) -> list[FrameKey]:
    """The frames of an address; those that are none of the title's are as if they were not given."""
    try:
        return _known(source.title, keys=_read_keys(source, query))
    except BadFrames:
        return []


def _asked_keys(source: LayoutSource, fields: QueryDict) -> list[FrameKey]:
    try:
        keys = _read_keys(source, fields)
    except BadFrames as error:
        raise NoPictures(str(error)) from error
    if set(keys) - set(_known(source.title, keys=keys)):
        raise NoPictures("Some of these frames are none of this title’s films’.")
    return keys


def _read_keys(source: LayoutSource, fields: QueryDict) -> list[FrameKey]:
    own = None
    if isinstance(source, FrameSource):
        own = FrameKey(source.video.pk, source.frame_index)
        if "video" not in fields:
            fields = fields.copy()
            fields["video"] = str(source.video.pk)
    return [key for key in dict.fromkeys(read_frame_keys(fields)) if key != own]


def _known(title: Title, *, keys: list[FrameKey]) -> list[FrameKey]:
    counts = dict(title.videos.values_list("pk", "frame_count"))
    return [key for key in keys if 0 <= key.frame_index < counts.get(key.video_id, 0)]
