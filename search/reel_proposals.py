"""Clips that AVA proposes for a reel, put in and taken out in one step; whatever a person touched stays as it is."""

from collections.abc import Sequence
from typing import Any

from ava.list_order import positions_between
from ava.models import User
from search.models import Reel, ReelClip, ReelStep
from search.reel_live import publish_reel
from search.reel_steps import CLIP_FIELDS, REEL, clip_state, record
from search.reels import MOST_CLIPS, InvalidReel, standing_clips

Span = tuple[int, int]


def touched_clips(reel: Reel) -> set[int]:
    """The numbers of clips that a person put in, moved, trimmed, noted, took out or brought back, and did not undo."""
    said = reel.steps.filter(stands=True, is_proposal=False).values_list("after", flat=True)
    return {int(key) for after in said for key in after if key != REEL}


def kept_clips(reel: Reel, *, video_id: int) -> list[ReelClip]:
    """The standing clips that a new proposal leaves as they are: people's, and those of other films."""
    touched = touched_clips(reel)
    return [clip for clip in standing_clips(reel) if clip.pk in touched or clip.video_id != video_id]


def put_proposal(
    reel: Reel,
    spans: Sequence[Span],
    *,
    video_id: int,
    kept: Sequence[ReelClip],
    by_story: bool,
    fields: dict[str, Any],
    user: User,
    sentence: str,
) -> ReelStep | None:
    """Have these spans of a film beside the clips that are kept, and no others; None where that changes nothing.

    The reel is held (`take_reel`). By story, each comes before the first kept clip that is later in the film, else
    all come behind. What is there already keeps its row. ``fields``: of the reel itself, to be set in the same step.
    """
    if len(kept) + len(spans) > MOST_CLIPS:
        raise InvalidReel(f"A reel holds at most {MOST_CLIPS:,} clips; begin another one.")
    others = _replaceable(reel, video_id=video_id, kept=kept)
    known = {(clip.in_frame, clip.out_frame): clip for clip in others}
    clips = [
        known.get(span) or ReelClip(reel=reel, video_id=video_id, in_frame=span[0], out_frame=span[1], added_by=user)
        for span in spans
    ]
    changes = _arrange(clips, kept=kept, by_story=by_story)
    used = {clip.pk for clip in clips}
    changes += [(clip, {"is_in": False}) for clip in others if clip.is_in and clip.pk not in used]
    return _record(reel, changes, fields=fields, user=user, sentence=sentence)


def _replaceable(reel: Reel, *, video_id: int, kept: Sequence[ReelClip]) -> list[ReelClip]:
    """Clips of the film that nobody touched, those that an earlier proposal had taken out included."""
    stays = touched_clips(reel) | {clip.pk for clip in kept}
    return [clip for clip in reel.clips.filter(video=video_id).order_by("is_in", "id") if clip.pk not in stays]


def _arrange(
    clips: Sequence[ReelClip], *, kept: Sequence[ReelClip], by_story: bool
) -> list[tuple[ReelClip, dict[str, Any]]]:
    """Clips with their positions; of kept ones as well where there is no room between two of them."""
    slots = [_slot(clip, kept) if by_story else len(kept) for clip in clips]
    order = [[clip for clip, slot in zip(clips, slots, strict=True) if slot == at] for at in range(len(kept) + 1)]
    places = [clip.position for clip in kept]
    changes: list[tuple[ReelClip, dict[str, Any]]] = []
    for at, run in enumerate(order):
        if not run:
            continue
        room = positions_between(places, at=at, count=len(run))
        if room is None:
            everything = [clip for at, run in enumerate(order) for clip in (*run, *kept[at : at + 1])]
            return [(clip, {"is_in": True, "position": float(at)}) for at, clip in enumerate(everything, start=1)]
        changes += [(clip, {"is_in": True, "position": place}) for clip, place in zip(run, room, strict=True)]
    return changes


def _slot(clip: ReelClip, kept: Sequence[ReelClip]) -> int:
    later = (
        at for at, each in enumerate(kept) if each.video_id == clip.video_id and each.in_frame > clip.in_frame
    )  # fmt: skip
    return next(later, len(kept))


def _record(
    reel: Reel, changes: Sequence[tuple[ReelClip, dict[str, Any]]], *, fields: dict[str, Any], user: User, sentence: str
) -> ReelStep | None:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    new = [clip for clip, _ in changes if clip.pk is None]
    for clip, values in changes:
        differs = {name: value for name, value in values.items() if getattr(clip, name) != value}
        if clip.pk is not None and differs:
            before[str(clip.pk)] = {name: getattr(clip, name) for name in differs}
            after[str(clip.pk)] = differs
        for name, value in values.items():
            setattr(clip, name, value)
    differs = {name: value for name, value in fields.items() if getattr(reel, name) != value}
    if not (before or new or differs):
        return None
    if differs:
        before[REEL], after[REEL] = {name: getattr(reel, name) for name in differs}, differs
        for name, value in differs.items():
            setattr(reel, name, value)
        reel.save(update_fields=list(differs))
    ReelClip.objects.bulk_create(new)
    ReelClip.objects.bulk_update([clip for clip, _ in changes if str(clip.pk) in before], CLIP_FIELDS)
    before |= {str(clip.pk): None for clip in new}
    after |= {str(clip.pk): clip_state(clip) for clip in new}
    step = record(reel, user=user, before=before, after=after, sentence=sentence, is_proposal=True)
    publish_reel(reel)
    return step
