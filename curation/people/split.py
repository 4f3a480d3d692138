"""A character in whose tracks there are two people, taken apart."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.cluster import Pairs, cluster_vectors
from curation.people.evidence import describe_rows, find_distances, sum_up


def propose_split(
    vectors: NDArray[np.float32], *, weights: NDArray[np.float32], encoder: FaceEncoder, apart: Pairs
) -> NDArray[np.bool_] | None:
    """Propose which of one character's T tracks should leave it: ``bool (T,)``, or None when it is one person.

    ``vectors``, ``weights`` and ``apart`` as for ``cluster_vectors``. Whoever has most tracks stays; of the other
    people that are found the largest leaves, with everybody who is more like those that leave. Somebody who asks has
    seen two people, so that one and two are as likely here. Tracks without a vector stay.
    """
    labels = cluster_vectors(vectors, weights=weights, encoder=encoder, apart=apart, is_even=True)
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1) & (weights > 0))
    people, label = np.unique(labels[usable], return_inverse=True)
    if len(people) < 2:
        return None
    rows = describe_rows(vectors[usable], weights=weights[usable], encoder=encoder)
    groups = sum_up(rows, labels=label)
    stays, leaves = np.argsort(-groups.mass, kind="stable")[:2]
    to_stay = find_distances(groups.take(np.array([stays])), groups)
    to_leave = find_distances(groups.take(np.array([leaves])), groups)
    leaving = to_leave < to_stay
    leaving[[stays, leaves]] = False, True
    split = np.zeros(len(vectors), dtype=np.bool_)
    split[usable] = leaving[label]
    return split
