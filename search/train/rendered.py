"""Shots that the house's renderer makes, each with a description of what it is known to show.

Truth by construction, to train and to measure with where no words of people are there: a coloured shape on a
patterned ground, seen closely or from afar, in the light or in the dark, by a camera that moves in a known way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.render.camera import CameraMove, View, linear
from ava.render.grade import Grade
from ava.render.layer import Layer, stay
from ava.render.plate import Matte, Plate, Rgb
from ava.render.shot import ShotClock, ShotSpec, draw_shot
from ava.render.truth import CameraName
from search.train.pairs import Pair
from search.train.small_towers import HEIGHT_PX, WIDTH_PX

COLOURS = {"red": (214, 40, 40), "orange": (240, 140, 20), "yellow": (236, 220, 50), "green": (40, 170, 70),
           "blue": (50, 90, 220), "purple": (140, 60, 190), "white": (240, 240, 240)}  # fmt: skip
SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
SCALES = {"close-up": 1.6, "medium shot": 3.2, "wide shot": 6.4}
"""How many times as wide as the shape the view is."""
GROUNDS = ("plain", "striped", "chequered", "dotted")
LIGHTS = {"by day": 0.0, "at night": -2.0}
"""Exposure in stops."""
MOVES: dict[CameraName, tuple[str, ...]] = {
    "static": ("the camera stands still", "from a tripod"),
    "pan": ("the camera pans", "a pan across"),
    "tilt": ("the camera tilts", "a tilt upwards"),
    "push_in": ("the camera pushes in", "moving closer"),
    "pull_out": ("the camera pulls out", "moving away"),
}
SHOT_FRAMES = 24
FRAMES_SEEN = 4
_SIDE_PX = 48
_SCENE_WIDTH_PX, _SCENE_HEIGHT_PX = 480, 270
_GROUND_LEVELS = (90, 100, 110, 120)


class Scene(NamedTuple):
    """What one rendered shot shows, in the words that tell it."""

    colour: str
    shape: str
    scale: str
    ground: str
    light: str
    move: CameraName


class RenderedPairs(NamedTuple):
    """``pairs``: the colour and the shape are the film, so that whole ones can be held out; ``shots``:
    ``uint8 (N, 4, 36, 64, 3)``, RGB, frames of each pair's shot in order."""

    pairs: tuple[Pair, ...]
    shots: NDArray[np.uint8]


def render_pairs(count: int, *, seed: int, on_shot: Callable[[int], None] | None = None) -> RenderedPairs:
    """Render ``count`` different scenes, 5,040 at most, chosen by ``seed``; the same ones give the same bytes.

    Raises ValueError for other counts.
    """
    scenes = [Scene(*each) for each in product(COLOURS, SHAPES, SCALES, GROUNDS, LIGHTS, MOVES)]
    if not 0 < count <= len(scenes):
        raise ValueError(f"There are 1 to {len(scenes):,} rendered pairs, not {count}.")
    rng = np.random.default_rng([seed, 61])
    chosen = [scenes[number] for number in rng.permutation(len(scenes))[:count]]
    shots = np.zeros((count, FRAMES_SEEN, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    pairs = []
    for number, scene in enumerate(chosen):
        shots[number] = draw_scene(scene, rng=rng)
        start = number * SHOT_FRAMES
        pairs.append(Pair(f"{scene.colour} {scene.shape}", start, start + SHOT_FRAMES, describe_scene(scene, rng=rng)))
        if on_shot is not None:
            on_shot(number + 1)
    return RenderedPairs(tuple(pairs), shots)


def describe_scene(scene: Scene, *, rng: np.random.Generator) -> str:
    """Say what a scene shows, in one of several ways."""
    said = MOVES[scene.move][int(rng.integers(len(MOVES[scene.move])))]
    thing = f"a {scene.colour} {scene.shape}".replace("a o", "an o")
    orders = (
        f"{scene.scale} of {thing} on a {scene.ground} ground {scene.light}, {said}",
        f"{thing} {scene.light}, {scene.ground} behind it, {scene.scale}, {said}",
        f"{said}: {thing}, {scene.ground} ground, {scene.scale}, {scene.light}",
    )
    text = orders[int(rng.integers(len(orders)))]
    return text[0].upper() + text[1:] + "."


def draw_scene(scene: Scene, *, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the frames of a scene that towers see, evenly over its shot: ``uint8 (4, 36, 64, 3)``."""
    shape = _draw_shape(scene.shape, colour=COLOURS[scene.colour], rng=rng)
    x, y = _SCENE_WIDTH_PX / 2 + rng.uniform(-4, 4), _SCENE_HEIGHT_PX / 2 + rng.uniform(-3, 3)
    shot = ShotSpec(
        f"{scene.colour} {scene.shape}",
        frames=SHOT_FRAMES,
        layers=(
            Layer(_draw_ground(scene.ground, level=int(rng.choice(_GROUND_LEVELS)))),
            Layer(shape, stay(x - _SIDE_PX / 2, y - _SIDE_PX / 2)),
        ),
        camera=_move(scene, rng=rng),
        grade=Grade(exposure_stops=LIGHTS[scene.light] + rng.uniform(-0.3, 0.3)),
    )
    vignette = np.full((HEIGHT_PX, WIDTH_PX, 3), 255, np.uint8)
    times = np.linspace(0, SHOT_FRAMES - 1, FRAMES_SEEN)
    clocks = [ShotClock(float(time), SHOT_FRAMES, 24.0) for time in times]
    return np.stack([draw_shot(shot, at, width=WIDTH_PX, height=HEIGHT_PX, vignette=vignette) for at in clocks])


def _move(scene: Scene, *, rng: np.random.Generator) -> CameraMove:
    width = _SIDE_PX * SCALES[scene.scale] * rng.uniform(0.95, 1.05)
    x, y = _SCENE_WIDTH_PX / 2, _SCENE_HEIGHT_PX / 2
    middle, reach = View(x, y, width), 0.22 * width
    start, end = {
        "static": (middle, middle),
        "pan": (View(x - reach, y, width), View(x + reach, y, width)),
        "tilt": (View(x, y + reach / 2, width), View(x, y - reach / 2, width)),
        "push_in": (View(x, y, width * 1.2), View(x, y, width * 0.8)),
        "pull_out": (View(x, y, width * 0.8), View(x, y, width * 1.2)),
    }[scene.move]
    return CameraMove(scene.move, start, end, ease=linear)


@lru_cache(maxsize=len(GROUNDS) * len(_GROUND_LEVELS))
def _draw_ground(kind: str, *, level: int) -> Plate:
    """Greys, so that the ground is never taken for the shape's colour."""
    rgb = np.full((_SCENE_HEIGHT_PX, _SCENE_WIDTH_PX, 3), level, np.uint8)
    row, column = np.mgrid[:_SCENE_HEIGHT_PX, :_SCENE_WIDTH_PX] // 12
    if kind == "striped":
        rgb[column % 2 == 0] = level - 70
    elif kind == "chequered":
        rgb[(column + row) % 2 == 0] = level - 70
    elif kind == "dotted":
        for x, y in product(range(12, _SCENE_WIDTH_PX, 24), range(12, _SCENE_HEIGHT_PX, 24)):
            cv2.circle(rgb, (x, y), 5, (level - 70,) * 3, -1, cv2.LINE_AA)
    return Plate(rgb)


def _draw_shape(kind: str, *, colour: tuple[int, int, int], rng: np.random.Generator) -> Plate:
    matte: Matte = np.zeros((_SIDE_PX, _SIDE_PX), np.uint8)
    middle, reach = _SIDE_PX / 2, _SIDE_PX * 0.46
    if kind in ("circle", "ring"):
        cv2.circle(matte, (_SIDE_PX // 2,) * 2, int(reach), 255, -1 if kind == "circle" else 7, cv2.LINE_AA)
    elif kind == "cross":
        cv2.rectangle(matte, (18, 2), (30, 46), 255, -1)
        cv2.rectangle(matte, (2, 18), (46, 30), 255, -1)
    else:
        points, inner = {"square": (4, 1.0), "triangle": (3, 1.0), "star": (5, 0.42)}[kind]
        count = points * (2 if inner < 1 else 1)
        angles = np.arange(count) * 2 * np.pi / count - np.pi / 2 + (np.pi / 4 if kind == "square" else 0)
        radii = np.where(np.arange(count) % 2 == 0, 1.0, inner) * reach
        corners = np.stack([middle + radii * np.cos(angles), middle + radii * np.sin(angles)], axis=1)
        cv2.fillPoly(matte, [np.round(corners).astype(np.int32)], (255,), cv2.LINE_AA)
    shade = np.clip(np.array(colour) + rng.integers(-18, 19, 3), 0, 255)
    rgb: Rgb = np.tile(shade.astype(np.uint8), (_SIDE_PX, _SIDE_PX, 1))
    return Plate(rgb, matte)
