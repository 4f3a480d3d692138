"""A contact sheet: pictures with their timecodes, ranks, stars and notes on numbered pages of a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from curation.exports.letters import fit_line, fit_lines, font_for
from curation.exports.record import StillRecord

DPI = 150
PAGE_PX = (1754, 1240)  # A4 across
MARGIN_PX, GAP_PX, HEAD_PX, FOOT_PX = 72, 26, 118, 44
COLUMNS, ROWS = 4, 3
STILLS_A_PAGE = COLUMNS * ROWS
NOTE_LINES = 2
PICTURE_PX = ((PAGE_PX[0] - 2 * MARGIN_PX - (COLUMNS - 1) * GAP_PX) // COLUMNS, 212)
LONGEST_SIDE_PX = PICTURE_PX[0]
JPEG_QUALITY = 90
INK, SOFT, PALE, PAPER = "#161616", "#5a5a5a", "#d9d9d9", "#ffffff"
VERDICTS = {"pick": "Picked", "reject": "Rejected"}


class SheetStill(NamedTuple):
    """A still and the file of its small picture; None where its frame cannot be decoded."""

    record: StillRecord
    picture: Path | None


def write_contact_sheet(target: Path, stills: Sequence[SheetStill], *, title: str, about: str) -> int:
    """Write a PDF in A4 across, twelve stills a page, and return how many pages it has; at least one.

    title and about stand on top of every page. One page at a time is held in memory.
    """
    pages = max(-(-len(stills) // STILLS_A_PAGE), 1)
    for number in range(pages):
        page = _draw_page(stills[number * STILLS_A_PAGE : (number + 1) * STILLS_A_PAGE], title=title, about=about)
        foot_px = PAGE_PX[1] - FOOT_PX - 18
        _write(page, f"Page {number + 1} of {pages}", x=PAGE_PX[0] - MARGIN_PX, y=foot_px, to_right=True)
        page.save(
            target, "PDF", append=number > 0, resolution=DPI, quality=JPEG_QUALITY, title=title, producer="AVA",
            creator="AVA",
        )  # fmt: skip
    return pages


def _draw_page(stills: Sequence[SheetStill], *, title: str, about: str) -> Image.Image:
    page = Image.new("RGB", PAGE_PX, PAPER)
    width = PAGE_PX[0] - 2 * MARGIN_PX
    _write(page, title, x=MARGIN_PX, y=52, size_px=32, is_bold=True, ink=INK, width_px=width)
    _write(page, about, x=MARGIN_PX, y=94, width_px=width)
    row_px = (PAGE_PX[1] - HEAD_PX - FOOT_PX - MARGIN_PX // 2) // ROWS
    for place, still in enumerate(stills):
        row, column = divmod(place, COLUMNS)
        left = MARGIN_PX + column * (PICTURE_PX[0] + GAP_PX)
        _draw_still(page, still, left=left, top=HEAD_PX + 14 + row * row_px)
    return page


def _draw_still(page: Image.Image, still: SheetStill, *, left: int, top: int) -> None:
    width, height = PICTURE_PX
    if still.picture is None:
        ImageDraw.Draw(page).rectangle((left, top, left + width - 1, top + height - 1), fill=PALE)
        sentence = "This picture cannot be read." if still.record.artwork else "This frame cannot be decoded."
        _write(page, sentence, x=left + 14, y=top + height // 2 - 9, width_px=width - 28)
    else:
        with Image.open(still.picture) as picture:
            picture.thumbnail(PICTURE_PX, Image.Resampling.LANCZOS)
            page.paste(picture, (left + (width - picture.width) // 2, top + height - picture.height))
    record, y = still.record, top + height + 8
    said = "  ".join(part for part in ("★" * record.stars, VERDICTS.get(record.verdict, "")) if part)
    stars = font_for(said, size_px=17)
    _write(page, said, x=left + width, y=y, ink=INK, to_right=True)
    room = width - stars.getlength(said) - 12
    _write(page, record.artwork or record.timecode, x=left, y=y - 1, size_px=18, is_bold=True, ink=INK, width_px=room)
    _write(page, _place(record), x=left, y=y + 23, width_px=width)
    note = " · ".join(record.notes)
    for number, line in enumerate(fit_lines(note, font=font_for(note, size_px=17), width_px=width, most=NOTE_LINES)):
        _write(page, line, x=left, y=y + 46 + 22 * number, ink=INK, width_px=width)


def _place(record: StillRecord) -> str:
    if record.artwork:
        return f"Artwork, {record.width} × {record.height}"
    return f"{f'Rank {record.rank}, ' if record.rank is not None else ''}frame {record.frame_index}"


def _write(
    page: Image.Image, text: str, *, x: float, y: float, size_px: int = 17, is_bold: bool = False, ink: str = SOFT,
    width_px: float | None = None, to_right: bool = False,
) -> None:  # fmt: skip
    """One line of text with its top at y; it begins at x or, to_right, ends there."""
    font = font_for(text, size_px=size_px, is_bold=is_bold)
    line = text if width_px is None else fit_line(text, font=font, width_px=width_px)
    ImageDraw.Draw(page).text((x, y), line, font=font, fill=ink, anchor="ra" if to_right else "la")
