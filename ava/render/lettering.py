"""Letters on screen: titles, lower thirds, subtitles and rolling credits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ava.render.plate import Rgb
from ava.render.truth import Box, TextKind

_SHADOW_UNIT = 0.75


@dataclass(frozen=True, slots=True)
class Line:
    """One line of letters.

    ``size_unit`` is their size as a share of the frame's height, ``tracking_unit`` the extra space between
    them and ``gap_unit`` the space below the line, both as shares of that size.
    """

    text: str
    size_unit: float
    tracking_unit: float = 0.0
    gap_unit: float = 0.35
    colour: tuple[int, int, int] = (245, 243, 238)


@dataclass(frozen=True, slots=True)
class TextCue:
    """Lines on screen from ``start_frame`` to ``end_frame`` of a shot, faded in and out over ``fade_frames``.

    ``x_unit`` and ``y_unit`` place the block in the frame: it is centred on ``x_unit`` unless ``align_left``,
    and hangs from ``y_unit``. A block of kind "credits" instead rolls from below the frame to above it.
    """

    kind: TextKind
    lines: tuple[Line, ...]
    start_frame: int
    end_frame: int
    x_unit: float = 0.5
    y_unit: float = 0.5
    align_left: bool = False
    fade_frames: int = 8

    @property
    def text(self) -> str:
        """The words, a line each."""
        return "\n".join(line.text for line in self.lines if line.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A drawn block: light ``float32 (H, W, 3)`` 0–255 already weighted, cover ``float32 (H, W, 1)`` 0–1, and
    the box of its letters within it."""

    light: NDArray[np.float32]
    cover: NDArray[np.float32]
    letters: Box


@lru_cache(maxsize=128)
def draw_block(lines: tuple[Line, ...], *, height: int, align_left: bool, shadow: bool) -> Block:
    """Draw lines under one another, for a frame ``height`` pixels high, in the font that Pillow carries."""
    fonts = [ImageFont.load_default(max(6.0, line.size_unit * height)) for line in lines]
    widths = [_line_width(line, font, height=height) for line, font in zip(lines, fonts, strict=True)]
    pad = max(4, height // 60)
    full_width = int(max(widths)) + 2 * pad + 2
    rows: list[int] = []
    top = float(pad)
    for line in lines:
        rows.append(round(top))
        top += line.size_unit * height * (1 + line.gap_unit)
    canvas = Image.new("RGB", (full_width, int(top) + pad))
    cover = Image.new("L", canvas.size)
    for line, font, width, row in zip(lines, fonts, widths, rows, strict=True):
        left = pad if align_left else (full_width - width) / 2
        _draw_line(canvas, cover, line, font, left=left, top=row, height=height)
    letters = cover.getbbox() or (0, 0, 1, 1)
    share = np.asarray(np.asarray(cover, dtype=np.float32) / 255, dtype=np.float32)
    light = np.asarray(np.asarray(canvas, dtype=np.float32) * share[..., None], dtype=np.float32)
    if shadow:
        dark = np.clip(cv2.GaussianBlur(share, (0, 0), max(1.0, height / 240)) * 1.6, 0, 1) * _SHADOW_UNIT
        share = np.asarray(np.maximum(share, dark), dtype=np.float32)
    return Block(light, share[..., None], (letters[0], letters[1], letters[2], letters[3]))


def _line_width(line: Line, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, *, height: int) -> float:
    return font.getlength(line.text) + line.tracking_unit * line.size_unit * height * max(len(line.text) - 1, 0)


def _draw_line(
    canvas: Image.Image,
    cover: Image.Image,
    line: Line,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    *,
    left: float,
    top: float,
    height: int,
) -> None:
    space = line.tracking_unit * line.size_unit * height
    runs: Sequence[str] = line.text if space else [line.text]
    paint, mask = ImageDraw.Draw(canvas), ImageDraw.Draw(cover)
    for run in runs:
        mask.text((left, top), run, font=font, fill=255)
        left += font.getlength(run) + space
    bottom = top + line.size_unit * height * (1 + line.gap_unit)
    paint.rectangle((0, int(top), canvas.width, int(bottom)), fill=line.colour)


def place_block(cue: TextCue, block: Block, *, frame: int, width: int, height: int) -> tuple[float, float]:
    """Return the top left corner of a cue's block in a frame; credits move with ``frame`` (of the shot)."""
    block_height, block_width = block.cover.shape[:2]
    x = cue.x_unit * width - (0 if cue.align_left else block_width / 2)
    if cue.kind != "credits":
        return x, cue.y_unit * height
    share = (frame - cue.start_frame) / max(cue.end_frame - 1 - cue.start_frame, 1)
    return x, height - (height + block_height) * share


def draw_cue(picture: Rgb, cue: TextCue, *, frame: int) -> Rgb:
    """Lay a cue's letters over a frame of the film; ``frame`` counts from the beginning of the shot."""
    if not cue.start_frame <= frame < cue.end_frame:
        return picture
    height, width = picture.shape[:2]
    block = draw_block(cue.lines, height=height, align_left=cue.align_left, shadow=cue.kind == "subtitle")
    x, y = place_block(cue, block, frame=frame, width=width, height=height)
    if cue.kind == "credits":
        strength = 1.0
    else:
        nearest = min(frame - cue.start_frame + 1, cue.end_frame - frame)
        strength = min(1.0, nearest / (cue.fade_frames + 1))
    return _blend(picture, block, x=round(x), y=round(y), strength=strength)


def _blend(picture: Rgb, block: Block, *, x: int, y: int, strength: float) -> Rgb:
    height, width = picture.shape[:2]
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + block.cover.shape[1], width), min(y + block.cover.shape[0], height)
    if x1 <= x0 or y1 <= y0:
        return picture
    part = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
    under = picture[y0:y1, x0:x1].astype(np.float32)
    mixed = under * (1 - block.cover[part] * strength) + block.light[part] * strength
    picture[y0:y1, x0:x1] = np.asarray(np.clip(mixed + 0.5, 0, 255), dtype=np.uint8)
    return picture


def letters_box(cue: TextCue, *, width: int, height: int) -> Box:
    """Return the box of a cue's letters in the frame; for credits the column that they roll through."""
    block = draw_block(cue.lines, height=height, align_left=cue.align_left, shadow=cue.kind == "subtitle")
    x, y = place_block(cue, block, frame=cue.start_frame, width=width, height=height)
    x0, y0, x1, y1 = block.letters
    if cue.kind == "credits":
        return (x + x0, 0.0, x + x1, float(height))
    return (round(x) + x0, round(y) + y0, round(x) + x1, round(y) + y1)
