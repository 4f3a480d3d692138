"""What a film is to be made of: films, spans of them, how well, and which frame of them each of its frames is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ava.handoff.cut_list import CutSpan, Event, Layout, lay_out
from ava.handoff.films import describe_film, describe_spans
from ava.media.video_info import VideoInfo


class RenderSource(NamedTuple):
    """A film's file and its probe."""

    path: Path
    info: VideoInfo


class RenderSpan(NamedTuple):
    """Frames start_frame … end_frame − 1 of the film at place ``source`` among the sources."""

    source: int
    start_frame: int
    end_frame: int


class RenderQuality(NamedTuple):
    """How a film is encoded: x264's rate factor and preset, and the box that it fits into, None for its full size.

    The box is its longer and its shorter side, whichever way a film stands.
    """

    crf: int
    preset: str
    box_px: tuple[int, int] | None = None


FULL = RenderQuality(crf=17, preset="veryfast")
PREVIEW = RenderQuality(crf=23, preset="veryfast", box_px=(1280, 720))
"""To look at: of films of 1080 lines, half of its time goes into encoding at this preset (see `bench handoff`)."""


def canvas_size(info: VideoInfo, *, quality: RenderQuality = FULL) -> tuple[int, int]:
    """Width and height of what is made of a film, in the even pixels that 4:2:0 needs; never larger than the film."""
    scale = 1.0
    if quality.box_px is not None:
        longer, shorter = max(info.width, info.height), min(info.width, info.height)
        scale = min(1.0, quality.box_px[0] / longer, quality.box_px[1] / shorter)
    width, height = (max(2, int(round(side * scale) // 2) * 2) for side in (info.width, info.height))
    return width, height


def lay_out_render(sources: Sequence[RenderSource], spans: Sequence[RenderSpan]) -> Layout:
    """Where every span comes in the film that is made of them."""
    films = [describe_film(source.info, name=source.path.name) for source in sources]
    cuts = []
    for span in spans:
        (told,) = describe_spans(sources[span.source].info, spans=[(span.start_frame, span.end_frame)])
        cuts.append(CutSpan("", films[span.source], told))
    return lay_out(cuts)


def frames_played(event: Event, layout: Layout, info: VideoInfo) -> Sequence[int]:
    """The film's frame for every frame of what is made, in order."""
    span = event.cut.span
    if event.clock.is_exact and event.clock.rate == layout.rate:
        return range(span.start_frame, span.end_frame)
    count = event.record_out - event.record_in
    shown = (info.frame_at(float(span.start_s + (offset + 0.5) / layout.rate)) for offset in range(count))
    return [min(max(frame, span.start_frame), span.end_frame - 1) for frame in shown]
