"""Reading a film's packets: what they say about time and keyframes, and the pictures they decode to."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.media.source import UnusableVideo

MOST_PACKETS = 20_000_000  # a day at 120 pictures a second is 10 million
MARKED_BYTES = 16_384
PROGRESS_EVERY_PACKETS = 1000
NO_STAMP = np.iinfo(np.int64).min  # the value that FFmpeg itself uses for a missing timestamp


class PacketScan(NamedTuple):
    """What the packets of the picture stream say, in the order in which they are stored and decoded.

    pts, dts: int64 (P,) presentation and decode timestamps, NO_STAMP where missing.
    position: int64 (P,) first byte in the file, NO_STAMP where unknown.
    mark: int64 (P,) digest of a packet from which decoding can start, 0 for the others.
    is_key, is_shown: bool (P,) whether decoding can start here; whether the packet makes a visible picture.
    end_s: the end of the last packet of any scanned stream, in seconds on the container's clock.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    position: NDArray[np.int64]
    mark: NDArray[np.int64]
    is_key: NDArray[np.bool_]
    is_shown: NDArray[np.bool_]
    end_s: float


def read_packets(container: InputContainer, *, stream: VideoStream | None = None) -> Iterator[Packet[VideoStream]]:
    """Yield packets (of one stream or of all) to the end or to the first damage that stops the demuxer.

    The last one for each stream is empty and flushes the decoder. Empty packets on the way, which some
    containers store for a repeated picture, are left out: a decoder would take them for the end.
    """
    demuxed = container.demux(stream) if stream is not None else container.demux()
    try:
        for packet in cast("Iterator[Packet[VideoStream]]", demuxed):
            if packet.size or (packet.pts is None and packet.dts is None):
                yield packet
    except (av.error.FFmpegError, ValueError):
        if stream is not None:
            flush = cast("Packet[VideoStream]", Packet())
            flush.stream = stream
            yield flush


def decode_packet(packet: Packet[VideoStream]) -> list[VideoFrame]:
    """The pictures that a packet completes; a damaged packet costs its own picture only."""
    try:
        return packet.decode()
    except (av.error.FFmpegError, ValueError):
        return []


def scan_packets(
    container: InputContainer,
    *,
    stream: VideoStream,
    name: str,
    on_progress: Callable[[float], None] | None = None,
) -> PacketScan:
    """Read every packet without decoding any, keeping 34 bytes a picture.

    on_progress is called now and then with the fraction of the file read, 0–1.
    Raises UnusableVideo when the file holds more packets than any film does.
    """
    pts, dts, position, mark = array("q"), array("q"), array("q"), array("q")
    is_key, is_shown = bytearray(), bytearray()
    # Where the stream itself does not say how long it is, only the longest stream can be held against the header.
    only = stream if stream.duration else None
    size, end_s = max(container.size, 1), 0.0
    for number, packet in enumerate(read_packets(container, stream=only)):
        if on_progress is not None and number % PROGRESS_EVERY_PACKETS == 0 and packet.pos is not None:
            on_progress(min(packet.pos / size, 1.0))
        if number >= MOST_PACKETS:
            raise UnusableVideo(f"{name} claims more than {MOST_PACKETS:,} pictures; cut it into parts.")
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            end_s = max(end_s, float((stamp + (packet.duration or 0)) * packet.time_base))
        if packet.stream_index != stream.index or not packet.size:
            continue
        pts.append(NO_STAMP if packet.pts is None else packet.pts)
        dts.append(NO_STAMP if packet.dts is None else packet.dts)
        position.append(NO_STAMP if packet.pos is None else packet.pos)
        mark.append(packet_mark(packet) if packet.is_keyframe else 0)
        is_key.append(packet.is_keyframe)
        is_shown.append(not packet.is_discard and _makes_picture(packet, codec=stream.codec_context.name))
    return PacketScan(
        pts=np.frombuffer(pts, dtype=np.int64),
        dts=np.frombuffer(dts, dtype=np.int64),
        position=np.frombuffer(position, dtype=np.int64),
        mark=np.frombuffer(mark, dtype=np.int64),
        is_key=np.frombuffer(is_key, dtype=np.bool_),
        is_shown=np.frombuffer(is_shown, dtype=np.bool_),
        end_s=end_s,
    )


def packet_mark(packet: Packet[VideoStream]) -> int:
    """A number that tells a packet from others by its content, whatever timestamps a demuxer gives it."""
    return packet.size << 32 | zlib.crc32(memoryview(packet)[:MARKED_BYTES])


def _makes_picture(packet: Packet[VideoStream], *, codec: str) -> bool:
    """False for VP8's reference-only pictures, whose show_frame bit (RFC 6386, section 9.1) is 0."""
    return codec not in ("vp8", "libvpx") or bool(memoryview(packet)[0] & 0b10000)
