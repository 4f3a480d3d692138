"""Numbered pictures of a film from any frame on, as stored: the exact seek under everything that decodes."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ava.media.packets import decode_packet, read_packets
from ava.media.source import open_source, prepare_decoder
from ava.media.video_info import FrameKey, VideoInfo

# Containers without an index of pictures: the demuxer searches the file by decode timestamps.
SEARCHED_BY_DECODE_TIME = frozenset({"mpegts", "mpeg", "gxf"})
# How many keyframes further back to try where a frame did not come out (open or slowly refreshed groups).
STEPS_BACK = (0, 1, 3)
# Codecs whose non-reference pictures can be left out with no effect on the others, down to the last bit.
SKIPPABLE = frozenset({"h264", "mpeg2video"})


class NumberedPicture(NamedTuple):
    """A decoded picture as stored (any pixel format, unturned) and its 0-based frame number."""

    index: int  # type: ignore[assignment]
    picture: VideoFrame


class _MissedStart(Exception):
    """A seek landed behind the frame that was wanted."""


def read_pictures(path: Path, *, info: VideoInfo, start_frame: int = 0, threads: int = 1) -> Iterator[NumberedPicture]:
    """Yield the pictures from start_frame to the film's end, in order, each exactly once.

    Decoding starts at the last keyframe at or before start_frame. Containers differ in where a seek lands, so
    the landing is checked, and an earlier keyframe, in the end the start of the file, is tried when it is
    behind the frame. A picture that cannot be decoded is left out.
    Raises UnusableVideo when the file cannot be opened.
    """
    for is_last_try, key in _start_points(info, start_frame):
        pictures = _pictures_from(path, info=info, key=key, start_frame=start_frame, threads=threads)
        try:
            first = next(pictures, None)
        except _MissedStart:
            continue
        if is_last_try or (first is not None and first.index == start_frame):
            if first is not None:
                yield first
                yield from pictures
            return
        pictures.close()


def _start_points(info: VideoInfo, start_frame: int) -> Iterator[tuple[bool, int | None]]:
    """Keyframes to try in turn, as positions in info.keyframes; None is the start of the file.

    The flag is set where what comes out has to do: the frame itself is damaged.
    """
    nearest = int(np.searchsorted(info.keyframes, start_frame, side="right")) - 1
    if info.frames_by != FrameKey.COUNTING:
        for step in STEPS_BACK:
            if nearest - step > 0:
                yield step == STEPS_BACK[-1], nearest - step
    yield True, None


def _pictures_from(
    path: Path, *, info: VideoInfo, key: int | None, start_frame: int, threads: int
) -> Generator[NumberedPicture]:
    numbers = _FrameNumbers(info)
    with open_source(path) as container:
        stream = container.streams[info.stream_index]
        assert isinstance(stream, VideoStream)
        prepare_decoder(stream, threads=threads)
        packets = read_packets(container, stream=stream)
        if key is not None:
            _seek(container, stream, info=info, key=key)
            packets = _from_keyframe(packets, numbers=numbers, start_frame=start_frame)
        last = start_frame - 1
        for packet in _without_needless(packets, stream, info=info, start_frame=start_frame):
            numbers.mark(packet)
            for picture in decode_packet(packet):
                index = numbers.index_of(picture)
                if index is not None and index > last:
                    last = index
                    yield NumberedPicture(index, picture)


def _without_needless(
    packets: Iterator[Packet[VideoStream]], stream: VideoStream, *, info: VideoInfo, start_frame: int
) -> Iterator[Packet[VideoStream]]:
    """Pass packets on; pictures before the wanted frame that no other refers to are not decoded."""
    if info.codec not in SKIPPABLE or info.frames_by != FrameKey.PRESENTATION_TIME:
        yield from packets
        return
    wanted_pts = int(info.frame_pts[start_frame])
    for packet in packets:
        is_early = packet.pts is not None and packet.pts < wanted_pts
        stream.codec_context.skip_frame = "NONREF" if is_early else "DEFAULT"
        yield packet


def _seek(container: InputContainer, stream: VideoStream, *, info: VideoInfo, key: int) -> None:
    stamps = info.seek_stamps
    by_position = info.frames_by == FrameKey.POSITION
    if stamps is None or not (by_position or SEARCHED_BY_DECODE_TIME & set(info.container.split(","))):
        stamps = info.frame_pts[info.keyframes]
    try:
        container.seek(int(stamps[key]), stream=stream, backward=True, unsupported_byte_offset=by_position)
    except av.error.FFmpegError as error:
        raise _MissedStart from error


def _from_keyframe(
    packets: Iterator[Packet[VideoStream]], *, numbers: _FrameNumbers, start_frame: int
) -> Iterator[Packet[VideoStream]]:
    """Packets from the first keyframe on, which must be the wanted frame or one before it."""
    for packet in packets:
        if packet.is_keyframe:
            numbers.mark(packet)
            index = numbers.index_of(packet)
            if index is None or index > start_frame:
                break
            yield packet
            yield from packets
            return
    raise _MissedStart


class _FrameNumbers:
    """Recognises frames by what the film's table knows them by, or by counting."""

    def __init__(self, info: VideoInfo) -> None:
        self.frames_by = info.frames_by
        self.counted = 0
        if info.frame_keys is None:
            self.keys, self.frames = info.frame_pts, np.arange(info.frame_count)
        else:
            self.frames = np.argsort(info.frame_keys)
            self.keys = info.frame_keys[self.frames]

    def mark(self, packet: Packet[VideoStream]) -> None:
        """Make the packet's picture carry the key that the table knows, in place of its presentation time."""
        if packet.size and self.frames_by == FrameKey.DECODE_TIME:
            packet.pts = packet.dts
        elif packet.size and self.frames_by == FrameKey.POSITION:
            packet.pts = packet.pos

    def index_of(self, item: VideoFrame | Packet[VideoStream]) -> int | None:
        """The frame number of a marked packet or of the picture it gave; None where the table has none."""
        if self.frames_by == FrameKey.COUNTING:
            self.counted += 1
            return self.counted - 1
        if item.pts is None:
            return None
        place = int(np.searchsorted(self.keys, item.pts))
        return int(self.frames[place]) if place < len(self.keys) and self.keys[place] == item.pts else None
