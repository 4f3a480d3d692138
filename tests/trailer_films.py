"""Small drawn films, each place of which is unlike the others, and what a trailer of them is found to take."""

import warnings
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.probe import probe
from ava.render.encode import film_writer
from curation.moments.film_pictures import sample_film
from curation.moments.trailer_match import TrailerMatch, match_trailer

Rgb = NDArray[np.uint8]
SIZE = (320, 180)
FPS = Fraction(24)


def draw_place(seed: int, frames: int) -> list[Rgb]:
    """A room of its own with two things that move through it, and back, at their own pace."""
    rng = np.random.default_rng(seed)
    room = cv2.resize(rng.integers(30, 220, (9, 16, 3), dtype=np.uint8), SIZE, interpolation=cv2.INTER_CUBIC)
    for _ in range(14):
        corner = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1])
        other = corner[0] + rng.integers(10, 60), corner[1] + rng.integers(10, 60)
        colour = tuple(int(each) for each in rng.integers(0, 255, 3))
        cv2.rectangle(room, [int(each) for each in corner], [int(each) for each in other], colour, -1)
    return [_with_movers(room, seed, frame) for frame in range(frames)]


def _with_movers(room: Rgb, seed: int, frame: int) -> Rgb:
    rng = np.random.default_rng(seed + 1000)
    picture = room.copy()
    for _ in range(2):
        paces, phases = rng.uniform(0.03, 0.11, 2), rng.uniform(0, 6, 2)
        x, y = 160 + 110 * np.sin(paces[0] * frame + phases[0]), 90 + 55 * np.sin(paces[1] * frame + phases[1])
        cv2.circle(picture, (round(x), round(y)), 22, tuple(int(each) for each in rng.integers(0, 255, 3)), -1)
    return picture


def write(path: Path, frames: Sequence[Rgb], *, size: tuple[int, int] = SIZE) -> Path:
    with film_writer(path, width=size[0], height=size[1], fps=FPS, crf=20) as writer:
        for frame in frames:
            writer.write(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
    return path


def match(trailer: Path, film: Path, shots: Sequence[tuple[int, int]]) -> TrailerMatch:
    info = probe(film)
    pictures = sample_film(film, info=info, area=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return match_trailer(trailer, info=probe(trailer), shots=shots, film=pictures)


def black(frames: int) -> list[Rgb]:
    return [np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)] * frames
