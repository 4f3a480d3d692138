"""Pictures that are derivatives of one picture, and pictures that only seem to be, with known truth."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ava.media.colour import from_bgr, to_bgr
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from tests.bench.accuracy_text import read_photograph
from tests.bench.drawn_lettering import fonts
from tests.scenes import draw_scene

Rgb = NDArray[np.uint8]
TITLES = {
    "english": ("THE LAST HARVEST", "A House on the Hill", "NIGHT TRAIN", "What We Kept", "River & Stone"),
    "other": ("ПОСЛЕДНЯЯ ЖАТВА", "Το σπίτι στον λόφο", "NACHTZUG", "Lo que guardamos", "Řeka a kámen"),
}
FILMS = {"fitted": ("chaplin.mp4", "car-detection.mp4"), "held out": ("friday.mp4", "asl_five_people_montage.mp4")}
"""Films whose camera stands still for whole shots, so that what changes is people and things; the last one shows five
people before one wall."""
CHANGED_LEVELS = 25
MOVED_UNIT, SETTLED_UNIT = 0.06, 0.004
"""Frames of which this share of the pixels changed by 25 levels show another moment; less than the other, the same.
In between, when a hand moves, people disagree."""
NATURAL_TWINS = {frozenset({"546583", "546711"})}
"""Photographs of one thing from nearly one place, taken one after the other: neither one nor the other."""


class Pair(NamedTuple):
    """Two pictures, of what kind the pair is, and whether they are one picture."""

    first: Rgb
    second: Rgb
    kind: str
    is_same: bool


class Base(NamedTuple):
    """An original picture and its name."""

    name: str
    rgb: Rgb


def load_bases(data: Path | None) -> list[Base]:
    """Photographs without the film's edge and drawn scenes; the scenes alone where there is no ``data``."""
    scenes = [
        Base(f"scene {number}", draw_scene(100 + number, frames=1, width=640, height=360)[0]) for number in range(24)
    ]
    folders = ("documerica", "fsaowi") if data else ()
    files = [file for folder in folders for file in sorted((data / "images" / folder).glob("*.jpg"))]
    return [Base(file.stem, read_photograph(file)) for file in files] + scenes


def crop(rgb: Rgb, rng: np.random.Generator, *, share: float = 0.6) -> Rgb:
    """A part with this share of each side, anywhere."""
    height, width = (max(round(side * share), 1) for side in rgb.shape[:2])
    top, left = (int(rng.integers(0, side - part + 1)) for side, part in zip(rgb.shape, (height, width), strict=False))
    return rgb[top : top + height, left : left + width].copy()


def resize(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """A quarter to three quarters, or enlarged by half."""
    factor = float(rng.choice([0.25, 0.5, 0.75, 1.5]))
    size = (max(round(rgb.shape[1] * factor), 1), max(round(rgb.shape[0] * factor), 1))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC), np.uint8)


def shift_hue(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Hue by 8–25° either way, saturation by a fifth to two fifths."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + rng.choice([-1, 1]) * rng.uniform(4, 12.5)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.choice([0.6, 0.8, 1.2, 1.4]), 0, 255)
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), dtype=np.uint8)


def change_gamma(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Gamma of 0.55–0.75 or 1.35–1.8."""
    gamma = float(rng.choice([rng.uniform(0.55, 0.75), rng.uniform(1.35, 1.8)]))
    return np.rint(255 * (rgb / 255.0) ** gamma).astype(np.uint8)


def change_contrast(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Contrast of 0.55–0.8 or 1.25–1.6 around the middle, and a little light more or less."""
    gain = float(rng.choice([rng.uniform(0.55, 0.8), rng.uniform(1.25, 1.6)]))
    return np.clip((rgb - 128.0) * gain + 128 + rng.uniform(-25, 25), 0, 255).astype(np.uint8)


def compress(rgb: Rgb, rng: np.random.Generator | None = None, *, quality: int = 30) -> Rgb:
    """Through JPEG of quality 30."""
    _, packed = cv2.imencode(".jpg", to_bgr(rgb), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return from_bgr(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8))


def mirror(rgb: Rgb, rng: np.random.Generator | None = None) -> Rgb:
    """Turned left to right."""
    return np.ascontiguousarray(rgb[:, ::-1])


def letterbox(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Bars above and below of 8–20 % of the height."""
    bar = round(rgb.shape[0] * rng.uniform(0.08, 0.2))
    return np.pad(rgb, ((bar, bar), (0, 0), (0, 0)))


def pillarbox(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Bars left and right of 8–25 % of the width."""
    bar = round(rgb.shape[1] * rng.uniform(0.08, 0.25))
    return np.pad(rgb, ((0, 0), (bar, bar), (0, 0)))


def add_title(rgb: Rgb, rng: np.random.Generator, *, language: str = "english", number: int | None = None) -> Rgb:
    """A title of one or two lines anywhere, in a fourteenth to a seventh of the height, light, coloured or dark."""
    words = TITLES[language][int(rng.integers(5)) if number is None else number]
    faces = [face for face in fonts() if "DejaVu" in face.name or "Liberation" in face.name]
    size_px = max(round(min(rgb.shape[:2]) * rng.uniform(0.07, 0.14)), 8)
    face = faces[int(rng.integers(len(faces)))] if faces else None
    font = ImageFont.truetype(face, size_px) if face else ImageFont.load_default(size_px)
    lines = words.split(" ", 2) if rng.random() < 0.5 else [words]
    picture = Image.fromarray(rgb)
    pen = ImageDraw.Draw(picture)
    widest = max(pen.textlength(line, font=font) for line in lines)
    left = rng.uniform(0.02, 0.98) * max(rgb.shape[1] - widest, 1)
    top = rng.uniform(0.05, 0.9) * max(rgb.shape[0] - 1.2 * size_px * len(lines), 1)
    fill = [(255, 255, 255), (250, 220, 60), (200, 30, 30), (12, 12, 12)][int(rng.choice(4, p=[0.55, 0.2, 0.15, 0.1]))]
    for row, line in enumerate(lines):
        pen.text((left, top + 1.2 * size_px * row), line, font=font, fill=fill)
    return np.array(picture)


def as_artwork(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """As a region gets it: cropped to 70–90 %, graded, titled in its language, shrunk and compressed."""
    cut = crop(rgb, rng, share=float(rng.uniform(0.7, 0.9)))
    graded = change_gamma(cut, rng) if rng.random() < 0.5 else shift_hue(cut, rng)
    titled = add_title(graded, rng, language="other" if rng.random() < 0.5 else "english")
    return compress(titled, quality=int(rng.integers(30, 80)))


DERIVE: dict[str, Callable[[Rgb, np.random.Generator], Rgb]] = {
    "crop to 60 %": crop,
    "resize": resize,
    "hue": shift_hue,
    "gamma": change_gamma,
    "contrast": change_contrast,
    "JPEG 30": compress,
    "title": add_title,
    "mirror": mirror,
    "letterbox": letterbox,
    "pillarbox": pillarbox,
    "crop, grade, title, JPEG": as_artwork,
}


def same_pairs(bases: Sequence[Base], *, seed: int) -> Iterator[Pair]:
    """Every base beside each kind of derivative, and beside itself under titles of two languages."""
    rng = np.random.default_rng(seed)
    for base in bases:
        for kind, derive in DERIVE.items():
            yield Pair(base.rgb, derive(base.rgb, rng), kind, True)
        titled = [add_title(base.rgb, rng, language=language) for language in TITLES]
        yield Pair(*titled, "title in another language", True)
        kinds = rng.choice(len(DERIVE) - 1, 2, replace=False)
        first, second = (list(DERIVE.values())[kind](base.rgb, rng) for kind in kinds)
        if 0 not in kinds:  # two crops may share nothing
            yield Pair(first, second, "two derivatives", True)


def different_pairs(bases: Sequence[Base], *, seed: int) -> Iterator[Pair]:
    """Pairs of other pictures: any two, derived or not, and such as share a title, a logo, bars, or the dark."""
    rng = np.random.default_rng(seed)
    kinds = list(DERIVE.values())
    for number, base in enumerate(bases):
        for _ in range(6):
            other = _other(bases, base, rng)
            yield Pair(kinds[int(rng.integers(11))](base.rgb, rng), kinds[int(rng.integers(11))](other.rgb, rng),
                       "other pictures, derived", False)  # fmt: skip
        other = _other(bases, base, rng)
        state, title = int(rng.integers(2**31)), number % 5
        titled = [add_title(fit(each.rgb), np.random.default_rng(state), number=title) for each in (base, other)]
        yield Pair(*titled, "one title on other pictures", False)
        yield Pair(_add_logo(fit(base.rgb)), _add_logo(fit(other.rgb)), "one logo on other pictures", False)
        barred = [np.pad(fit(each.rgb), ((70, 70), (0, 0), (0, 0))) for each in (base, other)]
        yield Pair(*barred, "one letterbox on other pictures", False)
        yield Pair(_darken(base.rgb, rng), _darken(other.rgb, rng), "other pictures in the dark", False)
        yield Pair(_soften(base.rgb, rng), _soften(other.rgb, rng), "other pictures out of focus", False)


def fit(rgb: Rgb) -> Rgb:
    """A picture as a frame of 640 × 360."""
    return np.asarray(cv2.resize(rgb, (640, 360), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _other(bases: Sequence[Base], base: Base, rng: np.random.Generator) -> Base:
    while True:
        other = bases[int(rng.integers(len(bases)))]
        if other.name != base.name and frozenset({base.name, other.name}) not in NATURAL_TWINS:
            return other


def _add_logo(rgb: Rgb) -> Rgb:
    """The same mark in the corner: a disc with a star and a ring."""
    marked = rgb.copy()
    centre = (int(rgb.shape[1] * 0.87), int(rgb.shape[0] * 0.2))
    cv2.circle(marked, centre, 44, (220, 30, 40), -1, cv2.LINE_AA)
    cv2.circle(marked, centre, 36, (255, 255, 255), 3, cv2.LINE_AA)
    turns = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 12, 30)
    corners = np.array(centre) + np.stack([np.sin(turns), -np.cos(turns)], axis=1) * reach[:, None]
    cv2.fillPoly(marked, [corners.round().astype(np.int32)], (255, 255, 255), cv2.LINE_AA)
    return marked


def _darken(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    return np.clip(fit(rgb) * rng.uniform(0.04, 0.1) + rng.normal(0, 1.5, (360, 640, 3)), 0, 255).astype(np.uint8)


def _soften(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    return np.asarray(cv2.GaussianBlur(fit(rgb), (0, 0), rng.uniform(15, 35)), dtype=np.uint8)


def film_pairs(data: Path, *, films: Sequence[str], step_s: float = 0.5) -> Iterator[Pair]:
    """Frames of one shot or set in which people and things have moved, and neighbouring frames in which nothing has."""
    for name in films:
        file = data / "video" / name
        info = probe(file)
        step = max(round(float(info.fps) * step_s), 1)
        wanted = sorted({each for start in range(0, info.frame_count - 1, step) for each in (start, start + 1)})
        frames = {each.index: each.rgb for each in decode_frame_set(file, info=info, frame_indices=wanted,
                                                                    max_side_px=640)}  # fmt: skip
        starts = [each for each in range(0, info.frame_count - 1, step) if each in frames and each + 1 in frames]
        for place, start in enumerate(starts):
            if _changed(frames[start], frames[start + 1]) < SETTLED_UNIT:
                yield Pair(frames[start], frames[start + 1], "neighbouring frames", True)
            for later in starts[place + 2 : place + 12 : 3]:
                changed = _changed(frames[start], frames[later])
                if changed >= MOVED_UNIT:
                    yield Pair(frames[start], frames[later], f"another moment, {file.stem}", False)


def _changed(first: Rgb, second: Rgb) -> float:
    """Share of the pixels of which the luma changed, in the small."""
    small = [
        cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (160, 90), interpolation=cv2.INTER_AREA).astype(np.int16)
        for rgb in (first, second)
    ]
    return float((np.abs(small[0] - small[1]) > CHANGED_LEVELS).mean())


def read_groups(data: Path) -> dict[str, list[Path]]:
    """The folder of near-duplicates: each original's name, and the files that are derived from it."""
    groups: dict[str, list[Path]] = {}
    for file in sorted((data / "near_duplicates").glob("*.jpg")):
        groups.setdefault(file.stem.split("__")[0], []).append(file)
    return groups
