"""Probing a film file: picture geometry, colour, exact frame times and where decoding can start."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ava.media.claims import ClaimedEnds, claimed_ends
from ava.media.colour import color_names
from ava.media.frame_rate import FrameRate, frame_rate
from ava.media.frame_table import FrameTable, frames_by_decoding, frames_by_packets
from ava.media.geometry import orientation, upright_size
from ava.media.packets import PacketScan, scan_packets
from ava.media.sampling import Sample, contradicts, first_picture, sample_film
from ava.media.source import LARGEST_PICTURE_PX, LARGEST_SIDE_PX, NO_FILM, UnusableVideo, film_stream, open_source
from ava.media.video_info import VideoInfo

__all__ = ["UnusableVideo", "VideoInfo", "probe"]

LEAST_SHARE = 0.1  # of the length that the header claims: a file that holds less is not the film it says it is
MISSING_FROM_S = 1.0  # a shorter gap between the header's length and the last frame is rounding


class _Header(NamedTuple):
    """What the container says before any packet is read."""

    container: str
    codec: str
    stream_index: int
    film_streams: int
    time_base: Fraction
    sample_aspect: Fraction
    claimed_rates: tuple[Fraction, ...]
    claims: ClaimedEnds
    time_origin_s: Fraction
    start_timecode: str | None
    audio_codecs: tuple[str, ...]
    subtitle_streams: int


def probe(path: Path, *, on_progress: Callable[[float], None] | None = None) -> VideoInfo:
    """Read a film's header and every packet, decode a few samples, and describe it exactly.

    Memory stays at some bytes a frame. on_progress is called with the fraction of the file read, 0–1.
    Files whose timestamps contradict the decoded frames are decoded whole, once, which takes long; progress
    then starts over.
    Raises UnusableVideo, with one sentence that says why, when this is no usable film.
    """
    with open_source(path) as container:
        stream = film_stream(container, name=path.name)
        _check_claimed_size(stream, name=path.name)
        header = _read_header(path, container, stream)
        scan = scan_packets(container, stream=stream, name=path.name, on_progress=on_progress)
    if not np.any(scan.is_shown):
        raise UnusableVideo(f"{path.name} holds no picture at all; it is cut off or damaged, upload it again.")
    length_warning = _check_length(header.claims, end_s=scan.end_s, name=path.name)
    picture = first_picture(path)
    table, samples = _frame_table(path, scan=scan, header=header, picture=picture, on_progress=on_progress)
    warnings = _warnings(header, table=table, length_warning=length_warning)
    return _describe(header, table=table, picture=picture, samples=samples, warnings=warnings)


def _check_claimed_size(stream: VideoStream, *, name: str) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if max(width, height) > LARGEST_SIDE_PX or width * height > LARGEST_PICTURE_PX:
        raise UnusableVideo(
            f"{name} claims pictures of {width} × {height} pixels; AVA takes sides of up to {LARGEST_SIDE_PX}."
        )


def _read_header(path: Path, container: InputContainer, stream: VideoStream) -> _Header:
    assert stream.time_base is not None
    rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    timecodes = [item.metadata.get("timecode") for item in (stream, *container.streams, container)]
    return _Header(
        container=_container_name(container, path),
        codec=stream.codec_context.codec.canonical_name,
        stream_index=stream.index,
        film_streams=sum(not other.disposition & NO_FILM for other in container.streams.video),
        time_base=stream.time_base,
        sample_aspect=stream.sample_aspect_ratio or Fraction(1),
        claimed_rates=tuple(rate for rate in rates if rate),
        claims=claimed_ends(path, container=container, stream=stream),
        time_origin_s=Fraction(container.start_time or 0, 1_000_000),
        start_timecode=next((code for code in timecodes if code), None),
        audio_codecs=tuple(_codec_name(other) for other in container.streams.audio),
        subtitle_streams=len(container.streams.subtitles),
    )


def _codec_name(stream: Stream) -> str:
    return stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"


def _container_name(container: InputContainer, path: Path) -> str:
    """FFmpeg's name, with Matroska and WebM, which share a reader, told apart by the file's DocType."""
    if container.format.name != "matroska,webm":
        return container.format.name
    with path.open("rb") as file:
        return "webm" if b"webm" in file.read(64) else "matroska"


def _frame_table(
    path: Path,
    *,
    scan: PacketScan,
    header: _Header,
    picture: VideoFrame,
    on_progress: Callable[[float], None] | None,
) -> tuple[FrameTable, list[Sample]]:
    """The film's frames, by its packets where samples agree with them, else by decoding everything."""
    table = frames_by_packets(scan, container=header.container)
    samples: list[Sample] = []
    if table is not None:
        samples = sample_film(path, table=table, picture_px=picture.width * picture.height)
        if not any(contradicts(table, sample) for sample in samples):
            return _without_lost_start(table, samples[0]), samples
    rate = frame_rate(np.zeros(1, dtype=np.int64), time_base=header.time_base, claimed=header.claimed_rates)
    table = frames_by_decoding(path, scan=scan, container=header.container, fps=rate.fps, time_base=header.time_base)
    if not len(table.frame_pts):
        raise UnusableVideo(f"No picture of {path.name} can be decoded; it is damaged, export or upload it again.")
    return table, samples


def _without_lost_start(table: FrameTable, start: Sample) -> FrameTable:
    """Leave out frames before the first that can be decoded: a cut copy often begins between keyframes."""
    first = start.stamps[0] if start.stamps else None
    lost = 0 if first is None else int(np.searchsorted(table.frame_pts, first))
    kept = table.keyframes >= lost
    return table._replace(
        frame_pts=table.frame_pts[lost:],
        frame_keys=None if table.frame_keys is None else table.frame_keys[lost:],
        key_marks=None if table.key_marks is None else table.key_marks[kept],
        keyframes=table.keyframes[kept] - lost,
        seek_stamps=table.seek_stamps[kept],
    )


def _check_length(claims: ClaimedEnds, *, end_s: float, name: str) -> str | None:
    """A warning where the file ends before its header says; raises UnusableVideo where hardly any of it is there."""
    ends = ((claims.picture_s, end_s), (claims.movie_s, max(end_s, claims.other_streams_s)))
    claimed_s, held_s = max(((claimed or held, held) for claimed, held in ends), key=lambda pair: pair[0] - pair[1])
    missing_s = claimed_s - held_s
    if missing_s <= MISSING_FROM_S:
        return None
    if held_s < LEAST_SHARE * claimed_s:
        raise UnusableVideo(
            f"{name} says it lasts {claimed_s:.0f} s but holds only {held_s:.1f} s; "
            "it is cut off or its header is wrong, upload it again."
        )
    return (
        f"The last {missing_s:.1f} s are missing: the file says it lasts {claimed_s:.1f} s but ends at {held_s:.1f} s. "
        "Upload it again if it was cut off."
    )


def _warnings(header: _Header, *, table: FrameTable, length_warning: str | None) -> tuple[str, ...]:
    sentences = [length_warning] if length_warning else []
    if header.film_streams > 1:
        sentences.append(f"The file holds {header.film_streams} picture tracks; only the main one is used.")
    return tuple(sentences)


def _describe(
    header: _Header,
    *,
    table: FrameTable,
    picture: VideoFrame,
    samples: list[Sample],
    warnings: tuple[str, ...],
) -> VideoInfo:
    turn = orientation(picture)
    width, height = upright_size(
        picture.width, picture.height, sample_aspect=header.sample_aspect, rotation_deg=turn.rotation_deg
    )
    rate = frame_rate(table.frame_pts, time_base=header.time_base, claimed=header.claimed_rates)
    colors = color_names(picture)
    return VideoInfo(
        container=header.container,
        codec=header.codec,
        pixel_format=picture.format.name,
        bit_depth=max(component.bits for component in picture.format.components),
        coded_width=picture.width,
        coded_height=picture.height,
        width=width,
        height=height,
        rotation_deg=turn.rotation_deg,
        is_mirrored=turn.is_mirrored,
        sample_aspect=header.sample_aspect,
        interlaced=picture.interlaced_frame or any(sample.interlaced for sample in samples),
        color_space=colors.space,
        color_range=colors.range,
        color_transfer=colors.transfer,
        color_primaries=colors.primaries,
        fps=rate.fps,
        is_vfr=rate.is_vfr,
        time_base=header.time_base,
        **table._asdict(),
        duration_s=_duration_s(table, time_base=header.time_base, rate=rate),
        start_timecode=header.start_timecode,
        time_origin_s=min(header.time_origin_s, int(table.frame_pts[0]) * header.time_base),
        audio_streams=len(header.audio_codecs),
        audio_codecs=header.audio_codecs,
        subtitle_streams=header.subtitle_streams,
        stream_index=header.stream_index,
        warnings=warnings,
    )


def _duration_s(table: FrameTable, *, time_base: Fraction, rate: FrameRate) -> float:
    return float(int(table.frame_pts[-1] - table.frame_pts[0]) * time_base + 1 / rate.fps)
