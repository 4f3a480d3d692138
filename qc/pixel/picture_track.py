"""Pictures in order, kept as long as a window can need them, and judged as soon as it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.pixel.cascade import judge_tiles, plan_tiles
from qc.pixel.continuity import (
    CONTEXT_FRAMES,
    Step,
    choose_window,
    draw_thumbnail,
    is_cut,
    is_flash,
    is_repeat,
    measure_step,
)
from qc.pixel.detect import FoundSpot, find_spots
from qc.pixel.proposals import propose

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile


class _Kept(NamedTuple):
    index: int  # type: ignore[assignment]
    planes: Planes
    thumbnail: NDArray[np.uint8]


class Judged(NamedTuple):
    """What was found in one picture: the pictures of its window, the spots, and what became of it.

    ``fate``: "judged", "repeat" (it shows the one before again), "alone" (nothing to compare it with), "flash".
    ``tile_px``: pixels that the network was asked about.
    """

    index: int  # type: ignore[assignment]
    fate: str
    window: tuple[Planes, ...] = ()
    spots: tuple[FoundSpot, ...] = ()
    repeats: int = 0
    begins_shot: bool = False
    tile_px: int = 0


class PictureTrack:
    """Feeds windows of pictures, or of one field of each, to the network."""

    def __init__(self, model: PixelModelFile, *, wanted: Callable[[int], bool]) -> None:
        self._model = model
        self._wanted = wanted
        self._kept: list[_Kept] = []
        self._steps: list[Step | None] = []
        self._next = 0

    def add(self, index: int, planes: Planes) -> Iterator[Judged]:
        """Take the next picture; yield what could be judged now."""
        thumbnail = draw_thumbnail(planes)
        last = self._kept[-1] if self._kept else None
        step = last and measure_step(last.planes, planes, thumbnails=(last.thumbnail, thumbnail))
        self._kept.append(_Kept(index, planes, thumbnail))
        self._steps.append(step or None)
        while self._next + CONTEXT_FRAMES < len(self._kept):
            yield from self._judge_next()

    def finish(self) -> Iterator[Judged]:
        """Judge the rest: no further picture comes."""
        while self._next < len(self._kept):
            yield from self._judge_next()

    def _judge_next(self) -> Iterator[Judged]:
        at = self._next
        if self._wanted(self._kept[at].index):
            yield self._judge(at)
        self._next += 1
        if self._next > CONTEXT_FRAMES:
            del self._kept[0], self._steps[0]
            self._next -= 1

    def _judge(self, at: int) -> Judged:
        index, begins_shot = self._kept[at].index, is_cut(self._steps, at)
        chosen = choose_window(self._steps, at)
        if chosen is None:
            shown_before = is_repeat(self._steps, at) and not begins_shot
            return Judged(index, "repeat" if shown_before else "alone", begins_shot=begins_shot)
        if is_flash([kept.thumbnail for kept in self._kept], chosen):
            return Judged(index, "flash", begins_shot=begins_shot)
        window = tuple(self._kept[place].planes for place in chosen.places)
        tiles = plan_tiles(propose(window, threshold=self._model.proposal_threshold))
        probability = judge_tiles(window, tiles=tiles, model=self._model)
        spots = find_spots(probability, threshold=self._model.threshold) if tiles else []
        tile_px = sum(part.side_px**2 * len(part.corners) for part in tiles)
        return Judged(index, "judged", window, tuple(spots), chosen.repeats, begins_shot, tile_px)
