"""Pairs of shots and what people wrote about them, and which of them are kept back to measure with."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

HELD_OUT_SHARE = 0.2
"""Of the films, or of the shots."""
SplitBy = Literal["film", "shot"]


class Pair(NamedTuple):
    """A shot of a film and one text about it; frames are half-open. ``film``: what tells films apart for good."""

    film: str
    start_frame: int
    end_frame: int
    text: str


class Split(NamedTuple):
    """Which pairs are learnt, which are held out, and which are ``left_out``, since their text is learnt of a shot on
    the other side: ``int64`` numbers of pairs, ascending."""

    learnt: NDArray[np.int64]
    held_out: NDArray[np.int64]
    left_out: NDArray[np.int64]

    def in_the_way(self, links: NDArray[np.int64]) -> NDArray[np.int64]:
        """Shots that no held-out text is about, of pairs left out, by ``links`` ``int64 (N, 2)``: right ones have to
        be found among these, too."""
        return np.setdiff1d(links[self.left_out, 0], links[self.held_out, 0])


class PairArrays(NamedTuple):
    """Pairs as towers take them.

    ``shots``: ``float32 (S, F, D)`` vectors of frames, or ``uint8 (S, F, H, W, 3)`` RGB. ``present``: ``bool (S, F)``,
    False where a shot has fewer frames. ``texts``: ``float32 (T, D)`` vectors, or ``int64 (T, L)`` numbers of words.
    ``links``: ``int64 (N, 2)``, the shot and the text of each pair; what is the same shot or text has one number.
    """

    shots: NDArray[Any]
    present: NDArray[np.bool_]
    texts: NDArray[Any]
    links: NDArray[np.int64]


class Linked(NamedTuple):
    """The different shots and texts of pairs, in the order of their first pair, and ``links`` into both."""

    shots: tuple[Pair, ...]
    texts: tuple[str, ...]
    links: NDArray[np.int64]


def link_pairs(pairs: Sequence[Pair]) -> Linked:
    """Number the different shots and texts; texts that differ by case, spacing or Unicode form alone are one."""
    shots: dict[tuple[str, int, int], Pair] = {}
    texts: dict[str, str] = {}
    for pair in pairs:
        shots.setdefault(pair[:3], pair)
        texts.setdefault(plain_text(pair.text), pair.text)
    shot_numbers = {key: number for number, key in enumerate(shots)}
    text_numbers = {key: number for number, key in enumerate(texts)}
    links = [(shot_numbers[pair[:3]], text_numbers[plain_text(pair.text)]) for pair in pairs]
    return Linked(tuple(shots.values()), tuple(texts.values()), np.array(links, np.int64).reshape(-1, 2))


def plain_text(text: str) -> str:
    """A text without what makes no difference to its meaning: case, spacing, Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_pairs(pairs: Sequence[Pair], *, by: SplitBy, names: Mapping[str, str] | None = None) -> Split:
    """Hold out about a fifth, by whole films or by shots; no shot and no text is on both sides.

    Which side a film (or a shot) is on follows from its name alone: it stays there whatever else is added, so that no
    later version learns what an earlier one was measured on. ``names``: of films that are the same as another one.
    A text that is learnt anywhere is never measured: of pairs on the other side that have it, none counts.
    """
    is_apart = np.array([_is_held_out(pair, by=by, names=names or {}) for pair in pairs], np.bool_)
    texts = [plain_text(pair.text) for pair in pairs]
    learnt, apart = np.flatnonzero(~is_apart), np.flatnonzero(is_apart)
    known = {texts[number] for number in learnt}
    is_known = np.array([texts[number] in known for number in apart], np.bool_)
    return Split(learnt, apart[~is_known], apart[is_known])


def choose_split(pairs: Sequence[Pair], *, least: int, names: Mapping[str, str] | None = None) -> SplitBy:
    """By whole films where that leaves ``least`` pairs on both sides, else by shots.

    Films are fairer: shots of one film are alike, and a tower may know them by what they share.
    """
    by_film = split_pairs(pairs, by="film", names=names)
    return "film" if min(len(by_film.learnt), len(by_film.held_out)) >= least else "shot"


def _is_held_out(pair: Pair, *, by: SplitBy, names: Mapping[str, str]) -> bool:
    film = names.get(pair.film, pair.film)
    name = film if by == "film" else f"{film}\n{pair.start_frame}"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") < HELD_OUT_SHARE * 2**64
