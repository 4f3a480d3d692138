"""Exact frames of a film as RGB, from any start: seek to a keyframe, decode forward, keep what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.media.colour import swscale_colour
from ava.media.probe import VideoInfo
from ava.media.source import open_source


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

    Pictures are uint8 RGB (H, W, 3), upright, with square pixels and deinterlaced. max_side_px scales them down
    (area averaging, even sides) so that the longer side is at most that; they are never scaled up.
    Raises UnusableVideo when the file cannot be opened.
    """
    end = info.frame_count if end_frame is None else min(end_frame, info.frame_count)
    start = max(start_frame, 0)
    if start >= end:
        return
    painter = _Painter(info, max_side_px=max_side_px)
    with open_source(path) as container:
        stream = _stream(container, info=info, threads=threads)
        _seek(container, stream, info=info, frame=start)
        for picture in _pictures(container, stream):
            index = _index_of(picture, info=info)
            if index is None or index < start:
                continue
            if index >= end:
                return
            yield Frame(index, painter.rgb(picture))


def decode_frame(path: Path, *, info: VideoInfo, frame_index: int) -> NDArray[np.uint8]:
    """One exact full-resolution frame as uint8 RGB (info.height, info.width, 3).

    Raises UndecodableFrame when the file holds no such frame or it is damaged.
    """
    for frame in decode_frames(path, info=info, start_frame=frame_index, end_frame=frame_index + 1):
        return frame.rgb
    raise UndecodableFrame(f"Frame {frame_index} of {path.name} cannot be decoded; take a neighbouring one.")


def decode_frame_set(
    path: Path, *, info: VideoInfo, frame_indices: Iterable[int], max_side_px: int | None = None
) -> Iterator[Frame]:
    """Yield the asked frames in ascending order, each once, decoding every group of pictures at most once."""
    wanted = sorted({index for index in frame_indices if 0 <= index < info.frame_count})
    groups = np.searchsorted(info.keyframes, wanted, side="right")
    for group in np.unique(groups):
        members = [index for index, member in zip(wanted, groups, strict=True) if member == group]
        chosen = set(members)
        for frame in decode_frames(
            path, info=info, start_frame=members[0], end_frame=members[-1] + 1, max_side_px=max_side_px
        ):
            if frame.index in chosen:
                yield frame


def scaled_size(width: int, height: int, *, max_side_px: int | None) -> tuple[int, int]:
    """Width and height after scaling the longer side down to max_side_px: even, at least 2, never larger than before."""
    if max_side_px is None or max(width, height) <= max_side_px:
        return width, height
    scale = max_side_px / max(width, height)
    return _even(width * scale, at_most=width), _even(height * scale, at_most=height)


def _even(length: float, *, at_most: int) -> int:
    return min(max(2, 2 * int(length / 2 + 0.5 - 1e-9)), at_most)


class _Painter:
    """Turns decoded pictures into upright RGB of one size; keeps swscale's tables between frames."""

    def __init__(self, info: VideoInfo, *, max_side_px: int | None) -> None:
        self.quarter_turns = info.rotation_deg // 90
        width, height = scaled_size(info.width, info.height, max_side_px=max_side_px)
        self.width, self.height = (height, width) if self.quarter_turns % 2 else (width, height)
        self.matrix, self.range = swscale_colour(
            space=info.color_space,
            color_range=info.color_range,
            pixel_format=info.pixel_format,
            width=info.coded_width,
            height=info.coded_height,
        )
        self.reformatter = VideoReformatter()

    def rgb(self, picture: VideoFrame) -> NDArray[np.uint8]:
        """uint8 (H, W, 3), contiguous."""
        scaled = self.reformatter.reformat(
            picture,
            width=self.width,
            height=self.height,
            format="rgb24",
            src_colorspace=self.matrix,
            src_color_range=self.range,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        pixels = np.asarray(scaled.to_ndarray(), dtype=np.uint8)
        if self.quarter_turns:
            pixels = np.rot90(pixels, k=-self.quarter_turns)
        return np.ascontiguousarray(pixels)


def _stream(container: InputContainer, *, info: VideoInfo, threads: int) -> VideoStream:
    stream = container.streams[info.stream_index]
    assert isinstance(stream, VideoStream)
    stream.codec_context.thread_count = threads
    if threads > 1:
        stream.codec_context.thread_type = "AUTO"
    return stream


def _seek(container: InputContainer, stream: VideoStream, *, info: VideoInfo, frame: int) -> None:
    """Go to the last keyframe at or before the frame; before the first keyframe the file is read from its start."""
    before = int(np.searchsorted(info.keyframes, frame, side="right")) - 1
    if before > 0:
        container.seek(int(info.frame_pts[info.keyframes[before]]), stream=stream, backward=True)


def _pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except (av.error.FFmpegError, ValueError):
            continue  # a damaged packet costs its own picture only


def _index_of(picture: VideoFrame, *, info: VideoInfo) -> int | None:
    stamp = picture.pts if picture.pts is not None else picture.dts
    if stamp is None:
        return None
    index = int(np.searchsorted(info.frame_pts, stamp))
    return index if index < info.frame_count and info.frame_pts[index] == stamp else None


def frame_pixels(frames: Sequence[Frame]) -> NDArray[np.uint8]:
    """Frames of one size as one stack, uint8 (T, H, W, 3)."""
    return np.stack([frame.rgb for frame in frames])
