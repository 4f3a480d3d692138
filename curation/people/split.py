"""A character in whose tracks there are two people, taken apart."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.cluster import Pairs, cluster_vectors
from curation.people.evidence import describe_rows, find_distances, sum_up

LEAST_SILHOUETTE = 0.5
"""Mean silhouette from which two groups are a reasonable structure (Kaufman & Rousseeuw 1990)."""

FEWEST_ON_A_SIDE = 2


def propose_split(
    vectors: NDArray[np.float32], *, weights: NDArray[np.float32], encoder: FaceEncoder, apart: Pairs
) -> NDArray[np.bool_] | None:
    """Propose which of one character's T tracks should leave it: ``bool (T,)``, or None when it is one person.

    ``vectors``, ``weights`` and ``apart`` as for ``cluster_vectors``. Whoever asks has seen two people, so that one and
    two are as likely here. Where even then the distances allow all to be one person, the tracks may still fall into
    two groups with a gap between them: see ``find_gap``. Whoever has most tracks stays; of the other people that are
    found the largest leaves, with everybody who is more like those that leave. Tracks without a vector stay.
    """
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1) & (weights > 0))
    labels = cluster_vectors(vectors, weights=weights, encoder=encoder, apart=apart, is_even=True)[usable]
    if len(np.unique(labels)) < 2:
        gap = find_gap(vectors[usable])
        if gap is None:
            return None
        labels = gap
    label = np.unique(labels, return_inverse=True)[1]
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


def find_gap(vectors: NDArray[np.float32]) -> NDArray[np.int64] | None:
    """Part vectors ``float32 (N, D)`` into two groups ``int64 (N,)`` where a gap shows that there are two, else None.

    The last two groups of average linkage (Sokal & Michener 1958), taken when the mean silhouette (Rousseeuw 1987) is
    ``LEAST_SILHOUETTE`` or more and each has ``FEWEST_ON_A_SIDE``: look-alikes in one light and room are near one
    another, but each still nearer to themselves.
    """
    if len(vectors) < 2 * FEWEST_ON_A_SIDE:
        return None
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    distances = pdist(vectors.astype(np.float64))
    labels = np.asarray(fcluster(linkage(distances, "average"), 2, "maxclust"), dtype=np.int64) - 1
    counts = np.bincount(labels, minlength=2)
    if counts.min() < FEWEST_ON_A_SIDE:
        return None
    square = squareform(distances)
    sums = np.stack([square[:, labels == side].sum(axis=1) for side in (0, 1)], axis=1)
    rows = np.arange(len(labels))
    within = sums[rows, labels] / (counts[labels] - 1)
    between = sums[rows, 1 - labels] / counts[1 - labels]
    silhouette = (between - within) / np.maximum(np.maximum(between, within), 1e-9)
    return labels if silhouette.mean() >= LEAST_SILHOUETTE else None
