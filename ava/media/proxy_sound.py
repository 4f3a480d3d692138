"""A film's first sound stream, encoded for its proxy in step with the picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av.error
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from ava.media.source import open_source
from ava.media.video_info import VideoInfo

SAMPLE_RATE_HZ = 48_000
BIT_RATE = 160_000
LARGEST_DRIFT_S = 0.05  # sound further off its timestamps than this is set right


class SoundTrack:
    """Reads, resamples and encodes sound as stereo AAC, as far as it is asked to."""

    def __init__(self, source: Path, *, output: OutputContainer, info: VideoInfo) -> None:
        stream = output.add_stream("aac", rate=SAMPLE_RATE_HZ)
        assert isinstance(stream, AudioStream)
        stream.layout = "stereo"
        stream.bit_rate = BIT_RATE
        self.stream = stream
        self.resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE_HZ)
        self.frames = self._resampled(source, origin_s=info.time_origin_s)
        self.next_sample = 0
        self.is_finished = False

    def packets_until(self, time_s: float | None) -> list[Packet[AudioStream]]:
        """Encoded packets for the sound up to a time; with None, all that is left."""
        packets: list[Packet[AudioStream]] = []
        while not self.is_finished and (time_s is None or self.next_sample < time_s * SAMPLE_RATE_HZ):
            frame = next(self.frames, None)
            if frame is None:
                self.is_finished = True
                packets += self.stream.encode(None)
            else:
                packets += self.stream.encode(frame)
        return packets

    def _resampled(self, source: Path, *, origin_s: Fraction) -> Iterator[AudioFrame]:
        with open_source(source) as container:
            stream = container.streams.audio[0]
            for packet in container.demux(stream):
                try:
                    decoded = packet.decode()
                except (av.error.FFmpegError, ValueError):
                    continue  # a damaged packet costs its own sound only
                for frame in decoded:
                    yield from self._placed(frame, origin_s=origin_s)
            yield from self._numbered(self.resampler.resample(None))

    def _placed(self, frame: AudioFrame, *, origin_s: Fraction) -> Iterator[AudioFrame]:
        """A decoded frame at its own time: sound before the film's zero is dropped, pauses are kept."""
        if frame.pts is not None and frame.time_base is not None:
            sample = round((frame.pts * frame.time_base - origin_s) * SAMPLE_RATE_HZ)
            if sample < 0:
                return
            if sample - self.next_sample > LARGEST_DRIFT_S * SAMPLE_RATE_HZ:
                self.next_sample = sample
        frame.pts = None
        yield from self._numbered(self.resampler.resample(frame))

    def _numbered(self, frames: list[AudioFrame]) -> Iterator[AudioFrame]:
        for frame in frames:
            frame.pts, frame.time_base = self.next_sample, Fraction(1, SAMPLE_RATE_HZ)
            self.next_sample += frame.samples
            yield frame
