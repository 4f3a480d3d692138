"""Letters of PDF reports: embedded DejaVu, and Adobe's Asian fonts, which readers bring along, for what it lacks."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD = "DejaVu", "DejaVu-Bold"
_JAPANESE, _KOREAN, _CHINESE = "HeiseiKakuGo-W5", "HYSMyeongJo-Medium", "STSong-Light"
_DOTS, _BOX = "…", "□"
_LAST_LETTER = "\uffff"  # reportlab writes those beyond, such as emoji, in a way that cannot be searched


@cache
def _register() -> frozenset[int]:
    """Make the fonts known to reportlab; returns the letters that the embedded one has."""
    import reportlab
    from reportlab import rl_config
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    rl_config.useA85 = 0  # bytes as they are: a fifth smaller than written in letters
    folder = Path(cv2.__file__).parent / "qt" / "fonts"
    own = Path(reportlab.__file__).parent / "fonts"
    for name, file, otherwise in ((PLAIN, "DejaVuSans.ttf", "Vera.ttf"), (BOLD, "DejaVuSans-Bold.ttf", "VeraBd.ttf")):
        path = folder / file if (folder / file).is_file() else own / otherwise
        pdfmetrics.registerFont(TTFont(name, str(path)))
    for name in (_JAPANESE, _KOREAN, _CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def split_by_font(text: str, *, is_bold: bool = False) -> list[tuple[str, str]]:
    """The text in runs of (font's name, letters); what cannot be seen becomes a blank, what has no letter a box."""
    known, embedded = _register(), BOLD if is_bold else PLAIN
    asian = _asian_font(text)
    runs: list[tuple[str, str]] = []
    for letter in text:
        shown = _shown(letter)
        font = embedded if ord(shown) in known or not _is_asian(shown) else asian
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + shown)
        else:
            runs.append((font, shown))
    return runs


def text_width(text: str, *, size_pt: float, is_bold: bool = False) -> float:
    """How wide a line of text is, in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(sum(stringWidth(run, font, size_pt) for font, run in split_by_font(text, is_bold=is_bold)))


def fit_text(text: str, *, size_pt: float, width_pt: float, is_bold: bool = False) -> str:
    """The text, with "…" in its middle where it is wider than that: files differ at their names' ends, too."""
    if text_width(text, size_pt=size_pt, is_bold=is_bold) <= width_pt:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(_shorten(text, middle), size_pt=size_pt, is_bold=is_bold) <= width_pt
        low, high = (middle, high) if fits else (low, middle - 1)
    return _shorten(text, low)


def wrap_text(text: str, *, size_pt: float, width_pt: float, most: int, is_bold: bool = False) -> list[str]:
    """The text's words in at most that many lines; a word longer than a line, and what is left over, is cut."""

    def fits(words: list[str]) -> bool:
        return text_width(" ".join(words), size_pt=size_pt, is_bold=is_bold) <= width_pt

    lines: list[str] = []
    words = text.split()
    while words:
        count = 1
        while count < len(words) and fits(words[: count + 1]):
            count += 1
        if len(lines) == most - 1:
            count = len(words)
        lines.append(fit_text(" ".join(words[:count]), size_pt=size_pt, width_pt=width_pt, is_bold=is_bold))
        words = words[count:]
    return lines


def draw_text(canvas: Canvas, x: float, y: float, text: str, *, size_pt: float, is_bold: bool = False) -> float:
    """Draw a line of text on its baseline; returns where it ends, in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    for font, run in split_by_font(text, is_bold=is_bold):
        canvas.setFont(font, size_pt)
        canvas.drawString(x, y, run)
        x += stringWidth(run, font, size_pt)
    return x


def _shown(letter: str) -> str:
    if not letter.isprintable():
        return " "
    return letter if letter <= _LAST_LETTER else _BOX


def _shorten(text: str, keep: int) -> str:
    ending = keep // 2
    return f"{text[: keep - ending]}{_DOTS}{text[len(text) - ending :]}"


def _is_asian(letter: str) -> bool:
    """Whether the letter lies where CJK scripts and their punctuation do."""
    return "\u1100" <= letter <= "\u11ff" or "\u2e80" <= letter <= "\ud7ff" or "\uf900" <= letter <= "\uffef"


def _asian_font(text: str) -> str:
    """Kana tell Japanese and Hangul Korean; Chinese characters alone are taken for Chinese."""
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return _JAPANESE
    if any("\uac00" <= letter <= "\ud7ff" or "\u1100" <= letter <= "\u11ff" for letter in text):
        return _KOREAN
    return _CHINESE


def tell_moment(iso: str) -> str:
    """ "2 Jan 2026, 03:04" of a moment in ISO 8601; other words stay as they are."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{moment.day} {moment:%b %Y, %H:%M}"
