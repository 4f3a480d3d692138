"""What reviewers say of flags: append-only decisions, of which the newest that stands is a person's word.

Decisions on one title are taken one after the other, so that two reviewers who decide at once lose nothing.
The caller has checked that the user may review the title.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from ava.models import Title, User
from ava.turns import take_turn
from qc.claims import held_by_others, holder, release
from qc.flag_places import at_place, in_shot
from qc.flag_states import locked, recompute_states
from qc.models import PixelDecision, PixelFlag, Verdict
from qc.review_queue import count_states
from qc.reviewing import reviews_wanted, to_judge

Scope = PixelDecision.Scope
MOST_TOLD = 200
"""Flags whose states one live message tells; of more it tells how many."""


class InvalidDecision(ValueError):
    """What was asked for is no decision; the sentence says what would be one."""


class FlagHeld(InvalidDecision):
    """A colleague has the flag before them now."""


class Decided(NamedTuple):
    """What was decided in one action.

    ``flags``: those that were judged, the one that was shown first; empty when the same word stood already.
    ``skipped``: flags of the scope that stay as they are. ``sentence`` tells both.
    """

    flags: tuple[int, ...]
    skipped: int
    action: UUID
    sentence: str


def decide(flag: PixelFlag, *, user: User, verdict: str, scope: str = Scope.ONE) -> Decided:
    """Say of a flag what it is, and with a scope of all that still ask for the user's word at its place or in its shot.

    What anybody has said of other flags stays as it is, and so do those that a colleague has before them.
    Raises InvalidDecision for a verdict or scope that does not exist, a shot that is not known and a flag that is
    gone; FlagHeld for a flag that a colleague has before them.
    """
    if verdict not in Verdict.values:
        raise InvalidDecision("A verdict is confirmed, rejected or unsure.")
    if scope not in Scope.values:
        raise InvalidDecision("A scope is one, position or shot.")
    if scope == Scope.SHOT and flag.shot_id is None:
        raise InvalidDecision("The shot of this flag is not known yet; decide about it alone, or about its place.")
    title = flag.video.title
    with transaction.atomic():
        take_turn(title)
        others = _open_in_scope(flag, user=user, scope=scope)
        there = list(locked([flag.pk, *others.values_list("pk", flat=True)]).values_list("pk", flat=True))
        _require_free(flag, user=user, there=there)
        if scope == Scope.ONE and _says_already(flag, user=user, verdict=verdict):
            return Decided((), 0, uuid4(), f"You have said so already: {Verdict(verdict).label.lower()}.")
        flags, action = (flag.pk, *(pk for pk in there if pk != flag.pk)), uuid4()
        skipped = max(_others_in_scope(flag, scope).count() + 1 - len(flags), 0)
        PixelDecision.objects.bulk_create(
            [PixelDecision(flag_id=pk, user=user, verdict=verdict, scope=scope, action=action) for pk in flags],
            batch_size=5000,
        )
        states = recompute_states(title, flags=flags)
        release(user, flags)
        publish_states(title, user=user, flags=flags, states=states)
    return Decided(flags, skipped, action, _tell(len(flags), verdict=verdict, skipped=skipped))


def count_scope(flag: PixelFlag, *, user: User, scope: str) -> int:
    """How many flags a decision of the user's with this scope would judge now, the flag itself among them."""
    return 1 + _open_in_scope(flag, user=user, scope=scope).count()


def publish_states(title: Title, *, user: User, flags: Sequence[int], states: Mapping[int, str]) -> None:
    """Tell everybody who sees the title how flags and counts stand: what words made of them, not the words."""
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    message = {
        "type": "pixel-decisions",
        "title_id": title.pk,
        "user": user.get_username(),
        "count": len(flags),
        "states": [{"flag": pk, "state": states[pk]} for pk in flags if pk in states][:MOST_TOLD],
        "counts": count_states(title),
    }
    publish(title_id=title.pk, message=message)


def _require_free(flag: PixelFlag, *, user: User, there: Collection[int]) -> None:
    if flag.pk not in there:
        raise InvalidDecision("This flag is gone: a newer scan does not raise it. Go on with the next one.")
    if colleague := holder(flag, user=user):
        raise FlagHeld(f"{colleague} has this flag before them now. Go on with the next one, or come back later.")


def _others_in_scope(flag: PixelFlag, scope: str) -> QuerySet[PixelFlag]:
    wider = {Scope.POSITION: at_place, Scope.SHOT: in_shot}.get(Scope(scope))
    return (wider(flag) if wider else PixelFlag.objects.none()).exclude(pk=flag.pk)


def _open_in_scope(flag: PixelFlag, *, user: User, scope: str) -> QuerySet[PixelFlag]:
    """The other flags of a scope that ask for the user's word and that no colleague has before them."""
    asking = to_judge(_others_in_scope(flag, scope), user=user, wanted=reviews_wanted(flag.video.title))
    return held_by_others(asking, user=user, held=False)


def _says_already(flag: PixelFlag, *, user: User, verdict: str) -> bool:
    standing = PixelDecision.objects.filter(flag=flag, user=user, stands=True).order_by("-id")
    return standing.values_list("verdict", flat=True).first() == verdict


def _tell(count: int, *, verdict: str, skipped: int) -> str:
    name = Verdict(verdict).label.lower()
    sentence = f"{Verdict(verdict).label}." if count == 1 else f"{count} flags are {name}."
    if not skipped:
        return sentence
    stay = "1 other stays as it is" if skipped == 1 else f"{skipped} others stay as they are"
    return f"{sentence} {stay}: judged before, or before a colleague."
