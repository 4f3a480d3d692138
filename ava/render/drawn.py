"""Drawn scenery: night skies, worlds, lights and smoke."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from ava.render.plate import Plate, Rgb

Colour = tuple[int, int, int]
"""R, G, B, 0–255."""


def draw_gradient(*, width: int, height: int, top: Colour, bottom: Colour) -> Rgb:
    """Draw an even ramp of colour from top to bottom, dithered against banding by one level."""
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    ramp = np.array(top, np.float32) + (np.array(bottom, np.float32) - np.array(top, np.float32)) * share
    ramp = np.repeat(ramp, width, axis=1)
    order = np.array([[0.0, 0.5], [0.75, 0.25]], dtype=np.float32)
    dither = np.tile(order, (height // 2 + 1, width // 2 + 1))[:height, :width, None]
    return np.asarray(np.clip(np.floor(ramp + dither), 0, 255), dtype=np.uint8)


def add_stars(rgb: Rgb, *, count: int, rng: np.random.Generator, largest_px: float = 1.6) -> Rgb:
    """Scatter stars of different brightness and slightly different colour over a sky."""
    height, width = rgb.shape[:2]
    sky = rgb.astype(np.float32)
    for _ in range(count):
        x, y = rng.uniform(4, width - 5), rng.uniform(4, height - 5)
        magnitude = rng.pareto(2.2) * 40 + 25
        sigma = min(largest_px, 0.55 + magnitude / 400)
        warm = rng.uniform(-0.12, 0.12)
        left, top = int(x) - 4, int(y) - 4
        grid = np.arange(9)
        spot = np.exp(-((grid[None, :] + left - x) ** 2 + (grid[:, None] + top - y) ** 2) / (2 * sigma**2))[
            : height - top, : width - left
        ]
        colour = np.array([1 + warm, 1.0, 1 - warm]) * min(magnitude, 230)
        sky[top : top + 9, left : left + 9] += spot[..., None] * colour
    return np.asarray(np.clip(sky, 0, 255), dtype=np.uint8)


def draw_world(
    texture: NDArray[np.uint8], *, diameter_px: int, light: tuple[float, float, float], air: Colour
) -> Plate:
    """Wrap a texture ``(H, W, 3)`` around a ball.

    ``light`` is the direction that light comes from (x right, y down, z to the viewer), ``air`` the colour
    of the thin rim of atmosphere on the lit side. The plate's matte is the ball.
    """
    rim_px = max(4, diameter_px // 60)
    side = diameter_px + 4 * rim_px
    axis = (np.arange(side, dtype=np.float32) - (side - 1) / 2) / (diameter_px / 2)
    x, y = np.meshgrid(axis, axis)
    radius = np.sqrt(x**2 + y**2)
    z = np.sqrt(np.clip(1 - radius**2, 0, None))
    columns = (np.arctan2(x, np.maximum(z, 1e-3)) / np.pi + 0.5) * (texture.shape[1] - 1)
    rows = (np.arcsin(np.clip(y, -1, 1)) / np.pi + 0.5) * (texture.shape[0] - 1)
    surface = cv2.remap(texture, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_CUBIC).astype(
        np.float32
    )
    direction = np.array(light, dtype=np.float32) / np.linalg.norm(light)
    lit = np.clip(x * direction[0] + y * direction[1] + z * direction[2], 0, 1)
    glow = np.clip(1 - np.abs(radius - 1) / (rim_px / diameter_px * 3), 0, 1) ** 2
    rim_light = np.clip(x * direction[0] + y * direction[1] + 0.35, 0, 1)
    air_light = (glow * rim_light)[..., None] * np.array(air, np.float32)
    shaded = surface * (lit**0.8)[..., None] + air_light
    ball = np.clip((1 - radius) * diameter_px / 2 + 0.5, 0, 1)
    matte = np.maximum(ball, np.where(radius > 1, glow * rim_light, 0))
    return Plate(np.asarray(np.clip(shaded, 0, 255), np.uint8), np.asarray(matte * 255, dtype=np.uint8))


def draw_bokeh(*, width: int, height: int, top: Colour, bottom: Colour, lights: int, rng: np.random.Generator) -> Rgb:
    """Draw a dark place whose lamps are far out of focus."""
    place = draw_gradient(width=width, height=height, top=top, bottom=bottom).astype(np.float32)
    palette = np.array([[255, 190, 110], [255, 150, 70], [150, 190, 255], [240, 230, 210]], dtype=np.float32)
    for _ in range(lights):
        disc: MatLike = np.zeros((height, width), dtype=np.float32)
        centre = (int(rng.uniform(0, width)), int(rng.normal(0.42, 0.16) * height))
        radius = int(rng.uniform(0.012, 0.05) * width)
        cv2.circle(disc, centre, radius, 1.0, -1, cv2.LINE_AA)
        disc = cv2.GaussianBlur(disc, (0, 0), radius * 0.12 + 1)
        place += disc[..., None] * palette[rng.integers(len(palette))] * rng.uniform(0.06, 0.34)
    soft = cv2.GaussianBlur(np.clip(place, 0, 255), (0, 0), 2.5)
    return np.asarray(np.clip(soft, 0, 255), dtype=np.uint8)


def draw_glow(*, width: int, height: int, colour: Colour, sharpness: float) -> Plate:
    """Draw light that falls off from the middle to nothing at the edge; meant to be added."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    level = (1 - np.clip(np.sqrt(x**2 + y**2), 0, 1)) ** sharpness
    core = np.clip(level * 1.6 - 0.6, 0, 1)[..., None] * 255
    light = np.clip(level[..., None] * np.array(colour, np.float32) + core, 0, 255)
    return Plate(np.asarray(light, dtype=np.uint8))


def draw_smoke(*, width: int, height: int, colour: Colour, rng: np.random.Generator) -> Plate:
    """Draw a billowing cloud with a soft matte from summed noise of halving scale (fractal noise)."""
    field: MatLike = np.zeros((height, width), dtype=np.float32)
    for octave in range(5):
        cells = (3 * 2**octave, max(2, 2 * 2**octave))
        noise = rng.uniform(0, 1, (cells[1], cells[0])).astype(np.float32)
        field = cv2.add(field, cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * 1.7**-octave)
    field = (field - field.min()) / (field.max() - field.min())
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    inside = np.clip(1 - (x**2 + y**2), 0, 1) ** 0.7
    density = np.clip((field * 1.5 + inside * 1.3 - 1.25) * 1.8, 0, 1) * np.clip(inside * 3, 0, 1)
    shade = np.clip(0.45 + 0.75 * field - 0.15 * y, 0, 1.2)
    rgb = np.clip(shade[..., None] * np.array(colour, np.float32), 0, 255)
    return Plate(np.asarray(rgb, dtype=np.uint8), np.asarray(density * 255, dtype=np.uint8))
