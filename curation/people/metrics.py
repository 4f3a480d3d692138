"""How well tracks were grouped into people, against who they really are, and what it takes to put it right."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Agreement(NamedTuple):
    """Precision, recall and their harmonic mean, 0–1."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairwise(found: NDArray[np.int64], true: NDArray[np.int64]) -> Agreement:
    """Agree on pairs: of those put together, and of those that belong together, the share that is both.

    Labels ``int64 (N,)``, any numbers. 1 where there is no such pair.
    """
    table = _count(found, true)
    both = _pairs(table).sum()
    together, belonging = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    return Agreement(float(both / together) if together else 1.0, float(both / belonging) if belonging else 1.0)


def bcubed(found: NDArray[np.int64], true: NDArray[np.int64]) -> Agreement:
    """Agree row by row: the mean share of a row's group that is its person, and of its person that is its group.

    Labels ``int64 (N,)``, any numbers; 1 without rows. After Bagga & Baldwin 1998, B³.
    """
    table = _count(found, true)
    squares, rows = np.square(table), table.sum()
    if not rows:
        return Agreement(1.0, 1.0)
    precision = (squares / table.sum(axis=1, keepdims=True)).sum() / rows
    return Agreement(float(precision), float((squares / table.sum(axis=0, keepdims=True)).sum() / rows))


def purity(found: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    """Share 0–1 of the rows that are the commonest person of their group; 1 without rows."""
    table = _count(found, true)
    return float(table.max(axis=1).sum() / table.sum()) if table.size else 1.0


def count_ratio(found: NDArray[np.int64], true: NDArray[np.int64]) -> float:
    """Number of groups over number of people; 1 without rows."""
    return len(np.unique(found)) / max(len(np.unique(true)), 1) if len(found) else 1.0


def count_clicks(
    found: NDArray[np.int64], true: NDArray[np.int64], *, screen_time: NDArray[np.floating], top: int = 10
) -> int:
    """Count the actions of somebody who knows everybody until the ``top`` most prominent characters are right.

    Labels ``int64 (T,)`` and ``screen_time`` ``(T,)`` of tracks. At every step they look at the ``top`` characters with
    most screen time, the most prominent first, and do one of what the page allows in one action:
    *split*: all tracks of one character that are not its commonest person (by screen time) leave it, those of one
    wrong person at a time, to the character where most of that person is, if that is where they are the commonest,
    else as a new character (ticking tracks and moving them is one action);
    *merge*: all characters that are commonly the same person become one (ticking several and merging is one action).
    Right is when each of the ``top`` holds one person only and all tracks of that person. Naming is not counted.
    """
    labels, clicks = found.copy(), 0
    while (change := _correct_next(labels, true, screen_time=screen_time, top=top)) is not None:
        labels, clicks = change, clicks + 1
    return clicks


def _correct_next(
    labels: NDArray[np.int64], true: NDArray[np.int64], *, screen_time: NDArray[np.floating], top: int
) -> NDArray[np.int64] | None:
    """The labels after the next action, None when nothing is left to do."""
    owner = {int(group): _commonest(labels == group, true, screen_time) for group in np.unique(labels)}
    shown = sorted(owner, key=lambda group: (-float(screen_time[labels == group].sum()), group))[:top]
    for group in shown:
        wrong = (labels == group) & (true != owner[group])
        if wrong.any():
            person = _commonest(wrong, true, screen_time)
            changed = labels.copy()
            changed[wrong & (true == person)] = _home_of(person, labels, true, owner=owner, screen_time=screen_time)
            return changed
        same = [other for other in owner if owner[other] == owner[group] and other != group]
        if same:
            changed = labels.copy()
            changed[np.isin(labels, same)] = group
            return changed
        elsewhere = (labels != group) & (true == owner[group])
        if elsewhere.any():
            changed = labels.copy()
            changed[elsewhere] = group
            return changed
    return None


def _commonest(rows: NDArray[np.bool_], true: NDArray[np.int64], screen_time: NDArray[np.floating]) -> int:
    people, inverse = np.unique(true[rows], return_inverse=True)
    return int(people[np.bincount(inverse, weights=screen_time[rows]).argmax()])


def _home_of(
    person: int,
    labels: NDArray[np.int64],
    true: NDArray[np.int64],
    *,
    owner: dict[int, int],
    screen_time: NDArray[np.floating],
) -> int:
    """The character where most of a person is, of those that are commonly that person; a new one without any."""
    homes = [group for group in owner if owner[group] == person]
    time = {group: float(screen_time[(labels == group) & (true == person)].sum()) for group in homes}
    return max(homes, key=lambda group: time[group]) if homes else int(labels.max()) + 1


def _count(found: NDArray[np.int64], true: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many rows each group and person share: ``float64 (groups, people)``."""
    groups, row = np.unique(found, return_inverse=True)
    people, column = np.unique(true, return_inverse=True)
    table = np.zeros((len(groups), len(people)))
    np.add.at(table, (row, column), 1)
    return table


def _pairs(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return counts * (counts - 1) / 2
