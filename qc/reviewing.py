"""How many people judge a title's flags, and what each of them may see of the others' words."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ava.models import Title, User
from ava.turns import take_turn
from qc.models import PixelDecision, PixelFlag, PixelReview
from qc.pixel.agreement import DISPUTED, OPEN

UNSETTLED = (OPEN, DISPUTED)


class InvalidReview(ValueError):
    """What was asked for cannot be; the sentence says what can."""


def reviews_wanted(title: Title) -> int:
    """How many people are to judge every flag of a title: 1, or 2 who do not see each other's word."""
    return PixelReview.objects.filter(title=title).values_list("reviews_wanted", flat=True).first() or 1


@transaction.atomic
def set_reviews_wanted(title: Title, *, wanted: int) -> int:
    """Ask one or two people for every flag, and judge anew what has been said. Returns how many flags changed state.

    The caller has checked that the user administers the title. Raises InvalidReview.
    """
    from qc.flag_states import recompute_states

    if wanted not in {1, 2}:
        raise InvalidReview("Flags are judged by 1 person or by 2.")
    take_turn(title)
    PixelReview.objects.update_or_create(title=title, defaults={"reviews_wanted": wanted})
    spoken_of = PixelDecision.objects.filter(flag__video__title=title, stands=True).order_by().values("flag").distinct()
    return len(recompute_states(title, flags=list(spoken_of.values_list("flag", flat=True))))


def to_judge(flags: QuerySet[PixelFlag], *, user: User, wanted: int) -> QuerySet[PixelFlag]:
    """Those that still ask for this user's word: unsettled, and not judged by them."""
    if wanted == 1:
        return flags.filter(is_current=True, state=OPEN)
    own = PixelDecision.objects.filter(flag=OuterRef("pk"), user=user, stands=True)
    return flags.filter(Q(state=OPEN) | Q(state=DISPUTED), ~Exists(own), is_current=True)


def visible_decisions(decisions: QuerySet[PixelDecision], *, user: User) -> QuerySet[PixelDecision]:
    """Those that do not tell the user what somebody else said of a flag before they have spoken themselves.

    Where two people are asked, others' words on a flag are seen once it is settled, or once two people have spoken,
    the user among them.
    """
    spoken = PixelDecision.objects.filter(flag=OuterRef("flag"), user=user, stands=True)
    is_blind = Q(flag__video__title__pixel_review__reviews_wanted=2, flag__state__in=UNSETTLED)
    has_both = Q(Exists(spoken), flag__reviews__gte=2)
    return decisions.filter(Q(user=user) | ~is_blind | has_both)
