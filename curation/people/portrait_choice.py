"""Which of its portraits stand for a character: good ones, from all over the films."""

import numpy as np
from numpy.typing import NDArray


def choose_portraits(
    owner: NDArray[np.int64], *, order: NDArray[np.int64], score: NDArray[np.float64], most: int
) -> NDArray[np.int64]:
    """Choose at most ``most`` rows for each owner: ``int64 (P,)``, sorted by owner, each owner's best first.

    ``owner`` ``(T,)``, ``order`` ``(T,)`` places in time, ``score`` ``(T,)`` higher is better. Each owner's rows are
    cut by time into as many equal parts as portraits are wanted, and the best of every part stands for it.
    """
    sequence = np.lexsort((order, owner))
    names, first, count = np.unique(owner[sequence], return_index=True, return_counts=True)
    rank = np.arange(len(owner)) - np.repeat(first, count)
    part = rank * most // np.repeat(np.maximum(count, most), count)
    group = np.repeat(np.arange(len(names)), count) * most + part
    best_first = np.lexsort((rank, -score[sequence], group))
    _, heads = np.unique(group[best_first], return_index=True)
    chosen = sequence[best_first[heads]]
    return chosen[np.lexsort((order[chosen], -score[chosen], owner[chosen]))]
