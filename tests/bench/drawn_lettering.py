"""Titles, subtitles, credits, captions and signs drawn on pictures, with the boxes and words that were drawn."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Rgb = NDArray[np.uint8]
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
_TEXT = (
    "the night before our summer river and station crossing where children remember an old house on the hill while "
    "nobody answered directed produced written music editor camera William Margaret Eleanor Jack Thomas Olsen Marino "
    "Berger Kowalski Foundation presents ACADEMY PICTURES garden hotel bakery COFFEE OPEN closed tickets street museum "
    "What did you say? I don't know, maybe tomorrow. Let's go! 1936 2024 No. 12 Chapter Three THE LAST HARVEST"
)
WORDS = tuple(_TEXT.split())


class DrawnLine(NamedTuple):
    """One drawn line: its box x0, y0, x1, y1 around the ink in pixels, and its words."""

    box: tuple[float, float, float, float]
    words: str


class Lettered(NamedTuple):
    """A picture ``uint8 (H, W, 3)`` with known lines."""

    rgb: Rgb
    lines: tuple[DrawnLine, ...]
    kind: str


def fonts() -> list[Path]:
    """Upright text fonts of this machine; none is needed, Pillow carries one."""
    files = (file for folder in FONT_FOLDERS if folder.is_dir() for file in folder.rglob("*.ttf"))
    return sorted(file for file in files if not any(part in file.name for part in ("Math", "Emoji", "Symbol")))


def draw_lettering(background: Rgb, *, kind: str, rng: np.random.Generator, faces: Sequence[Path] = ()) -> Lettered:
    """Draw lettering of a kind of ``KINDS`` on a copy of a picture, then soften and compress it as films are."""
    rgb, lines = KINDS[kind](background.copy(), rng, faces)
    return Lettered(degrade(rgb, rng=rng, letter_px=min(line.box[3] - line.box[1] for line in lines)), lines, kind)


def degrade(rgb: Rgb, *, rng: np.random.Generator, letter_px: float) -> Rgb:
    """Motion blur of up to a twelfth of a letter's height, grain, and JPEG of quality 35–95."""
    length = int(rng.integers(1, max(round(letter_px / 12), 1) + 1))
    blurred = cv2.blur(rgb, (length, 1)) if rng.random() < 0.5 else rgb
    grainy = blurred + rng.normal(0, rng.uniform(0, 5), blurred.shape)
    pixels = np.clip(grainy, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))])
    return np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1], dtype=np.uint8)


def _font(rng: np.random.Generator, faces: Sequence[Path], *, size_px: int) -> _Font:
    if not faces:
        return ImageFont.load_default(size_px)
    return ImageFont.truetype(faces[int(rng.integers(len(faces)))], size_px)


def _words(rng: np.random.Generator, *, least: int, most: int) -> str:
    return " ".join(rng.choice(WORDS, int(rng.integers(least, most + 1))))


def _write(
    rgb: Rgb,
    words: str,
    *,
    font: _Font,
    middle: tuple[float, float],
    fill: tuple[int, int, int],
    outline_px: int = 0,
) -> tuple[Rgb, DrawnLine]:
    """Write one line around a point, moved back inside the picture where it would leave it."""
    picture = Image.fromarray(rgb)
    pen = ImageDraw.Draw(picture)
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    x = float(np.clip(middle[0] - (right - left) / 2, 4, max(rgb.shape[1] - (right - left) - 4, 4)))
    y = float(np.clip(middle[1] - (bottom - top) / 2, 4, max(rgb.shape[0] - (bottom - top) - 4, 4)))
    pen.text((x - left, y - top), words, font=font, fill=fill, stroke_width=outline_px, stroke_fill=(0, 0, 0))
    return np.array(picture), DrawnLine((x, y, x + right - left, y + bottom - top), words)


def _fitting(rng: np.random.Generator, font: _Font, *, least: int, most: int, width_px: float) -> str:
    """Words that fit into a width."""
    while True:
        words = _words(rng, least=least, most=most)
        if font.getlength(words) <= width_px or most == least == 1:
            return words
        most = max(most - 1, 1)
        least = min(least, most)


def _light(rng: np.random.Generator) -> tuple[int, int, int]:
    return (255, 255, 255) if rng.random() < 0.6 else (250, int(rng.integers(200, 251)), int(rng.integers(60, 200)))


def _subtitle(rgb: Rgb, rng: np.random.Generator, faces: Sequence[Path]) -> tuple[Rgb, tuple[DrawnLine, ...]]:
    height, width = rgb.shape[:2]
    size_px = max(round(height * rng.uniform(0.035, 0.065)), 12)
    font, fill, lines = _font(rng, faces, size_px=size_px), _light(rng), []
    count = int(rng.integers(1, 3))
    for row in range(count):
        words = _fitting(rng, font, least=3, most=7, width_px=width * 0.85)
        y = height * 0.94 - (count - 1 - row) * size_px * 1.5 - size_px / 2
        rgb, line = _write(rgb, words, font=font, middle=(width / 2, y), fill=fill, outline_px=max(size_px // 14, 1))
        lines.append(line)
    return rgb, tuple(lines)


def _title(rgb: Rgb, rng: np.random.Generator, faces: Sequence[Path]) -> tuple[Rgb, tuple[DrawnLine, ...]]:
    height, width = rgb.shape[:2]
    font = _font(rng, faces, size_px=round(height * rng.uniform(0.09, 0.2)))
    words = _fitting(rng, font, least=1, most=3, width_px=width * 0.9)
    words = words.upper() if rng.random() < 0.5 else words
    fill = _light(rng) if rng.random() < 0.7 else tuple(int(level) for level in rng.integers(0, 256, 3))
    middle = (width / 2, height * rng.uniform(0.3, 0.7))
    rgb, line = _write(rgb, words, font=font, middle=middle, fill=fill, outline_px=2)
    return rgb, (line,)


def _credits(rgb: Rgb, rng: np.random.Generator, faces: Sequence[Path]) -> tuple[Rgb, tuple[DrawnLine, ...]]:
    height, width = rgb.shape[:2]
    dark = rng.random() < 0.7
    rgb = np.full_like(rgb, rng.integers(0, 30)) if dark else np.asarray(cv2.blur(rgb, (25, 25)) // 2, dtype=np.uint8)
    size_px = max(round(height * rng.uniform(0.03, 0.05)), 12)
    font, lines, y = _font(rng, faces, size_px=size_px), [], float(size_px * 2)
    while y < height - 2 * size_px:
        words = _fitting(rng, font, least=2, most=4, width_px=width * 0.9)
        rgb, line = _write(rgb, words, font=font, middle=(width / 2, y), fill=(235, 235, 235))
        lines.append(line)
        y += size_px * rng.uniform(1.8, 3.2)
    return rgb, tuple(lines)


def _caption(rgb: Rgb, rng: np.random.Generator, faces: Sequence[Path]) -> tuple[Rgb, tuple[DrawnLine, ...]]:
    height, width = rgb.shape[:2]
    top = round(height * rng.uniform(0.68, 0.78))
    bar = rgb[top : top + round(height * 0.16)]
    bar[:] = bar // 4 if rng.random() < 0.7 else np.asarray(255 - (255 - bar) // 5, dtype=np.uint8)
    fill = (255, 255, 255) if bar.mean() < 128 else (20, 20, 40)
    lines = []
    for y, share in ((0.05, 0.06), (0.115, 0.035)):
        font = _font(rng, faces, size_px=max(round(height * share), 11))
        words = _fitting(rng, font, least=1, most=4, width_px=width * 0.5)
        middle = (width * 0.06 + font.getlength(words) / 2, top + height * y)
        rgb, line = _write(rgb, words, font=font, middle=middle, fill=fill)
        lines.append(line)
    return rgb, tuple(lines)


def _sign(rgb: Rgb, rng: np.random.Generator, faces: Sequence[Path]) -> tuple[Rgb, tuple[DrawnLine, ...]]:
    """A coloured board with one line, seen from aside."""
    height, width = rgb.shape[:2]
    font = _font(rng, faces, size_px=72)
    words = _fitting(rng, font, least=1, most=2, width_px=900)
    ground = rng.integers(0, 256, 3)
    ink = (255, 255, 255) if ground.mean() < 128 else (10, 10, 10)
    board = np.full((120, int(font.getlength(words)) + 60, 3), ground, dtype=np.uint8)
    board, line = _write(board, words, font=font, middle=(board.shape[1] / 2, 60), fill=ink)
    scale = min(height * rng.uniform(0.08, 0.16) / 120, width * 0.8 / board.shape[1])
    corners = np.array([(0, 0), (board.shape[1], 0), (board.shape[1], 120), (0, 120)], dtype=np.float32)
    seen = corners * scale + rng.uniform(-0.07, 0.07, (4, 2)) * 120 * scale
    turn = np.radians(rng.uniform(-15, 15))
    seen = seen @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seen -= seen.min(axis=0)
    seen += rng.uniform(0.05, 0.95, 2) * np.maximum(np.array([width, height]) - seen.max(axis=0), 0)
    transform = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    mask = cv2.warpPerspective(np.ones(board.shape[:2], np.float32), transform, (width, height), flags=cv2.INTER_AREA)
    view = cv2.warpPerspective(board, transform, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    mixed = rgb * (1 - mask[..., None]) + view * mask[..., None]
    x0, y0, x1, y1 = line.box
    ends = np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], dtype=np.float32)
    place = cv2.perspectiveTransform(ends, transform)[0]
    low, high = place.min(axis=0), place.max(axis=0)
    return mixed.astype(np.uint8), (DrawnLine((low[0], low[1], high[0], high[1]), words),)


KINDS: dict[str, Callable[[Rgb, np.random.Generator, Sequence[Path]], tuple[Rgb, tuple[DrawnLine, ...]]]] = {
    "subtitle": _subtitle,
    "title": _title,
    "credits": _credits,
    "caption": _caption,
    "sign": _sign,
}
