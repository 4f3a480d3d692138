"""A film's first sound stream as samples on the clock of its frames: from second 0 of playback to the film's end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard
from numpy.typing import NDArray

from ava.media.proxy_sound import LARGEST_DRIFT_S, SAMPLE_RATE_HZ
from ava.media.source import open_source
from ava.media.video_info import VideoInfo

BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ
"""Blocks begin at multiples of this, however the file cuts its packets, on which no measure may depend."""

LARGEST_SAMPLE = 16.0
"""24 dB above full scale: files of floating-point samples may hold anything, and no sound is louder."""

UNNAMED = "NONE"
USUAL_LAYOUTS = {6: "5.1", 8: "7.1"}
"""What so many channels are taken for in files that do not say, as many of PCM do not."""

Samples = NDArray[np.float32]


class SoundBlock(NamedTuple):
    """A stretch of sound: float32 (C, BLOCK_SAMPLES) of −1 … 1 at 48 kHz, and names of its C channels ("FL", "LFE" …).

    Where the film has no sound, samples are 0; behind the film's end, too.
    """

    samples: Samples
    channels: tuple[str, ...]


class _Piece(NamedTuple):
    """Samples float32 (C, N) whose first has the number ``first``, counted from the second 0 of playback."""

    first: int
    samples: Samples
    channels: tuple[str, ...]


def film_end_s(info: VideoInfo) -> float:
    """When the film's last frame ends, in seconds from the start of playback."""
    return max(info.time_s(0) + info.duration_s, info.time_s(info.frame_count - 1))


class SoundReader:
    """Reads a film's first sound stream once, from its beginning to the film's end.

    After reading, ``heard_s`` is for how many seconds there were samples, ``damaged_packets`` how many packets could
    not be decoded, and ``is_cut_off`` whether damage stopped the reading. Each sample stands at the time that its
    timestamp gives it; pauses are silent, and sound before the second 0 is dropped. Like in proxies, sound that comes
    less than LARGEST_DRIFT_S late follows on, and so does what claims to come earlier than what is before it.
    """

    def __init__(self, path: Path, *, info: VideoInfo) -> None:
        self.path, self.origin_s = path, float(info.time_origin_s)
        self.end_sample = max(round(film_end_s(info) * SAMPLE_RATE_HZ), 1)
        self.heard_samples = 0
        self.damaged_packets = 0
        self.is_cut_off = False

    @property
    def heard_s(self) -> float:
        return self.heard_samples / SAMPLE_RATE_HZ

    def blocks(self) -> Iterator[SoundBlock]:
        """Every block of the film in order. Raises UnusableVideo when the file cannot be opened."""
        pieces = self._pieces()
        ahead = next(pieces, None)
        for start in range(0, self.end_sample, BLOCK_SAMPLES):
            end = start + BLOCK_SAMPLES
            block: dict[str, Samples] = {}
            while ahead is not None and ahead.first < end:
                _lay(ahead, block, start=start)
                if ahead.first + ahead.samples.shape[1] > end:
                    break
                ahead = next(pieces, None)
            yield _joined(block)

    def _pieces(self) -> Iterator[_Piece]:
        """Pieces in order, each beginning at or behind the end of the one before, cut to the film."""
        following = 0
        for told, samples, channels in self._decoded():
            first = following
            if told is not None and (following == 0 or told - following > LARGEST_DRIFT_S * SAMPLE_RATE_HZ):
                first = told
            if first >= self.end_sample:
                continue  # behind the film, or a timestamp that cannot be
            following = max(first + samples.shape[1], 0)
            kept = samples[:, max(-first, 0) : self.end_sample - first]
            if kept.shape[1]:
                self.heard_samples += kept.shape[1]
                yield _Piece(max(first, 0), kept, channels)
            if following >= self.end_sample:
                return

    def _decoded(self) -> Iterator[tuple[int | None, Samples, tuple[str, ...]]]:
        """What the stream decodes to at 48 kHz: the number of the first sample by its timestamp, samples, channels."""
        with open_source(self.path) as container:
            resampler: AudioResampler | None = None
            form: tuple[str, str, int, int] | None = None
            channels: tuple[str, ...] = ()
            for frame in self._frames(container):
                told = self._told(frame)
                if resampler is not None and form != _form(frame):  # captures of television change their channels
                    yield from _converted(resampler, None, told=None, channels=channels)
                    resampler = None
                try:
                    if resampler is None:
                        resampler, form, channels = _resampler(frame), _form(frame), _channel_names(frame)
                    yield from _converted(resampler, frame, told=told, channels=channels)
                except (av.error.FFmpegError, ValueError):
                    self.damaged_packets += 1
                    resampler = None
            if resampler is not None:
                yield from _converted(resampler, None, told=None, channels=channels)

    def _frames(self, container: InputContainer) -> Iterator[AudioFrame]:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        if getattr(stream, "codec_context", None) is None:
            return  # nothing here decodes it, which PyAV's own types do not foresee
        _ignore_others(container, stream)
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, ValueError):
                self.is_cut_off = True
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                self.damaged_packets += 1  # it costs its own sound only
                continue
            yield from frames

    def _told(self, frame: AudioFrame) -> int | None:
        time_s = frame.time
        return None if time_s is None else round((time_s - self.origin_s) * SAMPLE_RATE_HZ)


def _ignore_others(container: InputContainer, stream: AudioStream) -> None:
    """Have the demuxer skip the pictures, where its container lets it: most of the file is then not read at all."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def _form(frame: AudioFrame) -> tuple[str, str, int, int]:
    return frame.format.name, frame.layout.name, frame.layout.nb_channels, frame.sample_rate


def _resampler(frame: AudioFrame) -> AudioResampler:
    # Interleaved: planes of eight channels and more are not read safely (PyAV 18.1).
    return AudioResampler(format="flt", layout=frame.layout, rate=SAMPLE_RATE_HZ)


def _converted(
    resampler: AudioResampler, frame: AudioFrame | None, *, told: int | None, channels: tuple[str, ...]
) -> Iterator[tuple[int | None, Samples, tuple[str, ...]]]:
    if frame is not None:
        frame.pts = None
    for out in resampler.resample(frame):
        samples = out.to_ndarray().astype(np.float32, copy=False)
        yield told, samples.reshape(-1, len(channels)).T, channels
        told = None


def _channel_names(frame: AudioFrame) -> tuple[str, ...]:
    """Channels without a place are told apart by their number."""
    names = [channel.name for channel in frame.layout.channels]
    if set(names) == {UNNAMED} and len(names) in USUAL_LAYOUTS:
        names = [channel.name for channel in AudioLayout(USUAL_LAYOUTS[len(names)]).channels]
    return tuple(f"{UNNAMED}{number}" if name == UNNAMED else name for number, name in enumerate(names))


def _lay(piece: _Piece, block: dict[str, Samples], *, start: int) -> None:
    """Write the part of a piece that falls into the block that begins at the sample ``start``."""
    begin = max(piece.first, start)
    stop = min(piece.first + piece.samples.shape[1], start + BLOCK_SAMPLES)
    for name, samples in zip(piece.channels, piece.samples, strict=True):
        if name not in block:
            block[name] = np.zeros(BLOCK_SAMPLES, dtype=np.float32)
        block[name][begin - start : stop - start] = samples[begin - piece.first : stop - piece.first]


def _joined(block: dict[str, Samples]) -> SoundBlock:
    if not block:
        return SoundBlock(np.zeros((1, BLOCK_SAMPLES), dtype=np.float32), ("FC",))
    samples = np.stack(list(block.values()))
    np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return SoundBlock(np.clip(samples, -LARGEST_SAMPLE, LARGEST_SAMPLE), tuple(block))
