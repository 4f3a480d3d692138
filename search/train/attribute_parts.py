"""Which examples are left out together when a head is tried: what is of one film, or of one place in it."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_PARTS = 10
LEAST_FILMS = 4
SCENE_SHOTS = 8
"""So many shots in a row count as one place: neighbours look alike, and would make trying too easy."""


class Parts(NamedTuple):
    """``part`` ``int64 (N,)`` of each example, what is kept ``together``, and the ``group`` ``int64 (N,)`` of examples
    that are alike and count as so many less: a film, else a stretch of one."""

    part: NDArray[np.int64]
    group: NDArray[np.int64]
    together: Literal["film", "scene", "shot"]


def part_examples(film: NDArray[np.int64], *, shot: NDArray[np.int64], has_it: NDArray[np.bool_]) -> Parts:
    """Deal examples ``(N,)`` of films and of shots (their places in the film) into at most ``MOST_PARTS`` parts.

    Whole films are kept together where both sides come from ``LEAST_FILMS`` of them, else stretches of ``SCENE_SHOTS``
    shots where both sides come from as many, else every shot is for itself. Parts are dealt out in turn, those
    with the attribute first, so that none holds all of a side.
    """
    stretch = film * (int(shot.max(initial=0)) // SCENE_SHOTS + 1) + shot // SCENE_SHOTS
    if _both_sides(film, has_it) >= LEAST_FILMS:
        return Parts(_deal(film, has_it), film, "film")
    if _both_sides(stretch, has_it) >= LEAST_FILMS:
        return Parts(_deal(stretch, has_it), stretch, "scene")
    return Parts(_deal(np.arange(len(has_it), dtype=np.int64), has_it), stretch, "shot")


def _both_sides(group: NDArray[np.int64], has_it: NDArray[np.bool_]) -> int:
    return min(len(np.unique(group[has_it])), len(np.unique(group[~has_it])))


def _deal(group: NDArray[np.int64], has_it: NDArray[np.bool_]) -> NDArray[np.int64]:
    with_it = np.unique(group[has_it])
    order = np.concatenate([with_it, np.setdiff1d(np.unique(group), with_it)])
    part_of = {int(each): place % MOST_PARTS for place, each in enumerate(order)}
    return np.array([part_of[int(each)] for each in group], dtype=np.int64)
