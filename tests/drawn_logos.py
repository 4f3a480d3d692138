"""Logos drawn for tests and benchmarks, and planted in pictures as a camera would show them."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]


def draw_logos() -> dict[str, Picture]:
    """Made-up logos by name, ``uint8 (H, W, 4)`` RGBA; one of them fills its rectangle."""
    return {"wave": _wave(), "shield": _shield(), "gear": _gear(), "plate": _plate(), "wordmark": _wordmark()}


def plant(
    background: Picture, logo: Picture, *, width_px: float, rng: np.random.Generator, most_view: float = 0.08
) -> tuple[Picture, tuple[float, float, float, float]]:
    """Show a logo of this width on a picture, a little turned and from aside, blurred and compressed; and its box."""
    height, width = background.shape[:2]
    side = np.array([width_px, width_px * logo.shape[0] / logo.shape[1]])
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * side
    corners = corners + rng.uniform(-most_view, most_view, (4, 2)) * side.min()
    turn = np.radians(rng.uniform(-12, 12))
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners -= corners.min(axis=0)
    corners += rng.uniform(0.05, 0.95, 2) * np.maximum((width, height) - corners.max(axis=0), 0)
    source = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32) * logo.shape[1::-1]
    # Halving first keeps detail from aliasing.
    while logo.shape[1] > 2 * width_px:
        logo = np.asarray(cv2.resize(logo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        source = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32) * logo.shape[1::-1]
    transform = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    opaque = logo.astype(np.float32) * (logo[..., 3:].astype(np.float32) / 255)
    opaque[..., 3] = logo[..., 3]
    seen = cv2.warpPerspective(opaque, transform, (width, height), flags=cv2.INTER_LINEAR)
    share = seen[..., 3:] / 255
    mixed = np.clip(background * (1 - share) + seen[..., :3], 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        mixed = np.asarray(cv2.GaussianBlur(mixed, (0, 0), 0.3 + rng.uniform(0, width_px / 150)), dtype=np.uint8)
    _, packed = cv2.imencode(".jpg", mixed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 95))])
    low, high = corners.min(axis=0), corners.max(axis=0)
    picture = np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1], dtype=np.uint8)
    return picture, (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    return image, ImageDraw.Draw(image)


def _wave() -> Picture:
    image, pen = _canvas(400, 400)
    pen.ellipse((5, 5, 395, 395), fill=(12, 60, 140, 255))
    for row, level in enumerate((250, 200, 150)):
        points = [(x, 150 + 70 * row + 28 * np.sin(x / 42 + row)) for x in range(40, 361, 4)]
        pen.line(points, fill=(255, 255, level, 255), width=26)
    pen.polygon([(150, 120), (210, 40), (250, 120)], fill=(230, 60, 40, 255))
    return np.array(image)


def _shield() -> Picture:
    image, pen = _canvas(360, 420)
    pen.polygon([(10, 10), (350, 10), (350, 230), (180, 410), (10, 230)], fill=(200, 30, 40, 255))
    pen.polygon([(40, 40), (320, 40), (320, 110), (40, 110)], fill=(250, 220, 90, 255))
    pen.polygon(
        [
            (180, 140),
            (205, 210),
            (280, 210),
            (220, 255),
            (245, 330),
            (180, 285),
            (115, 330),
            (140, 255),
            (80, 210),
            (155, 210),
        ],
        fill=(255, 255, 255, 255),
    )
    pen.text((62, 44), "OSTWIND", font=ImageFont.load_default(54), fill=(40, 20, 20, 255))
    return np.array(image)


def _gear() -> Picture:
    image, pen = _canvas(400, 400)
    angles = np.linspace(0, 2 * np.pi, 97)[:-1]
    radius = np.where(np.arange(96) // 4 % 2, 190, 150)
    pen.polygon(
        [(200 + r * np.cos(a), 200 + r * np.sin(a)) for r, a in zip(radius, angles, strict=True)],
        fill=(250, 150, 20, 255),
    )
    pen.ellipse((95, 95, 305, 305), fill=(30, 30, 40, 255))
    pen.text((138, 110), "R7", font=ImageFont.load_default(140), fill=(255, 255, 255, 255))
    return np.array(image)


def _plate() -> Picture:
    image = Image.new("RGBA", (520, 220), (245, 240, 230, 255))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 150, 520, 220), fill=(20, 90, 60, 255))
    pen.text((24, 20), "Bellamar", font=ImageFont.load_default(110), fill=(20, 40, 90, 255))
    pen.text((40, 160), "COFFEE ROASTERS", font=ImageFont.load_default(46), fill=(255, 255, 255, 255))
    return np.array(image)


def _wordmark() -> Picture:
    image, pen = _canvas(620, 200)
    pen.text((10, 5), "KVANTO", font=ImageFont.load_default(150), fill=(255, 255, 255, 255))
    pen.arc((20, 120, 600, 195), 0, 180, fill=(255, 120, 0, 255), width=14)
    return np.array(image)
