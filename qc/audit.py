"""What was said of a title's flags, by whom, and how well people agree."""

from collections import Counter

from ava.models import Title
from qc.models import PixelDecision
from qc.pixel.agreement import Agreement, measure_agreement


def agreement_of(title: Title) -> Agreement | None:
    """How well the two who spoke first of a flag agree, neither knowing the other's word; None while no flag has two.

    Of the first it is the word that stood when the second spoke, of the second their first one that stands: what
    people make of it once they see each other's is no agreement.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    flag = first_user = first_word = None
    is_paired = False
    spoken = PixelDecision.objects.filter(flag__video__title=title, flag__reviews__gte=2, stands=True)
    for pk, user, verdict in spoken.order_by("flag_id", "id").values_list("flag_id", "user_id", "verdict").iterator():
        if pk != flag:
            flag, first_user, first_word, is_paired = pk, user, verdict, False
        elif user == first_user and not is_paired:
            first_word = verdict
        elif not is_paired:
            pairs[first_word, verdict] += 1
            is_paired = True
    return measure_agreement(pairs)
