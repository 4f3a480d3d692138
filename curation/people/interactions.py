"""Who meets whom: in one frame, in one shot, in one scene, each counted by itself."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.people.spans import merge_spans
from curation.people.track_facts import TrackFacts


class Interactions(NamedTuple):
    """One row a pair of characters who share at least a scene, E of them, sorted.

    ``first`` < ``second`` ``int64 (E,)`` numbers of characters; ``together_s`` ``float64 (E,)`` seconds in one frame;
    ``shots`` and ``scenes`` ``int64 (E,)`` in how many both are seen, at whatever time.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    together_s: NDArray[np.float64]
    shots: NDArray[np.int64]
    scenes: NDArray[np.int64]


class _Met(NamedTuple):
    """How much pairs share: ``pair`` ``int64 (E,)`` rising, first × count + second; ``weight`` ``float64 (E,)``."""

    pair: NDArray[np.int64]
    weight: NDArray[np.float64]

    def at(self, pair: NDArray[np.int64]) -> NDArray[np.float64]:
        """The weights of these pairs, 0 for those that share nothing."""
        weight = np.zeros(len(pair))
        weight[np.searchsorted(pair, self.pair)] = self.weight
        return weight


def measure_interactions(facts: TrackFacts, *, fps: Mapping[int, float]) -> Interactions:
    """Measure time together of all pairs at once, as products of sparse incidence matrices; ``fps`` by film.

    Characters are columns; rows are the shots, the scenes, and the spans between two frames at which anybody comes or
    goes. Co-occurrence as an edge's weight: Weng, Chu & Wu 2009 ("RoleNet"), who count scenes.
    """
    characters, column = np.unique(facts.character, return_inverse=True)
    films, film = np.unique(facts.film, return_inverse=True)
    filled = facts.end_frame > facts.start_frame
    seconds_per_frame = np.array([1 / fps[number] for number in films.tolist()], dtype=np.float64)
    together = _meet_in_frames(facts, column=column, film=film, seconds_per_frame=seconds_per_frame)
    shots = _meet_in(film[filled], facts.shot[filled], column=column[filled], count=len(characters))
    placed = filled & (facts.scene >= 0)
    scenes = _meet_in(film[placed], facts.scene[placed], column=column[placed], count=len(characters))
    count = len(characters)
    pairs = np.unique(np.concatenate([met.pair for met in (together, shots, scenes)]))
    return Interactions(
        characters[pairs // max(count, 1)],
        characters[pairs % max(count, 1)],
        together.at(pairs),
        np.rint(shots.at(pairs)).astype(np.int64),
        np.rint(scenes.at(pairs)).astype(np.int64),
    )


def bond_strengths(
    interactions: Interactions, *, characters: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How strongly the graph ties each pair: ``float64 (C, C)`` 0–1, symmetric, rows as in ``characters`` ``(C,)``.

    The mean of time together, shared shots and shared scenes, each as a share of the largest.
    """
    order = np.argsort(characters)
    first, second = (
        order[np.searchsorted(characters, pair, sorter=order)] for pair in (interactions.first, interactions.second)
    )
    measures = (interactions.together_s, interactions.shots, interactions.scenes)
    strengths = np.zeros((len(characters), len(characters)))
    for measure in measures:
        most = measure.max(initial=0)
        if most > 0:
            np.add.at(strengths, (first, second), measure / most / len(measures))
    return np.asarray(strengths + strengths.T)


def _meet_in(
    film: NDArray[np.int64], place: NDArray[np.int64], *, column: NDArray[np.int64], count: int
) -> _Met:
    """In how many places (shots or scenes of films) two characters are."""
    places, row = np.unique(film * (int(place.max(initial=0)) + 1) + place, return_inverse=True)
    cells = np.unique(row * count + column)
    return _count_pairs(cells // max(count, 1), cells % max(count, 1), weights=np.ones(len(places)), count=count)


def _meet_in_frames(
    facts: TrackFacts,
    *,
    column: NDArray[np.int64],
    film: NDArray[np.int64],
    seconds_per_frame: NDArray[np.float64],
) -> _Met:
    """Seconds in which two characters are in one frame."""
    count, films = int(column.max(initial=-1)) + 1, max(len(seconds_per_frame), 1)
    spans = merge_spans(column * films + film, start_frame=facts.start_frame, end_frame=facts.end_frame)
    # All films on one axis; between two marks nobody comes or goes.
    axis = int(spans.end_frame.max(initial=0)) + 1
    start, end = (spans.owner % films * axis + frame for frame in (spans.start_frame, spans.end_frame))
    marks = np.unique(np.concatenate([start, end]))
    first, last = np.searchsorted(marks, start), np.searchsorted(marks, end)
    covered = last - first
    within = np.arange(int(covered.sum())) - np.repeat(np.cumsum(covered) - covered, covered)
    lengths_s = np.diff(marks) * seconds_per_frame[marks[:-1] // axis] if len(marks) else np.empty(0)
    return _count_pairs(
        np.repeat(first, covered) + within, np.repeat(spans.owner // films, covered), weights=lengths_s, count=count
    )


def _count_pairs(
    row: NDArray[np.int64], column: NDArray[np.int64], *, weights: NDArray[np.float64], count: int
) -> _Met:
    from scipy import sparse

    shape = (len(weights), count)
    incidence = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    weighted = sparse.csr_array((weights[row], (row, column)), shape=shape)
    products = (weighted.T @ incidence).tocoo()
    upper = products.row < products.col
    pair = products.row[upper].astype(np.int64) * count + products.col[upper]
    order = np.argsort(pair)
    return _Met(pair[order], np.asarray(products.data[upper][order], dtype=np.float64))
