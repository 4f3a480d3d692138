"""Marks as a PDF for people: a summary, then every mark with its picture before, in and after its frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ava.handoff.films import Film
from qc.reports.marks import Mark, Report
from qc.reports.pdf_letters import tell_moment, wrap_text
from qc.reports.pdf_sheet import LINE, MARGIN_PT, PAGE_PT, SOFT, WIDTH_PT, Sheet
from qc.reports.pdf_summary import draw_summary, film_facts

MOST_LISTED = 3000
Pictures = Callable[[Mark], Sequence[NDArray[np.uint8]] | None]
"""Gives RGB ``uint8 (S, S, 3)`` of the place before, in and after the mark's first frame; None where there are none."""
_ROW_PT, _PICTURE_PT, _GAP_PT = 66.0, 54.0, 6.0
_TEXT_X = MARGIN_PT + 3 * (_PICTURE_PT + _GAP_PT) + 10
_TEXT_PT = MARGIN_PT + WIDTH_PT - _TEXT_X
_LEAST_SIDE_PX = 108
_SPANS_TOLD = 6


def write_pdf(target: BinaryIO, report: Report, *, pictures: Pictures) -> int:
    """Write the report to an open file and return how many pages it has.

    Its text can be searched. One mark's pictures at a time are asked for; at most 3,000 marks are listed, and the
    summary says when there are more.
    """
    heading = f"Pixel errors: {report.title}"
    sheet = Sheet(target, heading=heading, about=f"{len(report.marks)} marks, {report.made_at}")
    listed = report.marks[:MOST_LISTED]
    draw_summary(sheet, report, listed=len(listed))
    film: Film | None = None
    if listed:
        sheet.new_page()
    for mark in listed:
        if mark.film is not film:
            film = mark.film
            _film_heading(sheet, film)
        if sheet.need(_ROW_PT):
            _column_heads(sheet)
        _draw_mark(sheet, mark, pictures(mark))
    return sheet.finish()


def _film_heading(sheet: Sheet, film: Film) -> None:
    sheet.need(_ROW_PT + 50)
    sheet.write(film.name, size_pt=11, is_bold=True)
    sheet.down(13)
    sheet.write(film_facts(film), size_pt=8, ink=SOFT)
    sheet.down(20)
    _column_heads(sheet)


def _column_heads(sheet: Sheet) -> None:
    for place, label in enumerate(("before", "in it", "after")):
        sheet.write(label, x=MARGIN_PT + place * (_PICTURE_PT + _GAP_PT), size_pt=7, ink=SOFT)
    sheet.write("timecode; the second one is of the frame after the last", x=_TEXT_X, size_pt=7, ink=SOFT)
    sheet.down(8)


def _draw_mark(sheet: Sheet, mark: Mark, shown: Sequence[NDArray[np.uint8]] | None) -> None:
    top = sheet.y
    for place in range(3):
        x = MARGIN_PT + place * (_PICTURE_PT + _GAP_PT)
        if shown is not None:
            _draw_picture(sheet, shown[place], x=x, y=top - _PICTURE_PT)
        else:
            sheet.canvas.setStrokeColorRGB(*LINE)
            sheet.canvas.rect(x, top - _PICTURE_PT, _PICTURE_PT, _PICTURE_PT, stroke=1, fill=0)
    if shown is None:
        sheet.y = top - _PICTURE_PT / 2
        sheet.write("No pictures", x=MARGIN_PT + 6, size_pt=6, ink=SOFT, width_pt=_PICTURE_PT - 8)
    sheet.y = top - 8
    last = mark.last.timecode_out if mark.last.end_frame - mark.first.start_frame > 1 else ""
    sheet.write(
        f"{mark.first.timecode_in}{f' – {last}' if last else ''}",
        x=_TEXT_X,
        size_pt=10,
        is_bold=True,
        width_pt=_TEXT_PT,
    )
    for line in _lines(mark):
        sheet.down(11)
        sheet.write(line, x=_TEXT_X, size_pt=8, width_pt=_TEXT_PT)
    sheet.y = top - _ROW_PT
    sheet.canvas.setStrokeColorRGB(*LINE)
    sheet.canvas.setLineWidth(0.3)
    sheet.canvas.line(MARGIN_PT, sheet.y + 7, PAGE_PT[0] - MARGIN_PT, sheet.y + 7)


def _draw_picture(sheet: Sheet, rgb: NDArray[np.uint8], *, x: float, y: float) -> None:
    """Magnified here by whole pixels, since readers would smooth over just what is to be seen."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    times = max(-(-_LEAST_SIDE_PX // rgb.shape[0]), 1)
    large = np.ascontiguousarray(rgb.repeat(times, axis=0).repeat(times, axis=1))
    sheet.canvas.drawImage(ImageReader(Image.fromarray(large)), x, y, width=_PICTURE_PT, height=_PICTURE_PT)


def _lines(mark: Mark) -> list[str]:
    shot = f", shot {mark.shot}" if mark.shot is not None else ""
    alike = f", one of {mark.at_place} at this place" if mark.at_place > 1 else ""
    raised = f", raised by model {mark.model}" if mark.model else ""
    words = "; ".join(f"{word.who}: {word.verdict}, {tell_moment(word.said_at)}" for word in mark.words)
    return [
        f"{mark.kind.capitalize()}, {mark.state}{shot}. Frame{_frames(mark)}",
        f"x {mark.x:.1f}, y {mark.y:.1f}, {mark.amplitude:+.0f} levels, {mark.area_px:.0f} px{alike}",
        f"Confidence {mark.confidence:.2f}{raised}. No. {mark.number}",
        *wrap_text(words, size_pt=8, width_pt=_TEXT_PT, most=2),
    ]


def _frames(mark: Mark) -> str:
    told = [_span(span.start_frame, span.end_frame) for span in mark.spans[:_SPANS_TOLD]]
    more = len(mark.spans) - len(told)
    is_one = len(mark.spans) == 1 and mark.first.end_frame - mark.first.start_frame == 1
    return f"{'' if is_one else 's'} {', '.join(told)}{f' and {more} more spans' if more else ''}"


def _span(start: int, end: int) -> str:
    return str(start) if end - start == 1 else f"{start}–{end - 1}"
