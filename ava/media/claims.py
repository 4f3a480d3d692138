"""How long a film's header says it lasts, to hold against what the file really contains."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, NamedTuple

from av.container import InputContainer
from av.video.stream import VideoStream

MOST_BOXES = 256  # looked at before a movie header is given up
NO_DURATION = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


class ClaimedEnds(NamedTuple):
    """When a film ends by its header's word, in seconds on the container's clock; None where it does not say.

    picture_s: the picture stream alone; movie_s: the longest stream of the movie header.
    other_streams_s: the longest stream beside the picture, by that stream's own table; 0 for none.
    """

    picture_s: float | None
    movie_s: float | None
    other_streams_s: float


def claimed_ends(path: Path, *, container: InputContainer, stream: VideoStream) -> ClaimedEnds:
    """Read from the header when the film's streams are said to end."""
    assert stream.time_base is not None
    picture: list[Fraction] = []
    if stream.duration:
        picture.append((stream.duration + (stream.start_time or 0)) * stream.time_base)
    elif container.duration:
        picture.append(Fraction(container.duration, 1_000_000))
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        picture.append(stream.frames / stream.average_rate)  # AVI's duration shrinks with the file
    movie = _movie_header_s(path) if container.format.name.startswith("mov") else None
    others = [
        (other.duration + (other.start_time or 0)) * other.time_base
        for other in container.streams
        if other.index != stream.index and other.duration and other.time_base
    ]
    return ClaimedEnds(
        picture_s=float(max(picture)) if picture else None,
        movie_s=None if movie is None else float(movie),
        other_streams_s=float(max(others, default=0)),
    )


def _movie_header_s(path: Path) -> Fraction | None:
    """The length in an MP4 or MOV file's movie header (ISO 14496-12, 8.2.2), which demuxers pass over; or None."""
    with path.open("rb") as file:
        movie = _find_box(file, b"moov", start=0, end=path.stat().st_size)
        header = movie and _find_box(file, b"mvhd", start=movie[0], end=movie[1])
        if not header:
            return None
        file.seek(header[0])
        content = file.read(32)
    version_1 = content[:1] == b"\1"
    fields = struct.Struct(">20xIQ" if version_1 else ">12xII")
    if len(content) < fields.size:
        return None
    scale, length = fields.unpack_from(content)
    return Fraction(length, scale) if scale and length not in NO_DURATION else None


def _find_box(file: BinaryIO, kind: bytes, *, start: int, end: int) -> tuple[int, int] | None:
    """Where the content of the first box of a kind begins and ends between two positions of an MP4 file."""
    for _ in range(MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        if start >= end or len(head) < 8:
            return None
        size, skip = int.from_bytes(head[:4]), 8
        if size == 1:
            size, skip = int.from_bytes(head[8:16]), 16
        stop = start + size if size else end
        if head[4:8] == kind:
            return start + skip, min(stop, end)
        if stop < start + skip:
            return None
        start = stop
    return None
