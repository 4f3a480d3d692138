"""Notes on the frames of a film, and the people whom they mention. A withdrawn note is kept and no longer shown."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ava.models import User, Video
from curation.mention_names import find_named, people_who_see
from curation.models import Mention, StillNote
from curation.selectors import access_mentions
from curation.services import keep_frame

MOST_CHARACTERS = 1000


class InvalidNote(ValueError):
    """What was written cannot be kept as a note; the sentence says why."""


@transaction.atomic
def write_note(video: Video, *, frame_index: int, user: User, text: str) -> StillNote:
    """Keep what somebody writes about a frame, and tell those whom it names and who see the film.

    The frame becomes a still if it is none yet. Raises InvalidNote with a sentence.
    """
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not 0 <= frame_index < video.frame_count:
        raise InvalidNote(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame_index}.")
    if not 1 <= len(text) <= MOST_CHARACTERS:
        raise InvalidNote(f"Write 1 to {MOST_CHARACTERS:,} characters.")
    keep_frame(video, frame_index)
    note = StillNote.objects.create(video=video, frame_index=frame_index, user=user, text=text)
    named = [person for person in find_named(text, people_who_see(video.title)) if person != user]
    Mention.objects.bulk_create(Mention(note=note, user=person) for person in named)
    _publish(note, mentioned=named)
    return note


@transaction.atomic
def withdraw_note(note: StillNote) -> None:
    """Show a note no longer; doing so twice does nothing."""
    if StillNote.objects.filter(pk=note.pk, is_withdrawn=False).update(is_withdrawn=True):
        _publish(note, mentioned=User.objects.filter(mentions__note=note))


def notes_of_frame(video: Video, *, frame_index: int) -> QuerySet[StillNote]:
    """What was written about a frame and not withdrawn, oldest first."""
    notes = StillNote.objects.filter(video=video, frame_index=frame_index, is_withdrawn=False)
    return notes.select_related("user").order_by("id")


def notes_by_frame(video: Video) -> dict[int, list[StillNote]]:
    """Frame → its notes, oldest first; frames without any are left out."""
    notes: dict[int, list[StillNote]] = {}
    written = StillNote.objects.filter(video=video, is_withdrawn=False)
    for note in written.select_related("user").order_by("id"):
        notes.setdefault(note.frame_index, []).append(note)
    return notes


def count_unseen(user: User) -> int:
    """How many mentions the user has not seen yet."""
    return access_mentions(user).filter(seen_at=None).count()


def see_mentions(user: User, *, video: Video, frame_index: int) -> int:
    """Mark what names the user at a frame as seen, for they look at it; return how many were new."""
    unseen = access_mentions(user).filter(note__video=video, note__frame_index=frame_index, seen_at=None)
    return _mark_seen(unseen)


def see_all_mentions(user: User) -> int:
    """Mark everything that names the user as seen."""
    return _mark_seen(access_mentions(user).filter(seen_at=None))


def _mark_seen(mentions: QuerySet[Mention]) -> int:
    return Mention.objects.filter(pk__in=mentions.values("pk")).update(seen_at=timezone.now())


def _publish(note: StillNote, *, mentioned: Iterable[User]) -> None:
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    publish(
        title_id=note.video.title_id,
        message={
            "type": "note",
            "title_id": note.video.title_id,
            "video_id": note.video_id,
            "frame_index": note.frame_index,
            "user": note.user.get_username(),
            "mentioned": [person.pk for person in mentioned],
        },
    )
