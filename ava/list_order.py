"""The order of things that people arrange: a number each, lowest first, so that moving one leaves the others alone."""

from collections.abc import Sequence

LEAST_GAP = 1e-6


def positions_between(taken: Sequence[float], *, at: int, count: int) -> list[float] | None:
    """Positions of ``count`` things put before the one at place ``at`` of those that lie at ``taken``, lowest first.

    ``at`` is ``len(taken)`` for the end. None where no room is left between two: then all are to be numbered anew.
    """
    if not taken:
        return [float(number) for number in range(1, count + 1)]
    high = taken[at] if at < len(taken) else taken[-1] + count + 1
    low = taken[at - 1] if at else high - count - 1
    gap = (high - low) / (count + 1)
    return [low + number * gap for number in range(1, count + 1)] if gap > LEAST_GAP else None
