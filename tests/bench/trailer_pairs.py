"""Films cut from real footage and trailers rendered from them, with every frame's origin known."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frames
from ava.media.probe import probe
from ava.render.encode import film_writer
from tests.bench.similarity_pictures import add_title, change_gamma, shift_hue
from tests.bench.trailer_plans import FILM_FPS, SIZE_PX, TAKES, Plan, Source

Rgb = NDArray[np.uint8]

KINDS = (
    "as it is", "graded", "cropped", "mirrored", "titled", "letterboxed", "half speed", "double speed", "backwards",
    "frozen", "faded", "third of a second", "all at once",
)  # fmt: skip
NOT_IN_FILM = ("another film", "another take", "card", "black")


class Origin(NamedTuple):
    """A trailer's shot: its frames, what was done to it, and the film frame of each of its frames; none: not of it."""

    start: int
    end: int
    kind: str
    film_frames: NDArray[np.int64] | None


class Pair(NamedTuple):
    """A rendered film and its trailer, the film's cuts, and where each of the trailer's shots is from."""

    name: str
    film: Path
    trailer: Path
    film_shots: tuple[tuple[int, int], ...]
    origins: tuple[Origin, ...]


def render_pair(
    plan: Plan,
    *,
    data: Path,
    folder: Path,
    seed: int,
    shots_a_kind: int = 2,
    film_size_px: tuple[int, int] = SIZE_PX,
) -> Pair:
    """Render a plan's film and its trailer of ``shots_a_kind`` shots of every kind, in a shuffled order."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {source.file: _read(data / "video" / source.file) for source in plan.sources}
    shots, film = _cut_film(plan.sources, pictures)
    _write(folder / "film.mp4", film, size_px=film_size_px, fps=FILM_FPS, crf=20)
    items = [_reuse(film, shots, kind, rng, plan=plan) for kind in KINDS for _ in range(shots_a_kind)]
    takes = [pictures[source.file][start:end] for source in plan.sources for start, end in TAKES.get(source.file, ())]
    others = [_read(data / "video" / name) for name in plan.others]
    for _ in range(2 * shots_a_kind):
        items.append(("another film", _some(others, rng), None))
        items.append(("another take", _some(takes, rng), None))
    items += [("card", _card(rng), None), ("card", _card(rng), None), ("black", [_black()] * 12, None)]
    origins, trailer = _in_order(items, rng)
    _write(folder / "trailer.mp4", trailer, size_px=plan.trailer_size_px, fps=plan.trailer_fps, crf=plan.crf)
    return Pair(plan.name, folder / "film.mp4", folder / "trailer.mp4", tuple(shots), origins)


def render_film(path: Path, sources: Sequence[Source], *, data: Path, size_px: tuple[int, int]) -> None:
    """Render a film alone, without a trailer."""
    pictures = {source.file: _read(data / "video" / source.file) for source in sources}
    _write(path, _cut_film(sources, pictures)[1], size_px=size_px, fps=FILM_FPS, crf=20)


def _cut_film(
    sources: Sequence[Source], pictures: Mapping[str, Sequence[Rgb]]
) -> tuple[list[tuple[int, int]], list[Rgb]]:
    """The spans of a film's shots, and its frames."""
    shots: list[tuple[int, int]] = []
    film: list[Rgb] = []
    for source in sources:
        for start, end in source.kept:
            shots.append((len(film), len(film) + end - start))
            film += pictures[source.file][start:end]
    return shots, film


Item = tuple[str, list[Rgb], NDArray[np.int64] | None]


def _in_order(items: Sequence[Item], rng: np.random.Generator) -> tuple[tuple[Origin, ...], list[Rgb]]:
    origins, trailer = [], []
    for number in rng.permutation(len(items)):
        kind, frames, film_frames = items[number]
        origins.append(Origin(len(trailer), len(trailer) + len(frames), kind, film_frames))
        trailer += frames
    return tuple(origins), trailer


def _reuse(
    film: Sequence[Rgb], shots: Sequence[tuple[int, int]], kind: str, rng: np.random.Generator, *, plan: Plan
) -> Item:
    """Frames of one of the film's shots, played at the trailer's rate and changed as the kind says."""
    start, end = shots[int(rng.integers(len(shots)))]
    natural = float(FILM_FPS / plan.trailer_fps)
    speed = {"half speed": 0.5, "double speed": 2.0, "backwards": -1.0, "frozen": 0.0}.get(kind, 1.0)
    speed = float(rng.uniform(0.7, 1.4)) if kind == "all at once" else speed
    wanted_s = {"third of a second": 0.34}.get(kind, float(rng.uniform(0.7, 2.2)))
    most = (end - start - 1) / max(natural * abs(speed), 0.2)
    count = max(min(round(wanted_s * plan.trailer_fps), int(most)), 6)
    length = natural * abs(speed) * (count - 1)
    first = start + float(rng.uniform(0, max(end - start - 1 - length, 0)))
    places = first + natural * abs(speed) * np.arange(count)
    film_frames = np.clip(np.floor(places + 1e-6).astype(np.int64), start, end - 1)
    if speed < 0:
        film_frames = film_frames[::-1].copy()
    return kind, _change([film[frame] for frame in film_frames], kind, rng), film_frames


def _change(frames: list[Rgb], kind: str, rng: np.random.Generator) -> list[Rgb]:
    """The same change for every frame of a shot: each frame begins with the same random numbers."""
    seed = int(rng.integers(1 << 31))
    steps = {
        "graded": (_grade,), "cropped": (_crop,), "mirrored": (_mirror,), "titled": (add_title,),
        "letterboxed": (_letterbox,), "all at once": (_crop, _grade, add_title),
    }.get(kind, ())  # fmt: skip
    changed = []
    for place, frame in enumerate(frames):
        own = np.random.default_rng(seed)
        for step in steps:
            frame = step(frame, own)
        if kind == "faded":
            gain = min(1.0, place / 8, (len(frames) - 1 - place) / 8)
            frame = (frame * gain).astype(np.uint8)
        changed.append(frame)
    return changed


def _grade(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Warmer or colder, another gamma, another hue, less or more contrast."""
    graded = change_gamma(rgb, rng) if rng.random() < 0.5 else shift_hue(rgb, rng)
    gains = rng.uniform(0.75, 1.2, size=3)
    return np.clip((graded.astype(np.float32) - 20 * rng.random()) * gains, 0, 255).astype(np.uint8)


def _crop(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """A part of 65–90 % of either side, anywhere, as large as the whole."""
    share = rng.uniform(0.65, 0.9)
    height, width = (round(side * share) for side in rgb.shape[:2])
    top, left = int(rng.integers(rgb.shape[0] - height + 1)), int(rng.integers(rgb.shape[1] - width + 1))
    part = np.ascontiguousarray(rgb[top : top + height, left : left + width])
    return np.asarray(cv2.resize(part, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _mirror(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    return np.ascontiguousarray(rgb[:, ::-1])


def _letterbox(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Bars over the picture that leave 2.39:1."""
    boxed = rgb.copy()
    bar = round((rgb.shape[0] - rgb.shape[1] / 2.39) / 2)
    boxed[:bar], boxed[-bar:] = 0, 0
    return boxed


def _some(takes: Sequence[Sequence[Rgb]], rng: np.random.Generator) -> list[Rgb]:
    """Half a second to two of one take."""
    take = takes[int(rng.integers(len(takes)))]
    count = min(int(rng.integers(14, 50)), len(take))
    first = int(rng.integers(len(take) - count + 1))
    return list(take[first : first + count])


def _card(rng: np.random.Generator) -> list[Rgb]:
    return [add_title(_black(), rng, number=int(rng.integers(5)))] * 24


def _black() -> Rgb:
    return np.zeros((SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8)


def _read(path: Path) -> list[Rgb]:
    """All frames, cut to 16:9 and brought to one size."""
    info = probe(path)
    return [_fill(frame.rgb, SIZE_PX) for frame in decode_frames(path, info=info, max_side_px=720)]


def _fill(rgb: Rgb, size_px: tuple[int, int]) -> Rgb:
    factor = max(size_px[0] / rgb.shape[1], size_px[1] / rgb.shape[0])
    wide, tall = min(round(size_px[0] / factor), rgb.shape[1]), min(round(size_px[1] / factor), rgb.shape[0])
    left, top = (rgb.shape[1] - wide) // 2, (rgb.shape[0] - tall) // 2
    part = np.ascontiguousarray(rgb[top : top + tall, left : left + wide])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size_px, interpolation=way), dtype=np.uint8)


def _write(path: Path, frames: Sequence[Rgb], *, size_px: tuple[int, int], fps: Fraction, crf: int) -> None:
    with film_writer(path, width=size_px[0], height=size_px[1], fps=fps, crf=crf) as writer:
        for frame in _sized(frames, size_px):
            writer.write(frame)


def _sized(frames: Sequence[Rgb], size_px: tuple[int, int]) -> Iterator[Rgb]:
    for frame in frames:
        same = frame.shape[1::-1] == size_px
        yield frame if same else np.asarray(cv2.resize(frame, size_px, interpolation=cv2.INTER_AREA), dtype=np.uint8)
