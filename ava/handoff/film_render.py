"""Spans of films as one film: H.264 and AAC in MP4, from the films themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from ava.handoff.clip_sound import ClipSound, add_sound_stream, silence, sound_frame
from ava.handoff.cut_list import CutSpan, Event, Layout, lay_out
from ava.handoff.films import describe_film, describe_spans
from ava.handoff.picture_fit import PictureFit, canvas_size
from ava.media.decode import UndecodableFrame, progressive_pictures
from ava.media.proxy_sound import SAMPLE_RATE_HZ
from ava.media.source import UnusableVideo
from ava.media.video_info import VideoInfo

QUALITY_CRF = "17"
PROGRESS_EVERY_FRAMES = 12


class RenderSource(NamedTuple):
    """A film's file and its probe."""

    path: Path
    info: VideoInfo


class RenderSpan(NamedTuple):
    """Frames start_frame … end_frame − 1 of the film at place ``source`` among the sources."""

    source: int
    start_frame: int
    end_frame: int


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


def lay_out_render(sources: Sequence[RenderSource], spans: Sequence[RenderSpan]) -> Layout:
    """Where every span comes in the film that is made of them."""
    films = [describe_film(source.info, name=source.path.name) for source in sources]
    cuts = []
    for span in spans:
        (told,) = describe_spans(sources[span.source].info, spans=[(span.start_frame, span.end_frame)])
        cuts.append(CutSpan("", films[span.source], told))
    return lay_out(cuts)


def render_film(
    sources: Sequence[RenderSource],
    *,
    spans: Sequence[RenderSpan],
    target: Path,
    most_bytes: int,
    on_progress: Callable[[int], None] | None = None,
    threads: int = 1,
) -> Rendered:
    """Write the spans one after the other as a film in the first one's full size and at its rate.

    Spans of films of that rate keep every frame; others play at their own speed (see `lay_out`), each frame the one
    that a player shows at its middle. Pictures of other sizes are fitted in between black bars. Colours become BT.709
    of limited range, upright, progressive, with square pixels. Where any film has sound, its first stream comes along
    in stereo at 48 kHz, silence for the others. Every span begins with a keyframe. The file appears under target when
    it is whole. on_progress is called with the number of frames written. Raises UnusableVideo for a file that cannot be
    opened and for a film of more than ``most_bytes``, UndecodableFrame where nothing of a span can be decoded.
    """
    layout = lay_out_render(sources, spans)
    partial = target.with_name(f".{target.name}.part")
    try:
        with av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            size = canvas_size(sources[spans[0].source].info)
            stream = _picture_stream(container, rate=layout.rate, size=size, threads=threads)
            report = on_progress or (lambda frames: None)
            output = _Output(container, stream, size, partial, most_bytes, report)
            _write(output, sources, spans, layout)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return Rendered(output.frames, output.repeated)


def _write(output: _Output, sources: Sequence[RenderSource], spans: Sequence[RenderSpan], layout: Layout) -> None:
    has_sound = any(sources[span.source].info.audio_streams for span in spans)
    sound_stream = add_sound_stream(output.container) if has_sound else None
    fits: dict[int, PictureFit] = {}
    written = 0
    for event, span in zip(layout.events, spans, strict=True):
        source = sources[span.source]
        fit = fits.setdefault(span.source, PictureFit(source.info, size=output.size))
        sound = ClipSound(source.path, info=source.info, start_s=event.cut.span.start_s) if has_sound else None
        try:
            for frames_done in _write_span(output, event, source, fit, layout=layout):
                upto = round(frames_done * SAMPLE_RATE_HZ / layout.rate)
                if sound_stream is not None and sound is not None and upto > written:
                    samples = sound.read(upto - written) if source.info.audio_streams else silence(upto - written)
                    output.container.mux(sound_stream.encode(sound_frame(samples, first=written)))
                    written = upto
        finally:
            if sound is not None:
                sound.close()
    output.container.mux(output.stream.encode(None))
    if sound_stream is not None:
        output.container.mux(sound_stream.encode(None))


def _write_span(
    output: _Output, event: Event, source: RenderSource, fit: PictureFit, *, layout: Layout
) -> Iterator[int]:
    """Write a span's pictures; yield, now and then and at its end, how many frames the film has by now."""
    start = event.cut.span.start_frame
    pictures = progressive_pictures(source.path, info=source.info, start_frame=start)
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


def frames_played(event: Event, layout: Layout, info: VideoInfo) -> Sequence[int]:
    """The film's frame for every frame of what is made, in order."""
    span = event.cut.span
    if event.clock.is_exact and event.clock.rate == layout.rate:
        return range(span.start_frame, span.end_frame)
    count = event.record_out - event.record_in
    shown = (info.frame_at(float(span.start_s + (offset + 0.5) / layout.rate)) for offset in range(count))
    return [min(max(frame, span.start_frame), span.end_frame - 1) for frame in shown]


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


def _picture_stream(container: OutputContainer, *, rate: Fraction, size: tuple[int, int], threads: int) -> VideoStream:
    options = {"preset": "veryfast", "crf": QUALITY_CRF}
    stream = container.add_stream("libx264", rate=rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    stream.codec_context.gop_size = max(1, round(rate))
    stream.codec_context.thread_count = threads
    stream.colorspace, stream.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    stream.color_primaries, stream.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)
    return stream
