"""Where in a film a picture may come from: small pictures of the whole film, all compared with it, cropped or not."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.moments.film_window import Window

COLUMNS, ROWS = 32, 18
"""A film's pictures are kept in this size."""
CELLS_X, CELLS_Y = 12, 8
SHARES = (1.0, 0.87, 0.76, 0.66, 0.57)
"""Of the film's picture a trailer may show these shares of either side: a zoom of up to 1.75."""
STEP_UNIT = 0.08
"""Windows of one size are this far from one another at most."""
LEAST_SPREAD_LEVELS = 3.0
APART_S = 1.0
_BLOCK = 512
_TILES_AT_ONCE = 1024


class Query(NamedTuple):
    """A picture that is looked for: gray ``uint8 (h, w)``, and which of its pixels count, ``bool (h, w)``."""

    gray: NDArray[np.uint8]
    counts: NDArray[np.bool_]


class Candidate(NamedTuple):
    """A place of the film that may show a picture: which of the film's small pictures, which part of it, and how well
    that correlates, −1 to 1."""

    tile: int
    window: Window
    score: float


class FilmIndex:
    """A film's small pictures, ready for looking: gray ``uint8 (N, h, w)`` without bars, and their times in seconds."""

    def __init__(self, gray: NDArray[np.uint8], *, times_s: NDArray[np.float64], aspect: float) -> None:
        small = np.empty((len(gray), ROWS, COLUMNS), dtype=np.float32)
        for picture, target in zip(gray, small, strict=True):
            target[:] = cv2.resize(picture.astype(np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
        self._small, self._times_s, self._aspect = small, times_s, aspect

    def find(self, queries: Sequence[Query], *, most: int) -> list[list[Candidate]]:
        """For each picture up to ``most`` places, the likeliest first, no two within a second of one another.

        The likeness is the normalised correlation of 12 × 8 cells, over all windows that have the picture's shape, as
        it is and turned left to right; lettered cells do not count. A plain picture is found nowhere.
        """
        found: list[list[Candidate]] = []
        for start in range(0, len(queries), _BLOCK):
            found += self._find_block(queries[start : start + _BLOCK], most=most)
        return found

    def _find_block(self, queries: Sequence[Query], *, most: int) -> list[list[Candidate]]:
        found: list[list[Candidate]] = [[] for _ in queries]
        shapes = [round(12 * np.log(query.gray.shape[1] / query.gray.shape[0])) for query in queries]
        for shape in sorted(set(shapes)):
            chosen = [place for place, each in enumerate(shapes) if each == shape]
            for place, candidates in zip(chosen, self._find_alike([queries[i] for i in chosen], most), strict=True):
                found[place] = candidates
        return found

    def _find_alike(self, queries: Sequence[Query], most: int) -> list[list[Candidate]]:
        """Look for pictures of one shape."""
        described = [_describe_query(query) for query in queries]
        height, width = queries[0].gray.shape
        windows = list(_windows(width / height / self._aspect))
        best, which = self._compare(described, windows)
        count = len(queries)
        mirrored = best[:, count:] > best[:, :count]
        score = np.where(mirrored, best[:, count:], best[:, :count])
        best_window = np.where(mirrored, which[:, count:], which[:, :count])
        return [
            [
                Candidate(tile, windows[best_window[tile, query]]._replace(mirrored=bool(mirrored[tile, query])),
                          float(score[tile, query]))
                for tile in self._best_apart(score[:, query], most)
            ]
            for query in range(count)
        ]  # fmt: skip

    def _compare(
        self, described: "Sequence[_Described]", windows: Sequence[Window]
    ) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Of each small picture with each of the pictures looked for, and then with each of these mirrored, the best
        correlation ``float32 (N, 2 Q)``, and the number of the window that has it."""
        wanted = np.stack([each.cells for each in described] + [each.cells[:, ::-1] for each in described])
        known = np.stack([each.known for each in described] + [each.known[:, ::-1] for each in described])
        # Cells go column by column, as they come out of `_cells`; those known alike stand together.
        wanted, known = (each.transpose(0, 2, 1).reshape(len(each), -1) for each in (wanted, known))
        masks, mask_of = np.unique(known, axis=0, return_inverse=True)
        order = np.argsort(mask_of.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(mask_of.ravel()))
        transposed = np.ascontiguousarray(wanted[order].T)
        best = np.full((len(self._small), len(wanted)), -1, dtype=np.float32)
        which = np.zeros(best.shape, dtype=np.uint16)
        for first in range(0, len(self._small), _TILES_AT_ONCE):
            rows = slice(first, first + _TILES_AT_ONCE)
            for number, cells in self._cells(rows, windows):
                scores = cells @ transposed
                shorter = 1 / _lengths(cells, masks)
                for mask, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
                    scores[:, begin:end] *= shorter[:, mask, None]
                better = scores > best[rows]
                np.copyto(best[rows], scores, where=better)
                np.copyto(which[rows], number, where=better)
        back = np.argsort(order, kind="stable")
        return best[:, back], which[:, back]

    def _cells(self, rows: slice, windows: Sequence[Window]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The cells ``float32 (n, cells)`` of each window of some of the small pictures, column by column, beside the
        window's number."""
        small = self._small[rows]
        spans = sorted({(window.x0, window.x1) for window in windows})
        for x0, x1 in spans:
            across = _cell_weights(x0, x1, COLUMNS, CELLS_X)
            columns = (small.reshape(-1, COLUMNS) @ across.T).reshape(len(small), ROWS, CELLS_X)
            flat = np.ascontiguousarray(columns.transpose(0, 2, 1)).reshape(-1, ROWS)
            for number, window in enumerate(windows):
                if (window.x0, window.x1) == (x0, x1):
                    down = _cell_weights(window.y0, window.y1, ROWS, CELLS_Y)
                    yield number, np.asarray(flat @ down.T, dtype=np.float32).reshape(len(small), CELLS_X * CELLS_Y)

    def _best_apart(self, scores: NDArray[np.float32], most: int) -> list[int]:
        """The best places, none within a second of a better one."""
        chosen: list[int] = []
        usable = np.flatnonzero(scores > 0)
        for tile in usable[np.argsort(-scores[usable], kind="stable")][: 40 * most]:
            if len(chosen) == most:
                break
            if all(abs(self._times_s[tile] - self._times_s[other]) >= APART_S for other in chosen):
                chosen.append(int(tile))
        return chosen


class _Described(NamedTuple):
    """Cells ``float32 (CELLS_Y, CELLS_X)`` around 0 with a length of one, 0 where unknown, all 0 for a plain picture;
    and which are known, 0 or 1, alike."""

    cells: NDArray[np.float32]
    known: NDArray[np.float32]


def _describe_query(query: Query) -> _Described:
    counts = query.counts.astype(np.float32)
    size = (CELLS_X, CELLS_Y)
    weight = cv2.resize(counts, size, interpolation=cv2.INTER_AREA)
    cells = cv2.resize(query.gray.astype(np.float32) * counts, size, interpolation=cv2.INTER_AREA)
    known = weight > 0.3
    nothing = np.zeros(size[::-1], dtype=np.float32)
    if known.sum() < CELLS_X * CELLS_Y / 4:
        return _Described(nothing, nothing + 1)
    means = np.where(known, cells / np.maximum(weight, 0.3), 0)
    spread = np.where(known, means - means[known].mean(), 0)
    length = float(np.linalg.norm(spread))
    if length < LEAST_SPREAD_LEVELS * np.sqrt(known.sum()) / 2:
        return _Described(nothing, known.astype(np.float32))
    return _Described((spread / length).astype(np.float32), known.astype(np.float32))


def _lengths(cells: NDArray[np.float32], masks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lengths ``(N, M)`` of the cells ``(N, cells)`` around their means, of those in each mask ``(M, cells)``."""
    counts = masks.sum(axis=1)
    centred = cells - cells.mean(axis=1, keepdims=True)
    squares = (centred * centred) @ masks.T - (centred @ masks.T) ** 2 / counts
    return np.asarray(np.sqrt(np.maximum(squares, LEAST_SPREAD_LEVELS**2 * counts)), dtype=np.float32)


def _windows(shape: float) -> Iterator[Window]:
    """Windows to look in; ``shape``: how much wider the trailer's picture is than the film's, by their aspects."""
    for share in SHARES:
        wide, tall = share * min(1.0, shape), share * min(1.0, 1 / shape)
        for x0 in _starts(wide):
            for y0 in _starts(tall):
                yield Window(x0, y0, x0 + wide, y0 + tall, False)


def _starts(side: float) -> list[float]:
    slack = 1 - side
    if slack < 0.02:
        return [slack / 2]
    steps = int(np.ceil(slack / STEP_UNIT / 2)) * 2  # an even number, so that the middle is among them
    count = steps + 1
    return [float(place) for place in np.linspace(0, slack, count)]


@lru_cache(maxsize=4096)
def _cell_weights(start: float, end: float, pixels: int, cells: int) -> NDArray[np.float32]:
    """Weights ``(cells, pixels)`` of pixels in the means of equal parts of a span; each row sums to 1."""
    edges = np.linspace(start, end, cells + 1) * pixels
    lower = np.maximum(edges[:-1, None], np.arange(pixels)[None, :])
    upper = np.minimum(edges[1:, None], np.arange(1, pixels + 1)[None, :])
    shares = np.clip(upper - lower, 0, None)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)
