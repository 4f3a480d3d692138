"""Spans of films as one film: H.264 and AAC in MP4, from the films themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from ava.handoff.cut_list import Event, Layout
from ava.handoff.picture_fit import PictureFit
from ava.handoff.render_plan import (
    FULL,
    RenderQuality,
    RenderSource,
    RenderSpan,
    canvas_size,
    frames_played,
    lay_out_render,
)
from ava.handoff.render_sound import RenderedSound
from ava.media.decode import UndecodableFrame, progressive_pictures
from ava.media.source import UnusableVideo

PROGRESS_EVERY_FRAMES = 12
THREADS = 2
"""Of decoder and encoder each, so that both cores of the smallest machine are at work; what x264 writes depends on the
number, so that it is the same everywhere."""


class Rendered(NamedTuple):
    """What was written; ``repeated``: damaged frames in whose place a neighbour stands."""

    frames: int
    repeated: int


@dataclass
class _Output:
    container: OutputContainer
    stream: VideoStream
    size: tuple[int, int]
    partial: Path
    most_bytes: int
    on_progress: Callable[[int], None]
    frames: int = 0
    repeated: int = 0


def render_film(
    sources: Sequence[RenderSource],
    *,
    spans: Sequence[RenderSpan],
    target: Path,
    most_bytes: int,
    quality: RenderQuality = FULL,
    on_progress: Callable[[int], None] | None = None,
) -> Rendered:
    """Write the spans one after the other as a film in the first one's size, or what quality leaves of it, at its rate.

    Spans of films of that rate keep every frame; others play at their own speed (see `lay_out`), each frame the one
    that a player shows at its middle. Pictures of other sizes are fitted in between black bars. Colours become BT.709
    of limited range, upright, progressive, with square pixels. Where any film has sound, its first stream comes along
    in stereo at 48 kHz (see `RenderedSound`), silence for the others. Every span begins with a keyframe. The file
    appears under target when it is whole. on_progress is called with the number of frames written. Raises
    UnusableVideo for a file that cannot be opened and for a film of more than ``most_bytes``, UndecodableFrame where
    nothing of a span can be decoded.
    """
    layout = lay_out_render(sources, spans)
    partial = target.with_name(f".{target.name}.part")
    try:
        with av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            size = canvas_size(sources[spans[0].source].info, quality=quality)
            stream = _picture_stream(container, rate=layout.rate, size=size, quality=quality)
            report = on_progress or (lambda frames: None)
            output = _Output(container, stream, size, partial, most_bytes, report)
            _write(output, sources, spans, layout)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return Rendered(output.frames, output.repeated)


def _write(output: _Output, sources: Sequence[RenderSource], spans: Sequence[RenderSpan], layout: Layout) -> None:
    sound = None
    if any(sources[span.source].info.audio_streams for span in spans):
        sound = RenderedSound(output.container, layout=layout, sources=sources, spans=spans)
    fits: dict[int, PictureFit] = {}
    for place, (event, span) in enumerate(zip(layout.events, spans, strict=True)):
        source = sources[span.source]
        if span.source not in fits:
            fits[span.source] = PictureFit(source.info, size=output.size)
        fit = fits[span.source]
        with sound.of_span(place) if sound is not None else nullcontext():
            for frames_done in _write_span(output, event, source, fit, layout=layout):
                if sound is not None:
                    sound.write_until(frames_done)
    output.container.mux(output.stream.encode(None))
    if sound is not None:
        sound.finish()


def _write_span(
    output: _Output, event: Event, source: RenderSource, fit: PictureFit, *, layout: Layout
) -> Iterator[int]:
    """Write a span's pictures; yield, now and then and at its end, how many frames the film has by now."""
    start = event.cut.span.start_frame
    pictures = progressive_pictures(source.path, info=source.info, start_frame=start, threads=THREADS)
    inside = ((index, picture) for index, picture in pictures if index >= start)
    for index, picture in _played(inside, frames_played(event, layout, source.info), name=source.path.name):
        painted = fit.paint(picture)
        painted.pts, painted.time_base = output.frames, 1 / layout.rate
        is_first = output.frames == event.record_in
        painted.pict_type = PictureType.I if is_first else PictureType.NONE
        output.container.mux(output.stream.encode(painted))
        output.frames += 1
        output.repeated += index is None
        if output.frames % PROGRESS_EVERY_FRAMES == 0:
            output.on_progress(output.frames)
            _check_size(output)
            yield output.frames
    yield output.frames


def _played(
    pictures: Iterator[tuple[int, VideoFrame]], wanted: Sequence[int], *, name: str
) -> Iterator[tuple[int | None, VideoFrame]]:
    """Pictures in the order in which they are wanted; with None, a neighbour's in the place of a damaged one."""
    held, ahead = None, next(pictures, None)
    for frame in wanted:
        while ahead is not None and ahead[0] <= frame:
            held, ahead = ahead, next(pictures, None)
        shown = held or ahead
        if shown is None:
            raise UndecodableFrame(f"Frames {wanted[0]} to {wanted[-1]} of {name} are damaged; take the clip out.")
        yield (shown[0] if shown[0] == frame else None), shown[1]


def _check_size(output: _Output) -> None:
    if output.partial.stat().st_size > output.most_bytes:
        raise UnusableVideo(
            f"The film would be larger than {output.most_bytes / 1e9:.0f} GB; make it of fewer or shorter clips."
        )


def _picture_stream(
    container: OutputContainer, *, rate: Fraction, size: tuple[int, int], quality: RenderQuality
) -> VideoStream:
    options = {"preset": quality.preset, "crf": str(quality.crf)}
    stream = container.add_stream("libx264", rate=rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    stream.codec_context.gop_size = max(1, round(rate))
    stream.codec_context.thread_count = THREADS
    stream.colorspace, stream.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    stream.color_primaries, stream.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
    return stream
