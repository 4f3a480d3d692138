"""Which part of the film's picture a trailer's picture shows, and that part cut out of the film."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

COARSE_WIDTH_PX = 48
INNER_UNIT = 0.8
"""Share of each side of the trailer's picture that is looked for: what it shows beyond the film's rim may stay out."""
SCALES = (0.9, 0.95, 1.0, 1.05, 1.1)
REACH_UNIT = 0.12
"""How far beside the place where it starts a window is looked for, of the film's sides."""
MOST_SHEAR = 0.04
MOST_CHANGE = 0.12

Gray = NDArray[np.uint8]


class Window(NamedTuple):
    """A part of the film's picture without bars, its sides being 0–1; it may reach a little beyond. ``mirrored``: the
    trailer shows it turned left to right."""

    x0: float
    y0: float
    x1: float
    y1: float
    mirrored: bool


def cut_window(
    pictures: Gray, window: Window, *, size_px: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Cut a window out of pictures ``uint8 (N, H, W)`` as ``float32 (N, h, w)`` of ``size_px`` (width, height), and
    which of its pixels lie in the picture, ``bool (h, w)``."""
    width, height = size_px
    tall, wide = pictures.shape[1:]
    across, down = (window.x1 - window.x0) * wide / width, (window.y1 - window.y0) * tall / height
    shrunk = (max(round(wide / max(across, 1)), 1), max(round(tall / max(down, 1)), 1))
    step_x, step_y = (window.x1 - window.x0) * shrunk[0] / width, (window.y1 - window.y0) * shrunk[1] / height
    first_x, first_y = window.x0 * shrunk[0] + step_x / 2 - 0.5, window.y0 * shrunk[1] + step_y / 2 - 0.5
    into = np.array([[step_x, 0, first_x], [0, step_y, first_y]])
    if window.mirrored:
        into[0] = [-step_x, 0, first_x + step_x * (width - 1)]
    cut = np.empty((len(pictures), height, width), dtype=np.float32)
    for picture, target in zip(pictures, cut, strict=True):
        small = picture if shrunk == (wide, tall) else cv2.resize(picture, shrunk, interpolation=cv2.INTER_AREA)
        target[:] = cv2.warpAffine(
            small.astype(np.float32), into, size_px,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
    columns = into[0, 0] * np.arange(width) + into[0, 2]
    rows = into[1, 1] * np.arange(height) + into[1, 2]
    inside_x = (columns >= -0.6) & (columns <= shrunk[0] - 0.4)
    inside_y = (rows >= -0.6) & (rows <= shrunk[1] - 0.4)
    return cut, np.asarray(inside_y[:, None] & inside_x[None, :], dtype=np.bool_)


def find_window(film: Gray, trailer: Gray, *, counts: NDArray[np.bool_], start: Window) -> tuple[Window, float]:
    """Find where in a film's picture ``uint8 (H, W)`` a trailer's ``uint8 (h, w)`` lies, near ``start``.

    Tried are sizes around that of ``start`` and all places near it, by normalised correlation of the pixels that
    ``counts``, ``bool (h, w)``. Returns the best window and its correlation, −1 to 1; ``start`` and 0 where plain.
    """
    source = film[:, ::-1] if start.mirrored else film
    template = _make_template(trailer, counts)
    begin = _unmirrored(start)
    best, best_score = begin, -1.0
    if template is not None:
        for scale in SCALES:
            placed, score = _best_place(source, template, start=begin, scale=scale)
            if score > best_score:
                best, best_score = placed, score
    if best_score <= 0:
        return start, 0.0
    return _mirrored_back(best, start.mirrored), best_score


def refine_window(film: Gray, trailer: Gray, *, counts: NDArray[np.bool_], start: Window) -> Window:
    """Refine a window to a fraction of a pixel by enhanced correlation (Evangelidis & Psarakis, 2008).

    ``film`` ``uint8 (H, W)`` and ``trailer`` ``uint8 (h, w)`` show the same instant; stays at ``start`` where that does
    not settle, or settles on anything but a small change of place and size.
    """
    height, width = trailer.shape
    cut = cut_window(film[None], start, size_px=(width, height))[0][0]
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    begin = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(
            cut, trailer.astype(np.float32), begin, cv2.MOTION_AFFINE, ends, counts.astype(np.uint8), 5
        )
    except cv2.error:
        return start
    (scale_x, shear_x, shift_x), (shear_y, scale_y, shift_y) = np.asarray(warp, dtype=np.float64)
    changed = max(abs(scale_x - 1), abs(scale_y - 1), abs(shift_x) / width, abs(shift_y) / height)
    if not np.isfinite(warp).all() or changed > MOST_CHANGE or max(abs(shear_x), abs(shear_y)) > MOST_SHEAR:
        return start
    # The trailer's rim in pixels of what was cut, then in the film's units.
    left, right = ((edge - shift_x) / scale_x for edge in (-0.5, width - 0.5))
    top, bottom = ((edge - shift_y) / scale_y for edge in (-0.5, height - 0.5))
    wide, tall = start.x1 - start.x0, start.y1 - start.y0
    x0, x1 = ((edge + 0.5) / width * wide for edge in (left, right))
    y0, y1 = (start.y0 + (edge + 0.5) / height * tall for edge in (top, bottom))
    if start.mirrored:
        return Window(float(start.x1 - x1), float(y0), float(start.x1 - x0), float(y1), True)
    return Window(float(start.x0 + x0), float(y0), float(start.x0 + x1), float(y1), False)


def _unmirrored(window: Window) -> Window:
    """The same part in the film's picture turned left to right."""
    return Window(1 - window.x1, window.y0, 1 - window.x0, window.y1, False) if window.mirrored else window


def _mirrored_back(window: Window, mirrored: bool) -> Window:
    return Window(1 - window.x1, window.y0, 1 - window.x0, window.y1, True) if mirrored else window


class _Template(NamedTuple):
    """The inner part ``float32`` of a small picture, which of it counts (None: all), how far it is within the picture,
    and the picture's height; the width is ``COARSE_WIDTH_PX``."""

    inner: NDArray[np.float32]
    mask: NDArray[np.float32] | None
    inset_x: int
    inset_y: int
    height: int


def _make_template(trailer: Gray, counts: NDArray[np.bool_]) -> _Template | None:
    """What is looked for of a trailer's picture; None where that is plain, or lettered nearly everywhere."""
    height = max(round(COARSE_WIDTH_PX * trailer.shape[0] / trailer.shape[1]), 8)
    inset_x, inset_y = round(COARSE_WIDTH_PX * (1 - INNER_UNIT) / 2), round(height * (1 - INNER_UNIT) / 2)
    cut = np.s_[inset_y : height - inset_y, inset_x : COARSE_WIDTH_PX - inset_x]
    inner = _resize(trailer, (COARSE_WIDTH_PX, height))[cut]
    mask = _resize(counts.astype(np.float32), (COARSE_WIDTH_PX, height))[cut] > 0.7
    if mask.mean() < 0.2 or inner.std() < 1:
        return None
    weight = None if mask.all() else mask.astype(np.float32)
    return _Template(inner, weight, inset_x, inset_y, height)


def _best_place(film: Gray, template: _Template, *, start: Window, scale: float) -> tuple[Window, float]:
    """The best place of the trailer's inner part in the film's picture at one size, and its correlation."""
    wide, tall = (start.x1 - start.x0) * scale, (start.y1 - start.y0) * scale
    size = (max(round(COARSE_WIDTH_PX / wide), 8), max(round(template.height / tall), 8))
    picture = _resize(film, size)
    if template.inner.shape[0] > size[1] or template.inner.shape[1] > size[0]:
        return start, -1.0
    found = cv2.matchTemplate(picture, template.inner, cv2.TM_CCOEFF_NORMED, mask=template.mask)
    scores = np.clip(np.nan_to_num(found, nan=0, posinf=0, neginf=0), -1, 1)
    centre = ((start.x0 + start.x1 - wide) / 2, (start.y0 + start.y1 - tall) / 2)
    x = np.arange(scores.shape[1]) - template.inset_x - centre[0] * size[0]
    y = np.arange(scores.shape[0]) - template.inset_y - centre[1] * size[1]
    near = (np.abs(y)[:, None] <= REACH_UNIT * size[1] + 1) & (np.abs(x)[None, :] <= REACH_UNIT * size[0] + 1)
    if not near.any():
        return start, -1.0
    row, column = np.unravel_index(int(np.argmax(np.where(near, scores, -2))), scores.shape)
    x0, y0 = (int(column) - template.inset_x) / size[0], (int(row) - template.inset_y) / size[1]
    across, down = COARSE_WIDTH_PX / size[0], template.height / size[1]
    return Window(x0, y0, x0 + across, y0 + down, False), float(scores[row, column])


def _resize(picture: NDArray[np.uint8] | NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA), dtype=np.float32)
