"""Clean clips to plant pixel errors in: rendered ones, always at hand, and ones cut from films of a folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ava.media.decode import decode_frames
from ava.media.probe import UnusableVideo, probe
from ava.media.video_info import VideoInfo
from ava.render.grade import Grain, make_vignette
from ava.render.lettering import draw_cue
from ava.render.shot import ShotClock, ShotSpec, draw_shot
from qc.defects.compress import compress
from qc.defects.defect import RgbFrames

logger = logging.getLogger(__name__)

CLIP_FRAMES = 7
WIDTH_PX, HEIGHT_PX = 512, 288
_LARGE_PX = (1280, 720)
_MOST_GRAIN = 2.5
_QUALITIES = (16, 27)
WIDEST_PX, HIGHEST_PX = 640, 384
PHOTOGRAPH_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"})
_SEEK_FRAMES = 300
_SAMPLE_SHOTS = 12
_CUT_LEVELS = 28.0


class NoFootage(ValueError):
    """There is nothing to train on; the sentence says where it was looked for."""


class Source(NamedTuple):
    """A folder, or a file of which only the frames from ``start_frame`` to before ``end_frame`` count (None: all)."""

    path: Path
    start_frame: int = 0
    end_frame: int | None = None

    def tell(self) -> str:
        """Its name, which says something elsewhere, too, with the span."""
        return self.path.name + (f":{self.start_frame}-{self.end_frame}" if self.end_frame is not None else "")

    def files(self) -> list[Path]:
        """The file, or all below the folder, sorted. Raises NoFootage when there is neither."""
        if self.path.is_file():
            return [self.path]
        if not self.path.is_dir():
            raise NoFootage(f"{self.path} is no folder and no file; give one with films or photographs.")
        return sorted(each for each in self.path.rglob("*") if each.is_file())


def parse_source(text: str) -> Source:
    """``DIR``, ``FILE`` or ``FILE:FIRST-END``, frames FIRST to before END. Raises ValueError for a span without any."""
    path, colon, span = text.rpartition(":")
    first, dash, end = span.partition("-")
    if not (colon and dash and first.isdecimal() and end.isdecimal()):
        return Source(Path(text))
    if int(end) <= int(first):
        raise ValueError(f"{text}: the span {span} holds no frame.")
    return Source(Path(path), int(first), int(end))


def rendered_clips(*, seed: int, count: int, withheld: bool = False) -> list[RgbFrames]:
    """Clips of seven frames of the demo film's shots and of textured scenes, 512 x 288, without errors.

    Some are cut from pictures of 1280 x 720, some have grain, and of those some went through H.264. Every fourth shot
    is withheld from training: ``withheld`` gives clips of just those. Equal arguments give equal clips. Needs nothing
    but what is installed.
    """
    rng = np.random.default_rng([seed, int(withheld), 8])
    shots = [shot for number, shot in enumerate(_shots()) if (number % 4 == 3) == withheld]
    drawn = []
    for number in range(count):
        shot = shots[number % len(shots)]
        start = int(rng.integers(max(1, shot.frames - CLIP_FRAMES)))
        drawn.append(_shoot(shot, start_frame=start, is_large=bool(number // len(shots) % 2), rng=rng))
    return drawn


def film_clips(source: Source | Path, *, seed: int, clips_a_film: int = 12) -> list[RgbFrames]:
    """The clips of ``cut_films`` at a film's own frame rate. Raises NoFootage when there are none."""
    source = source if isinstance(source, Source) else Source(source)
    clips = [clip for _, clip in cut_films(source, seed=seed, clips_a_film=clips_a_film)]
    if not clips:
        raise NoFootage(f"There is no film of {CLIP_FRAMES} frames or more below {source.path}.")
    return clips


def cut_films(
    source: Source, *, seed: int, clips_a_film: int, strides: Sequence[int] = (1,)
) -> Iterator[tuple[int, RgbFrames]]:
    """Clips of seven frames cut from a film or every film below a folder, at most 640 x 384 of each picture.

    Times are drawn, one in each of ``clips_a_film`` equal parts of a film, whose number comes with the clip.
    ``strides`` are taken in turn: 2 leaves out every second frame, as a film of half the frame rate does. Clips with a
    cut are left out, and so are files that are no films.
    """
    films = [path for path in source.files() if path.suffix.lower() not in PHOTOGRAPH_SUFFIXES]
    for number, path in enumerate(films):
        rng = np.random.default_rng([seed, number])
        try:
            info = probe(path)
            span = range(source.start_frame, min(info.frame_count, source.end_frame or info.frame_count))
            cuts = list(_plan_cuts(info, span=span, count=clips_a_film, strides=strides, rng=rng))
            yield from _cut_film(path, info=info, cuts=cuts)
        except UnusableVideo as error:
            logger.info("%s is left out: %s", path, error)


def is_kept_back(number: int) -> bool:
    """Whether a part of a film, a photograph or a rendered clip is kept from learning: every sixth is."""
    return number % 6 == 3


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


def _shoot(shot: ShotSpec, *, start_frame: int, is_large: bool, rng: np.random.Generator) -> RgbFrames:
    """A clip of a shot as a small picture or a part of a large one, plain, with grain, or with grain and coded."""
    width, height = _LARGE_PX if is_large else (WIDTH_PX, HEIGHT_PX)
    left, top = (int(rng.integers(side - most + 1)) for side, most in ((width, WIDTH_PX), (height, HEIGHT_PX)))
    drawn = _draw(shot, start_frame=start_frame, width=width, height=height)
    clip = drawn[:, top : top + HEIGHT_PX, left : left + WIDTH_PX]
    if rng.random() < 0.5:
        grain = Grain(width=WIDTH_PX, height=HEIGHT_PX, strength=float(rng.uniform(0.3, _MOST_GRAIN)), rng=rng)
        clip = np.stack([grain.apply(rgb, frame_index=number) for number, rgb in enumerate(clip)])
        if rng.random() < 0.7:
            clip = compress(clip, codec="h264", quality=int(rng.integers(*_QUALITIES)))
    return np.ascontiguousarray(clip)


def _draw(shot: ShotSpec, *, start_frame: int, width: int, height: int) -> RgbFrames:
    vignette = make_vignette(width=width, height=height, strength_unit=0.0)
    clock = ShotClock(start_frame, shot.frames, 24.0)
    drawn = []
    for step in range(CLIP_FRAMES):
        rgb = draw_shot(shot, clock.moved(step), width=width, height=height, vignette=vignette)
        for cue in shot.texts:
            rgb = draw_cue(rgb, cue, frame=start_frame + step)
        drawn.append(rgb)
    return np.stack(drawn)


class _Cut(NamedTuple):
    """Which part of the film it is of, the numbers of its frames, and its left top corner."""

    part: int
    frames: range
    top: int
    left: int


def _plan_cuts(
    info: VideoInfo, *, span: range, count: int, strides: Sequence[int], rng: np.random.Generator
) -> Iterator[_Cut]:
    for part in range(count):
        drawn = rng.random(3)
        stride = strides[part % len(strides)]
        starts = len(span) - (CLIP_FRAMES - 1) * stride
        if starts < 1:
            continue
        first = span.start + min(starts - 1, int((part + drawn[0]) / count * starts))
        top, left = (
            int(share * max(1, side - most))
            for share, side, most in zip(drawn[1:], (info.height, info.width), (HIGHEST_PX, WIDEST_PX), strict=True)
        )
        yield _Cut(part, range(first, first + (CLIP_FRAMES - 1) * stride + 1, stride), top, left)


def _cut_film(path: Path, *, info: VideoInfo, cuts: list[_Cut]) -> Iterator[tuple[int, RgbFrames]]:
    while cuts:
        # What lies near each other is decoded in one go: seeking costs more than a few hundred frames.
        near = [cut for cut in cuts if cut.frames.start < cuts[0].frames.stop + _SEEK_FRAMES]
        cuts = [cut for cut in cuts if cut not in near]
        kept: dict[_Cut, list[RgbFrames]] = {cut: [] for cut in near}
        first, end = min(cut.frames.start for cut in near), max(cut.frames.stop for cut in near)
        for frame in decode_frames(path, info=info, start_frame=first, end_frame=end):
            for cut in near:
                if frame.index in cut.frames:
                    part = frame.rgb[cut.top : cut.top + HIGHEST_PX, cut.left : cut.left + WIDEST_PX]
                    kept[cut].append(part.copy())
        for cut, frames in kept.items():
            if len(frames) == CLIP_FRAMES and not _has_cut(frames):
                yield cut.part, np.stack(frames)


def _has_cut(frames: list[RgbFrames]) -> bool:
    small = [cv2.resize(rgb, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32) for rgb in frames]
    return any(float(np.abs(after - before).mean()) > _CUT_LEVELS for before, after in pairwise(small))
