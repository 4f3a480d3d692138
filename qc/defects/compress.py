"""Frames through a codec and back, in memory."""

from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple, cast

import av
import numpy as np
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from qc.defects.defect import RgbFrames


class Codec(NamedTuple):
    """An encoder, its pixel format and container, options (that for quality first), its qualities and least size."""

    encoder: str
    pixel_format: str
    container: str
    quality_option: str
    options: Mapping[str, str] = {}
    qualities: range = range(52)
    least_size: tuple[int, int] = (16, 16)


CODECS = {
    "h264": Codec("libx264", "yuv420p", "mp4", "crf", {"preset": "veryfast"}),
    # x265 writes beyond frames that are smaller than two of its blocks.
    "hevc": Codec(
        "libx265", "yuv420p", "mp4", "crf",
        {"preset": "veryfast", "x265-params": "log-level=none:pools=1:frame-threads=1"}, least_size=(128, 128),
    ),
    "mjpeg": Codec("mjpeg", "yuvj420p", "mov", "qscale", qualities=range(1, 32)),
    "prores": Codec("prores_ks", "yuv422p10le", "mov", "profile", qualities=range(4)),
    "dnxhd": Codec("dnxhd", "yuv422p", "mov", "profile", qualities=range(1, 4), least_size=(256, 120)),
}
"""Quality is: the constant rate factor 0–51 of h264 and hevc (lower is better), the quantiser 1–31 of mjpeg, the
profile of prores (0 proxy, 1 LT, 2 standard, 3 HQ) and of dnxhd (DNxHR: 1 LB, 2 SQ, 3 HQ)."""
_DNXHR = {1: "dnxhr_lb", 2: "dnxhr_sq", 3: "dnxhr_hq"}


def compress(frames: RgbFrames, *, codec: str, quality: int) -> RgbFrames:
    """What is left of RGB frames ``uint8 (T, H, W, 3)`` once they were compressed: the same shape.

    ``codec`` is one of ``CODECS``, which says what ``quality`` means. Smaller frames than a codec takes, and odd sides,
    are continued at the edges for its sake. Raises ValueError for an unknown codec or quality, or no frames.
    """
    height, width = frames.shape[1:3]
    file = BytesIO(encode(frames, codec=codec, quality=quality))
    with cast(InputContainer, av.open(file)) as container:
        shown = [_converted(picture, to="rgb24").to_ndarray() for picture in container.decode(video=0)]
    return np.ascontiguousarray(np.stack(shown)[:, :height, :width])


def encode(frames: RgbFrames, *, codec: str, quality: int, fps: Fraction = Fraction(24)) -> bytes:
    """RGB frames ``uint8 (T, H, W, 3)`` as the bytes of a file, its sides made even; see ``compress``."""
    if codec not in CODECS:
        raise ValueError(f"There is no codec {codec!r} here; use one of {', '.join(CODECS)}.")
    if not len(frames):
        raise ValueError("There are no frames to compress; give one at least.")
    made = CODECS[codec]
    if quality not in made.qualities:
        raise ValueError(f"{codec} has no quality {quality}; give {made.qualities[0]} to {made.qualities[-1]}.")
    padded = _pad(frames, least_size=made.least_size)
    file = BytesIO()
    with av.open(file, "w", format=made.container) as container:
        stream = cast(VideoStream, container.add_stream(made.encoder, rate=fps))
        stream.height, stream.width = padded.shape[1:3]
        stream.pix_fmt = made.pixel_format
        _set_quality(stream.codec_context, made, quality)
        for rgb in padded:
            picture = VideoFrame.from_ndarray(rgb, format="rgb24")
            container.mux(stream.encode(_converted(picture, to=made.pixel_format)))
        container.mux(stream.encode(None))
    return file.getvalue()


def _converted(picture: VideoFrame, *, to: str) -> VideoFrame:
    # One thread: several share a small picture out so finely that they write beyond its rows.
    return VideoReformatter().reformat(picture, format=to, threads=1)


def _set_quality(context: VideoCodecContext, codec: Codec, quality: int) -> None:
    # One thread: what x264 and x265 make otherwise depends on the machine.
    context.thread_count = 1
    context.options = dict(codec.options)
    if codec.quality_option == "qscale":
        context.qmin = context.qmax = quality
    elif codec.encoder == "dnxhd":
        context.options = {"profile": _DNXHR[quality]}
    else:
        context.options |= {codec.quality_option: str(quality)}


def _pad(frames: RgbFrames, *, least_size: tuple[int, int]) -> NDArray[np.uint8]:
    height, width = frames.shape[1:3]
    wide, high = (max(side + side % 2, least) for side, least in zip((width, height), least_size, strict=True))
    return np.pad(frames, ((0, 0), (0, high - height), (0, wide - width), (0, 0)), mode="edge")
