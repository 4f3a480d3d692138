"""Exact frames of a film as RGB, from any start and at any smaller size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ava.media.deinterlace import CONTEXT_FRAMES, deinterlace
from ava.media.geometry import scaled_size
from ava.media.painter import Painter
from ava.media.reader import NumberedPicture, read_pictures
from ava.media.video_info import VideoInfo


class UndecodableFrame(Exception):
    """A frame that the film's file cannot give; the text is one sentence that says which and what to do."""


class Frame(NamedTuple):
    """One picture of a film: its 0-based number in presentation order and uint8 RGB (H, W, 3)."""

    index: int  # type: ignore[assignment]
    rgb: NDArray[np.uint8]


class PictureTap(NamedTuple):
    """Who is shown the stored pictures start_frame … end_frame − 1 of a decode, before anything is done to them."""

    start_frame: int
    end_frame: int
    show: Callable[[int, VideoFrame], None]


class DeepFrame(NamedTuple):
    """One picture of a film as uint8 RGB (H, W, 3) and as uint16 RGB of the same size, 0–65535."""

    index: int  # type: ignore[assignment]
    rgb: NDArray[np.uint8]
    deep_rgb: NDArray[np.uint16]


def decode_frames(
    path: Path,
    *,
    info: VideoInfo,
    start_frame: int = 0,
    end_frame: int | None = None,
    max_side_px: int | None = None,
    threads: int = 1,
    tap: PictureTap | None = None,
) -> Iterator[Frame]:
    """Yield frames start_frame … end_frame − 1 in order; one that cannot be decoded is left out.

    Pictures are uint8 RGB (H, W, 3), contiguous, upright, with square pixels and deinterlaced, and equal to the
    last bit wherever decoding starts. max_side_px scales them down (area averaging, even sides) until the longer
    side is at most that; without it H and W are info.height and info.width. Only that size is ever converted,
    so 640 px of an 8K film cost no more memory than its decoder does. threads is the decoder's; 0 is one a core.
    tap is shown stored pictures of the same decode, which may begin before the frames and end after them; it has seen
    all once this is exhausted. Raises UnusableVideo when the file cannot be opened.
    """
    start = max(start_frame, 0)
    end = info.frame_count if end_frame is None else min(end_frame, info.frame_count)
    if start >= end:
        return
    painter = _painter(info, max_side_px=max_side_px)
    stored = _stored_pictures(path, info=info, start_frame=start, threads=threads, tap=tap)
    for index, picture in deinterlace(stored) if info.interlaced else stored:
        if index >= end:
            break
        if index >= start:
            yield Frame(index, painter.rgb(picture))
    if tap is not None and tap.end_frame > end + 1:  # the picture at `end` was read already
        for index, _ in stored:
            if index >= tap.end_frame - 1:
                return


def decode_frame(path: Path, *, info: VideoInfo, frame_index: int, threads: int = 1) -> NDArray[np.uint8]:
    """One exact full-resolution frame as uint8 RGB (info.height, info.width, 3).

    Raises UndecodableFrame when the film has no such frame or it is damaged.
    """
    if not 0 <= frame_index < info.frame_count:
        raise UndecodableFrame(f"{path.name} has frames 0 to {info.frame_count - 1}, none numbered {frame_index}.")
    for frame in decode_frames(path, info=info, start_frame=frame_index, end_frame=frame_index + 1, threads=threads):
        return frame.rgb
    raise UndecodableFrame(f"Frame {frame_index} of {path.name} is damaged; take a neighbouring one.")


def decode_frame_set(
    path: Path,
    *,
    info: VideoInfo,
    frame_indices: Iterable[int],
    max_side_px: int | None = None,
    threads: int = 1,
) -> Iterator[Frame]:
    """Yield the asked frames in ascending order, each once; every group of pictures is decoded at most once.

    Frames outside the film and damaged ones are left out.
    """
    painter = _painter(info, max_side_px=max_side_px)
    for index, picture in picture_set(path, info=info, frame_indices=frame_indices, threads=threads):
        yield Frame(index, painter.rgb(picture))


def decode_deep_frame_set(
    path: Path, *, info: VideoInfo, frame_indices: Iterable[int], threads: int = 1
) -> Iterator[DeepFrame]:
    """Yield the asked frames like decode_frame_set, in full resolution, with 16 bits a channel beside 8."""
    painter = _painter(info, max_side_px=None)
    for index, picture in picture_set(path, info=info, frame_indices=frame_indices, threads=threads):
        yield DeepFrame(index, painter.rgb(picture), painter.deep_rgb(picture))


def picture_set(
    path: Path, *, info: VideoInfo, frame_indices: Iterable[int], threads: int = 1
) -> Iterator[NumberedPicture]:
    """Stored pictures of the asked frames in ascending order, deinterlaced where the film needs that."""
    wanted = sorted({index for index in frame_indices if 0 <= index < info.frame_count})
    for _, members in groupby(wanted, key=lambda index: int(np.searchsorted(info.keyframes, index, side="right"))):
        group = frozenset(members)
        start, end = min(group), max(group) + 1
        for index, picture in progressive_pictures(path, info=info, start_frame=start, threads=threads):
            if index >= end:
                break
            if index in group:
                yield NumberedPicture(index, picture)


def progressive_pictures(
    path: Path, *, info: VideoInfo, start_frame: int = 0, threads: int = 1
) -> Iterator[NumberedPicture]:
    """Stored pictures from start_frame (or one before it) on, deinterlaced where the film needs that.

    For an interlaced film to be exact at the end of a span, read one picture beyond it.
    """
    stored = _stored_pictures(path, info=info, start_frame=start_frame, threads=threads, tap=None)
    return deinterlace(stored) if info.interlaced else stored


def _stored_pictures(
    path: Path, *, info: VideoInfo, start_frame: int, threads: int, tap: PictureTap | None
) -> Iterator[NumberedPicture]:
    """Stored pictures from start_frame on, and what deinterlacing needs before it; the tap is shown its own first."""
    start = max(start_frame - CONTEXT_FRAMES, 0) if info.interlaced else start_frame
    if tap is None:
        return read_pictures(path, info=info, start_frame=start, threads=threads)
    begin = max(min(start, tap.start_frame), 0)
    return _tapped(read_pictures(path, info=info, start_frame=begin, threads=threads), tap=tap, start_frame=start)


def _tapped(
    pictures: Iterable[NumberedPicture], *, tap: PictureTap, start_frame: int
) -> Iterator[NumberedPicture]:
    for numbered in pictures:
        if tap.start_frame <= numbered.index < tap.end_frame:
            tap.show(*numbered)
        if numbered.index >= start_frame:
            yield numbered


def _painter(info: VideoInfo, *, max_side_px: int | None) -> Painter:
    width, height = scaled_size(info.width, info.height, max_side_px=max_side_px)
    return Painter(info, width=width, height=height)
