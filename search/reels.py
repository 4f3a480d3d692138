"""Reels: what people do to them. Nothing is lost, and every step can be taken back (`search.reel_undo`)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction

from ava.list_order import positions_between
from ava.models import Team, User, Video
from ava.selectors import access_videos, packed_fields
from ava.turns import Gone
from search.models import Reel, ReelClip, ReelStep
from search.reel_live import publish_reel
from search.reel_steps import REEL, change_clips, clip_state, record, take_reel

MOST_CLIPS = 2000
MOST_AT_ONCE = 500
LONGEST_NAME = 120
LONGEST_NOTE = 500


class InvalidReel(ValueError):
    """What was asked for cannot be done to a reel; the sentence says what can."""


class ClipSpan(NamedTuple):
    """Frames start_frame … end_frame − 1 of a film, to be put into a reel."""

    video_id: int
    start_frame: int
    end_frame: int
    note: str = ""


@transaction.atomic
def create_reel(team: Team, *, name: str, user: User, spans: Sequence[ClipSpan] = ()) -> Reel:
    """Begin a reel, with clips or empty. Raises InvalidReel for a name that is empty or too long."""
    reel = Reel.objects.create(team=team, name=clean_name(name), created_by=user)
    record(reel, user=user, before={}, after={REEL: {"name": reel.name}}, sentence=f"made “{reel.name}”")
    if spans:
        add_clips(reel, spans, user=user)
    publish_reel(reel)
    return reel


@transaction.atomic
def rename_reel(reel: Reel, *, name: str, user: User) -> None:
    """Give a reel another name; raises InvalidReel as for a new one."""
    reel, name = take_reel(reel), clean_name(name)
    if name == reel.name:
        return
    before, reel.name = reel.name, name
    reel.save(update_fields=["name"])
    record(reel, user=user, before={REEL: {"name": before}}, after={REEL: {"name": name}},
           sentence=f"renamed it from “{before}”")  # fmt: skip
    publish_reel(reel)


@transaction.atomic
def delete_reel(reel: Reel, *, user: User) -> None:
    """Take a reel away with what is in it; `restore_reel` and `undo` bring it back."""
    _set_deleted(reel, True, user=user, sentence="deleted the reel")


@transaction.atomic
def restore_reel(reel: Reel, *, user: User) -> None:
    """Bring a deleted reel back as it was."""
    _set_deleted(reel, False, user=user, sentence="brought the reel back")


@transaction.atomic
def add_clips(
    reel: Reel, spans: Iterable[ClipSpan | tuple[int, int, int]], *, user: User, before: int | None = None
) -> ReelStep:
    """Put spans of films into a reel, in their order, before the clip of that number; at the end for None.

    The same span may be in it several times. Raises InvalidReel for no span, too many, films that the reel's team or
    the user does not see, and frames that a film does not have.
    """
    reel = take_reel(reel)
    asked = check_spans(reel, [ClipSpan(*span) for span in spans], user=user)
    standing = standing_clips(reel)
    if len(standing) + len(asked) > MOST_CLIPS:
        raise InvalidReel(f"A reel holds at most {MOST_CLIPS:,} clips; begin another one.")
    clips = ReelClip.objects.bulk_create(
        ReelClip(
            reel=reel, video_id=span.video_id, in_frame=span.start_frame, out_frame=span.end_frame, position=0.0,
            note=clean_note(span.note), added_by=user,
        )
        for span in asked
    )  # fmt: skip
    moved = _places(clips, rest=standing, before=before)
    for clip, position in moved:
        clip.position = position
    ReelClip.objects.bulk_update([clip for clip, _ in moved], ["position"])
    count = "a clip" if len(clips) == 1 else f"{len(clips)} clips"
    step = record(
        reel, user=user, before={str(clip.pk): None for clip in clips},
        after={str(clip.pk): clip_state(clip) for clip in clips}, sentence=f"added {count}",
    )  # fmt: skip
    publish_reel(reel)
    return step


@transaction.atomic
def move_clip(clip: ReelClip, *, before: int | None, user: User) -> ReelStep | None:
    """Put a clip before the clip of that number; to the end for None. None when that changes nothing."""
    reel, clip = _take_clip(clip)
    order = standing_clips(reel)
    rest = [each for each in order if each.pk != clip.pk]
    if before == clip.pk:
        return None
    moved = _places([clip], rest=rest, before=before)
    place = next((at for at, each in enumerate(rest) if each.pk == before), len(rest))
    if [*rest[:place], clip, *rest[place:]] == order:
        return None
    return _done(reel, [(each, {"position": at}) for each, at in moved], user=user, sentence="moved a clip")


@transaction.atomic
def trim_clip(
    clip: ReelClip, *, user: User, in_frame: int | None = None, out_frame: int | None = None
) -> ReelStep | None:
    """Let a clip begin at a frame of its film, or end before one; what is left None stays, also as a colleague set it.

    Raises InvalidReel for frames that the film does not have and for a clip without a frame.
    """
    reel, clip = _take_clip(clip)
    span = ClipSpan(
        clip.video_id,
        clip.in_frame if in_frame is None else in_frame,
        clip.out_frame if out_frame is None else out_frame,
    )
    _check_frames(span, frame_count=clip.video.frame_count)
    fields = {"in_frame": span.start_frame, "out_frame": span.end_frame}
    return _done(reel, [(clip, fields)], user=user, sentence="trimmed a clip")


@transaction.atomic
def note(clip: ReelClip, *, text: str, user: User) -> ReelStep | None:
    """Write a note on a clip, or take it away with an empty one. Raises InvalidReel for one that is too long."""
    reel, clip = _take_clip(clip)
    return _done(reel, [(clip, {"note": clean_note(text)})], user=user, sentence="wrote a note")


@transaction.atomic
def take_out(clip: ReelClip, *, user: User) -> ReelStep | None:
    """Take a clip out of its reel; it can be brought back to its place."""
    reel, clip = _take_clip(clip, or_taken_out=True)
    return _done(reel, [(clip, {"is_in": False})], user=user, sentence="took a clip out")


@transaction.atomic
def bring_back(clip: ReelClip, *, user: User) -> ReelStep | None:
    """Bring a clip back to where it was taken out."""
    reel, clip = _take_clip(clip, or_taken_out=True)
    if not clip.is_in and len(standing_clips(reel)) >= MOST_CLIPS:
        raise InvalidReel(f"A reel holds at most {MOST_CLIPS:,} clips; take another one out first.")
    return _done(reel, [(clip, {"is_in": True})], user=user, sentence="brought a clip back")


def standing_clips(reel: Reel) -> list[ReelClip]:
    """The clips that are in a reel, in their order."""
    return list(reel.clips.filter(is_in=True).order_by("position", "id"))


def clean_name(text: str) -> str:
    """A name of one line; raises InvalidReel for none and for one that is too long."""
    name = " ".join(text.replace("\x00", "").split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidReel(f"Give the reel a name of 1 to {LONGEST_NAME} characters.")
    return name


def clean_note(text: str) -> str:
    """A note of one line; raises InvalidReel for one that is too long."""
    cleaned = " ".join(text.replace("\x00", "").split())
    if len(cleaned) > LONGEST_NOTE:
        raise InvalidReel(f"A note has at most {LONGEST_NOTE} characters; this one has {len(cleaned):,}.")
    return cleaned


def _set_deleted(reel: Reel, is_deleted: bool, *, user: User, sentence: str) -> None:
    reel = take_reel(reel, or_deleted=True)
    if reel.is_deleted == is_deleted:
        return
    reel.is_deleted = is_deleted
    reel.save(update_fields=["is_deleted"])
    before, after = ({REEL: {"is_deleted": value}} for value in (not is_deleted, is_deleted))
    record(reel, user=user, before=before, after=after, sentence=sentence)
    publish_reel(reel)


def _take_clip(clip: ReelClip, *, or_taken_out: bool = False) -> tuple[Reel, ReelClip]:
    """The reel, held, and its clip as they are now."""
    reel = take_reel(clip.reel)
    now = reel.clips.select_related("video").defer(*packed_fields("video__")).filter(pk=clip.pk).first()
    if now is None:
        raise Gone("This clip's film has been deleted meanwhile.")
    if not now.is_in and not or_taken_out:
        raise InvalidReel("Somebody has taken this clip out meanwhile; bring it back first.")
    return reel, now


def _done(
    reel: Reel, changes: Sequence[tuple[ReelClip, dict[str, object]]], *, user: User, sentence: str
) -> ReelStep | None:
    step = change_clips(reel, changes, user=user, sentence=sentence)
    if step is not None:
        publish_reel(reel)
    return step


def _places(
    clips: Sequence[ReelClip], *, rest: Sequence[ReelClip], before: int | None
) -> list[tuple[ReelClip, float]]:
    """Positions of clips before another one of the rest; of every clip anew where there is no room between two."""
    numbers = [each.pk for each in rest]
    if before is not None and before not in numbers:
        raise InvalidReel("Somebody has taken the clip that should follow out meanwhile; look at the reel again.")
    place = len(rest) if before is None else numbers.index(before)
    room = positions_between([each.position for each in rest], at=place, count=len(clips))
    if room is not None:
        return list(zip(clips, room, strict=True))
    return [(clip, float(number)) for number, clip in enumerate([*rest[:place], *clips, *rest[place:]], start=1)]


def check_spans(reel: Reel, spans: Sequence[ClipSpan], *, user: User) -> Sequence[ClipSpan]:
    """Hold the films of spans until the transaction ends. Raises InvalidReel where they cannot go into the reel."""
    if not 1 <= len(spans) <= MOST_AT_ONCE:
        raise InvalidReel(f"Add 1 to {MOST_AT_ONCE} clips at once.")
    visible = access_videos(user).filter(title__teams=reel.team_id, pk__in={span.video_id for span in spans})
    held = Video.objects.select_for_update(no_key=True).filter(pk__in=visible.values("pk")).order_by("pk")
    frame_counts = dict(held.values_list("pk", "frame_count"))  # none of them is deleted until the clips are in
    for span in spans:
        if span.video_id not in frame_counts:
            raise InvalidReel(f"A reel of {reel.team} holds films of that team's titles only.")
        _check_frames(span, frame_count=frame_counts[span.video_id])
    return spans


def _check_frames(span: ClipSpan, *, frame_count: int) -> None:
    if not 0 <= span.start_frame < frame_count or not 0 < span.end_frame <= frame_count:
        raise InvalidReel(f"This film has frames 0 to {frame_count - 1}; choose in and out among them.")
    if span.start_frame >= span.end_frame:
        raise InvalidReel("A clip has at least one frame: let it end after its beginning.")
