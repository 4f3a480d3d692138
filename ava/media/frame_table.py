"""Which frames a film has, in presentation order, and how each is recognised when it is decoded again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.packets import NO_STAMP, PacketScan, decode_packet, read_packets
from ava.media.source import film_stream, open_source, prepare_decoder
from ava.media.video_info import FrameKey

# Loop filters and transforms change what a picture shows, not whether it comes: counting does without them.
COUNTING_OPTIONS = {"skip_loop_filter": "all", "skip_idct": "all"}
LONGEST_PAUSE_S = 10  # between two frames; a longer step is a jump of the clock


class FrameTable(NamedTuple):
    """Frames in presentation order; see VideoInfo for the fields of the same names."""

    frame_pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    seek_stamps: NDArray[np.int64]
    frames_by: FrameKey = FrameKey.PRESENTATION_TIME
    frame_keys: NDArray[np.int64] | None = None


def frames_by_packets(scan: PacketScan) -> FrameTable | None:
    """The frames as the packets' own timestamps tell them; None where these are missing or contradictory."""
    shown = np.flatnonzero(scan.is_shown)
    pts, dts = scan.pts[shown], scan.dts[shown]
    if np.any(pts == NO_STAMP) or np.any(np.diff(dts[dts != NO_STAMP]) < 0) or len(np.unique(pts)) < len(pts):
        return None
    return _table(pts, packets=shown, scan=scan)


def frames_by_decoding(path: Path, *, scan: PacketScan, fps: Fraction, time_base: Fraction) -> FrameTable:
    """The frames as a decoder gives them, for files whose timestamps cannot be trusted: exact, but slow.

    Frames are recognised by presentation time if that turns out to be good after all, else by the decode time
    or the file position of their packets, else only by counting from the start of the file.
    """
    packets = _packets_in_output_order(path)
    packets = packets[packets < len(scan.pts)]
    if not len(packets):
        empty = np.zeros(0, dtype=np.int64)
        return FrameTable(empty, empty, empty)
    pts = scan.pts[packets]
    if _all_known(pts) and np.all(np.diff(pts) > 0):
        return _table(pts, packets=packets, scan=scan)
    if _all_known(scan.dts) and np.all(np.diff(scan.dts) > 0):
        table = _table(np.sort(scan.dts[packets]), packets=packets, scan=scan)
        return table._replace(frames_by=FrameKey.DECODE_TIME, frame_keys=scan.dts[packets])
    times = _continuous(pts, fps=fps, time_base=time_base)
    table = _table(times, packets=packets, scan=scan)
    if _all_known(scan.position) and np.all(np.diff(scan.position) > 0):
        return table._replace(
            frames_by=FrameKey.POSITION,
            frame_keys=scan.position[packets],
            seek_stamps=scan.position[packets[table.keyframes]],
        )
    start = np.zeros(1, dtype=np.int64)
    return FrameTable(times, keyframes=start, seek_stamps=start, frames_by=FrameKey.COUNTING)


def _all_known(stamps: NDArray[np.int64]) -> bool:
    return not np.any(stamps == NO_STAMP)


def _table(pts: NDArray[np.int64], *, packets: NDArray[np.int64], scan: PacketScan) -> FrameTable:
    """Frames in order of their times, each from the packet in the same row."""
    order = np.argsort(pts, kind="stable")
    keyframes = np.flatnonzero(scan.is_key[packets[order]])
    starts = packets[order][keyframes]
    stamps = np.where(scan.dts[starts] == NO_STAMP, scan.pts[starts], scan.dts[starts])
    return FrameTable(frame_pts=pts[order], keyframes=keyframes, seek_stamps=stamps)


def _continuous(pts: NDArray[np.int64], *, fps: Fraction, time_base: Fraction) -> NDArray[np.int64]:
    """Times for frames in output order whose clock jumps: steps are kept, jumps become one regular step."""
    regular = max(1, round(1 / (fps * time_base)))
    steps = np.diff(pts)
    jumps = (pts[1:] == NO_STAMP) | (pts[:-1] == NO_STAMP) | (steps <= 0) | (steps > LONGEST_PAUSE_S / time_base)
    return np.concatenate(([0], np.cumsum(np.where(jumps, regular, steps)))).astype(np.int64)


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
