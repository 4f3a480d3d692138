"""The clusters of films' stills, kept while their tables and the weights stay the same."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ava.models import Video
from curation.stills.clusters import cluster_stills
from curation.stills.table import VECTOR_NAMES, StillTable

_MOST_KEPT = 12

_Key = tuple[int, tuple[float, ...]]
_kept: OrderedDict[_Key, tuple[StillTable, NDArray[np.int64]]] = OrderedDict()
_lock = Lock()


def number_clusters(video: Video, table: StillTable, *, weights: Mapping[str, float]) -> NDArray[np.int64]:
    """The cluster of every still of a film's table, int64 (N,) from 1; nobody may write into it."""
    key = (video.pk, tuple(weights.get(name, 0.0) for name in VECTOR_NAMES))
    with _lock:
        held = _kept.get(key)
        if held is not None and held[0] is table:
            _kept.move_to_end(key)
            return held[1]
    numbers = cluster_stills(table, weights=weights)
    with _lock:
        _kept[key] = (table, numbers)
        _kept.move_to_end(key)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return numbers
