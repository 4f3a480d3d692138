"""Which frames a film has, in presentation order, and how each is recognised when it is decoded again."""

from __future__ import annotations

from collections.abc import Callable
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
PROGRESS_EVERY_PICTURES = 50
LONGEST_PAUSE_S = 10  # between two frames; a longer step is a jump of the clock


class FrameTable(NamedTuple):
    """Frames in presentation order; see VideoInfo for the fields of the same names."""

    frame_pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    seek_stamps: NDArray[np.int64]
    frames_by: FrameKey = FrameKey.PRESENTATION_TIME
    frame_keys: NDArray[np.int64] | None = None
    key_marks: NDArray[np.int64] | None = None


def frames_by_packets(scan: PacketScan, *, container: str) -> FrameTable | None:
    """The frames as the packets' timestamps tell them; None where these are missing or contradict each other."""
    shown = np.flatnonzero(scan.is_shown)
    pts, dts = scan.pts[shown], scan.dts[shown]
    if np.any(pts == NO_STAMP) or np.any(np.diff(dts[dts != NO_STAMP]) < 0) or len(np.unique(pts)) < len(pts):
        return None
    return _table(pts, packets=shown, scan=scan, container=container)


def frames_by_decoding(
    path: Path,
    *,
    scan: PacketScan,
    container: str,
    fps: Fraction,
    time_base: Fraction,
    on_progress: Callable[[float], None] | None = None,
) -> FrameTable:
    """The frames as a decoder gives them, for files whose timestamps cannot be trusted: exact, but slow.

    Frames keep their presentation times if these turn out to be good after all; else they get the decode times
    of their packets in order, and if even these jump, times at the film's regular rate.
    on_progress is called with the fraction decoded, 0–1.
    """
    packets = _packets_in_output_order(path, count=len(scan.pts), on_progress=on_progress or (lambda share: None))
    packets = packets[packets < len(scan.pts)]
    pts = scan.pts[packets]
    if _all_known(pts) and np.all(np.diff(pts) > 0):
        return _table(pts, packets=packets, scan=scan, container=container)
    if _all_known(scan.dts) and np.all(np.diff(scan.dts) > 0):
        times = np.sort(scan.dts[packets])
    else:
        times = _continuous(pts, fps=fps, time_base=time_base)
    return _counted(
        _table(times, packets=packets, scan=scan, container=container), packets=packets, scan=scan, container=container
    )


def _table(pts: NDArray[np.int64], *, packets: NDArray[np.int64], scan: PacketScan, container: str) -> FrameTable:
    """Frames in order of their times, each from the packet in the same row."""
    order = np.argsort(pts, kind="stable")
    packets = packets[order]
    keyframes = np.flatnonzero(scan.is_key[packets])
    starts = packets[keyframes]
    stamps = np.where(scan.dts[starts] == NO_STAMP, scan.pts[starts], scan.dts[starts])
    table = FrameTable(frame_pts=pts[order], keyframes=keyframes, seek_stamps=stamps)
    # Where not every picture brings its own timestamp, the demuxer counts on from the last one, and counts
    # otherwise after a seek.
    is_sparse = container == "mpeg" or (container == "mpegts" and not _all_known(scan.position))
    return _counted(table, packets=packets, scan=scan, container=container) if is_sparse else table


def _counted(table: FrameTable, *, packets: NDArray[np.int64], scan: PacketScan, container: str) -> FrameTable:
    """The same frames, told apart by the number of their packet (in the same row) instead of by time."""
    starts = packets[table.keyframes]
    by_position = container == "mpegts" and _all_known(scan.position[starts])
    return table._replace(
        frames_by=FrameKey.PACKET_ORDER,
        frame_keys=packets,
        key_marks=scan.mark[starts],
        seek_stamps=scan.position[starts] if by_position else table.seek_stamps,
    )


def _all_known(stamps: NDArray[np.int64]) -> bool:
    return not np.any(stamps == NO_STAMP)


def _continuous(pts: NDArray[np.int64], *, fps: Fraction, time_base: Fraction) -> NDArray[np.int64]:
    """Times for frames in output order whose clock jumps: steps are kept, jumps become one regular step."""
    regular = max(1, round(1 / (fps * time_base)))
    steps = np.diff(pts)
    jumps = (pts[1:] == NO_STAMP) | (pts[:-1] == NO_STAMP) | (steps <= 0) | (steps > LONGEST_PAUSE_S / time_base)
    return np.concatenate(([0], np.cumsum(np.where(jumps, regular, steps)))).astype(np.int64)


def _packets_in_output_order(path: Path, *, count: int, on_progress: Callable[[float], None]) -> NDArray[np.int64]:
    """Decode the whole film and tell, for each frame that comes out, which packet it came from; int64 (N,)."""
    numbers: list[int] = []
    with open_source(path) as container:
        stream = film_stream(container, name=path.name)
        prepare_decoder(stream, threads=0, options=COUNTING_OPTIONS)
        for number, packet in enumerate(read_packets(container, stream=stream)):
            if packet.size:
                packet.pts = number  # travels through the decoder with its picture
            if number % PROGRESS_EVERY_PICTURES == 0:
                on_progress(min(number / count, 1.0))
            numbers += [frame.pts for frame in decode_packet(packet) if frame.pts is not None]
    return np.asarray(numbers, dtype=np.int64)
