"""What a film file holds: picture geometry, colour, exact frame times and where decoding can start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.media.colour import color_names
from ava.media.packets import PacketTable, scan_packets
from ava.media.source import LARGEST_SIDE_PX, UnusableVideo, open_source, video_stream

__all__ = ["UnusableVideo", "VideoInfo", "probe"]

SQUARE_TOLERANCE_PX = 1.0  # a pixel aspect that moves the edge by less than this is treated as square


@dataclass(frozen=True, slots=True, eq=False)
class VideoInfo:
    """One film file, probed: everything that decoding, chunking and showing it needs.

    frame_pts: int64 (N,), strictly increasing, in time_base units; N is the frame count.
    keyframes: int64 (K,), ascending indices into frame_pts of pictures from which decoding can start.
    width, height: the upright picture with square pixels, which every frame, box and still uses.
    rotation_deg: clockwise turn (0, 90, 180 or 270) from the stored picture to the upright one.
    fps: exact rational rate; the average rate when is_vfr.
    time_origin_s: the moment that players call zero, in the file's own clock.
    warnings: sentences for a person.
    """

    container: str
    codec: str
    pixel_format: str
    bit_depth: int
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation_deg: int
    sample_aspect: Fraction
    interlaced: bool
    color_space: str
    color_range: str
    color_transfer: str
    color_primaries: str
    fps: Fraction
    is_vfr: bool
    time_base: Fraction
    frame_pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    duration_s: float
    start_timecode: str | None
    audio_streams: int
    subtitle_streams: int
    warnings: tuple[str, ...]
    stream_index: int = 0
    time_origin_s: Fraction = Fraction(0)

    @property
    def frame_count(self) -> int:
        """How many pictures the film shows."""
        return len(self.frame_pts)

    def time_s(self, frame: int) -> float:
        """When a player shows this frame, in seconds from the start of playback."""
        return float(int(self.frame_pts[frame]) * self.time_base - self.time_origin_s)

    def frame_at(self, time_s: float) -> int:
        """The frame that a player shows at this second, clamped to the film's first and last."""
        stamp = (Fraction(time_s) + self.time_origin_s) / self.time_base
        # A float time is rarely exact: half a tick of slack finds the frame whose own time was asked for.
        index = int(np.searchsorted(self.frame_pts, float(stamp) + 0.5, side="right")) - 1
        return min(max(index, 0), self.frame_count - 1)


def probe(path: Path, *, on_progress: Callable[[float], None] | None = None) -> VideoInfo:
    """Read a film's header and every packet, and describe it exactly.

    on_progress is called with the fraction of the file read, 0–1. Memory stays at a few bytes a frame.
    Raises UnusableVideo with one sentence that says why when this is no usable film.
    """
    with open_source(path) as container:
        stream = video_stream(container, name=path.name)
        _check_size(stream, name=path.name)
        sample = _first_picture(container, stream, name=path.name)
    with open_source(path) as container:
        stream = container.streams.video[0] if len(container.streams.video) == 1 else video_stream(container, name=path.name)
        table = scan_packets(container, stream=stream, on_progress=on_progress)
        if not len(table.pts):
            raise UnusableVideo(f"{path.name} holds no picture that can be shown; it is damaged, upload it again.")
        return _describe(container, stream, table, sample)


def _check_size(stream: VideoStream, *, name: str) -> None:
    context = stream.codec_context
    if context is None:
        raise UnusableVideo(f"{name} uses a picture codec that AVA cannot decode; export it as H.264 or ProRes.")
    if not (0 < context.width <= LARGEST_SIDE_PX and 0 < context.height <= LARGEST_SIDE_PX):
        raise UnusableVideo(
            f"{name} claims pictures of {context.width}×{context.height} pixels; AVA takes sides of 1 to {LARGEST_SIDE_PX}."
        )


def _first_picture(container: InputContainer, stream: VideoStream, *, name: str) -> VideoFrame:
    stream.codec_context.thread_count = 1
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError):
            continue
        if frames:
            return frames[0]
    raise UnusableVideo(f"No picture of {name} can be decoded; it is damaged or protected, upload it again.")


def _describe(
    container: InputContainer, stream: VideoStream, table: PacketTable, sample: VideoFrame
) -> VideoInfo:
    assert stream.time_base is not None
    rotation_deg = round(-sample.rotation / 90) * 90 % 360
    aspect = stream.sample_aspect_ratio or Fraction(1)
    width, height = _upright_size(sample.width, sample.height, aspect=aspect, rotation_deg=rotation_deg)
    fps, is_vfr = _frame_rate(table.pts, stream)
    space, color_range, transfer, primaries = color_names(sample)
    origin = Fraction(container.start_time or 0, 1_000_000)
    return VideoInfo(
        container=container.format.name,
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=sample.format.name,
        bit_depth=max(component.bits for component in sample.format.components),
        coded_width=sample.width,
        coded_height=sample.height,
        width=width,
        height=height,
        rotation_deg=rotation_deg,
        sample_aspect=aspect,
        interlaced=sample.interlaced_frame,
        color_space=space,
        color_range=color_range,
        color_transfer=transfer,
        color_primaries=primaries,
        fps=fps,
        is_vfr=is_vfr,
        time_base=stream.time_base,
        frame_pts=table.pts,
        keyframes=np.flatnonzero(table.is_key).astype(np.int64),
        duration_s=float(int(table.pts[-1] - table.pts[0]) * stream.time_base + 1 / fps),
        start_timecode=stream.metadata.get("timecode") or container.metadata.get("timecode"),
        audio_streams=len(container.streams.audio),
        subtitle_streams=len(container.streams.subtitles),
        warnings=(),
        stream_index=stream.index,
        time_origin_s=origin,
    )


def _upright_size(width: int, height: int, *, aspect: Fraction, rotation_deg: int) -> tuple[int, int]:
    """Square pixels by stretching the shorter-sampled side, so that no stored detail is lost; then turned upright."""
    if aspect > 1 and width * (aspect - 1) >= SQUARE_TOLERANCE_PX:
        width = round(width * aspect)
    elif aspect < 1 and height * (1 / aspect - 1) >= SQUARE_TOLERANCE_PX:
        height = round(height / aspect)
    return (height, width) if rotation_deg in (90, 270) else (width, height)


def _frame_rate(pts: NDArray[np.int64], stream: VideoStream) -> tuple[Fraction, bool]:
    """The constant rate that explains every frame time, or the average rate and True when none does."""
    assert stream.time_base is not None
    named = [rate for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate) if rate]
    if len(pts) < 2:
        return (named[0] if named else Fraction(25)), False
    ticks = np.arange(len(pts), dtype=np.float64)
    for rate in named:
        step = float(1 / (rate * stream.time_base))
        late = np.abs(pts - pts[0] - ticks * step)
        if late.max() <= max(1.0, 0.1 * step):
            return rate, False
    average = Fraction(len(pts) - 1, 1) / (int(pts[-1] - pts[0]) * stream.time_base)
    return average.limit_denominator(100_000), True
