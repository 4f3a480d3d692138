"""Stuck, dead and hot pixels: places of the sensor that are wrong in every frame of a span."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.linear_light import to_linear
from qc.defects.defect import RgbFrames
from qc.defects.heat_map import picture_area
from qc.defects.light import to_levels

KINDS = {
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "dead": (0, 0, 0),
    "hot": None,
}
"""What a stuck site shows, whatever the light; a hot one adds light of its own to the scene's."""
HOT_LEVELS = 60.0
SPACING_PX = 10


class StuckSite(NamedTuple):
    """A wrong place: ``x``, ``y`` its top left pixel, ``side_px`` 1 or 2, in frames ``start_frame``..``end_frame``.

    ``amplitude``: of a hot one, by how many levels its own light would raise black; 0 for others.
    """

    x: int
    y: int
    side_px: int
    kind: str
    start_frame: int
    end_frame: int
    amplitude: float = 0.0


class PlantedStuck(NamedTuple):
    """Frames with stuck sites ``uint8 (T, H, W, 3)``, and a list of these."""

    frames: RgbFrames
    sites: tuple[StuckSite, ...]


def plant_stuck(
    frames: RgbFrames, *, rng: np.random.Generator, count: int, kinds: Sequence[str] = tuple(KINDS)
) -> PlantedStuck:
    """Plant ``count`` stuck sites of ``kinds`` by turns into a copy of frames ``uint8 (T, H, W, 3)``.

    A sensor does not choose: places are drawn evenly, 10 px or more apart where there is room, but not on letterbox
    bars. One in four is 2 x 2 px large; one in three comes up within the film and stays. Raises ValueError for frames
    smaller than 16 x 16 or none.
    """
    length, height, width = frames.shape[:3]
    if length < 1 or min(height, width) < 16:
        raise ValueError(f"{length} frames of {width} x {height} are too small for stuck pixels; use 16 x 16.")
    rows, columns = picture_area(frames[length // 2])
    sites: list[StuckSite] = []
    for number in range(count):
        for _ in range(20):
            y, x = int(rng.integers(rows.start, rows.stop - 1)), int(rng.integers(columns.start, columns.stop - 1))
            if all(max(abs(y - site.y), abs(x - site.x)) >= SPACING_PX for site in sites):
                break
        kind = kinds[number % len(kinds)]
        start = int(rng.integers(length // 2 + 1)) if rng.random() < 1 / 3 else 0
        amplitude = float(rng.uniform(HOT_LEVELS, 3 * HOT_LEVELS)) if KINDS[kind] is None else 0.0
        sites.append(StuckSite(x, y, 2 if rng.random() < 0.25 else 1, kind, start, length, amplitude))
    planted = frames.copy()
    for index, rgb in enumerate(planted):
        for site in sites:
            if site.start_frame <= index < site.end_frame:
                show_site(rgb, site)
    return PlantedStuck(planted, tuple(sites))


def show_site(rgb: NDArray[np.uint8], site: StuckSite) -> None:
    """Show a site in a picture ``uint8 (H, W, 3)`` in place, whatever the frame."""
    part = rgb[site.y : site.y + site.side_px, site.x : site.x + site.side_px]
    levels = KINDS[site.kind]
    if levels is not None:
        part[:] = levels
    else:
        # The same light at every look; brighter ground is lifted by fewer levels.
        own = to_linear(np.array(site.amplitude))
        part[:] = np.round(to_levels(to_linear(part.astype(np.float64)) + own)).astype(np.uint8)
