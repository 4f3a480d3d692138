"""A copy of a film that every browser plays: H.264 and AAC in MP4, frame for frame the same film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from ava.media.decode import progressive_pictures
from ava.media.geometry import scaled_size
from ava.media.painter import Painter
from ava.media.proxy_sound import SoundTrack
from ava.media.video_info import FrameKey, VideoInfo

PROXY_SIDE_PX = 1920
LARGEST_PLAYED_PX = 4096
QUALITY_CRF = "23"
CLOCK = Fraction(1, 90_000)  # ticks of the proxy: exact for every rate of film and television
PROGRESS_EVERY_FRAMES = 24

MP4_CODECS, WEBM_CODECS = frozenset({"h264", "av1", "vp9"}), frozenset({"vp8", "vp9", "av1"})
EIGHT_BIT_420 = frozenset({"yuv420p", "yuvj420p", "nv12"})
PLAYED_SOUND = frozenset({"aac", "mp3", "opus", "vorbis", "flac"})


def why_proxy(info: VideoInfo) -> str | None:
    """One sentence that says why a browser cannot play the film as it is; None when it can."""
    return next((f"Browsers cannot play this file: {reason}." for reason in _obstacles(info)), None)


def make_proxy(
    source: Path,
    *,
    info: VideoInfo,
    target: Path,
    on_progress: Callable[[float], None] | None = None,
    threads: int = 1,
) -> None:
    """Write a proxy of a film: upright, square pixels, progressive, at most 1920 px, a keyframe every second.

    Each frame has the time at which a player shows it in the source (time_s of its VideoInfo), so that a time
    in the proxy is the same frame. The first sound stream comes along as stereo AAC. The file appears under
    target when it is whole; a run that fails or is killed leaves no target behind.
    on_progress is called with the fraction done, 0–1. Raises UnusableVideo when the source cannot be opened.
    """
    partial = target.with_name(f".{target.name}.part")
    try:
        with av.open(
            str(partial),
            "w",
            format="mp4",
            options={"movflags": "+faststart", "movie_timescale": str(CLOCK.denominator)},
        ) as output:
            _write(output, source, info=info, on_progress=on_progress or (lambda share: None), threads=threads)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _obstacles(info: VideoInfo) -> Iterator[str]:
    """What keeps browsers from playing a film, the plainest reason first."""
    is_mp4 = info.container.startswith("mov")
    if not is_mp4 and info.container != "webm":
        yield f"its container is {info.container.split(',')[0]}, not MP4 or WebM"
    if info.codec not in (MP4_CODECS if is_mp4 else WEBM_CODECS):
        yield f"its picture is coded as {info.codec}"
    if info.pixel_format not in EIGHT_BIT_420:
        yield f"its pixels are {info.pixel_format}, not 8-bit 4:2:0"
    if max(info.coded_width, info.coded_height) > LARGEST_PLAYED_PX:
        yield f"its picture of {info.coded_width} × {info.coded_height} is too large"
    if info.rotation_deg or info.is_mirrored:
        yield "its picture is stored turned or mirrored"
    if (info.width, info.height) != (info.coded_width, info.coded_height):
        yield "its pixels are not square"
    if info.interlaced:
        yield "its picture is interlaced"
    if info.frames_by == FrameKey.PACKET_ORDER:
        yield "its timestamps are broken"
    silent = [codec for codec in info.audio_codecs[:1] if codec not in PLAYED_SOUND]
    if silent:
        yield f"its sound is coded as {silent[0]}"


def _write(
    output: OutputContainer,
    source: Path,
    *,
    info: VideoInfo,
    on_progress: Callable[[float], None],
    threads: int,
) -> None:
    width, height = proxy_size(info)
    stream = _picture_stream(output, info=info, width=width, height=height, threads=threads)
    sound = SoundTrack(source, output=output, info=info) if info.audio_streams else None
    painter = Painter(info, width=width, height=height)
    for index, stored in progressive_pictures(source, info=info, threads=threads):
        time_s = int(info.frame_pts[index]) * info.time_base - info.time_origin_s
        picture = painter.ycbcr(stored)
        picture.pts, picture.time_base = round(time_s / CLOCK), CLOCK
        picture.pict_type = PictureType.NONE  # the source's own choice would be forced on the encoder
        output.mux(stream.encode(picture))
        if sound is not None:
            output.mux(sound.packets_until(float(time_s)))
        if index % PROGRESS_EVERY_FRAMES == 0:
            on_progress(index / info.frame_count)
    output.mux(stream.encode(None))
    if sound is not None:
        output.mux(sound.packets_until(None))
    on_progress(1.0)


def _picture_stream(output: OutputContainer, *, info: VideoInfo, width: int, height: int, threads: int) -> VideoStream:
    # No B-frames: pictures come out in the order in which they are stored, so stepping through is immediate.
    options = {"preset": "veryfast", "crf": QUALITY_CRF, "bf": "0"}
    stream = output.add_stream("libx264", rate=info.fps, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = CLOCK
    stream.codec_context.gop_size = max(1, round(info.fps))
    stream.codec_context.thread_count = threads
    stream.colorspace, stream.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    stream.color_primaries, stream.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
    return stream


def proxy_size(info: VideoInfo) -> tuple[int, int]:
    """Width and height of a film's proxy: even, at most 1920 px."""
    width, height = scaled_size(info.width, info.height, max_side_px=PROXY_SIDE_PX)
    return max(2, width // 2 * 2), max(2, height // 2 * 2)
