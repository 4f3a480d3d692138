"""Numbered pictures of a film from any frame on, as stored: the exact seek under everything that decodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.media.packets import decode_packet, packet_mark, read_packets
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
    for step in STEPS_BACK:
        if nearest - step > 0:
            yield step == STEPS_BACK[-1], nearest - step
    yield True, None


def _pictures_from(
    path: Path, *, info: VideoInfo, key: int | None, start_frame: int, threads: int
) -> Generator[NumberedPicture]:
    numbers = _PacketCount(info) if info.frames_by == FrameKey.PACKET_ORDER else _Timestamps(info)
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
                index = numbers.index_of(picture.pts)
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
    is_counted = info.frames_by == FrameKey.PACKET_ORDER
    stamps = info.seek_stamps
    if stamps is None or not (is_counted or info.container in SEARCHED_BY_DECODE_TIME):
        stamps = info.frame_pts[info.keyframes]
    by_position = is_counted and info.container == "mpegts"
    try:
        container.seek(int(stamps[key]), stream=stream, backward=True, unsupported_byte_offset=by_position)
    except av.error.FFmpegError as error:
        raise _MissedStart from error


def _from_keyframe(
    packets: Iterator[Packet[VideoStream]], *, numbers: _Timestamps | _PacketCount, start_frame: int
) -> Iterator[Packet[VideoStream]]:
    """Packets from the first known keyframe on, which must be the wanted frame or one before it."""
    for packet in packets:
        index = numbers.keyframe_index(packet) if packet.is_keyframe else None
        if index is not None and index > start_frame:
            break
        if index is not None:
            yield packet
            yield from packets
            return
    raise _MissedStart


class _Timestamps:
    """Recognises frames by their presentation times."""

    def __init__(self, info: VideoInfo) -> None:
        self.frame_pts = info.frame_pts

    def keyframe_index(self, packet: Packet[VideoStream]) -> int | None:
        """The frame that a packet holds; None where the film has no frame at its time."""
        return self.index_of(packet.pts)

    def mark(self, packet: Packet[VideoStream]) -> None:
        """Packets pass their own time on to their picture."""

    def index_of(self, stamp: int | None) -> int | None:
        """The frame number of a decoded picture by its timestamp; None where the film has no such frame."""
        return None if stamp is None else _find(self.frame_pts, stamp)


class _PacketCount:
    """Recognises frames by counting packets from the start of the file, or from a keyframe known by its content."""

    def __init__(self, info: VideoInfo) -> None:
        assert info.frame_keys is not None
        assert info.key_marks is not None
        self.order = np.argsort(info.frame_keys)
        self.packets = info.frame_keys[self.order]
        uses = Counter(info.key_marks.tolist())
        # Two keyframes alike (black ones, say) tell no place.
        self.known = {
            mark: frame
            for mark, frame in zip(info.key_marks.tolist(), info.keyframes.tolist(), strict=True)
            if uses[mark] == 1
        }
        self.frame_keys = info.frame_keys
        self.next_packet = 0

    def keyframe_index(self, packet: Packet[VideoStream]) -> int | None:
        """The frame that a packet holds, from which counting then goes on; None where that cannot be told."""
        index = self.known.get(packet_mark(packet))
        if index is not None:
            self.next_packet = int(self.frame_keys[index])
        return index

    def mark(self, packet: Packet[VideoStream]) -> None:
        """Make the packet's picture carry the packet's number in place of its presentation time."""
        if packet.size:
            packet.pts = self.next_packet
            self.next_packet += 1

    def index_of(self, stamp: int | None) -> int | None:
        """The frame number of a decoded picture by its packet's number; None where the film has no such frame."""
        place = None if stamp is None else _find(self.packets, stamp)
        return None if place is None else int(self.order[place])


def _find(ascending: NDArray[np.int64], value: int) -> int | None:
    place = int(np.searchsorted(ascending, value))
    return place if place < len(ascending) and ascending[place] == value else None
