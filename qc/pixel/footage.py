"""Clean clips to plant pixel errors in: rendered ones, always at hand, and ones cut from films of a folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from ava.media.decode import decode_frames
from ava.media.probe import UnusableVideo, probe
from ava.render.grade import make_vignette
from ava.render.shot import ShotClock, ShotSpec, draw_shot
from qc.defects.defect import RgbFrames

logger = logging.getLogger(__name__)

CLIP_FRAMES = 7
WIDTH_PX, HEIGHT_PX = 512, 288
_SAMPLE_SHOTS = 12
_CUT_LEVELS = 28.0


class NoFootage(ValueError):
    """There is nothing to train on; the sentence says where it was looked for."""


def rendered_clips(*, seed: int, count: int, withheld: bool = False) -> list[RgbFrames]:
    """Clips of seven frames of the demo film's shots and of textured scenes, 512 x 288, without grain and errors.

    Every fourth shot is withheld from training: ``withheld`` gives clips of just those. Equal arguments give equal
    clips. Needs nothing but what is installed.
    """
    rng = np.random.default_rng([seed, int(withheld), 8])
    shots = [shot for number, shot in enumerate(_shots()) if (number % 4 == 3) == withheld]
    drawn = []
    for number in range(count):
        shot = shots[number % len(shots)]
        start = int(rng.integers(max(1, shot.frames - CLIP_FRAMES)))
        drawn.append(_draw(shot, start_frame=start))
    return drawn


def film_clips(
    folder: Path, *, seed: int, clips_a_film: int = 12, on_film: Callable[[str], None] | None = None
) -> list[RgbFrames]:
    """Clips of seven frames cut from every film below a folder, at drawn times, at most 640 x 384 of each picture.

    Clips with a cut are left out, and so are files that are no films. Raises NoFootage when nothing is left.
    """
    if not folder.is_dir():
        raise NoFootage(f"{folder} is no folder; give one with films.")
    clips: list[RgbFrames] = []
    for number, path in enumerate(sorted(each for each in folder.rglob("*") if each.is_file())):
        rng = np.random.default_rng([seed, number])
        try:
            clips += _cut_film(path, rng=rng, count=clips_a_film)
        except UnusableVideo as error:
            logger.info("%s is left out: %s", path, error)
            continue
        if on_film is not None:
            on_film(path.name)
    if not clips:
        raise NoFootage(f"There is no film of {CLIP_FRAMES} frames or more below {folder}.")
    return clips


def _shots() -> list[ShotSpec]:
    from ava.render.demo import plan_demo_film
    from ava.render.demo_pictures import load_demo_pictures
    from ava.render.sample_film import sample_shot

    film = plan_demo_film(load_demo_pictures(pictures_dir=None))
    travels = (0.0, 0.01, 0.08, 0.3)
    samples = [
        sample_shot(index, 24, width=WIDTH_PX, height=HEIGHT_PX, travel_unit=travels[index // 4 % len(travels)])
        for index in range(_SAMPLE_SHOTS)
    ]
    return [*film.shots, *samples]


def _draw(shot: ShotSpec, *, start_frame: int) -> RgbFrames:
    vignette = make_vignette(width=WIDTH_PX, height=HEIGHT_PX, strength_unit=0.0)
    clock = ShotClock(start_frame, shot.frames, 24.0)
    return np.stack(
        [draw_shot(shot, clock.moved(step), width=WIDTH_PX, height=HEIGHT_PX, vignette=vignette)
         for step in range(CLIP_FRAMES)]
    )  # fmt: skip


def _cut_film(path: Path, *, rng: np.random.Generator, count: int) -> Iterator[RgbFrames]:
    info = probe(path)
    last = info.frame_count - CLIP_FRAMES
    if last < 0:
        return
    for share in np.arange(count) / count:
        start = min(last, int((share + rng.random() / count) * (last + 1)))
        frames = [
            frame.rgb for frame in decode_frames(path, info=info, start_frame=start, end_frame=start + CLIP_FRAMES)
        ]
        top = int(rng.integers(max(1, info.height - 384)))
        left = int(rng.integers(max(1, info.width - 640)))
        if len(frames) == CLIP_FRAMES and not _has_cut(frames):
            yield np.stack([rgb[top : top + 384, left : left + 640] for rgb in frames])


def _has_cut(frames: list[RgbFrames]) -> bool:
    small = [cv2.resize(rgb, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32) for rgb in frames]
    return any(float(np.abs(after - before).mean()) > _CUT_LEVELS for before, after in pairwise(small))
