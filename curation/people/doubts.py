"""What a person could be asked about a cast, the question first whose answer settles most."""

from collections.abc import Mapping, Set
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import FaceEncoder
from curation.people.certainty import find_squared_distances, share_out
from curation.people.evidence import LEAST_WEIGHT, Groups, describe_rows, find_base_odds, sum_up, weigh

MOST_DOUBTS = 200
MOST_COMPARED = 1000
"""Only so many of the most prominent characters are compared with one another; nobody gets to the others."""

LEAST_PROBABILITY = 0.03
"""Nobody wants to be asked what is all but certain, either way."""


class Doubt(NamedTuple):
    """A question: are the characters ``first`` and ``second`` one person ("characters"), or is the track in row
    ``first`` the character ``second`` ("track")?

    ``probability`` 0–1 of yes; ``worth``: how open the question is, 0–1, times the prominence that it decides about.
    """

    kind: Literal["characters", "track"]
    first: int
    second: int
    probability: float
    worth: float


def find_doubts(
    vectors: NDArray[np.float32],
    *,
    weights: NDArray[np.float32],
    character: NDArray[np.int64],
    confidence: NDArray[np.float32],
    said: NDArray[np.bool_],
    encoder: FaceEncoder,
    prominence: Mapping[int, float],
    apart: Set[tuple[int, int]],
    refused: Set[tuple[int, int]],
) -> list[Doubt]:
    """Find what is worth asking about T tracks, at most ``MOST_DOUBTS``, the most worthwhile first.

    ``vectors`` ``float32 (T, D)`` and ``weights`` ``float32 (T,)`` as for ``cluster_vectors``; ``character``
    ``int64 (T,)`` keys, −1 for none; ``confidence`` ``float32 (T,)`` that it is the character, NaN where not known;
    ``said`` ``bool (T,)``: a person has said it. ``prominence`` 0–1 by key. ``apart`` are pairs of keys that are known
    to be two people, in any order, ``refused`` pairs of row and key that somebody has said no to.
    """
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1) & (weights >= LEAST_WEIGHT))
    keys = np.unique(character[usable][character[usable] >= 0])
    if not len(keys):
        return []
    cast = _Cast(
        rows=describe_rows(vectors[usable], weights=weights[usable], encoder=encoder),
        place=np.where(character[usable] >= 0, np.searchsorted(keys, character[usable]), -1),
        shown=np.array([prominence.get(key, 0.0) for key in keys.tolist()], dtype=np.float64),
    )
    doubts = [
        Doubt("characters", int(keys[one]), int(keys[other]), probability, worth)
        for one, other, probability, worth in _compare_characters(cast, encoder=encoder)
        if not {(keys[one], keys[other]), (keys[other], keys[one])} & apart
    ]
    doubts += [
        Doubt("track", int(usable[row]), int(keys[place]), probability, worth)
        for row, place, probability, worth in _compare_tracks(cast, confidence=confidence[usable], encoder=encoder)
        if not said[usable[row]] and (int(usable[row]), int(keys[place])) not in refused
    ]
    return sorted(doubts, key=lambda doubt: (-doubt.worth, doubt.kind, doubt.first, doubt.second))[:MOST_DOUBTS]


class _Cast(NamedTuple):
    """Tracks with the place of their character, −1 for none, and each character's prominence."""

    rows: Groups
    place: NDArray[np.int64]
    shown: NDArray[np.float64]


Question = tuple[int, int, float, float]
"""Row or place, place, probability, worth."""


def _compare_characters(cast: _Cast, *, encoder: FaceEncoder) -> list[Question]:
    """All pairs of characters that may be one person; the answer decides about the lesser of the two."""
    is_in = cast.place >= 0
    everybody = sum_up(cast.rows.take(is_in), labels=cast.place[is_in])
    asked = np.sort(np.argsort(-cast.shown, kind="stable")[:MOST_COMPARED])
    people, shown = everybody.take(asked), cast.shown[asked]
    distance = np.sqrt(find_squared_distances(people, people))
    evidence = weigh(distance, one=people.mass[:, None], other=people.mass, encoder=encoder)
    probability = 1 / (1 + np.exp(-np.clip(evidence + find_base_odds(cast.place[is_in]), -50, 50)))
    worth = _openness(probability) * np.minimum(shown[:, None], shown)
    one, other = np.nonzero(np.triu((probability >= LEAST_PROBABILITY) & (worth > 0), k=1))
    return _list(asked[one], asked[other], probability[one, other], worth[one, other])


def _compare_tracks(cast: _Cast, *, confidence: NDArray[np.float32], encoder: FaceEncoder) -> list[Question]:
    """For each track whether it is its character, or the likeliest other one, whichever is the better question.

    The only track of a character is a question about characters.
    """
    is_in = cast.place >= 0
    count = np.bincount(cast.place[is_in], minlength=len(cast.shown))
    mine = np.where(is_in, cast.place, 0)
    own, other = np.zeros(len(mine)), np.zeros(len(mine))
    best = np.zeros(len(mine), dtype=np.int64)
    for block, shares in share_out(cast.rows, person=cast.place, encoder=encoder):
        every = np.arange(len(block))
        own[block] = shares[every, mine[block]]
        shares[every[is_in[block]], mine[block[is_in[block]]]] = 0
        best[block] = shares.argmax(axis=1)
        other[block] = shares[every, best[block]]
    own = np.where(np.isfinite(confidence) & is_in, confidence, own)
    own_worth = np.where(is_in, _openness(own) * cast.shown[mine] / np.maximum(count[mine], 1), 0)
    other_worth = _openness(other) * cast.shown[best] / (count[best] + 1)
    is_own = own_worth >= other_worth
    probability, place = np.where(is_own, own, other), np.where(is_own, mine, best)
    worth = np.where(is_own, own_worth, other_worth)
    asked = np.flatnonzero(
        (worth > 0) & (probability >= LEAST_PROBABILITY) & (probability <= 1 - LEAST_PROBABILITY)
        & ~(is_in & (count[mine] == 1))
    )  # fmt: skip
    return _list(asked, place[asked], probability[asked], worth[asked])


def _openness(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """1 for a probability of a half, 0 for certainty."""
    return np.asarray(1 - np.abs(2 * np.asarray(probability, dtype=np.float64) - 1))


def _list(
    first: NDArray[np.int64], second: NDArray[np.int64], probability: NDArray[np.floating], worth: NDArray[np.floating]
) -> list[Question]:
    return list(zip(first.tolist(), second.tolist(), probability.tolist(), worth.tolist(), strict=True))
