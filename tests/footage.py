"""Small films made for tests: any codec, container, rate, rotation, aspect or damage, with a number in every frame.

Each picture carries its own number as a grid of black and white blocks, so that a test can prove which frame a
decoder really returned, whatever the codec, size or rotation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

GRID_COLUMNS, GRID_ROWS = 4, 3  # 12 bits: numbers 0 … 4095
DARK, LIGHT = 32, 224
QUICK = {
    "libx264": {"preset": "ultrafast", "bf": "2"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libsvtav1": {"preset": "12"},
    "libvpx": {"deadline": "realtime"},
    "libvpx-vp9": {"deadline": "realtime"},
}
SAMPLE_RATE_HZ = 48_000


def numbered_picture(number: int, *, width: int, height: int) -> NDArray[np.uint8]:
    """RGB uint8 (height, width, 3) whose 4 × 3 blocks spell the number in binary, lowest bit at the top left.

    Light blocks are tinted by their column and dark ones by their row, so that colour and orientation show as well.
    """
    picture = np.empty((height, width, 3), dtype=np.uint8)
    tops = [-(-row * height // GRID_ROWS) for row in range(GRID_ROWS + 1)]
    lefts = [-(-column * width // GRID_COLUMNS) for column in range(GRID_COLUMNS + 1)]
    for bit in range(GRID_COLUMNS * GRID_ROWS):
        row, column = divmod(bit, GRID_COLUMNS)
        lit = number >> bit & 1
        tinted = (LIGHT - 20 * (column % 2), LIGHT, LIGHT) if lit else (DARK, DARK, DARK + 20 * (row % 2))
        picture[tops[row] : tops[row + 1], lefts[column] : lefts[column + 1]] = tinted
    return picture


def read_number(rgb: NDArray[np.uint8]) -> int:
    """The number that numbered_picture drew, read from the middle of each block; sides of at least 8 px."""
    height, width = rgb.shape[:2]
    number = 0
    for bit in range(GRID_COLUMNS * GRID_ROWS):
        row, column = divmod(bit, GRID_COLUMNS)
        top, left = (2 * row + 1) * height // (2 * GRID_ROWS), (2 * column + 1) * width // (2 * GRID_COLUMNS)
        patch = rgb[max(top - 1, 0) : top + 2, max(left - 1, 0) : left + 2]
        number |= int(patch.mean() > (DARK + LIGHT) / 2) << bit
    return number


def write_film(
    path: Path,
    *,
    frames: int = 48,
    width: int = 96,
    height: int = 64,
    fps: Fraction | int = 25,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    gop: int = 12,
    b_frames: int = 2,
    options: Mapping[str, str] | None = None,
    times_s: Sequence[Fraction] | None = None,
    rotation_deg: int = 0,
    sample_aspect: Fraction | None = None,
    audio: bool = False,
    container: str | None = None,
    container_options: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    colorspace: int | None = None,
    color_range: int | None = None,
    picture: Callable[[int], NDArray[np.uint8]] | None = None,
) -> Path:
    """Write a numbered film and return its path.

    width and height are those of the stored picture; picture(number), when given, returns upright RGB in the size
    after turning. rotation_deg is the clockwise turn from stored to upright. times_s gives every frame's time
    (variable rate); without it frames follow fps.
    """
    upright = (height, width) if rotation_deg in (90, 270) else (width, height)
    draw = picture or (lambda number: numbered_picture(number, width=upright[0], height=upright[1]))
    with av.open(str(path), "w", format=container, options=dict(container_options or {})) as output:
        output.metadata.update(metadata or {})
        stream = _video_stream(output, codec=codec, fps=Fraction(fps), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.gop_size = gop
        if codec not in ("libsvtav1", "libvpx", "libvpx-vp9", "prores_ks", "dnxhd", "mjpeg", "ffv1", "dvvideo"):
            stream.max_b_frames = b_frames
        if times_s is not None:
            stream.codec_context.time_base = Fraction(1, 90_000)
        if sample_aspect is not None:
            stream.codec_context.sample_aspect_ratio = sample_aspect
        if colorspace is not None:
            stream.colorspace = colorspace
        if color_range is not None:
            stream.color_range = color_range
        if rotation_deg:
            stream.set_display_rotation(-rotation_deg)
        sound = _sound_stream(output, path=path) if audio else None
        rate = stream.codec_context.time_base if times_s is not None else 1 / Fraction(fps)
        for number in range(frames):
            frame = _stored_frame(
                np.rot90(draw(number), k=rotation_deg // 90), stream, colorspace=colorspace, color_range=color_range
            )
            frame.pts = round(times_s[number] / rate) if times_s is not None else number
            frame.time_base = rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if sound is not None:
            _write_tone(output, sound, length_s=float(Fraction(frames) / Fraction(fps)))
    return path


def write_sound(path: Path, *, codec: str, length_s: float = 1.0, cover: NDArray[np.uint8] | None = None) -> Path:
    """Write a tone without a film, with a cover picture if one is given."""
    with av.open(str(path), "w", format="mp4" if path.suffix == ".m4a" else None) as output:
        sound = output.add_stream(codec, rate=SAMPLE_RATE_HZ)
        assert isinstance(sound, AudioStream)
        sound.layout = "stereo"
        if cover is not None:
            stream = output.add_stream("mjpeg", rate=1)
            assert isinstance(stream, VideoStream)
            stream.height, stream.width = cover.shape[:2]
            stream.pix_fmt, stream.disposition = "yuvj420p", Disposition.attached_pic
            output.mux(stream.encode(VideoFrame.from_ndarray(cover, format="rgb24")))
            output.mux(stream.encode(None))
        _write_tone(output, sound, length_s=length_s)
    return path


def cut_off(path: Path, *, keep: float, target: Path) -> Path:
    """A copy of a file that ends after this part (0–1) of its bytes, as a broken upload leaves it."""
    content = path.read_bytes()
    target.write_bytes(content[: int(len(content) * keep)])
    return target


def _video_stream(
    output: OutputContainer, *, codec: str, fps: Fraction, options: Mapping[str, str] | None
) -> VideoStream:
    stream = output.add_stream(codec, rate=fps, options={**QUICK.get(codec, {}), **(options or {})})
    assert isinstance(stream, VideoStream)
    stream.codec_context.thread_count = 1
    return stream


def _stored_frame(
    picture: NDArray[np.uint8], stream: VideoStream, *, colorspace: int | None, color_range: int | None
) -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(
        width=stream.width,
        height=stream.height,
        format=stream.pix_fmt,
        dst_colorspace=colorspace or 5,
        dst_color_range=color_range or 1,
    )


def _sound_stream(output: OutputContainer, *, path: Path) -> AudioStream:
    codec = {".webm": "libopus", ".avi": "libmp3lame", ".mxf": "pcm_s16le"}.get(path.suffix, "aac")
    stream = output.add_stream(codec, rate=SAMPLE_RATE_HZ)
    assert isinstance(stream, AudioStream)
    stream.layout = "stereo"
    return stream


def _write_tone(output: OutputContainer, stream: AudioStream, *, length_s: float) -> None:
    samples = np.arange(int(length_s * SAMPLE_RATE_HZ))
    tone = (6000 * np.sin(2 * np.pi * 440 * samples / SAMPLE_RATE_HZ)).astype(np.int16)
    for start in range(0, len(tone), 960):
        part = tone[start : start + 960].repeat(2)[None, :]
        frame = AudioFrame.from_ndarray(part, format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, start, Fraction(1, SAMPLE_RATE_HZ)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def noisy_picture(number: int) -> NDArray[np.uint8]:
    """A numbered picture in which every pixel differs from frame to frame, so that wrong references show."""
    grain = np.random.default_rng(number).integers(-14, 15, (64, 96, 3))
    return np.clip(numbered_picture(number, width=96, height=64) + grain, 0, 255).astype(np.uint8)


def remux_film(
    source: Path,
    *,
    target: Path,
    shift_s: Fraction = Fraction(0),
    keep_packet: Callable[[int], bool] = lambda number: True,
    options: Mapping[str, str] | None = None,
) -> Path:
    """Copy a film's pictures to another file without coding them again, moved in time and without some packets."""
    with av.open(str(source)) as film, av.open(str(target), "w", options=dict(options or {})) as output:
        stream = film.streams.video[0]
        copy = output.add_stream_from_template(stream)
        for number, packet in enumerate(film.demux(stream)):
            if packet.dts is None or packet.pts is None or not keep_packet(number):
                continue
            shift = int(shift_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = copy
            output.mux(packet)
    return target
