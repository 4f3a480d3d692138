"""Reading a film's packets without decoding them: presentation times and places where decoding can start."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

PROGRESS_EVERY_PACKETS = 2000


class PacketTable(NamedTuple):
    """One row a displayed picture, in presentation order.

    pts: int64 (N,) presentation times in the stream's time base, strictly increasing.
    is_key: bool (N,) whether decoding can start with this picture.
    """

    pts: NDArray[np.int64]
    is_key: NDArray[np.bool_]


def scan_packets(
    container: InputContainer, *, stream: VideoStream, on_progress: Callable[[float], None] | None = None
) -> PacketTable:
    """Read every packet of one stream and list the pictures that a player would show.

    on_progress is called now and then with the fraction of the file read, 0–1.
    """
    times: list[int] = []
    keys: list[bool] = []
    size = max(container.size, 1)
    try:
        for number, packet in enumerate(container.demux(stream)):
            if on_progress is not None and number % PROGRESS_EVERY_PACKETS == 0 and packet.pos is not None:
                on_progress(min(packet.pos / size, 1.0))
            if packet.size and not packet.is_discard and is_shown(packet, codec=stream.codec_context.name):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is not None:
                    times.append(stamp)
                    keys.append(packet.is_keyframe)
    except av.error.FFmpegError:
        pass  # a file cut off in the middle: what was read so far is what it holds
    pts, first = np.unique(np.asarray(times, dtype=np.int64), return_index=True)
    return PacketTable(pts=pts, is_key=np.asarray(keys, dtype=np.bool_)[first])


def is_shown(packet: Packet[VideoStream], *, codec: str) -> bool:
    """Whether a packet makes a picture: VP8 stores reference-only pictures, whose show_frame bit (RFC 6386, 9.1) is 0."""
    if codec not in ("vp8", "libvpx"):
        return True
    return bool(memoryview(packet)[0] & 0b10000)
