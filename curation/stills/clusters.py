"""Clusters: groups of stills that are alike in every respect that counts, and what each stands for in the film."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.closer_parts import NEUTRAL
from curation.stills.elements import Element
from curation.stills.order import weigh_parts
from curation.stills.parts import LEAST_SUITABILITY, PART_WEIGHTS, judge_suitability
from curation.stills.table import VECTOR_WEIGHTS, StillTable, combine_vectors

MOST_CLUSTERS = 24
MOST_COMPARED = 700
"""Stills that are compared with one another; those of larger films are evenly chosen, the others join the nearest."""

LEAST_SPREAD = 0.05
"""Root mean square distance from the middle below which all stills are one cluster."""

CLEAR_ENOUGH = 0.98
"""Of the numbers of clusters whose silhouette reaches this share of the best, the largest is taken."""

NEAR_THE_MIDDLE = 0.25
"""The representative is the best still among this share of a cluster's members, those nearest to its middle."""

MOST_WORDS = 4

_BLOCK = 8192


class Cluster(NamedTuple):
    """Stills that are alike. ``number`` counts from 1, by the part of the film that they stand for. ``members``
    ``int64 (M,)``: rows of the table, the representative first, then by quality. ``film_frames``: frames of the film
    that they stand for; ``film_share`` the same as a part of it, 0–1. ``spread``: root mean square distance of the
    members from their middle, 0–1.
    """

    number: int
    members: NDArray[np.int64]
    film_frames: int
    film_share: float
    spread: float


def cluster_stills(table: StillTable, *, weights: Mapping[str, float] = VECTOR_WEIGHTS) -> NDArray[np.int64]:
    """Number the cluster of every still, ``int64 (N,)`` from 1; 1 stands for the largest part of the film.

    Up to MOST_COMPARED stills, evenly chosen in the order of the film, are joined by Ward's method (1963) on their
    weighted vectors. The number of clusters is the largest whose mean silhouette (Rousseeuw 1987) is nearly the best
    of all from 2 to MOST_CLUSTERS, or to the root of twice the stills where that is less; every still then joins the
    nearest middle. The same stills and weights always give the same clusters. Raises ValueError for a weight that is
    negative or no number.
    """
    vectors = combine_vectors(table, weights=weights)
    if not len(vectors):
        return np.empty(0, dtype=np.int64)
    spread = float(np.sqrt(np.square(vectors - vectors.mean(axis=0, dtype=np.float64)).sum(axis=1).mean()))
    if len(vectors) < 3 or not vectors.shape[1] or spread < LEAST_SPREAD:
        return np.ones(len(vectors), dtype=np.int64)
    chosen = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), MOST_COMPARED)).round().astype(np.int64))
    groups = _join(vectors[chosen].astype(np.float64))
    middles = np.stack([vectors[chosen][groups == group].mean(axis=0) for group in range(int(groups.max()) + 1)])
    return _number(_nearest(vectors, middles), table)


def read_clusters(
    table: StillTable, numbers: NDArray[np.int64], *, weights: Mapping[str, float] = VECTOR_WEIGHTS
) -> list[Cluster]:
    """List the clusters that ``cluster_stills`` numbered, in the order of their numbers."""
    vectors, quality = combine_vectors(table, weights=weights), rate_quality(table)
    clusters = []
    for number in np.unique(numbers).tolist():
        members = np.flatnonzero(numbers == number)
        distance = np.linalg.norm(vectors[members] - vectors[members].mean(axis=0), axis=1)
        near = np.argsort(distance, kind="stable")[: max(1, round(NEAR_THE_MIDDLE * len(members)))]
        best = members[near[np.lexsort((near, -quality[members[near]]))[0]]]
        others = members[members != best]
        ordered = np.append(best, others[np.argsort(-quality[others], kind="stable")])
        frames = int(table.film_frames[members].sum())
        share, spread = frames / max(table.frame_count, 1), float(np.sqrt(np.square(distance).mean()))
        clusters.append(Cluster(number, ordered, frames, share, spread))
    return clusters


def rate_quality(table: StillTable) -> NDArray[np.float64]:
    """Tell how good each still is by itself, whatever is ranked above it: ``float64 (N,)``, 0–1; the unusable last."""
    quality = weigh_parts(table.parts, PART_WEIGHTS).astype(np.float64) if table.parts else np.full(len(table), NEUTRAL)
    suitability = judge_suitability(table.parts, count=len(table))
    return np.where(suitability < LEAST_SUITABILITY, quality * suitability, quality)


def describe_cluster(members: NDArray[np.int64], elements: Sequence[Element]) -> str:
    """Say in words what stills have in common that others have less: "close-ups of Anna, dark, blue".

    ``elements`` are those of the whole table. Empty where nothing can be told.
    """
    phrases = _typical_phrases(members, elements)
    return ", ".join(_tell_phrase(phrase) for phrase in phrases)


def has_what_is_typical(row: int, members: NDArray[np.int64], elements: Sequence[Element]) -> bool:
    """Tell whether a still has all that `describe_cluster` says of these, as far as that is known of it."""
    named = [element for phrase in _typical_phrases(members, elements) for element in phrase]
    return all(bool(element.has[row] or not element.is_known[row]) for element in named)


def _typical_phrases(members: NDArray[np.int64], elements: Sequence[Element]) -> list[list[Element]]:
    """The elements that stills have in common, those together that are said in one breath."""
    people = [element for element in elements if element.is_person and _share(element, members) >= 0.5][:2]
    phrases = [_most_typical(members, elements, "scale", least=0.5, lift=0.0) + people]
    phrases += [
        _most_typical(members, elements, vector, least=0.6, lift=1.25)
        for vector in ("light", "palette", "composition", "saliency", "place")
    ]
    return [phrase for phrase in phrases if phrase][:MOST_WORDS]


def _tell_phrase(phrase: Sequence[Element]) -> str:
    people = " and ".join(element.label for element in phrase if element.is_person)
    kind = next((element.label for element in phrase if not element.is_person), "stills")
    return f"{kind} of {people}" if people else kind


def _most_typical(
    members: NDArray[np.int64], elements: Sequence[Element], vector: str, *, least: float, lift: float
) -> list[Element]:
    """The element of a vector that most of these have, and at least ``lift`` times as often as all do, if any."""
    found: list[Element] = []
    best = 0.0
    for element in elements:
        share, usual = _share(element, members), _share(element, slice(None))
        if element.vector == vector and share >= least and share >= lift * usual and share - usual >= best:
            found, best = [element], max(share - usual, 0.0)
    return found


def _share(element: Element, rows: NDArray[np.int64] | slice) -> float:
    known = int(element.is_known[rows].sum())
    return int(element.has[rows].sum()) / known if known else 0.0


def _join(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cluster of each point, from 0, in as many clusters as suit them."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    distances = pdist(points)
    tree = linkage(points, method="ward")
    most = min(MOST_CLUSTERS, max(2, round(np.sqrt(2 * len(points)))), len(points) - 1)
    finest = fcluster(tree, most, criterion="maxclust") - 1
    sums = squareform(distances) @ np.eye(int(finest.max()) + 1)[finest]
    cuts = [fcluster(tree, count, criterion="maxclust") - 1 for count in range(2, most + 1)]
    clarity = np.array([_silhouette(sums, finest=finest, groups=groups) for groups in cuts])
    good = np.flatnonzero(clarity >= CLEAR_ENOUGH * clarity.max())
    return np.asarray(cuts[int(good[-1])] if len(good) else cuts[0], dtype=np.int64)


def _silhouette(sums: NDArray[np.float64], *, finest: NDArray[np.int64], groups: NDArray[np.int64]) -> float:
    """Mean silhouette of a grouping; ``sums`` ``(N, F)`` are each point's distances to the members of the finest
    groups, summed, of which every group is made up."""
    count = int(groups.max()) + 1
    of_finest = np.zeros((sums.shape[1], count))
    of_finest[finest, groups] = 1
    to_groups, sizes = sums @ of_finest, np.bincount(groups, minlength=count)
    rows = np.arange(len(groups))
    inside = to_groups[rows, groups] / np.maximum(sizes[groups] - 1, 1)
    means = to_groups / sizes
    means[rows, groups] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    silhouette = np.divide(outside - inside, larger, out=np.zeros(len(groups)), where=larger > 0)
    return float(np.where(sizes[groups] > 1, silhouette, 0.0).mean())


def _nearest(vectors: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.int64]:
    """Row of the nearest middle for each vector, ``int64 (N,)``, the first of equally near ones."""
    squares = np.square(middles).sum(axis=1)
    nearest = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        nearest[start : start + _BLOCK] = np.argmin(squares - 2 * (block @ middles.T), axis=1)
    return nearest


def _number(groups: NDArray[np.int64], table: StillTable) -> NDArray[np.int64]:
    """Numbers from 1 by the part of the film that a group stands for, then by its first still."""
    kinds, first, row = np.unique(groups, return_index=True, return_inverse=True)
    frames = np.bincount(row, weights=table.film_frames, minlength=len(kinds))
    order = np.lexsort((first, -frames))
    numbers = np.empty(len(kinds), dtype=np.int64)
    numbers[order] = np.arange(1, len(kinds) + 1)
    return numbers[row]
