"""What is asked for of a picture on a canvas, checked, with the crop that holds for it now."""

import hashlib
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple, cast

from django.http import QueryDict

from ava.form_numbers import read_number
from ava.frames import DECODER_VERSION
from ava.media.canvas_picture import CONTENT_TYPES, WebFormat
from ava.media.still_file import SUFFIXES
from curation.exports.file_names import safe_name
from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout_sources import ArtworkSource, FrameSource
from curation.picture_layouts import layout_of
from curation.team_canvases import canvases_of

WEBP_MOST_PIXELS = 1_000_000
"""Above, WebP takes too long for a picture that somebody waits for (measured: 20–45 ms at 1536 × 864, JPEG 4 ms)."""

RENDER_VERSION = 1  # raise it when rendering changes what a canvas looks like: cached pictures are then made anew


class BadOrder(ValueError):
    """Something that no canvas's picture can be made of; the sentence says what can be asked for."""


class PictureOrder(NamedTuple):
    """A picture to send: the part ``box`` of the source, in its pixels, at ``size`` (width, height)."""

    source: FrameSource | ArtworkSource
    box: Box
    size: tuple[int, int]
    format: WebFormat
    file_name: str

    @property
    def digest(self) -> str:
        """The same for the same picture only: it stands for the layout that was made and all that people chose."""
        parts = (_content_of(self.source), DECODER_VERSION, RENDER_VERSION, tuple(self.box), self.size, self.format)
        return hashlib.sha256("|".join(map(repr, parts)).encode()).hexdigest()[:40]


def read_order(source: FrameSource | ArtworkSource, query: QueryDict, *, accepted: Collection[str]) -> PictureOrder:
    """What a query asks for of a source: ``canvas``, ``w`` (of at most the canvas's width, else all of it) and
    ``format``; without one WebP where the media types ``accepted`` name it and the picture is small, else JPEG.

    Raises BadOrder, and UnreadableSource where the picture cannot be laid out.
    """
    canvases = canvases_of(source.title)
    canvas = _read_canvas(canvases, query.get("canvas", ""))
    size = _read_size(canvas, query.get("w", ""))
    format = _read_format(query.get("format", ""), accepted=accepted, size=size)
    layout = layout_of(source, canvases=[canvas], among=canvases)  # one alone takes half as long as all of them
    laid_out = next(each for each in layout.canvases if each.canvas.key == canvas.key)
    if laid_out.crop.box.area <= 0:
        raise BadOrder(f"The crop of “{canvas.name}” has no area; choose it again.")
    named = re.sub(r"[:;.,]", "-", source.name)
    file_name = safe_name(f"{named} {canvas.key} {size[0]}x{size[1]}", otherwise=canvas.key) + SUFFIXES[format]
    return PictureOrder(source, laid_out.crop.box, size, format, file_name)


def _content_of(source: FrameSource | ArtworkSource) -> str:
    if isinstance(source, FrameSource):
        return f"{source.video.sha256} {source.frame_index}"
    return source.artwork.sha256


def _read_canvas(canvases: Sequence[Canvas], key: str) -> Canvas:
    for canvas in canvases:
        if canvas.key == key:
            return canvas
    known = ", ".join(canvas.key for canvas in canvases)
    raise BadOrder(f"canvas must be one of {known}." if known else "This title’s teams use no canvases.")


def _read_size(canvas: Canvas, text: str) -> tuple[int, int]:
    if not text:
        return canvas.width_px, canvas.height_px
    width = read_number(text, digits=5) or 0
    if not 1 <= width <= canvas.width_px:
        raise BadOrder(f"w must be a width of 1 to {canvas.width_px} pixels: {canvas.name} is no wider.")
    return width, max(round(canvas.height_px * width / canvas.width_px), 1)


def _read_format(text: str, *, accepted: Collection[str], size: tuple[int, int]) -> WebFormat:
    if not text:
        is_small = size[0] * size[1] <= WEBP_MOST_PIXELS
        return "webp" if is_small and CONTENT_TYPES["webp"] in accepted else "jpeg"
    if text not in CONTENT_TYPES:
        raise BadOrder(f"format must be one of {', '.join(CONTENT_TYPES)}.")
    return cast(WebFormat, text)
