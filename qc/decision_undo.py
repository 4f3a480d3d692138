"""Taking back what one has said of flags, and saying it again: action by action, each person their own."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from ava.models import Title, User
from ava.turns import take_turn
from qc.decisions import publish_states
from qc.flag_states import recompute_states
from qc.models import PixelDecision


class Undone(NamedTuple):
    """An action that was taken back or done again: its flags, the one that was shown first, and a sentence."""

    flags: tuple[int, ...]
    sentence: str


def undo(title: Title, *, user: User) -> Undone | None:
    """Take back the user's last action on a title that still stands; None when there is none left.

    A flag returns to what they said of it before; what a colleague said stays.
    """
    with transaction.atomic():
        take_turn(title)
        last = _own(title, user=user).filter(stands=True).order_by("-id").first()
        return _set_standing(title, last, stands=False) if last else None


def redo(title: Title, *, user: User) -> Undone | None:
    """Do again what the user took back last, unless they have decided something since; None when there is nothing."""
    with transaction.atomic():
        take_turn(title)
        following = _following(title, user=user).order_by("id").first()
        return _set_standing(title, following, stands=True) if following else None


def may_undo_and_redo(title: Title, *, user: User) -> tuple[bool, bool]:
    """Whether there is something of the user's to take back, and to do again."""
    return _own(title, user=user).filter(stands=True).exists(), _following(title, user=user).exists()


def _own(title: Title, *, user: User) -> QuerySet[PixelDecision]:
    return PixelDecision.objects.filter(user=user, flag__video__title=title)


def _following(title: Title, *, user: User) -> QuerySet[PixelDecision]:
    """What the user took back and decided nothing after."""
    own = _own(title, user=user)
    last = own.filter(stands=True).order_by("-id").values_list("pk", flat=True).first() or 0
    return own.filter(stands=False, pk__gt=last)


def _set_standing(title: Title, decision: PixelDecision, *, stands: bool) -> Undone:
    rows = PixelDecision.objects.filter(user=decision.user_id, action=decision.action, stands=not stands)
    flags = tuple(rows.order_by("id").values_list("flag", flat=True))
    rows.update(stands=stands)
    states = recompute_states(title, flags=flags)
    publish_states(title, user=decision.user, flags=flags, states=states)
    what = decision.get_verdict_display().lower()
    told = f"1 flag {what}" if len(flags) == 1 else f"{len(flags)} flags {what}"
    return Undone(flags, f"{'Done again' if stands else 'Taken back'}: {told}.")
