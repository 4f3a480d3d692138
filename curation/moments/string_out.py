"""String-outs: the best seconds of a film's best shots, one after the other, exactly as long as is wanted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from curation.moments.shot_windows import CutFilm, ShotWindows, find_windows

LEAST_S, MOST_S = 1.5, 4.0
"""How long a shot is shown, as far as it goes; trailers hold theirs for about two seconds."""
USUAL_SHARE, USUAL_MOST_S = 0.5, 3.0
"""So much of a shot is shown, and no more, unless the wanted length asks for it."""
TOO_SHORT_S = 0.8
"""Shots that are shorter come only when no other is left."""
MORE_TRIED = 40


def wanted_numbers(seconds: float, *, rate: Fraction) -> int:
    """How many frames a length has at a rate, to the nearest."""
    return math.floor(Fraction(seconds) * rate + Fraction(1, 2))


def propose_string_out(
    film: CutFilm,
    *,
    order: Sequence[int],
    wanted: int,
    rate: Fraction,
    picked: Sequence[int] = (),
    shown: Mapping[int, int] = MappingProxyType({}),
    by_story: bool = True,
) -> list[tuple[int, int]]:
    """Choose parts of a film's shots that together are ``wanted`` numbers long: half-open frames (start, end).

    ``order``: shots, the best first; ``picked``: such as a person chose, which are in it whatever comes; ``shown``: how
    long shots are shown already, from which they go no further than needed. Lengths are counted at ``rate`` (see
    `CutFilm.positions`). Every shot shows its best 1.5 to 4 s, or all of it where it is
    shorter. The sum is ``wanted`` to the number wherever the shots allow it, more only where those picked are already
    longer, less only where there is not so much. Parts come in the film's order, or, not ``by_story``, the picked ones
    first as they are given and then in ``order``.
    """
    supply = _Supply(film, order=order, picked=picked, shown=shown, rate=rate)
    chosen, others = list(supply.picked), iter(supply)
    total = sum(supply.usual(shot) for shot in chosen)
    for shot in others:
        if total + supply.usual(shot) // 2 >= wanted:
            others = itertools.chain([shot], others)
            break
        chosen.append(shot)
        total += supply.usual(shot)
    best = _fit_best(supply, chosen, others=others, must=len(supply.picked), wanted=wanted)
    spans = [supply.span(shot, length) for shot, length in best]
    return sorted(spans) if by_story else spans


def best_span(film: CutFilm, *, order: Sequence[int], rate: Fraction) -> tuple[int, int] | None:
    """The best part, of usual length, of the first shot in ``order`` that has any; None where none has."""
    supply = _Supply(film, order=order, picked=(), shown={}, rate=rate)
    first = next(iter(supply), None)
    return None if first is None else supply.span(first, supply.usual(first))


class _Supply:
    """The shots that there are, in the order in which they are taken: unfit ones last, each looked at once."""

    def __init__(
        self, film: CutFilm, *, order: Sequence[int], picked: Sequence[int], shown: Mapping[int, int], rate: Fraction
    ) -> None:
        self.film, self.rate, self.shown = film, rate, shown
        self.windows: dict[int, ShotWindows | None] = {}
        self.picked = [shot for shot in dict.fromkeys(picked) if self._look(shot) is not None]
        self.order = [shot for shot in dict.fromkeys(order) if shot not in set(picked)]

    def __iter__(self) -> Iterator[int]:
        later: list[int] = []
        for shot in self.order:
            found = self._look(shot)
            if found is None:
                continue
            if found.is_clean and found.lengths[-1] >= wanted_numbers(TOO_SHORT_S, rate=self.rate):
                yield shot
            else:
                later.append(shot)
        yield from later

    def usual(self, shot: int) -> int:
        """How long a shot is shown where nothing asks for more or less."""
        start, end = self.film.shots[shot].tolist()
        asked = min(math.ceil(self.film.length(start, end) * USUAL_SHARE), wanted_numbers(USUAL_MOST_S, rate=self.rate))
        found = self[shot]
        return int(found.lengths[found.nearest(self.shown.get(shot, asked))])

    def span(self, shot: int, length: int) -> tuple[int, int]:
        found = self[shot]
        at = found.nearest(length)
        return int(found.starts[at]), int(found.ends[at])

    def __getitem__(self, shot: int) -> ShotWindows:
        found = self._look(shot)
        assert found is not None
        return found

    def _look(self, shot: int) -> ShotWindows | None:
        if shot not in self.windows:
            least, most = (max(wanted_numbers(each, rate=self.rate), 1) for each in (LEAST_S, MOST_S))
            self.windows[shot] = find_windows(self.film, shot=shot, least=least, most=most)
        return self.windows[shot]


Lengths = list[tuple[int, int]]
"""Shots with how long each is shown."""


def _fit_best(supply: _Supply, chosen: list[int], *, others: Iterator[int], must: int, wanted: int) -> Lengths:
    """The chosen shots, or one fewer or more of them, or another one in place of the last, whichever can be fitted.

    Where none fits exactly, the longest that is not too long, or of those too long the shortest.
    """
    best: Lengths | None = None
    for tried in _choices(chosen, others=others, must=must):
        fitted = _fit(supply, tried, wanted=wanted)
        if best is None or _distance(fitted, wanted) < _distance(best, wanted):
            best = fitted
        if _sum(best) == wanted:
            break
    return best or []


def _choices(chosen: list[int], *, others: Iterator[int], must: int) -> Iterator[list[int]]:
    yield chosen
    if len(chosen) > must:
        yield chosen[:-1]
    for _ in range(MORE_TRIED):
        another = next(others, None)
        if another is None:
            return
        yield [*chosen, another]
        if len(chosen) > must:
            yield [*chosen[:-1], another]


def _fit(supply: _Supply, shots: list[int], *, wanted: int) -> Lengths:
    """Lengthen or shorten shots until they are as long as is wanted: all of them a little, then the last ones first."""
    usual = [supply.usual(shot) for shot in shots]
    more = wanted - sum(usual)
    room = [abs((supply[shot].lengths[-1] if more > 0 else supply[shot].lengths[0]) - length)
            for shot, length in zip(shots, usual, strict=True)]  # fmt: skip
    share = min(abs(more) / max(sum(room), 1), 1.0) * (1 if more > 0 else -1)
    lengths = [
        _nearest(supply, shot, length + math.trunc(share * slack))
        for shot, length, slack in zip(shots, usual, room, strict=True)
    ]
    for at in reversed(range(len(shots))):
        rest = wanted - sum(lengths)
        if rest == 0:
            break
        lengths[at] = _nearest(supply, shots[at], lengths[at] + rest)
    return list(zip(shots, lengths, strict=True))


def _nearest(supply: _Supply, shot: int, length: int) -> int:
    found = supply[shot]
    return int(found.lengths[found.nearest(length)])


def _sum(lengths: Lengths) -> int:
    return sum(length for _, length in lengths)


def _distance(lengths: Lengths, wanted: int) -> tuple[bool, int]:
    total = _sum(lengths)
    return total > wanted, abs(total - wanted)
