"""What something lies over, named for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from curation.layout.obstacles import Obstacle

MOST_NAMED = 4
_SEVERAL = {"a face": "{} faces", "a head": "{} heads", "a logo": "{} logos", "a line of text": "{} lines of text"}


def name_things(things: Iterable[Obstacle]) -> tuple[str, ...]:
    """Names of things in their order; like ones are counted ("3 faces"), and of many different ones the first few are
    named."""
    names = Counter(each.name for each in things)
    told = [_SEVERAL[name].format(count) if count > 1 and name in _SEVERAL else name for name, count in names.items()]
    if len(told) > MOST_NAMED:
        told = [*told[: MOST_NAMED - 1], f"{len(told) - MOST_NAMED + 1} more things"]
    return tuple(told)
