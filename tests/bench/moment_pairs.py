"""Films cut from real footage with its sound, and trailers chosen from them by planted tastes."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.render.encode import SAMPLE_RATE_HZ, film_writer
from ava.sound.samples import SoundReader

Rgb = NDArray[np.uint8]
Sound = NDArray[np.float32]
SIZE_PX = (384, 216)
FPS = Fraction(24)
MOST_FRAMES = 720
"""Of a piece of footage that are kept."""
SHOTS, USED = 36, 10
"""Shots of a film, and of these in its trailer."""
SHOT_S, PASSAGE_S = (0.9, 2.6), 0.9
NOISE = 0.35
"""Standard deviation of what makes an editor choose against a taste, in that of the taste."""

FOOTAGE = (
    "sintel_trailer_480p.mp4", "big_buck_bunny_0_30.webm", "googlework_short.mp4", "steamboat.mp4", "nasa_13013.mp4",
    "friday.mp4", "asl_five_people_montage.mp4", "popeye_sinbad_p1.mkv", "chaplin.mp4", "flower.mp4",
    "car-detection.mp4",
)  # fmt: skip
FOREIGN_FOOTAGE = ("flower.mp4", "car-detection.mp4")
"""Only in trailers."""

TASTES = {
    "action": {"loudness": 1.0, "motion": 1.0, "length": -0.3},
    "quiet drama": {"loudness": -0.8, "motion": -1.0, "light": -0.6, "length": 0.5},
    "bright comedy": {"light": 1.0, "colour": 0.8, "loudness": 0.4, "length": -0.6},
}
"""What three made-up editors go by, over ranks of plain measures of the footage that are taken here and only here."""


class Take(NamedTuple):
    """A shot as it is laid into a film: frames at ``FPS`` and ``SIZE_PX``, and sound float32 (N, 2) at 48 kHz."""

    frames: list[Rgb]
    sound: Sound


class MomentFilm(NamedTuple):
    """A rendered film, and of each taste its trailer and the film's frames that this shows, half-open spans."""

    path: Path
    trailers: dict[str, Path]
    used: dict[str, list[tuple[int, int]]]


class Footage(NamedTuple):
    """A piece of footage: frames at its own rate, its cuts left to chance, and its sound; (0, 2) where it has none."""

    frames: list[Rgb]
    fps: float
    sound: Sound


def read_footage(data: Path) -> dict[str, Footage]:
    """All footage, cut to 16:9, in one size, with its first sound stream in two channels."""
    return {name: _read(data / "video" / name) for name in FOOTAGE}


def render_film(footage: dict[str, Footage], *, folder: Path, seed: int) -> MomentFilm:
    """Cut a film of ``SHOTS`` pieces of footage, loud and quiet, slow and fast, and a trailer for every taste."""
    rng = np.random.default_rng([21, seed])
    folder.mkdir(parents=True, exist_ok=True)
    takes = [_take(footage, rng) for _ in range(SHOTS)]
    starts = np.cumsum([0, *(len(take.frames) for take in takes)]).tolist()
    _write(folder / "film.mp4", takes)
    measures = {name: _ranks(values) for name, values in _measure(takes).items()}
    film = MomentFilm(folder / "film.mp4", {}, {})
    for taste, weights in TASTES.items():
        liking = np.sum([weight * measures[name] for name, weight in weights.items()], axis=0)
        liking = liking + rng.normal(0, NOISE * liking.std(), SHOTS)
        chosen = np.sort(np.argsort(-liking, kind="stable")[:USED]).tolist()
        parts = {shot: _choose_part(takes[shot], rng) for shot in chosen}
        film.used[taste] = [(starts[shot] + first, starts[shot] + end) for shot, (first, end) in parts.items()]
        film.trailers[taste] = folder / f"{taste}.mp4"
        shown = [takes[shot].frames[first:end] for shot, (first, end) in parts.items()]
        _write(film.trailers[taste], list(_trailer(shown, footage, rng)))
    return film


def _read(path: Path) -> Footage:
    info = probe(path)
    frames = [_fit(frame.rgb) for frame in islice(decode_frames(path, info=info, max_side_px=720), MOST_FRAMES)]
    reader = SoundReader(path, info=info)
    blocks = [block.samples for block in reader.blocks()]
    sides = [np.stack([block[0], block[min(1, len(block) - 1)]], axis=1) for block in blocks]
    heard = np.concatenate(sides) if reader.heard_s else np.zeros((0, 2), np.float32)
    return Footage(frames, float(info.fps), heard)


def _fit(rgb: Rgb) -> Rgb:
    """The middle of a picture, as large as ``SIZE_PX``."""
    height, width = rgb.shape[:2]
    wide = min(width, height * SIZE_PX[0] // SIZE_PX[1])
    tall = min(height, width * SIZE_PX[1] // SIZE_PX[0])
    top, left = (height - tall) // 2, (width - wide) // 2
    part = np.ascontiguousarray(rgb[top : top + tall, left : left + wide])
    return np.asarray(cv2.resize(part, SIZE_PX, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _take(footage: dict[str, Footage], rng: np.random.Generator) -> Take:
    """A piece of footage, slower or faster, graded, with its own sound or another's, louder or quieter."""
    names = [name for name in FOOTAGE if name not in FOREIGN_FOOTAGE]
    source = footage[names[int(rng.integers(len(names)))]]
    count = round(float(rng.uniform(*SHOT_S)) * float(FPS))
    speed = float(rng.choice([0.4, 1.0, 1.0, 1.8]))
    frames = _piece(source, count=count, speed=speed, rng=rng)
    grade, light = rng.uniform(0.6, 1.3), rng.uniform(0.75, 1.2)
    sounding = [each for each in footage.values() if len(each.sound)]
    heard = source if len(source.sound) else sounding[int(rng.integers(len(sounding)))]
    needed = round(count / float(FPS) * SAMPLE_RATE_HZ)
    first = int(rng.integers(max(len(heard.sound) - needed, 1)))
    sound = np.zeros((needed, 2), np.float32)
    part = heard.sound[first : first + needed]
    sound[: len(part)] = part * 10 ** (rng.uniform(-22, 4) / 20)
    return Take([_grade(frame, colour=grade, light=light) for frame in frames], np.clip(sound, -1, 1))


def _piece(source: Footage, *, count: int, speed: float, rng: np.random.Generator) -> list[Rgb]:
    step = source.fps / float(FPS) * speed
    first = rng.uniform(0, max(len(source.frames) - 1 - step * count, 0))
    places = np.clip(np.floor(first + step * np.arange(count)), 0, len(source.frames) - 1).astype(int)
    return [source.frames[place] for place in places]


def _grade(rgb: Rgb, *, colour: float, light: float) -> Rgb:
    """More or less colour around each pixel's grey, and more or less light."""
    grey = rgb.mean(axis=2, keepdims=True)
    return np.asarray(np.clip((grey + (rgb - grey) * colour) * light, 0, 255), dtype=np.uint8)


def _measure(takes: Sequence[Take]) -> dict[str, NDArray[np.float64]]:
    """What tastes go by: level, mean difference of frames, mean light, mean distance from grey, frames."""
    rows = []
    for take in takes:
        small = np.stack([frame[::6, ::6] for frame in take.frames]).astype(np.float64)
        moved = np.abs(np.diff(small.mean(axis=3), axis=0)).mean() if len(small) > 1 else 0.0
        rows.append((np.log(np.mean(take.sound.astype(np.float64) ** 2) + 1e-9), moved, small.mean(),
                     np.ptp(small, axis=3).mean(), len(take.frames)))  # fmt: skip
    names = ("loudness", "motion", "light", "colour", "length")
    return dict(zip(names, np.array(rows).T, strict=True))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(len(values) - 1, 1)


def _choose_part(take: Take, rng: np.random.Generator) -> tuple[int, int]:
    """Frames of a shot that a trailer shows, half-open."""
    count = min(round(PASSAGE_S * float(FPS)), len(take.frames))
    first = int(rng.integers(len(take.frames) - count + 1))
    return first, first + count


def _trailer(shown: Sequence[list[Rgb]], footage: dict[str, Footage], rng: np.random.Generator) -> Iterator[Take]:
    """Parts of a film in a new order, regraded, among shots that it does not have; silent."""
    parts = [[_grade(frame, colour=0.8, light=light) for frame in part]
             for part, light in zip(shown, rng.uniform(0.85, 1.15, len(shown)), strict=True)]  # fmt: skip
    parts += [_piece(footage[name], count=20, speed=1.0, rng=rng) for name in FOREIGN_FOOTAGE]
    for number in rng.permutation(len(parts)):
        frames = parts[int(number)]
        yield Take(frames, np.zeros((round(len(frames) / float(FPS) * SAMPLE_RATE_HZ), 2), np.float32))


def _write(path: Path, takes: Sequence[Take]) -> None:
    sound = np.concatenate([take.sound for take in takes])
    with film_writer(path, width=SIZE_PX[0], height=SIZE_PX[1], fps=FPS, crf=23, sound=sound) as writer:
        for take in takes:
            for frame in take.frames:
                writer.write(frame)
