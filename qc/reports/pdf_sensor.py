"""A drawing of where in the picture marks lie, for paper."""

from __future__ import annotations

from collections.abc import Sequence

from qc.reports.marks import Mark
from qc.reports.pdf_sheet import LINE, MARGIN_PT, SOFT, WIDTH_PT, Sheet

MOST_HEIGHT_PT = 190.0
_STEP_PT = 0.5
"""Marks nearer to each other than this are drawn once, so that the drawing is bounded."""
STATE_INKS: dict[str, tuple[float, float, float]] = {
    "confirmed": (0.75, 0.16, 0.10),
    "unsure": (0.62, 0.45, 0.02),
    "open": (0.10, 0.35, 0.62),
    "disputed": (0.45, 0.18, 0.58),
    "rejected": (0.45, 0.45, 0.45),
}


def draw_sensor(sheet: Sheet, marks: Sequence[Mark], *, width_px: int, height_px: int) -> None:
    """The picture's outline with every mark in it: hot ones as rings, others as squares, inked by state."""
    scale = min(WIDTH_PT / width_px, MOST_HEIGHT_PT / height_px)
    width, height = width_px * scale, height_px * scale
    sheet.need(height + 30)
    top, canvas = sheet.y, sheet.canvas
    canvas.setStrokeColorRGB(*LINE)
    canvas.setLineWidth(0.5)
    canvas.setFillColorRGB(0.96, 0.96, 0.96)
    canvas.rect(MARGIN_PT, top - height, width, height, stroke=1, fill=1)
    drawn: set[tuple[int, int, str, str]] = set()
    for mark in marks:
        x, y = (mark.x + 0.5) * scale, (mark.y + 0.5) * scale
        spot = (round(x / _STEP_PT), round(y / _STEP_PT), mark.kind, mark.state)
        if spot in drawn:
            continue
        drawn.add(spot)
        canvas.setStrokeColorRGB(*STATE_INKS.get(mark.state, SOFT))
        canvas.setLineWidth(0.7)
        if mark.kind == "hot":
            canvas.circle(MARGIN_PT + x, top - y, 1.8, stroke=1, fill=0)
        else:
            canvas.rect(MARGIN_PT + x - 1.7, top - y - 1.7, 3.4, 3.4, stroke=1, fill=0)
    sheet.down(height + 12)
    sheet.write(f"{width_px} × {height_px} pixels. Rings: hot. Squares: stuck.", size_pt=8, ink=SOFT)
    sheet.down(20)
