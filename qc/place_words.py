"""What was said of a place of the sensor as a whole, for flags that a later scan raises there."""

from datetime import datetime
from typing import NamedTuple

from ava.models import User
from qc.flag_places import near_place
from qc.models import PixelDecision, PixelFlag
from qc.reviewing import UNSETTLED, visible_decisions


class PlaceWord(NamedTuple):
    """That all judged flags of a place have one state, by a word for the whole place; who said it last, and when."""

    verdict: str
    flags: int
    user: str
    said_at: datetime
    sentence: str


def word_of_place(flag: PixelFlag, *, user: User) -> PlaceWord | None:
    """What somebody said of all flags at a flag's place and nobody said otherwise since; None where that is not so.

    The flag itself stays open until somebody judges it. Nobody is told what they may not know yet.
    """
    others = near_place(flag).exclude(pk=flag.pk)
    judged = others.exclude(state__in=UNSETTLED).order_by().values_list("state", flat=True)
    if len(states := set(judged)) != 1:
        return None
    said = PixelDecision.objects.filter(flag__in=others.values("pk"), scope=PixelDecision.Scope.POSITION, stands=True)
    newest = visible_decisions(said.filter(verdict=states.pop()), user=user).select_related("user").first()
    if newest is None:
        return None
    count, word = len(judged), newest.get_verdict_display().lower()
    which = "The other flag" if count == 1 else f"All {count} flags"
    be = "is" if count == 1 else "are"
    sentence = f"{which} judged at this place of the sensor {be} {word}; {newest.user} said so of the whole place."
    return PlaceWord(newest.verdict, count, newest.user.get_username(), newest.created_at, sentence)
