"""One decode feeds every annotator, in blocks of bounded size."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, scale_area
from ava.annotate.base import AnnotationTable, Annotator, Signals
from ava.annotate.watch import PictureWatcher, require_span, tap_for
from ava.media.decode import Frame, decode_frames
from ava.media.probe import VideoInfo

BASE_SIDE_PX = 640
"""Frames are decoded at this longer side and halved from there, whichever annotators run, so that an
annotator sees the same pixels when it is run alone (as long as none of the others asks for more)."""

BLOCK_FRAMES = 24
"""Frames handed to an annotator at once: 16 MB at 640×360, and enough to spread the cost of a call."""

OnProgress = Callable[[int], None]
"""Called with the number of frames measured so far in this span."""

OnFrames = Callable[[NDArray[np.uint8], NDArray[np.int64]], None]
"""Called with the decoded frames of each block, ``uint8 (T, H, W, 3)``, and their film-wide numbers
``(T,)``; the frames are lent until the call returns."""


class DecodeClock:
    """Adds up the seconds that decoding and scaling take out of a run; the rest belongs to the annotators."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Pass the frames on and count the time until each is there."""
        while True:
            began = time.perf_counter()
            frame = next(frames, None)
            self.seconds += time.perf_counter() - began
            if frame is None:
                return
            yield frame

    def leave_out(self, seconds: float) -> None:
        """Take off what others did while the frames were awaited."""
        self.seconds -= seconds


def annotate_span(
    path: Path,
    *,
    info: VideoInfo,
    annotators: Sequence[Annotator],
    start_frame: int,
    end_frame: int,
    area: Area | None = None,
    on_progress: OnProgress | None = None,
    on_frames: OnFrames | None = None,
    clock: DecodeClock | None = None,
    watchers: Sequence[PictureWatcher] = (),
    threads: int = 1,
) -> dict[str, AnnotationTable]:
    """Measure the frames ``start_frame``..``end_frame`` (half-open) with every annotator in one decode.

    Returns a table a name with one row for every frame that can be decoded. The values are equal to the
    last bit however a film is cut into spans: each annotator gets its ``halo`` frames of context from
    outside the span, and its pixels come from one fixed chain of sizes. They see only ``area`` of the film, the
    picture without its black bars; ``on_frames`` gets whole frames. Memory is bounded by blocks, not by
    the span's length. ``watchers`` see the stored pictures of the same decode. ``threads`` are the decoder's. Raises
    ``ValueError`` for a span outside the film, and what decoding and watchers raise.
    """
    require_span(info, start_frame=start_frame, end_frame=end_frame)
    # OpenCV splits optical flow into as many stripes as it has threads, and a seam between stripes changes
    # values.
    cv2.setNumThreads(1)
    for annotator in annotators:
        annotator.load()
    halo = max((annotator.halo for annotator in annotators), default=0)
    tap = tap_for(watchers, start_frame=start_frame, end_frame=end_frame, on_time=clock.leave_out if clock else None)
    frames = decode_frames(
        path,
        info=info,
        start_frame=max(start_frame - halo, 0),
        end_frame=min(end_frame + halo, info.frame_count),
        max_side_px=max([BASE_SIDE_PX, *(annotator.max_side_px for annotator in annotators)]),
        threads=threads,
        tap=tap,
    )
    frames = clock.watch(frames) if clock else frames
    parts: dict[str, list[AnnotationTable]] = {annotator.name: [] for annotator in annotators}
    measured = 0
    for block in _split_into_blocks(frames, start_frame=start_frame, end_frame=end_frame, halo=halo):
        picture = block if area is None else block.within(area, film_size=(info.width, info.height))
        for annotator in annotators:
            parts[annotator.name].append(picture.measure(annotator))
        if on_frames is not None:
            on_frames(*block.own_frames())
        measured += block.row_count
        if on_progress is not None:
            on_progress(measured)
    return {annotator.name: _join(parts[annotator.name], annotator) for annotator in annotators}


def collect_signals(
    tables: dict[str, list[AnnotationTable]], *, annotators: Sequence[Annotator], frame_count: int
) -> Signals:
    """Lay tables of any spans out as whole-film signals keyed ``"annotator.column"``.

    ``tables`` maps an annotator's name to its spans' tables in any order; each signal is ``float32
    (frame_count,)`` with NaN where no table has a row. A row that occurs twice takes the later table's
    value.
    """
    signals: dict[str, NDArray[np.float32]] = {}
    for annotator in annotators:
        values = np.full((len(annotator.columns), frame_count), np.nan, dtype=np.float32)
        for table in tables.get(annotator.name, []):
            values[:, table.frame_index] = table.values.T
        for column, signal in zip(annotator.columns, values, strict=True):
            signals[f"{annotator.name}.{column}"] = signal
    return signals


class _Shelf:
    """Memory that every block's frames use in turn: fresh memory of this size costs more than filling it."""

    def __init__(self) -> None:
        self._pixels = np.empty((0, 0, 0, 3), dtype=np.uint8)

    def stack(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """Pictures of one size as ``uint8 (T, H, W, 3)``, until the next call."""
        if len(pictures) > len(self._pixels) or pictures[0].shape != self._pixels.shape[1:]:
            self._pixels = np.empty((len(pictures), *pictures[0].shape), dtype=np.uint8)
        return np.stack(pictures, out=self._pixels[: len(pictures)])


class _Block:
    """Consecutive frames with their halo, and each smaller size of them made once."""

    def __init__(
        self, frames: NDArray[np.uint8], frame_index: NDArray[np.int64], *, first_row: int, end_row: int
    ) -> None:
        self._frame_index = frame_index
        height, width = frames.shape[1:3]
        self._size = (width, height)
        self._sizes: dict[tuple[int, int], NDArray[np.uint8]] = {self._size: frames}
        self._first_row, self._end_row = first_row, end_row

    def within(self, area: Area, *, film_size: tuple[int, int]) -> "_Block":
        """The same frames without what lies outside an area of the film."""
        x0, y0, x1, y1 = scale_area(area, film_size=film_size, size=self._size)
        if (x0, y0, x1, y1) == (0, 0, *self._size):
            return self
        # A copy, as annotators and OpenCV are quick and exact on contiguous pictures only.
        picture = np.ascontiguousarray(self._sizes[self._size][:, y0:y1, x0:x1])
        return _Block(picture, self._frame_index, first_row=self._first_row, end_row=self._end_row)

    @property
    def row_count(self) -> int:
        return self._end_row - self._first_row

    def own_frames(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """This block's frames at the size they were decoded, and their numbers, without the halo."""
        rows = slice(self._first_row, self._end_row)
        return self._sizes[self._size][rows], self._frame_index[rows]

    def measure(self, annotator: Annotator) -> AnnotationTable:
        """Rows of this block, without the halo."""
        first = max(self._first_row - annotator.halo, 0)
        end = min(self._end_row + annotator.halo, len(self._frame_index))
        table = annotator.annotate(
            self._frames_at(annotator.max_side_px)[first:end], frame_index=self._frame_index[first:end]
        )
        rows = slice(self._first_row - first, self._end_row - first)
        return AnnotationTable(table.frame_index[rows], np.asarray(table.values[rows], dtype=np.float32))

    def _frames_at(self, side_px: int) -> NDArray[np.uint8]:
        size = self._size
        for next_size in size_chain(self._size, side_px=side_px):
            if next_size not in self._sizes:
                self._sizes[next_size] = _shrink(self._sizes[size], size=next_size)
            size = next_size
        return self._sizes[size]


def size_chain(size: tuple[int, int], *, side_px: int) -> Iterator[tuple[int, int]]:
    """Yield the sizes (width, height) between ``size`` and a longer side of at most ``side_px``: halves of
    640, then it."""
    side = BASE_SIDE_PX
    while True:
        target = max(side, side_px)
        if max(size) > target:
            scale = target / max(size)
            size = (max(round(size[0] * scale), 1), max(round(size[1] * scale), 1))
            yield size
        if side <= side_px:
            return
        side //= 2


def _shrink(frames: NDArray[np.uint8], *, size: tuple[int, int]) -> NDArray[np.uint8]:
    shrunk = np.empty((len(frames), size[1], size[0], 3), dtype=np.uint8)
    for source, target in zip(frames, shrunk, strict=True):
        cv2.resize(source, size, dst=target, interpolation=cv2.INTER_AREA)
    return shrunk


def _split_into_blocks(
    frames: Iterator[Frame], *, start_frame: int, end_frame: int, halo: int
) -> Iterator[_Block]:
    """Group decoded frames into blocks that carry up to ``halo`` decoded frames of context on either side.

    Context is counted in frame numbers, so a frame that could not be decoded shortens it and nothing shifts.
    """
    window: deque[Frame] = deque()
    shelf = _Shelf()
    block_start = start_frame
    for frame in frames:
        window.append(frame)
        while (
            frame.index >= min(block_start + BLOCK_FRAMES, end_frame) + halo - 1 and block_start < end_frame
        ):
            yield from _cut_block(
                window, shelf, start=block_start, end=min(block_start + BLOCK_FRAMES, end_frame), halo=halo
            )
            block_start += BLOCK_FRAMES
            while window and window[0].index < block_start - halo:
                window.popleft()
    while block_start < end_frame:
        yield from _cut_block(
            window, shelf, start=block_start, end=min(block_start + BLOCK_FRAMES, end_frame), halo=halo
        )
        block_start += BLOCK_FRAMES


def _cut_block(window: deque[Frame], shelf: _Shelf, *, start: int, end: int, halo: int) -> Iterator[_Block]:
    frames = [frame for frame in window if start - halo <= frame.index < end + halo]
    first_row = sum(frame.index < start for frame in frames)
    end_row = sum(frame.index < end for frame in frames)
    if end_row > first_row:
        pictures = shelf.stack([frame.rgb for frame in frames])
        index = np.array([frame.index for frame in frames], dtype=np.int64)
        yield _Block(pictures, index, first_row=first_row, end_row=end_row)


def _join(parts: Sequence[AnnotationTable], annotator: Annotator) -> AnnotationTable:
    if not parts:
        return AnnotationTable(
            np.empty(0, dtype=np.int64), np.empty((0, len(annotator.columns)), dtype=np.float32)
        )
    return AnnotationTable(
        np.concatenate([part.frame_index for part in parts]), np.concatenate([part.values for part in parts])
    )
