"""Taking back what somebody did to a reel, and doing it again: but for what others did to the same since."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q

from ava.models import User
from search.models import Reel, ReelClip, ReelStep
from search.reel_live import publish_reel
from search.reel_steps import CLIP_FIELDS, REEL, take_reel


@transaction.atomic
def undo(reel: Reel, *, user: User) -> ReelStep | None:
    """Take back this user's last standing step; None when there is none left.

    Every field that it changed returns to what the newest other standing step says of it, or else to what it was
    before anybody changed it.
    """
    reel = take_reel(reel, or_deleted=True)
    last = reel.steps.filter(user=user, stands=True).order_by("-id").first()
    if last is None or _is_creation(last):
        return None
    return _settle(reel, last, stands=False)


@transaction.atomic
def redo(reel: Reel, *, user: User) -> ReelStep | None:
    """Do again what this user took back last, if nothing else of theirs came after it; None where there is nothing."""
    reel = take_reel(reel, or_deleted=True)
    undone = reel.steps.filter(user=user, stands=False, may_return=True).order_by("id").first()
    return _settle(reel, undone, stands=True) if undone is not None else None


def _is_creation(step: ReelStep) -> bool:
    """A reel that was made is deleted, not undone: others may have worked on it."""
    return REEL in step.after and REEL not in step.before


def _settle(reel: Reel, step: ReelStep, *, stands: bool) -> ReelStep:
    step.stands = stands
    step.save(update_fields=["stands"])
    touched = set(step.after)
    asks = Q()
    for key in touched:
        asks |= Q(after__has_key=key)
    steps = list(reel.steps.filter(asks).order_by("id"))
    clips = {str(clip.pk): clip for clip in reel.clips.filter(pk__in=touched - {REEL})}
    for key, clip in clips.items():
        _restore(clip, key, steps, fields=_fields_of(step, key))
    if REEL in touched:
        _restore(reel, REEL, steps, fields=_fields_of(step, REEL))
        reel.save()
    ReelClip.objects.bulk_update(clips.values(), CLIP_FIELDS)
    publish_reel(reel)
    return step


def _fields_of(step: ReelStep, key: str) -> Collection[str]:
    """What of a thing a step changed: of a clip that it put in, whether it is in as well."""
    return {*step.after[key], *(() if key == REEL or step.before.get(key) else ("is_in",))}


def _at_first(step: ReelStep, key: str, name: str) -> Any:
    """What a field was before the first step about it: of a clip that the step put in, as it came, but not in."""
    before = step.before.get(key)
    if before:
        return before[name]
    return False if name == "is_in" else step.after[key][name]


def _restore(row: Reel | ReelClip, key: str, steps: list[ReelStep], *, fields: Collection[str]) -> None:
    """Set the fields to what the steps, the oldest first, say of them; a clip's two ends only where they fit."""
    values: dict[str, Any] = {}
    for name in fields:
        said = [step for step in steps if key in step.after and name in _fields_of(step, key)]
        standing = next((step for step in reversed(said) if step.stands), None)
        if standing is not None:
            values[name] = standing.after[key].get(name, True)
        elif said:
            values[name] = _at_first(said[0], key, name)
    if isinstance(row, ReelClip) and not values.get("in_frame", row.in_frame) < values.get("out_frame", row.out_frame):
        values = {name: value for name, value in values.items() if name not in ("in_frame", "out_frame")}
    for name, value in values.items():
        setattr(row, name, value)
