"""Whoever wants to see a film's pictures as they are stored, beside the annotators or without them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import cv2
from av.video.frame import VideoFrame

from ava.media.decode import PictureTap
from ava.media.reader import read_pictures
from ava.media.video_info import VideoInfo


class PictureWatcher(Protocol):
    """Sees the pictures of a span as they are stored: unturned, unscaled, interlaced as they are, in any format.

    ``context_frames``: pictures that it is given, too, before the span and after it, as far as the film has them.
    """

    @property
    def context_frames(self) -> int: ...

    def add(self, index: int, picture: VideoFrame, /) -> None:
        """Take the picture of a film-wide frame number; they come in order. The picture is lent until it returns."""


def watch_span(
    path: Path,
    *,
    info: VideoInfo,
    start_frame: int,
    end_frame: int,
    watchers: Sequence[PictureWatcher],
    on_progress: Callable[[int], None] | None = None,
    threads: int = 1,
) -> int:
    """Show the watchers the stored pictures of a half-open span, just as ``annotate_span`` does; convert none.

    ``on_progress`` is called with the number of the span's frames seen so far; ``threads`` are the decoder's. Returns
    how many frames of the span could be decoded. Raises ``ValueError`` for a span outside the film, and what decoding
    and watchers raise.
    """
    require_span(info, start_frame=start_frame, end_frame=end_frame)
    tap = tap_for(watchers, start_frame=start_frame, end_frame=end_frame)
    if tap is None or start_frame == end_frame:
        return 0
    cv2.setNumThreads(1)
    seen = 0
    for index, picture in read_pictures(path, info=info, start_frame=max(tap.start_frame, 0), threads=threads):
        if index >= tap.end_frame:
            break
        tap.show(index, picture)
        if start_frame <= index < end_frame:
            seen += 1
            if on_progress is not None:
                on_progress(seen)
        if index == tap.end_frame - 1:
            break
    return seen


def require_span(info: VideoInfo, *, start_frame: int, end_frame: int) -> None:
    """Raise ``ValueError`` unless the half-open span lies within the film."""
    if not 0 <= start_frame <= end_frame <= info.frame_count:
        raise ValueError(
            f"Frames {start_frame}–{end_frame} are not within the film's {info.frame_count} frames."
        )


def tap_for(
    watchers: Sequence[PictureWatcher],
    *,
    start_frame: int,
    end_frame: int,
    on_time: Callable[[float], None] | None = None,
) -> PictureTap | None:
    """What gives each watcher the span and its own context; ``on_time`` is told the seconds that they take."""
    if not watchers:
        return None

    def show(index: int, picture: VideoFrame) -> None:
        began = time.perf_counter()
        for watcher in watchers:
            if start_frame - watcher.context_frames <= index < end_frame + watcher.context_frames:
                watcher.add(index, picture)
        if on_time is not None:
            on_time(time.perf_counter() - began)

    context = max(watcher.context_frames for watcher in watchers)
    return PictureTap(start_frame - context, end_frame + context, show)
