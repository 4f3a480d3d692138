"""Small lights as a lens and a shutter show them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.linear_light import to_linear
from qc.defects.light import to_levels

SHUTTER = 0.5
"""Share of a frame's time in which light is gathered (180 degrees)."""
_POINTS_A_SIGMA = 1.5
_AREA_PX = 64 * 64


class Light(NamedTuple):
    """A light in one frame.

    ``x``, ``y``: where it is, px; ``dx``, ``dy``: how far it goes to the next frame; ``peak``: light 0–1 and beyond in
    the middle of its image if it stood still; ``colour`` (red, green, blue) 0–1; ``wide``: times as wide as high.
    """

    x: float
    y: float
    peak: float
    sigma_px: float
    dx: float = 0.0
    dy: float = 0.0
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    wide: float = 1.0


def show_light(rgb: NDArray[np.uint8], light: Light) -> None:
    """Add a light to a picture ``uint8 (H, W, 3)`` in place: blurred by the lens, smeared by the shutter.

    What lies outside of the picture is cut. A peak below 0 takes light away.
    """
    reach_x, reach_y = 3 * light.sigma_px * light.wide, 3 * light.sigma_px
    end_x, end_y = light.x + SHUTTER * light.dx, light.y + SHUTTER * light.dy
    columns = _span(light.x, end_x, reach_x, limit=rgb.shape[1])
    rows = _span(light.y, end_y, reach_y, limit=rgb.shape[0])
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return
    way = np.hypot(end_x - light.x, end_y - light.y)
    along = np.linspace(0, 1, 1 + int(np.ceil(_POINTS_A_SIGMA * way / light.sigma_px)))
    x = light.x + along * (end_x - light.x)
    y = light.y + along * (end_y - light.y)
    across = _profile(columns, x, sigma_px=light.sigma_px * light.wide)
    down = _profile(rows, y, sigma_px=light.sigma_px)
    image = down.T @ across * (light.peak / len(along))
    part = rgb[rows, columns]
    lit = to_linear(part.astype(np.float64)) + image[..., None] * np.array(light.colour)
    part[:] = np.round(to_levels(lit)).astype(np.uint8)


def how_many(rng: np.random.Generator, *, size: tuple[int, int], each: float) -> int:
    """How many lights to put into a picture of (height, width) with about ``each`` in 64 x 64 px; one at least."""
    return 1 + int(rng.poisson(each * size[0] * size[1] / _AREA_PX))


def warm_or_cold(rng: np.random.Generator) -> tuple[float, float, float]:
    """The colour of a lamp or of the sky: red, green, blue 0–1."""
    warmth = rng.uniform(-1, 1)
    return (1.0 - 0.4 * max(0.0, -warmth), 1.0 - 0.2 * abs(warmth), 1.0 - 0.7 * max(0.0, warmth))


def _profile(pixels: slice, middles: NDArray[np.float64], *, sigma_px: float) -> NDArray[np.float64]:
    """A Gaussian over pixels for each of its middles, ``(middles, pixels)``."""
    return np.asarray(np.exp(-((np.arange(pixels.start, pixels.stop) - middles[:, None]) ** 2) / (2 * sigma_px**2)))


def _span(start: float, end: float, reach: float, *, limit: int) -> slice:
    low, high = min(start, end) - reach, max(start, end) + reach
    return slice(min(limit, max(0, int(np.floor(low)))), max(0, min(limit, int(np.ceil(high)) + 1)))
