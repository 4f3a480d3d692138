"""What something would lie over, named for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from curation.layout.box import Box
from curation.layout.obstacles import Obstacle

MOST_NAMED = 4
_SEVERAL = {"a face": "{} faces", "a head": "{} heads", "a logo": "{} logos", "a line of text": "{} lines of text"}


def name_collisions(box: Box, *, obstacles: Iterable[Obstacle], with_margins: bool = True) -> tuple[str, ...]:
    """Names of what a box lies over, or with their margins too near to, in the order of the obstacles.

    Like things are counted ("3 faces"), and of many different ones the first few are named.
    """
    names = Counter(
        each.name for each in obstacles if box.shared(each.clear if with_margins else each.box).area > 0
    )  # fmt: skip
    told = [_SEVERAL[name].format(count) if count > 1 and name in _SEVERAL else name for name, count in names.items()]
    if len(told) > MOST_NAMED:
        told = [*told[: MOST_NAMED - 1], f"{len(told) - MOST_NAMED + 1} more things"]
    return tuple(told)
