"""Films whose sound is known sample for sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

RATE_HZ = 48_000
FPS = 25
PIECE_SAMPLES = 1024
PLANES = {"pcm_s16le": "s16", "pcm_f32le": "flt", "aac": "fltp", "libmp3lame": "fltp", "ac3": "fltp", "flac": "s16"}


def sine(frequency_hz: float, *, dbfs: float, length_s: float, rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """A sine whose peaks lie so far below full scale: (N,)."""
    times = np.arange(round(length_s * rate_hz)) / rate_hz
    return 10 ** (dbfs / 20) * np.sin(2 * np.pi * frequency_hz * times)


def clicks(times_s: list[float], *, length_s: float, rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """Short bursts of noise at these seconds, 5 ms each, over silence."""
    samples = np.zeros(round(length_s * rate_hz))
    rng = np.random.default_rng(4)
    for time_s in times_s:
        first = round(time_s * rate_hz)
        samples[first : first + rate_hz // 200] = rng.uniform(-0.5, 0.5, rate_hz // 200)
    return samples


def write_sounding_film(
    path: Path,
    sound: NDArray[np.floating] | None,
    *,
    length_s: float,
    layout: str = "stereo",
    codec: str = "pcm_s16le",
    rate_hz: int = RATE_HZ,
    picture_starts_s: float = 0.0,
    sound_starts_s: float = 0.0,
    pause: tuple[float, float] | None = None,
    piece_samples: int = PIECE_SAMPLES,
) -> Path:
    """Write a grey film of ``length_s`` with this sound, (C, N) of −1 … 1, or one channel (N,) for all.

    Samples within ``pause``, seconds of the sound, are left out of the file, those behind keep their times.
    """
    with av.open(str(path), "w") as output:
        picture = output.add_stream("mpeg4", rate=FPS)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        stream: AudioStream | None = None
        if sound is not None:
            stream = output.add_stream(codec, rate=rate_hz, layout=layout)
        grey = np.full((48, 64, 3), 90, np.uint8)
        for number in range(round(length_s * FPS)):
            frame = VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = number + round(picture_starts_s * FPS), Fraction(1, FPS)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        if stream is not None and sound is not None:
            rows = np.atleast_2d(sound)
            channels = stream.layout.nb_channels
            _encode(
                output, stream, np.broadcast_to(rows, (channels, rows.shape[1])), form=PLANES[codec],
                starts_s=sound_starts_s, pause=pause, piece_samples=piece_samples,
            )  # fmt: skip
    return path


def _encode(
    output: av.container.OutputContainer,
    stream: AudioStream,
    samples: NDArray[np.floating],
    *,
    form: str,
    starts_s: float,
    pause: tuple[float, float] | None,
    piece_samples: int,
) -> None:
    rate = stream.rate
    offset = round(starts_s * rate)
    for start in range(0, samples.shape[1], piece_samples):
        if pause and pause[0] * rate <= start < pause[1] * rate:
            continue
        part = samples[:, start : start + piece_samples]
        frame = AudioFrame.from_ndarray(_stored(part, form), format=form, layout=stream.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate, start + offset, Fraction(1, rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _stored(part: NDArray[np.floating], form: str) -> NDArray[np.generic]:
    if form == "fltp":
        return np.ascontiguousarray(part, np.float32)
    interleaved = np.ascontiguousarray(part.T).reshape(1, -1)
    if form == "flt":
        return interleaved.astype(np.float32)
    return np.clip(np.rint(interleaved * 32767), -32768, 32767).astype(np.int16)
