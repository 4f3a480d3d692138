"""What people did to a reel, step by step: written down with what was before, so that each can be taken back.

What holds of a clip's field is what the newest standing step says of it. Steps on one reel are taken one after the
other, so that two people who work on it at once lose nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ava.models import User
from ava.turns import Gone, take_turn
from search.models import Reel, ReelClip, ReelStep

REEL = "reel"
"""Under which a step keeps fields of the reel itself, beside those of clips by their numbers."""

CLIP_FIELDS = ("in_frame", "out_frame", "position", "note", "is_in")

States = Mapping[str, Mapping[str, Any] | None]


def take_reel(reel: Reel, *, or_deleted: bool = False) -> Reel:
    """The reel as it is now, held until the transaction ends. Raises Gone for one that somebody has deleted."""
    take_turn(reel)
    now = Reel.objects.select_related("team").get(pk=reel.pk)
    if now.is_deleted and not or_deleted:
        raise Gone("This reel has been deleted meanwhile.")
    return now


def clip_state(clip: ReelClip) -> dict[str, Any]:
    """The fields of a clip that people change."""
    return {name: getattr(clip, name) for name in CLIP_FIELDS}


def record(
    reel: Reel, *, user: User, before: States, after: States, sentence: str, is_proposal: bool = False
) -> ReelStep:
    """Write a step down; what its person took back before it cannot be done again after it."""
    reel.steps.filter(user=user, stands=False, may_return=True).update(may_return=False)
    return ReelStep.objects.create(
        reel=reel, user=user, before=dict(before), after=dict(after), sentence=sentence[:200],
        is_proposal=is_proposal,
    )  # fmt: skip


def change_clips(
    reel: Reel, clips: Iterable[tuple[ReelClip, Mapping[str, Any]]], *, user: User, sentence: str
) -> ReelStep | None:
    """Give clips new values of some fields in one step; None when all of them have these values."""
    before, after, changed = {}, {}, []
    for clip, fields in clips:
        new = {name: value for name, value in fields.items() if getattr(clip, name) != value}
        if not new:
            continue
        before[str(clip.pk)] = {name: getattr(clip, name) for name in new}
        after[str(clip.pk)] = new
        for name, value in new.items():
            setattr(clip, name, value)
        changed.append(clip)
    if not changed:
        return None
    ReelClip.objects.bulk_update(changed, CLIP_FIELDS)
    return record(reel, user=user, before=before, after=after, sentence=sentence)
