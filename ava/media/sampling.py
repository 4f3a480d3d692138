"""Decoding a little of a film at its start, middle and end, to learn whether its packets tell the truth."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.video.frame import VideoFrame

from ava.media.frame_table import FrameTable
from ava.media.packets import decode_packet, read_packets
from ava.media.source import UnusableVideo, film_stream, open_source, prepare_decoder
from ava.media.video_info import FrameKey

SAMPLE_BUDGET_PX = 60_000_000  # decoded at each place: about 29 pictures of 1080p
FEWEST_SAMPLES, MOST_SAMPLES = 4, 96
FIRST_PICTURE_WITHIN_PACKETS = 500


class Sample(NamedTuple):
    """What decoding a few frames from one place showed.

    stamps: presentation timestamps in the order in which pictures came out; None where one had none.
    interlaced: how many of them were stored as two fields.
    errors: how many packets the decoder refused on the way.
    """

    stamps: tuple[int | None, ...]
    interlaced: int
    errors: int


def first_picture(path: Path) -> VideoFrame:
    """The first picture of a film that can be decoded, for its size, colour and orientation.

    Raises UnusableVideo when there is none within the first few hundred packets.
    """
    with open_source(path) as container:
        stream = film_stream(container, name=path.name)
        prepare_decoder(stream, threads=1)
        for packet in islice(read_packets(container, stream=stream), FIRST_PICTURE_WITHIN_PACKETS):
            for picture in decode_packet(packet):
                return picture
    raise UnusableVideo(
        f"No picture of {path.name} can be decoded: it is damaged, encrypted or cut off; export or upload it again."
    )


def sample_film(path: Path, *, table: FrameTable, picture_px: int) -> list[Sample]:
    """Decode a few dozen frames at the start and from keyframes at the middle and near the end."""
    length = min(max(SAMPLE_BUDGET_PX // picture_px, FEWEST_SAMPLES), MOST_SAMPLES)
    count = len(table.keyframes)
    # Timestamps that are only counted on from the start say nothing after a seek.
    is_counted = table.frames_by == FrameKey.PACKET_ORDER
    keys = sorted({count // 2, count - 1}) if count > 1 and not is_counted else []
    places: list[int | None] = [None, *(int(table.keyframes[key]) for key in keys)]
    return [_sample_from(path, table=table, start=start, length=length) for start in places]


def _sample_from(path: Path, *, table: FrameTable, start: int | None, length: int) -> Sample:
    """Decode from a keyframe on; what a seek lands on before it, and what it leads in, is left out."""
    first_pts = None if start is None else int(table.frame_pts[start])
    stamps: list[int | None] = []
    interlaced = errors = 0
    with open_source(path) as container:
        stream = film_stream(container, name=path.name)
        prepare_decoder(stream, threads=1)
        if first_pts is not None:
            container.seek(first_pts, stream=stream, backward=True)
        for packet in read_packets(container, stream=stream):
            try:
                pictures = packet.decode()
            except (av.error.FFmpegError, ValueError):
                errors += bool(packet.size)
                continue
            for picture in pictures:
                if stamps or first_pts is None or picture.pts == first_pts:
                    stamps.append(picture.pts)
                    interlaced += picture.interlaced_frame
            if len(stamps) >= length:
                break
    return Sample(tuple(stamps[:length]), interlaced, errors)


def contradicts(table: FrameTable, sample: Sample) -> bool:
    """Whether decoded frames come in another order than the table says, or are other frames altogether.

    A frame that is missing where the decoder complained is damage. One that is missing without complaint, or
    more than a fifth of all, means that packets are not frames in this file: two fields in two packets,
    hidden pictures, placeholders.
    """
    if not sample.stamps:
        return False
    if None in sample.stamps:
        return True
    stamps = np.asarray(sample.stamps, dtype=np.int64)
    if np.any(np.diff(stamps) <= 0) or not np.all(np.isin(stamps, table.frame_pts)):
        return True
    first, last = np.searchsorted(table.frame_pts, stamps[[0, -1]])
    least = last - first + 1 if not sample.errors else 0.8 * (last - first + 1)
    return bool(len(stamps) < least)
