"""The sound of a span of a film, sample for sample from its beginning on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray

from ava.media.proxy_sound import BIT_RATE, LARGEST_DRIFT_S, SAMPLE_RATE_HZ
from ava.media.source import open_source
from ava.media.video_info import VideoInfo

Samples = NDArray[np.float32]
_EARLIER_S = 2.0
"""By how much earlier reading begins: containers find sound less exactly than pictures."""


def add_sound_stream(container: OutputContainer) -> AudioStream:
    """A stereo AAC stream at 48 kHz."""
    stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ)
    assert isinstance(stream, AudioStream)
    stream.layout = "stereo"
    stream.bit_rate = BIT_RATE
    return stream


def silence(count: int) -> Samples:
    """No sound: float32 (2, count)."""
    return np.zeros((2, count), np.float32)


def sound_frame(samples: Samples, *, first: int) -> AudioFrame:
    """Samples, float32 (2, N) of −1 … 1, as a frame whose first has the number ``first``."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    frame.sample_rate = SAMPLE_RATE_HZ
    frame.pts, frame.time_base = first, Fraction(1, SAMPLE_RATE_HZ)
    return frame


class ClipSound:
    """Reads a film's first sound stream from a second of its playback on, as stereo at 48 kHz.

    Where the film has no sound, there is silence. Raises UnusableVideo when the file cannot be opened.
    """

    def __init__(self, path: Path, *, info: VideoInfo, start_s: float) -> None:
        self.container = open_source(path) if info.audio_streams else None
        self.origin_s = float(info.time_origin_s)
        self.next_sample = round(start_s * SAMPLE_RATE_HZ)
        self.pieces = self._pieces(start_s)
        self.ahead: tuple[int, Samples] | None = None

    def close(self) -> None:
        """Close the file."""
        if self.container is not None:
            self.container.close()

    def read(self, count: int) -> Samples:
        """The next ``count`` samples: float32 (2, count)."""
        heard = silence(count)
        start, end = self.next_sample, self.next_sample + count
        while (piece := self.ahead or next(self.pieces, None)) is not None:
            first, samples = piece
            last = first + samples.shape[1]
            begin, stop = max(first, start), min(last, end)
            if begin < stop:
                heard[:, begin - start : stop - start] = samples[:, begin - first : stop - first]
            self.ahead = piece if last > end else None
            if last >= end:
                break
        self.next_sample = end
        return heard

    def _pieces(self, start_s: float) -> Iterator[tuple[int, Samples]]:
        """Numbers of samples from the second 0 of playback, and the samples from there."""
        if self.container is None:
            return
        stream = self.container.streams.audio[0]
        self._seek(stream, start_s + self.origin_s - _EARLIER_S)
        resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE_HZ)
        number: int | None = None
        for packet in self.container.demux(stream):
            try:
                decoded = packet.decode()
            except (av.error.FFmpegError, ValueError):
                continue  # a damaged packet costs its own sound only
            for frame in decoded:
                number = self._number(frame, follows=number)
                for out in resampler.resample(_without_time(frame)):
                    samples = out.to_ndarray().astype(np.float32, copy=False)
                    yield number, samples
                    number += samples.shape[1]

    def _seek(self, stream: AudioStream, time_s: float) -> None:
        assert self.container is not None
        if time_s <= 0 or stream.time_base is None:
            return
        try:
            self.container.seek(int(time_s / stream.time_base), stream=stream, backward=True)
        except av.error.FFmpegError:
            self.container.seek(0)  # read from the beginning, what is too early is dropped

    def _number(self, frame: AudioFrame, *, follows: int | None) -> int:
        """A frame's first sample by its time, unless that is next to where the one before ended."""
        if frame.pts is None or frame.time_base is None:
            return follows or 0
        told = round((float(frame.pts * frame.time_base) - self.origin_s) * SAMPLE_RATE_HZ)
        is_next = follows is not None and abs(told - follows) <= LARGEST_DRIFT_S * SAMPLE_RATE_HZ
        return follows if is_next and follows is not None else told


def _without_time(frame: AudioFrame) -> AudioFrame:
    frame.pts = None
    return frame
