"""Letters for documents: fonts that come along with packages, the first that has every letter of a text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_NO_LETTER = "\uffff"


def font_for(text: str, *, size_px: int, is_bold: bool = False) -> Font:
    """A font of this size for a text: DejaVu (Latin, Greek, Cyrillic, Hebrew, Arabic …), else Pillow's own.

    Letters that no font has are drawn as boxes.
    """
    fonts = [font for font in (_dejavu(size_px, is_bold), _plain(size_px)) if font is not None]
    return next((font for font in fonts if has_letters(font, text)), fonts[0])


def has_letters(font: Font, text: str) -> bool:
    """Whether a font has a shape of its own for every letter of a text."""
    return all(_has_letter(font, letter) for letter in set(text) if not letter.isspace())


@cache
def _dejavu(size_px: int, is_bold: bool) -> Font | None:
    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    path = Path(cv2.__file__).parent / "qt" / "fonts" / name
    return ImageFont.truetype(str(path), size_px) if path.is_file() else None


@cache
def _plain(size_px: int) -> Font:
    return ImageFont.load_default(size_px)


@cache
def _has_letter(font: Font, letter: str) -> bool:
    return bytes(font.getmask(letter)) != bytes(font.getmask(_NO_LETTER))


def fit_line(text: str, *, font: Font, width_px: float) -> str:
    """The text, cut with "…" where it is wider than that."""
    if font.getlength(text) <= width_px:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(f"{text[:middle].rstrip()}…") <= width_px else (low, middle - 1)
    return f"{text[:low].rstrip()}…"


def fit_lines(text: str, *, font: Font, width_px: float, most: int) -> list[str]:
    """The text's words in at most that many lines, the last one cut with "…"."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most - 1:
        count = 1
        while count < len(words) and font.getlength(" ".join(words[: count + 1])) <= width_px:
            count += 1
        lines.append(fit_line(" ".join(words[:count]), font=font, width_px=width_px))
        words = words[count:]
    if words:
        lines.append(fit_line(" ".join(words), font=font, width_px=width_px))
    return lines
