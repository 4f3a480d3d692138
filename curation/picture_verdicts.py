"""What people said of pairs of pictures: where words contradict one another, the newest holds."""

from collections.abc import Iterable
from typing import NamedTuple

from curation.models import Sameness


class Word(NamedTuple):
    """Somebody said whether two pictures are the same."""

    first: int
    second: int
    is_same: bool


class Settled:
    """Words taken one after the other, the weightiest first; one that contradicts those before is passed over."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}
        self._apart: dict[int, set[int]] = {}
        self.same: list[tuple[int, int]] = []
        self.different: list[tuple[int, int]] = []
        self._different_of: dict[int, set[int]] = {}

    def take(self, word: Word) -> bool:
        """Whether the word agrees with those before, and counts from now on."""
        first, second = self._root(word.first), self._root(word.second)
        pair = (min(word.first, word.second), max(word.first, word.second))
        if word.is_same:
            if second in self._apart.get(first, ()):
                return False
            self.same.append(pair)
            self._join(first, second)
            return True
        if first == second:
            return False
        self.different.append(pair)
        self._different_of.setdefault(pair[0], set()).add(pair[1])
        self._apart.setdefault(first, set()).add(second)
        self._apart.setdefault(second, set()).add(first)
        return True

    def are_settled(self, first: int, second: int) -> bool:
        """Whether what people said decides, directly or by way of other pictures, if two pictures are the same."""
        first, second = self._root(first), self._root(second)
        return first == second or second in self._apart.get(first, ())

    def part(self, pictures: Iterable[int]) -> list[tuple[int, int]]:
        """Pairs among these pictures of which people said that they are not the same, in order."""
        asked = set(pictures)
        return sorted(
            (first, second) for first in asked for second in self._different_of.get(first, set()) if second in asked
        )

    def unite(self, pictures: Iterable[int]) -> list[list[int]]:
        """Which of these pictures people called the same: two and more each, sorted, in the order of their first."""
        united: dict[int, list[int]] = {}
        for picture in sorted(set(pictures)):
            united.setdefault(self._root(picture), []).append(picture)
        return sorted(each for each in united.values() if len(each) > 1)

    def _root(self, picture: int) -> int:
        root = picture
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while picture != root:
            self._parents[picture], picture = root, self._parents.get(picture, root)
        return root

    def _join(self, first: int, second: int) -> None:
        if first == second:
            return
        self._parents[second] = first
        for other in self._apart.pop(second, set()):
            self._apart[other].discard(second)
            self._apart[other].add(first)
            self._apart.setdefault(first, set()).add(other)


def settle(words: Iterable[Word]) -> Settled:
    """Settle words, the newest first."""
    settled = Settled()
    for word in words:
        settled.take(word)
    return settled


def settled_words(title_id: int) -> Settled:
    """What people said of a title's pictures and have not taken back."""
    rows = Sameness.objects.filter(first__title=title_id, stands=True).order_by("-id")
    return settle(Word(*row) for row in rows.values_list("first", "second", "is_same"))
