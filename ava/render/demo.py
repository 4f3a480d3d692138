"""The demo film: a minute of night launch, with everything in it that AVA looks for."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.render import demo_people, demo_places
from ava.render.demo_pictures import DemoPictures, load_demo_pictures
from ava.render.film import (
    Cut,
    Dissolve,
    Fade,
    FilmSpec,
    Join,
    OnFrame,
    PlannedDefect,
    PlannedStuck,
    lay_out,
    render_film,
)
from ava.render.shot import ShotSpec
from ava.render.sound import synthesise_score
from ava.render.truth import FilmTruth, StuckTruth
from qc.defects.arc import Arc
from qc.defects.defect import Defect
from qc.defects.gaussian import GaussianDot
from qc.defects.l_shape import LShape
from qc.defects.plant import plant
from qc.defects.plus import Plus
from qc.defects.square import Square
from qc.defects.stuck import StuckSite, show_site
from qc.defects.worm import Worm

WIDTH, HEIGHT, FPS = 1280, 720, Fraction(24)
_NO_PORTRAITS = (
    "The portraits of two people are not in the weights store, so the film shows only what scikit-image ships: "
    "one person's face, and nobody together with anybody."
)
_DEFECTS: tuple[tuple[str, int, Defect], ...] = (
    ("moon", 30, GaussianDot()),
    ("pad", 60, Square()),
    ("cat", 50, LShape()),
    ("two_shot", 40, Plus()),
    ("collins_at_pad", 25, Arc()),
    ("world", 70, Worm()),
)
"""Shots and frames of them in which a pixel error is planted, and of what kind."""
_DEFECT_LEVELS = (150.0, 220.0)
_STUCK_PLACE = (1043, 96)
_STUCK_SHOTS = ("pad", "collins")
"""From the beginning of one shot to the end of the other a pixel high up on the right is stuck at white."""


def render_demo_film(path: Path, *, pictures_dir: Path | None, on_frame: OnFrame | None = None) -> FilmTruth:
    """Render the demo film to ``path`` (.mp4, 1280 x 720, 24 frames/s, about a minute) and return its truth.

    ``pictures_dir`` is the folder of the weights store; without the portraits in it the film is made from what
    scikit-image ships, and the truth's notes say so. The same pictures give the same bytes.
    """
    film = plan_demo_film(load_demo_pictures(pictures_dir=pictures_dir))
    return render_film(film, path, sound=_score(film), crf=23, on_frame=on_frame)


def plan_demo_film(pictures: DemoPictures) -> FilmSpec:
    """Put the demo film's shots in order and join them."""
    shots, joins = _order(pictures)
    film = FilmSpec(
        width=WIDTH,
        height=HEIGHT,
        fps=FPS,
        shots=tuple(shots),
        joins=tuple(joins),
        opening=Fade(0, 10, 24),
        ending=Fade(24, 12, 0),
        grain=1.2,
        vignette_unit=0.28,
        notes=() if pictures.portraits else (_NO_PORTRAITS,),
        seed=1947,
    )
    return _with_stuck_pixel(_with_defects(film))


def _order(pictures: DemoPictures) -> tuple[Sequence[ShotSpec], Sequence[Join]]:
    places, people, portraits = demo_places, demo_people, pictures.portraits
    pause, melt = Fade(12, 8, 12), Dissolve(24)
    first = [places.stars(pictures), places.moon(pictures), places.pad(pictures), places.coffee(pictures)]
    first += [people.collins_portrait(pictures)]
    last = [places.ascent(pictures), places.world(pictures), places.end_credits(pictures)]
    if portraits is None:
        middle = [places.motorcycle(pictures), places.cat(pictures), places.cameraman(pictures)]
        launch = [people.collins_at_pad(pictures), places.ignition(pictures)]
    else:
        middle = [people.obama_portrait(portraits), places.motorcycle(pictures), people.biden_portrait(portraits)]
        middle += [places.cat(pictures), people.two_shot(portraits), people.whip_between(portraits)]
        launch = [people.collins_at_pad(pictures), people.obama_speaking(portraits), places.ignition(pictures)]
        launch += [people.biden_close(portraits)]
    before_pause = len(first) + len(middle)
    shots = [*first, *middle, *launch, *last]
    joins: list[Join] = [Cut() for _ in shots[1:]]
    joins[before_pause - 1] = pause
    joins[len(shots) - 3] = melt
    return shots, joins


def _with_defects(film: FilmSpec) -> FilmSpec:
    placed = dict(zip((shot.name for shot in film.shots), lay_out(film).shots, strict=True))
    defects = tuple(
        PlannedDefect(placed[name].drawn_start + frame, partial(_plant_hot_pixel, defect=defect))
        for name, frame, defect in _DEFECTS
        if name in placed
    )
    return replace(film, defects=defects)


def _plant_hot_pixel(
    frames: NDArray[np.uint8], rng: np.random.Generator, *, defect: Defect
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    # Weak spots would not outlive the compression.
    planted = plant(frames, rng=rng, defects=(defect,), amplitudes=_DEFECT_LEVELS)
    return planted.frames, planted.mask


def _with_stuck_pixel(film: FilmSpec) -> FilmSpec:
    placed = dict(zip((shot.name for shot in film.shots), lay_out(film).shots, strict=True))
    first, last = (placed[name] for name in _STUCK_SHOTS)
    site = StuckSite(*_STUCK_PLACE, 1, "white", first.start_frame, last.end_frame)
    truth = StuckTruth(site.start_frame, site.end_frame, float(site.x), float(site.y), site.side_px**2)
    return replace(film, stuck=(PlannedStuck(truth, partial(show_site, site=site)),))


def _score(film: FilmSpec) -> NDArray[np.float32]:
    timeline = lay_out(film)
    launch = next(placed for shot, placed in zip(film.shots, timeline.shots, strict=True) if shot.name == "ignition")
    fps = float(film.fps)
    return synthesise_score(
        timeline.frame_count / fps,
        rumble_s=(launch.drawn_start / fps + 0.8, launch.drawn_end / fps + 6.0),
        rng=np.random.default_rng([film.seed, 3]),
    )
