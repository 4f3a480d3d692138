"""The known characters of a film's series as arrays, and which new groups of tracks take over their keys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from curation.people.collect import FilmPeople
from curation.people.known_people import KnownCharacter, Memory
from curation.people.locate import locate_faces


@dataclass(frozen=True, slots=True)
class KnownCast:
    """K characters by ascending key, and their examples in other films.

    ``places``: key → place; ``is_kept``, ``is_locked`` ``bool (K,)``; ``vectors`` ``float32 (E, D)``, ``weights``
    ``float32 (E,)``, ``owner`` ``int64 (E,)`` places.
    """

    keys: tuple[int, ...]
    places: Mapping[int, int]
    is_kept: NDArray[np.bool_]
    is_locked: NDArray[np.bool_]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, known: Sequence[KnownCharacter], *, spoken_of: Collection[int], dimensions: int) -> "KnownCast":
        """Lay out characters; those of ``spoken_of``, and locked ones, count as kept. Vectors of another length are
        another encoder's and left out."""
        cast = sorted({each.key: each for each in known}.values(), key=lambda each: each.key)
        shown = [each if each.vectors.shape[1:] == (dimensions,) else None for each in cast]
        vectors = [each.vectors for each in shown if each is not None]
        weights = [each.weights for each in shown if each is not None]
        counts = [len(each.vectors) if each is not None else 0 for each in shown]
        return cls(
            keys=tuple(each.key for each in cast),
            places={each.key: place for place, each in enumerate(cast)},
            is_kept=np.array(
                [each.is_kept or each.is_locked or each.key in spoken_of for each in cast], dtype=np.bool_
            ),
            is_locked=np.array([each.is_locked for each in cast], dtype=np.bool_),
            vectors=np.concatenate([np.empty((0, dimensions), np.float32), *vectors]),
            weights=np.concatenate([np.empty(0, np.float32), *weights]),
            owner=np.repeat(np.arange(len(cast), dtype=np.int64), counts),
        )

    def keeps(self, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these groups are characters that are kept."""
        is_known = (groups >= 0) & (groups < len(self.keys))
        return np.asarray(is_known & np.append(self.is_kept, False)[np.where(is_known, groups, -1)])

    def settle_keys(
        self, groups: NDArray[np.int64], *, recalled: NDArray[np.int64], apart: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Let characters that are not kept have the groups that most of their memory has gone to.

        Of all ways to give each group at most one the one that recalls most faces (Kuhn 1955, the Hungarian method).
        A character that its examples have drawn to other tracks as well has both, unless they are two people's.
        """
        count = len(self.keys)
        free = np.flatnonzero(~self.is_kept)
        names = np.unique(groups[groups >= 0])
        names = names[(names >= count) | np.isin(names, free)]
        if not len(free) or not len(names):
            return groups
        worth = np.array([recalled[groups == name][:, free].sum(axis=0) for name in names], dtype=np.float64)
        is_other = (names[:, None] < count) & (names[:, None] != free)
        worth = np.where(is_other, 0, worth + 0.5 * (names[:, None] == free))
        settled = groups.copy()
        for row, column in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            name, place = names[row], free[column]
            if worth[row, column] <= 0 or name == place:
                continue
            drawn, mine = groups == place, groups == name
            if _are_apart(drawn, mine, apart=apart):
                settled[drawn] = count + len(groups) + place
            settled[mine] = place
        return settled


def _are_apart(one: NDArray[np.bool_], other: NDArray[np.bool_], *, apart: NDArray[np.int64]) -> bool:
    first, second = apart[:, 0], apart[:, 1]
    return bool((one[first] & other[second] | one[second] & other[first]).any())


def recall(people: FilmPeople, memory: Memory | None, *, cast: KnownCast) -> NDArray[np.int64]:
    """Count how many faces of each track were which known character before: ``int64 (T, K)``."""
    counts = np.zeros((len(people.tracks), len(cast.keys)), dtype=np.int64)
    if memory is None or not len(cast.keys):
        return counts
    rows = locate_faces(people, frame_index=memory.frame_index, boxes=memory.boxes)
    for row, key in zip(rows.tolist(), memory.character.tolist(), strict=True):
        if row >= 0 and key in cast.places:
            counts[people.faces.track[row], cast.places[key]] += 1
    return counts
