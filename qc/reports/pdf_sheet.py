"""The paper of PDF reports: A4 pages with a heading and a number, filled from the top down."""

from __future__ import annotations

from typing import BinaryIO

from qc.reports.pdf_letters import draw_text, fit_text, split_by_font

PAGE_PT = (595.0, 842.0)
MARGIN_PT = 42.0
WIDTH_PT = PAGE_PT[0] - 2 * MARGIN_PT
TOP_PT = PAGE_PT[1] - 62.0
FOOT_PT = 46.0
INK, SOFT, LINE = (0.09, 0.09, 0.09), (0.36, 0.36, 0.36), (0.78, 0.78, 0.78)


class Sheet:
    """Pages in the making. ``y`` is the baseline from which the next thing hangs down, in points from the bottom.

    heading: what stands on top of every page.
    """

    def __init__(self, target: BinaryIO, *, heading: str, about: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        split_by_font(heading)  # makes the fonts known
        self.canvas = Canvas(target, pagesize=PAGE_PT, pageCompression=1, invariant=1)
        self.canvas.setTitle(heading)
        self.canvas.setSubject(about)
        self.canvas.setCreator("AVA")
        self.canvas.setProducer("AVA")
        self.heading, self.about = heading, about
        self.page = 0
        self.y = 0.0
        self.new_page()

    def new_page(self) -> None:
        """Begin a page."""
        if self.page:
            self.canvas.showPage()
        self.page += 1
        top = PAGE_PT[1] - 38
        self.y = top
        self.write(self.heading, size_pt=8, ink=SOFT, width_pt=WIDTH_PT - 70)
        self.write(f"Page {self.page}", x=PAGE_PT[0] - MARGIN_PT - 42, size_pt=8, ink=SOFT)
        self.canvas.setStrokeColorRGB(*LINE)
        self.canvas.setLineWidth(0.5)
        self.canvas.line(MARGIN_PT, top - 8, PAGE_PT[0] - MARGIN_PT, top - 8)
        self.y = TOP_PT

    def need(self, height_pt: float) -> bool:
        """Begin a page unless that much is free on this one; whether it began one."""
        if self.y - height_pt >= FOOT_PT:
            return False
        self.new_page()
        return True

    def write(
        self, text: str, *, x: float = MARGIN_PT, size_pt: float = 9, is_bold: bool = False,
        ink: tuple[float, float, float] = INK, width_pt: float = WIDTH_PT,
    ) -> float:  # fmt: skip
        """A line of text at ``y``, cut to the width; returns where it ends."""
        self.canvas.setFillColorRGB(*ink)
        fitted = fit_text(text, size_pt=size_pt, width_pt=width_pt, is_bold=is_bold)
        return draw_text(self.canvas, x, self.y, fitted, size_pt=size_pt, is_bold=is_bold)

    def down(self, by_pt: float) -> None:
        """Go on further below."""
        self.y -= by_pt

    def finish(self) -> int:
        """Write the file; returns how many pages it has."""
        self.canvas.save()
        return self.page
