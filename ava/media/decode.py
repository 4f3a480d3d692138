"""Exact frames of a film as RGB, from any start and at any smaller size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from ava.media.colour import planes_to_rgb, stored_colour
from ava.media.deinterlace import CONTEXT_FRAMES, deinterlace
from ava.media.geometry import scaled_size
from ava.media.reader import NumberedPicture, read_pictures
from ava.media.video_info import VideoInfo


class UndecodableFrame(Exception):
    """A frame that the film's file cannot give; the text is one sentence that says which and what to do."""


class Frame(NamedTuple):
    """One picture of a film: its 0-based number in presentation order and uint8 RGB (H, W, 3)."""

    index: int  # type: ignore[assignment]
    rgb: NDArray[np.uint8]


def decode_frames(
    path: Path,
    *,
    info: VideoInfo,
    start_frame: int = 0,
    end_frame: int | None = None,
    max_side_px: int | None = None,
    threads: int = 1,
) -> Iterator[Frame]:
    """Yield frames start_frame … end_frame − 1 in order; one that cannot be decoded is left out.

    Pictures are uint8 RGB (H, W, 3), contiguous, upright, with square pixels and deinterlaced, and equal to the
    last bit wherever decoding starts. max_side_px scales them down (area averaging, even sides) until the longer
    side is at most that; without it H and W are info.height and info.width. Only that size is ever converted,
    so 640 px of an 8K film cost no more memory than its decoder does. threads is the decoder's; 0 is one a core.
    Raises UnusableVideo when the file cannot be opened.
    """
    start = max(start_frame, 0)
    end = info.frame_count if end_frame is None else min(end_frame, info.frame_count)
    if start >= end:
        return
    painter = _Painter(info, max_side_px=max_side_px)
    for index, picture in _progressive(path, info=info, start=start, end=end, threads=threads):
        if index >= end:
            return
        if index >= start:
            yield Frame(index, painter.paint(picture))


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
    wanted = sorted({index for index in frame_indices if 0 <= index < info.frame_count})
    painter = _Painter(info, max_side_px=max_side_px)
    for _, members in groupby(wanted, key=lambda index: int(np.searchsorted(info.keyframes, index, side="right"))):
        group = frozenset(members)
        start, end = min(group), max(group) + 1
        for index, picture in _progressive(path, info=info, start=start, end=end, threads=threads):
            if index >= end:
                break
            if index in group:
                yield Frame(index, painter.paint(picture))


def _progressive(path: Path, *, info: VideoInfo, start: int, end: int, threads: int) -> Iterator[NumberedPicture]:
    """Pictures from start (or a little before) to end (or a little beyond), deinterlaced where they need it."""
    if not info.interlaced:
        return read_pictures(path, info=info, start_frame=start, threads=threads)
    pictures = read_pictures(path, info=info, start_frame=max(start - CONTEXT_FRAMES, 0), threads=threads)
    return deinterlace(pictures)


class _Painter:
    """Turns stored pictures into upright RGB of one size; keeps the scaler's tables between pictures."""

    def __init__(self, info: VideoInfo, *, max_side_px: int | None) -> None:
        width, height = scaled_size(info.width, info.height, max_side_px=max_side_px)
        self.quarter_turns = info.rotation_deg // 90
        self.is_mirrored = info.is_mirrored
        self.width, self.height = (height, width) if self.quarter_turns % 2 else (width, height)
        shrinks = self.width <= info.coded_width and self.height <= info.coded_height
        self.interpolation = (Interpolation.AREA if shrinks else Interpolation.BICUBIC) | Interpolation.ACCURATE_RND
        self.colour = stored_colour(info)
        self.scaler = VideoReformatter()

    def paint(self, picture: VideoFrame) -> NDArray[np.uint8]:
        """uint8 RGB (H, W, 3), contiguous, upright."""
        # Planar output: swscale's packed RGB writer is both slower and darker by 1.4 levels.
        scaled = self.scaler.reformat(
            picture,
            width=self.width,
            height=self.height,
            format="gbrp",
            src_colorspace=self.colour.matrix,
            src_color_range=self.colour.range,
            interpolation=self.interpolation,
            threads=1,
        )
        rgb = planes_to_rgb(scaled)
        if self.is_mirrored:
            rgb = rgb[:, ::-1]
        if self.quarter_turns:
            rgb = np.rot90(rgb, k=-self.quarter_turns)
        return np.ascontiguousarray(rgb)
