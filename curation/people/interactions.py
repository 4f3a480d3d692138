"""Who meets whom: in one frame, in one shot, in one scene, each counted by itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

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
    pairs = (together + shots + scenes).tocoo()
    first, second = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    return Interactions(
        characters[first],
        characters[second],
        _values_at(together, first, second),
        np.rint(_values_at(shots, first, second)).astype(np.int64),
        np.rint(_values_at(scenes, first, second)).astype(np.int64),
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
) -> Any:
    """In how many places (shots or scenes of films) two characters are: sparse ``(count, count)``, upper triangle."""
    _, row = np.unique(np.stack([film, place]), axis=1, return_inverse=True)
    cells = np.unique(np.stack([row.reshape(-1), column]), axis=1)
    return _count_pairs(cells[0], cells[1], weights=np.ones(int(cells[0].max(initial=-1)) + 1), count=count)


def _meet_in_frames(
    facts: TrackFacts,
    *,
    column: NDArray[np.int64],
    film: NDArray[np.int64],
    seconds_per_frame: NDArray[np.float64],
) -> Any:
    """Seconds in which two characters are in one frame: sparse ``(count, count)``, upper triangle."""
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
) -> Any:
    from scipy import sparse

    shape = (len(weights), count)
    incidence = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    weighted = sparse.csr_array((weights[row], (row, column)), shape=shape)
    return sparse.triu(weighted.T @ incidence, k=1, format="csr")


def _values_at(matrix: Any, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(row):
        return np.empty(0)
    return np.asarray(matrix[row, column], dtype=np.float64).reshape(-1)
