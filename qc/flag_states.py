"""What decisions make of flags: the one place that writes a flag's state."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db import connection
from django.db.models import QuerySet

from ava.models import Title
from qc.models import PixelFlag
from qc.pixel.agreement import settle
from qc.reviewing import reviews_wanted

_BATCH = 20_000
_STANDING = (
    "SELECT flag.id, flag.state, flag.reviews, array_remove(array_agg(word.verdict ORDER BY word.id), NULL)"
    " FROM qc_pixelflag AS flag LEFT JOIN"
    " (SELECT DISTINCT ON (flag_id, user_id) id, flag_id, verdict FROM qc_pixeldecision"
    " WHERE stands AND flag_id = ANY(%(flags)s) ORDER BY flag_id, user_id, id DESC) AS word ON word.flag_id = flag.id"
    " WHERE flag.id = ANY(%(flags)s) GROUP BY flag.id"
)
"""Flags with the newest word that stands of every person, the latest spoken last."""


def recompute_states(title: Title, *, flags: Collection[int]) -> dict[int, str]:
    """Set state and number of words of some flags of one title from the decisions that stand.

    Runs inside the transaction that changed the decisions, after its turn was taken. Returns the flags whose state or
    number of words is another one now → state. What a person added and nobody stands by any more is no longer current.
    """
    wanted = reviews_wanted(title)
    changed: dict[int, str] = {}
    for batch in _batches(sorted(set(flags))):
        outcomes: dict[int, tuple[str, int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_STANDING, {"flags": batch})
            for flag, state, reviews, words in cursor.fetchall():
                outcome = (settle(words, wanted=wanted), len(words))
                if outcome != (state, reviews):
                    outcomes[flag] = outcome
        _write(outcomes)
        _keep_added(batch)
        changed |= {flag: state for flag, (state, _) in outcomes.items()}
    return changed


def _batches(flags: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(flags), _BATCH):
        yield list(flags[start : start + _BATCH])


def _write(outcomes: Mapping[int, tuple[str, int]]) -> None:
    """One statement for all: a film's hundred thousand flags are written in seconds, and one at a time in a minute."""
    if not outcomes:
        return
    states, reviews = zip(*outcomes.values(), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE qc_pixelflag AS flag SET state = news.state, reviews = news.reviews"
            " FROM unnest(%s::bigint[], %s::text[], %s::smallint[]) AS news (id, state, reviews)"
            " WHERE flag.id = news.id",
            [list(outcomes), list(states), list(reviews)],
        )


def locked(flags: Collection[int]) -> QuerySet[PixelFlag]:
    """Those of some flags that are still there, held until the transaction ends.

    In the order in which scans take theirs, so that neither waits for the other for ever.
    """
    return PixelFlag.objects.filter(pk__in=flags).order_by("pk").select_for_update(no_key=True)


def _keep_added(flags: Sequence[int]) -> None:
    """What no scan raises but a person is current as long as anybody stands by having looked at it."""
    added = PixelFlag.objects.filter(pk__in=flags, last_raised_by=None).exclude(added_by=None)
    added.filter(reviews=0, is_current=True).update(is_current=False)
    added.filter(reviews__gt=0, is_current=False).update(is_current=True)
