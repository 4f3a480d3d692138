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
    """Some pictures' words: ``words`` sorted ``uint32 (M,)``, and whose they are, ``owners`` ``int32 (M,)``."""

    words: NDArray[np.uint32]
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
        if not ids:
            return
        if len(set(ids)) != len(ids) or self._known & set(ids):
            raise ValueError("A picture is in the index once; it was added twice.")
        lists = [list_words(each) for each in descriptors]
        first = len(self._ids)
        owners = np.repeat(np.arange(first, first + len(ids), dtype=np.int32), [len(each) for each in lists])
        self._blocks.append(_sorted(_Block(np.concatenate(lists), owners)))
        self._ids += ids
        self._known |= set(ids)
        # Blocks of like size are joined, so that there are few however pictures come.
        while len(self._blocks) > 1 and len(self._blocks[-2].words) < 2 * len(self._blocks[-1].words):
            last, before = self._blocks.pop(), self._blocks.pop()
            joined = (np.concatenate(arrays) for arrays in zip(before, last, strict=True))
            self._blocks.append(_sorted(_Block(*joined)))

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
        spans = [
            (np.searchsorted(block.words, words, "left"), np.searchsorted(block.words, words, "right"))
            for block in self._blocks
        ]
        total = len(self._ids)
        scores = np.zeros(total)
        if not spans:
            return scores
        counts = np.sum([right - left for left, right in spans], axis=0)
        useful = (counts > 0) & (counts <= max(COMMONEST_UNIT * total, LEAST_COMMON))
        worth = np.log((total + 1) / np.maximum(counts, 1)) + 0.5
        for block, (left, right) in zip(self._blocks, spans, strict=True):
            lengths = (right - left)[useful]
            starts = np.repeat(left[useful] - np.cumsum(lengths) + lengths, lengths)
            owners = block.owners[starts + np.arange(len(starts))]
            scores += np.bincount(owners, weights=np.repeat(worth[useful], lengths), minlength=total)
        return scores


def _sorted(block: _Block) -> _Block:
    order = np.argsort(block.words, kind="stable")
    return _Block(block.words[order], block.owners[order])
