"""Which frames a film has, in presentation order, and how each is recognised when it is decoded again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.packets import NO_STAMP, PacketScan, decode_packet, read_packets
from ava.media.source import film_stream, open_source, prepare_decoder

# Loop filters and transforms change what a picture shows, not whether it comes: counting does without them.
COUNTING_OPTIONS = {"skip_loop_filter": "all", "skip_idct": "all"}


class FrameTable(NamedTuple):
    """Frames in presentation order; see VideoInfo for the arrays of the same names."""

    frame_pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    seek_stamps: NDArray[np.int64]
    packet_stamps: NDArray[np.int64] | None = None
    is_seekable: bool = True


def frames_by_packets(scan: PacketScan) -> FrameTable | None:
    """The frames as the packets' own timestamps tell them; None where these are missing or contradict each other."""
    shown = np.flatnonzero(scan.is_shown)
    pts, dts = scan.pts[shown], scan.dts[shown]
    known_dts = dts[dts != NO_STAMP]
    if np.any(pts == NO_STAMP) or np.any(np.diff(known_dts) < 0) or len(np.unique(pts)) < len(pts):
        return None
    return _table(pts, shown=shown, scan=scan)


def frames_by_decoding(path: Path, *, scan: PacketScan, fps: Fraction, time_base: Fraction) -> FrameTable:
    """The frames as a decoder gives them, for files whose timestamps cannot be trusted: exact, but slow.

    Frames are recognised by presentation timestamps if these turn out to be good after all, else by the
    decode timestamps of their packets, else only by counting from the start of the file.
    """
    packets = _packets_in_output_order(path)
    packets = packets[packets < len(scan.pts)]
    pts, dts = scan.pts[packets], scan.dts[packets]
    if len(pts) and not np.any(pts == NO_STAMP) and np.all(np.diff(pts) > 0):
        return _table(pts, shown=packets, scan=scan)
    if len(dts) and not np.any(dts == NO_STAMP) and np.all(np.diff(np.sort(scan.dts)) > 0):
        table = _table(np.sort(dts), shown=packets, scan=scan)
        return table._replace(packet_stamps=dts)
    step = max(1, round(1 / (fps * time_base)))
    first = np.zeros(min(len(packets), 1), dtype=np.int64)
    return FrameTable(
        frame_pts=np.arange(len(packets), dtype=np.int64) * step,
        keyframes=first,
        seek_stamps=first,
        is_seekable=False,
    )


def _table(pts: NDArray[np.int64], *, shown: NDArray[np.int64], scan: PacketScan) -> FrameTable:
    order = np.argsort(pts, kind="stable")
    keyframes = np.flatnonzero(scan.is_key[shown[order]])
    packets = shown[order][keyframes]
    stamps = np.where(scan.dts[packets] == NO_STAMP, scan.pts[packets], scan.dts[packets])
    return FrameTable(frame_pts=pts[order], keyframes=keyframes, seek_stamps=stamps)


def _packets_in_output_order(path: Path) -> NDArray[np.int64]:
    """Decode the whole film and tell, for each frame that comes out, which packet it came from; int64 (N,)."""
    numbers: list[int] = []
    with open_source(path) as container:
        stream = film_stream(container, name=path.name)
        prepare_decoder(stream, threads=0, options=COUNTING_OPTIONS)
        for number, packet in enumerate(read_packets(container, stream=stream)):
            if packet.size:
                packet.pts = number  # travels through the decoder with its picture
            numbers += [frame.pts for frame in decode_packet(packet) if frame.pts is not None]
    return np.asarray(numbers, dtype=np.int64)
