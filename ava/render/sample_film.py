"""Small films with known truth, rendered in well under a second, for tests."""

import colorsys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike

from ava.render.camera import CameraMove, View, linear
from ava.render.film import AT_ONCE, Cut, Fade, FilmSpec, Join, PlannedDefect, render_film
from ava.render.layer import Layer, stay
from ava.render.lettering import TextCue
from ava.render.plate import Plate
from ava.render.shot import Course, ShotSpec, constant
from ava.render.sound import synthesise_score
from ava.render.truth import FilmTruth

_HUES_UNIT = (0.07, 0.56, 0.33, 0.83, 0.17, 0.69, 0.47, 0.94)
"""Hue of each scene, 0–1: neighbours lie far apart, so that every cut is one."""


def draw_sample_scene(index: int, *, width: int, height: int) -> Plate:
    """Draw scene number ``index``: a textured ground of its own hue and brightness with crisp shapes on it."""
    rng = np.random.default_rng([77, index])
    field: MatLike = np.zeros((height, width), dtype=np.float32)
    for cells in (4, 9, 20, 45):
        noise = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
        field = cv2.add(field, cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * 0.5)
    level = np.clip(105 + 35 * (index % 3) + 42 * np.asarray(field), 0, 255).astype(np.uint8)
    colour_of_scene = colorsys.hsv_to_rgb(_HUES_UNIT[index % len(_HUES_UNIT)], 0.5, 1.0)
    scene = np.asarray(level[..., None] * np.array(colour_of_scene), dtype=np.uint8)
    for _ in range(14):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        colour = tuple(int(value) for value in rng.integers(20, 236, 3))
        if rng.random() < 0.5:
            cv2.circle(scene, centre, int(rng.integers(height // 24 + 2, height // 7 + 3)), colour, -1, cv2.LINE_AA)
        else:
            corner = (
                centre[0] + int(rng.integers(6, width // 5 + 7)),
                centre[1] + int(rng.integers(4, height // 5 + 5)),
            )
            cv2.rectangle(scene, centre, corner, colour, -1)
    return Plate(scene)


def sample_shot(
    index: int,
    frames: int,
    *,
    width: int,
    height: int,
    travel_unit: float = 0.04,
    defocus: Course | None = None,
    exposure: Course | None = None,
    texts: tuple[TextCue, ...] = (),
) -> ShotSpec:
    """Make a shot of scene ``index`` in which the camera pans by ``travel_unit`` of the frame's width."""
    plate = draw_sample_scene(index, width=round(width * 1.5), height=round(height * 1.25))
    start, end = width * (0.75 - travel_unit / 2), width * (0.75 + travel_unit / 2)
    middle = height * 0.625
    return ShotSpec(
        f"scene {index}",
        frames=frames,
        layers=(Layer(plate, stay()),),
        camera=CameraMove(
            "pan" if travel_unit else "static", View(start, middle, width), View(end, middle, width), ease=linear
        ),
        defocus=defocus or constant(0.0),
        exposure=exposure or constant(0.0),
        texts=texts,
    )


def plan_sample_film(
    shots: Sequence[ShotSpec],
    joins: Sequence[Join] | None = None,
    *,
    width: int = 192,
    height: int = 108,
    fps: Fraction = Fraction(24),
    opening: Fade = AT_ONCE,
    ending: Fade = AT_ONCE,
    defects: tuple[PlannedDefect, ...] = (),
) -> FilmSpec:
    """Join shots into a film, with hard cuts unless ``joins`` says otherwise."""
    return FilmSpec(
        width=width,
        height=height,
        fps=fps,
        shots=tuple(shots),
        joins=tuple(joins) if joins is not None else tuple(Cut() for _ in shots[1:]),
        opening=opening,
        ending=ending,
        defects=defects,
    )


def render_test_film(
    path: Path,
    *,
    seconds: float = 4.0,
    cuts: Sequence[int] | None = None,
    width: int = 192,
    height: int = 108,
    fps: Fraction = Fraction(24),
    with_sound: bool = False,
    grain: float = 0.0,
) -> FilmTruth:
    """Render a small H.264 film of panned scenes to ``path`` (.mp4) and return its truth.

    ``cuts`` are the first frames of the shots after the first; by default one each second.
    ``grain`` is its strength in grey levels. Raises ValueError when
    they are not increasing or lie outside the film.
    """
    count = max(1, round(seconds * fps))
    starts = list(range(round(fps), count, round(fps))) if cuts is None else list(cuts)
    edges = [0, *starts, count]
    if any(after <= before for before, after in pairwise(edges)):
        raise ValueError(f"Cuts must increase and lie within 1 and {count - 1}: {starts}.")
    shots = [
        sample_shot(index, end - start, width=width, height=height)
        for index, (start, end) in enumerate(pairwise(edges))
    ]
    sound = synthesise_score(count / float(fps), rng=np.random.default_rng(7)) if with_sound else None
    plan = plan_sample_film(shots, width=width, height=height, fps=fps)
    return render_film(replace(plan, grain=grain), path, sound=sound)
