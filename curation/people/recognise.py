"""Who is who in a film: its tracks as characters, new ones and known ones, as far as people have not said it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.certainty import find_confidence
from curation.people.cluster import cluster_vectors
from curation.people.collect import FilmPeople, track_vectors
from curation.people.evidence import LEAST_WEIGHT, Groups, describe_rows
from curation.people.known_cast import KnownCast, recall
from curation.people.known_people import Claim, KnownCharacter, Memory
from curation.people.told import Told, hear_claims


class Recognition(NamedTuple):
    """The people of a film with the character of each track.

    ``people`` is what was given, but a track that a person has claimed for two characters, or a face out of it, is cut.
    ``characters``: key of a ``KnownCharacter``, or None for a new one, in the order of their first tracks. ``person``
    ``int64 (T,)`` is an index into them, −1 for nobody: too poor to tell, or no face. ``confidence`` ``float32 (T,)``
    0–1, NaN for nobody; ``is_said`` ``bool (T,)``: a person has said so; ``is_face`` ``bool (T,)``.
    """

    people: FilmPeople
    characters: tuple[int | None, ...]
    person: NDArray[np.int64]
    confidence: NDArray[np.float32]
    is_said: NDArray[np.bool_]
    is_face: NDArray[np.bool_]


def recognise(
    people: FilmPeople,
    *,
    encoder: FaceEncoder,
    known: Sequence[KnownCharacter] = (),
    claims: Sequence[Claim] = (),
    different: frozenset[tuple[int, int]] = frozenset(),
    memory: Memory | None = None,
) -> Recognition:
    """Recognise the people of a film among themselves and among the known characters of its series.

    ``claims`` hold in any case, a later one against an earlier; ``different`` are keys of characters that are two
    people. What ``memory`` gives a character that is kept, or that anything was said about, stays with it unless a
    claim takes it away; a locked one gets nothing else. Other characters are found anew and keep their key where most
    of their memory goes. Known characters of other films attract tracks when that is sure. Two tracks seen in one
    frame are two people. The order of ``known`` does not matter, and with its own result as ``memory`` the result is
    the same.
    """
    people, told = hear_claims(people, claims)
    spoken_of = {key for claim in claims if (key := claim.character) is not None} | {
        key for pair in different for key in pair
    }
    cast = KnownCast.of(known, spoken_of=spoken_of, dimensions=encoder.dimensions)
    recalled = recall(people, memory, cast=cast)
    film = _Film(people, told, cast=cast, encoder=encoder)
    held = film.hold(recalled)
    groups = film.group(held)
    # What a kept character has gained is kept as well: only what is added to that too is the end of it.
    while (gained := (held < 0) & cast.keeps(groups)).any():
        held = np.where(gained, groups, held)
        groups = film.group(held)
    groups = cast.settle_keys(groups, recalled=recalled, apart=film.apart)
    return film.conclude(groups)


class _Film:
    """The tracks of a film beside the known cast.

    Groups of tracks are places in the known cast, and from its length on new people.
    """

    def __init__(self, people: FilmPeople, told: Sequence[Told], *, cast: KnownCast, encoder: FaceEncoder) -> None:
        self._people, self._told, self._cast, self._encoder = people, told, cast, encoder
        self._vectors, self._weights = track_vectors(people)
        self._is_face = np.array([each.is_face for each in told], dtype=np.bool_)
        self.apart = _find_apart(people)

    def hold(self, recalled: NDArray[np.int64]) -> NDArray[np.int64]:
        """The known character that each track is in any case, ``int64 (T,)``, −1 for none."""
        held = np.full(len(self._told), -1, dtype=np.int64)
        best = recalled.argmax(axis=1) if recalled.size else held
        for track, told in enumerate(self._told):
            if told.character is not None:
                held[track] = self._cast.places.get(told.character, -1)
            elif recalled.size and recalled[track, best[track]] and told.is_face:
                forbidden = self._cast.keys[best[track]] in told.not_characters
                held[track] = best[track] if self._cast.is_kept[best[track]] and not forbidden else -1
        return held

    def group(self, held: NDArray[np.int64]) -> NDArray[np.int64]:
        """Group all tracks that can be told, ``int64 (T,)``, −1 for the others; ``held`` ones stay where they are."""
        cast = self._cast
        is_locked = np.append(cast.is_locked, False)[held]
        is_free = (held < 0) & self._is_face & (self._weights >= LEAST_WEIGHT)
        rows = np.flatnonzero(is_free | (held >= 0) & ~is_locked)
        examples = np.flatnonzero(~cast.is_locked[cast.owner])
        seeds = np.concatenate([held[rows], cast.owner[examples]])
        labels = cluster_vectors(
            np.concatenate([self._vectors[rows], cast.vectors[examples]]),
            weights=np.concatenate([self._weights[rows], cast.weights[examples]]),
            encoder=self._encoder,
            apart=self._keep_apart(rows, seeds=seeds),
            seeds=seeds,
        )
        named = labels + len(cast.keys)
        for seed in np.unique(seeds[seeds >= 0]).tolist():
            named[labels == labels[np.flatnonzero(seeds == seed)[0]]] = seed
        groups = held.copy()
        groups[rows] = named[: len(rows)]
        return groups

    def _keep_apart(self, rows: NDArray[np.int64], *, seeds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs of places in ``rows``, and after them the examples, that are two people: seen at once, or said so."""
        place = np.full(len(self._told), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        pairs = [pair for pair in place[self.apart].tolist() if min(pair) >= 0]
        first = {int(seed): at for at, seed in reversed(list(enumerate(seeds.tolist())))}
        for row, track in enumerate(rows.tolist()):
            refused = [self._cast.places.get(key, -1) for key in sorted(self._told[track].not_characters)]
            pairs += [[row, first[seed]] for seed in refused if seed >= 0 and seed in first]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def conclude(self, groups: NDArray[np.int64]) -> Recognition:
        """Number the groups by their first tracks, and say how sure each track is."""
        order = list(dict.fromkeys(group for group in groups.tolist() if group >= 0))
        cast = self._cast
        number = {group: place for place, group in enumerate(order)}
        person = np.array([number.get(group, -1) for group in groups.tolist()], dtype=np.int64)
        is_said = np.array([told.character in cast.places or not told.is_face for told in self._told], dtype=np.bool_)
        owner = np.array([number.get(each, -1) for each in cast.owner.tolist()], dtype=np.int64)
        rows = describe_rows(
            np.concatenate([self._vectors, cast.vectors]),
            weights=np.concatenate([self._weights, cast.weights]), encoder=self._encoder,
        )  # fmt: skip
        foes = np.concatenate([self.apart, self.apart[:, ::-1]])
        confidence = _find_confidence(
            rows, np.concatenate([person, owner]), encoder=self._encoder,
            excluded=np.column_stack([foes[:, 0], person[foes[:, 1]]]),
        )[: len(person)]  # fmt: skip
        confidence[is_said & (person >= 0)] = 1
        keys = tuple(cast.keys[group] if group < len(cast.keys) else None for group in order)
        return Recognition(self._people, keys, person, confidence, is_said, self._is_face)


def _find_confidence(
    rows: Groups, person: NDArray[np.int64], *, encoder: FaceEncoder, excluded: NDArray[np.int64]
) -> NDArray[np.float32]:
    """See ``find_confidence``; 0 for rows without a vector that are somebody all the same."""
    is_usable = np.isfinite(rows.centre).all(axis=1) & (rows.mass > 0)
    usable = np.flatnonzero(is_usable)
    confidence = np.where(person >= 0, 0, np.nan).astype(np.float32)
    # Persons without a usable row leave no gaps in the numbers.
    present = np.unique(person[usable][person[usable] >= 0])
    number = np.where(person[usable] >= 0, np.searchsorted(present, person[usable]), -1)
    place = np.cumsum(is_usable) - 1
    excluded = excluded[is_usable[excluded[:, 0]] & np.isin(excluded[:, 1], present)]
    excluded = excluded[person[excluded[:, 0]] != excluded[:, 1]]
    pairs = np.column_stack([place[excluded[:, 0]], np.searchsorted(present, excluded[:, 1])])
    confidence[usable] = find_confidence(rows.take(usable), person=number, encoder=encoder, excluded=pairs)
    return confidence


def _find_apart(people: FilmPeople) -> NDArray[np.int64]:
    """Pairs of tracks that were found in one looked-at frame, ``int64 (M, 2)``."""
    faces = people.faces
    rows = np.flatnonzero(faces.track >= 0)
    rows = rows[np.argsort(faces.frame_index[rows], kind="stable")]
    starts = np.unique(faces.frame_index[rows], return_index=True)[1]
    pairs = set()
    for members in np.split(faces.track[rows], starts)[1:]:
        present = sorted(set(members.tolist()))
        pairs |= {(one, other) for place, one in enumerate(present) for other in present[place + 1 :]}
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
