"""What decisions make of flags: the one place that writes a flag's state."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from ava.models import Title
from qc.models import PixelDecision, PixelFlag
from qc.pixel.agreement import settle
from qc.reviewing import reviews_wanted

_BATCH = 5000


def recompute_states(title: Title, *, flags: Collection[int]) -> dict[int, str]:
    """Set state and number of words of some flags of one title from the decisions that stand.

    Runs inside the transaction that changed the decisions, after its turn was taken. Returns the flags whose state or
    number of words is another one now → state. What a person added and nobody stands by any more is no longer current.
    """
    wanted = reviews_wanted(title)
    changed: dict[int, str] = {}
    ordered = sorted(set(flags))
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        words = _standing_words(batch)
        outcomes = defaultdict(list)
        for flag, state, reviews in locked(batch).values_list("pk", "state", "reviews"):
            said = words.get(flag, [])
            outcome = (settle(said, wanted=wanted), len(said))
            if outcome != (state, reviews):
                outcomes[outcome].append(flag)
                changed[flag] = outcome[0]
        for (state, reviews), pks in outcomes.items():
            PixelFlag.objects.filter(pk__in=pks).update(state=state, reviews=reviews)
        _keep_added(batch)
    return changed


def locked(flags: Collection[int]) -> QuerySet[PixelFlag]:
    """Those of some flags that are still there, held until the transaction ends.

    In the order in which scans take theirs, so that neither waits for the other for ever.
    """
    return PixelFlag.objects.filter(pk__in=flags).order_by("pk").select_for_update(no_key=True)


def _standing_words(flags: Sequence[int]) -> dict[int, list[str]]:
    """Flag → the newest word that stands of every person, the latest spoken last."""
    newest = PixelDecision.objects.filter(flag__in=flags, stands=True)
    newest = newest.order_by("flag_id", "user_id", "-id").distinct("flag_id", "user_id")
    words: dict[int, list[str]] = {}
    for _, flag, verdict in sorted(newest.values_list("pk", "flag_id", "verdict")):
        words.setdefault(flag, []).append(verdict)
    return words


def _keep_added(flags: Sequence[int]) -> None:
    """What only a person raised is current as long as anybody stands by having looked at it."""
    added = PixelFlag.objects.filter(pk__in=flags, raised_by=None, last_raised_by=None).exclude(added_by=None)
    added.filter(reviews=0, is_current=True).update(is_current=False)
    added.filter(reviews__gt=0, is_current=False).update(is_current=True)
