"""How well those who judge a title's flags agree."""

from collections import Counter

from django.core.cache import cache

from ava.models import Title
from qc.models import PixelDecision
from qc.pixel.agreement import Agreement, measure_agreement

_MOST_AT_ONCE = 5000
"""Words that are counted anew at every look; of more the figure may be _OLD_S old."""
_OLD_S = 30


def agreement_of(title: Title) -> Agreement | None:
    """How well the two who spoke first of a flag agree, neither knowing the other's word; None while no flag has two.

    Of the first it is the word that stood when the second spoke, of the second their first one that stands: what
    people make of it once they see each other's is no agreement.
    """
    key = f"pixel-agreement-{title.pk}"
    known = cache.get(key)
    if known is not None:
        return Agreement(*known)
    pairs, words = _count_pairs(title)
    agreement = measure_agreement(pairs)
    if agreement is not None and words > _MOST_AT_ONCE:
        cache.set(key, tuple(agreement), _OLD_S)
    return agreement


def _count_pairs(title: Title) -> tuple[Counter[tuple[str, str]], int]:
    """(First word, second word) → how many flags, and how many words were read for it."""
    pairs: Counter[tuple[str, str]] = Counter()
    flag = first_user = None
    first_word, words, is_paired = "", 0, False
    spoken = PixelDecision.objects.filter(flag__video__title=title, flag__reviews__gte=2, stands=True)
    for pk, user, verdict in spoken.order_by("flag_id", "id").values_list("flag_id", "user_id", "verdict").iterator():
        words += 1
        if pk != flag:
            flag, first_user, first_word, is_paired = pk, user, verdict, False
        elif user == first_user and not is_paired:
            first_word = verdict
        elif not is_paired:
            pairs[first_word, verdict] += 1
            is_paired = True
    return pairs, words
