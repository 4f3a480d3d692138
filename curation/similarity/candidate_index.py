"""Which pictures may be the same as a given one, found without looking at all of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.visual_words import list_asked_words, list_words

MOST_CANDIDATES = 12
LEAST_SCORE = 3.0
"""Candidates share words worth this much: about one rare word."""
LEAST_FOR_NOISE = 100
NOISE_SPREADS = 6.0
"""Among so many pictures most share words by chance only: candidates stand out by this many times the distance from
the median to the 84th percentile of what the pictures share."""
COMMONEST_UNIT = 0.01
LEAST_COMMON = 100
"""A word that more pictures have than this share, and than this number, says nothing and is passed over."""


class _Block(NamedTuple):
    """Some pictures' words: each once, ``words`` sorted ``uint32 (V,)``; whose the word of place ``n`` is tell
    ``owners[starts[n]:starts[n + 1]]``, ``starts`` ``int32 (V + 1,)`` and ``owners`` ``int32 (M,)``."""

    words: NDArray[np.uint32]
    starts: NDArray[np.int32]
    owners: NDArray[np.int32]


class CandidateIndex:
    """An inverted index from words to pictures (Sivic & Zisserman, 2003) that grows as pictures come.

    Asking costs about the number of pictures that share a rare word, not the number of pictures. Pictures are known
    by ids of the caller; adding one that is there already is an error of the caller's and raises ``ValueError``.
    """

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._known: set[int] = set()
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: Sequence[int], descriptors: Sequence[PictureDescriptor]) -> None:
        """Add pictures; ``ids`` and ``descriptors`` go together."""
        self.add_words(ids, [list_words(each) for each in descriptors])

    def add_words(self, ids: Sequence[int], lists: Sequence[NDArray[np.uint32]]) -> None:
        """Add pictures by what ``list_words`` gave of them; ``ids`` and ``lists`` go together."""
        if not ids:
            return
        if len(set(ids)) != len(ids) or self._known & set(ids):
            raise ValueError("A picture is in the index once; it was added twice.")
        first = len(self._ids)
        owners = np.repeat(np.arange(first, first + len(ids), dtype=np.int32), [len(each) for each in lists])
        self._blocks.append(_gather(np.concatenate(lists), owners))
        self._ids += ids
        self._known |= set(ids)
        # Blocks of like size are joined, so that there are few however pictures come.
        while len(self._blocks) > 1 and len(self._blocks[-2].words) < 2 * len(self._blocks[-1].words):
            last, before = self._blocks.pop(), self._blocks.pop()
            words = np.concatenate([np.repeat(block.words, np.diff(block.starts)) for block in (before, last)])
            self._blocks.append(_gather(words, np.concatenate([before.owners, last.owners])))

    def candidates(self, descriptor: PictureDescriptor, *, most: int = MOST_CANDIDATES) -> list[int]:
        """Ids of at most ``most`` pictures that may be the same, mirrored or not, the likeliest first.

        Pictures are scored by the words that they share with it, rare ones counting more (inverse document
        frequency). A picture that is itself in the index comes out as its own candidate.
        """
        scores = np.maximum(*(self._score(words) for words in list_asked_words(descriptor)))
        least = LEAST_SCORE
        if len(scores) >= LEAST_FOR_NOISE:
            median, high = np.percentile(scores, (50, 84))
            least = max(least, median + NOISE_SPREADS * (high - median))
        likely = np.flatnonzero(scores >= least)
        best = likely[np.lexsort((likely, -scores[likely]))][:most]
        return [self._ids[place] for place in best]

    def _score(self, words: NDArray[np.uint32]) -> NDArray[np.float64]:
        """What each picture shares with these words: ``float64 (N,)``."""
        spans = [_spans(block, words) for block in self._blocks]
        total = len(self._ids)
        scores = np.zeros(total)
        if not spans:
            return scores
        counts = np.sum([lengths for _, lengths in spans], axis=0)
        useful = (counts > 0) & (counts <= max(COMMONEST_UNIT * total, LEAST_COMMON))
        worth = np.log((total + 1) / np.maximum(counts, 1)) + 0.5
        for block, (starts, lengths) in zip(self._blocks, spans, strict=True):
            found = np.flatnonzero(useful & (lengths > 0))
            lengths = lengths[found]
            places = np.repeat(starts[found] - np.cumsum(lengths) + lengths, lengths)
            owners = block.owners[places + np.arange(len(places))]
            scores += np.bincount(owners, weights=np.repeat(worth[found], lengths), minlength=total)
        return scores


def _gather(words: NDArray[np.uint32], owners: NDArray[np.int32]) -> _Block:
    """A block of words ``(M,)`` in any order, and of those whose they are ``(M,)``."""
    order = np.argsort(words, kind="stable")
    unique, starts = np.unique(words[order], return_index=True)
    return _Block(unique, np.append(starts, len(words)).astype(np.int32), owners[order])


def _spans(block: _Block, words: NDArray[np.uint32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where the owners of each word begin, and how many there are: ``int32 (N,)`` each."""
    places = np.minimum(np.searchsorted(block.words, words), max(len(block.words) - 1, 0))
    has = block.words[places] == words if len(block.words) else np.zeros(len(words), dtype=np.bool_)
    starts = block.starts[places]
    ends = block.starts[np.minimum(places + 1, len(block.starts) - 1)]
    return starts, np.asarray(np.where(has, ends - starts, 0), dtype=np.int32)
