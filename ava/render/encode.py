"""Writing frames and sound to an H.264/AAC file that any browser plays."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from ava.render.plate import Rgb

SAMPLE_RATE_HZ = 48_000
_SAMPLES_A_PACKET = 1024
_BT709 = 1
_LIMITED_RANGE = 1


class FilmWriter:
    """Takes RGB frames in order and writes them with the sound that belongs to them."""

    def __init__(
        self,
        container: OutputContainer,
        *,
        width: int,
        height: int,
        fps: Fraction,
        crf: int,
        sound: NDArray[np.float32] | None,
    ) -> None:
        self._container = container
        self._fps = fps
        self._frames_written = 0
        self._samples_written = 0
        self._sound = sound
        self._video: VideoStream = container.add_stream("libx264", rate=fps)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        # One thread: with more, x264's rate control and so the bytes would depend on the machine.
        self._video.codec_context.thread_count = 1
        self._video.codec_context.time_base = 1 / fps
        self._video.options = {"preset": "superfast", "crf": str(crf), "g": str(max(1, round(2 * fps)))}
        context = self._video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE
        self._audio: AudioStream | None = None
        if sound is not None:
            self._audio = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")

    def write(self, rgb: Rgb) -> None:
        """Append one frame, ``uint8 (H, W, 3)``, and the sound up to its end."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=_BT709, dst_color_range=_LIMITED_RANGE)
        frame.pts, frame.time_base = self._frames_written, 1 / self._fps
        self._container.mux(self._video.encode(frame))
        self._frames_written += 1
        self._write_sound(up_to=int(self._frames_written / self._fps * SAMPLE_RATE_HZ))

    def finish(self) -> None:
        """Write what the encoders still hold."""
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))

    def _write_sound(self, *, up_to: int) -> None:
        if self._sound is None or self._audio is None:
            return
        while self._samples_written + _SAMPLES_A_PACKET <= min(up_to, len(self._sound)):
            start = self._samples_written
            block = np.ascontiguousarray(self._sound[start : start + _SAMPLES_A_PACKET].T)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
            frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
            self._container.mux(self._audio.encode(frame))
            self._samples_written += _SAMPLES_A_PACKET


@contextmanager
def film_writer(
    path: Path, *, width: int, height: int, fps: Fraction, crf: int = 21, sound: NDArray[np.float32] | None = None
) -> Iterator[FilmWriter]:
    """Open a film for writing; it appears under ``path`` (an .mp4) only when the block ends without an error.

    ``sound`` is ``float32 (N, 2)`` at 48 kHz, -1 to 1. ``width`` and ``height`` are even. Colours are BT.709,
    limited range. The same frames give the same bytes.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with av.open(
            str(partial), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        ) as container:
            writer = FilmWriter(container, width=width, height=height, fps=fps, crf=crf, sound=sound)
            yield writer
            writer.finish()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
