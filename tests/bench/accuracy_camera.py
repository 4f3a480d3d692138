"""Accuracy of the camera's motion, of camera moves and of shot scale, against rendered truth and labels by eye."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import crop
from ava.annotate.faces import Faces
from ava.annotate.framing import Framing, read_scales
from ava.annotate.motion import Motion
from ava.annotate.run import annotate_span, collect_signals
from ava.media.bars import find_picture_area
from ava.media.colour import from_bgr
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.shots.camera_move import CAMERA_KINDS, describe_camera
from ava.shots.shot_list import Shot
from ava.shots.shot_scale import SCALES
from tests.bench.camera_clips import FPS, HEIGHT, WIDTH, Clip, render_clips
from tests.bench.figures import Figure
from tests.bench.shot_labels import FILM_MOVES, FILM_SCALES, NOBODY_IN_SIGHT, PEOPLE, label_photographs

CLIPS_OF_EACH_KIND = 12
UNSEEN_SEED = 2
"""Thresholds were set on clips of seeds 0 and 1."""

Pairs = Sequence[tuple[str, str]]
"""(truth, found)."""


class Judged(NamedTuple):
    """A label, the scale that was found ("none" for none), and by what."""

    truth: str
    found: str
    by: str


class Rendered(NamedTuple):
    """A rendered clip, what was said about it, and the error of its camera's motion frame by frame, px."""

    clip: Clip
    found: str
    error_px: NDArray[np.float64]


def measure(data: Path | None) -> list[Figure]:
    """All figures; without ``data`` there are no photographs to move a camera over, and none."""
    if data is None:
        return []
    return [*_motion_figures(data), *_move_figures(data), *_scale_figures(data)]


def tables(data: Path | None) -> str:
    """Confusion tables: rows are the truth, columns what was found."""
    if data is None:
        return ""
    rendered = [(each.clip.kind, each.found) for each in _render(data)]
    people, without = (_pairs(_photograph_scales(data, with_people=people)) for people in (True, False))
    return "\n\n".join(
        _draw_table(title, pairs, names)
        for title, pairs, names in (
            ("Camera moves, rendered", rendered, (*CAMERA_KINDS, "none")),
            ("Camera moves, films", _film_moves(data), (*CAMERA_KINDS, "none")),
            ("Shot scale, photographs of people", people, (*SCALES, "none")),
            ("Shot scale, photographs without", without, (*SCALES, "none")),
            ("Shot scale, films", _pairs(_film_scales(data)), (*SCALES, "none")),
        )
    )


def _motion_figures(data: Path) -> Iterator[Figure]:
    truth = f"rendered camera over photographs, {WIDTH} × {HEIGHT}, grain 0–6 levels, x264 crf 20–33"
    for name, has_subject in (("nothing else moves", False), ("somebody moves through or is followed", True)):
        errors = np.concatenate([each.error_px for each in _render(data) if each.clip.has_subject == has_subject])
        for what, value in (("mean", errors.mean()), ("95th percentile", np.percentile(errors, 95))):
            yield Figure("camera", f"global motion error, {name}: {what}", float(value), "px", truth)


def _move_figures(data: Path) -> Iterator[Figure]:
    rendered = [(each.clip.kind, each.found) for each in _render(data)]
    films = _film_moves(data)
    for what, pairs, truth in (
        ("camera move of rendered shots", rendered, f"{len(rendered)} shots by construction, unseen seed"),
        ("camera move of films' shots", films, f"{len(films)} shots by eye, known when thresholds were set"),
    ):
        yield Figure("camera", what, _share_equal(pairs), "share right", truth)


def _scale_figures(data: Path) -> Iterator[Figure]:
    with_people, without = (_photograph_scales(data, with_people=people) for people in (True, False))
    films = _film_scales(data)
    found = [each for each in (*with_people, *films) if each.by != "fallback"]
    for what, judged in (
        ("scale where a face was found", found),
        ("scale of photographs of people", with_people),
        ("scale of photographs without people (fitted to these)", without),
        ("scale of films' frames", films),
    ):
        truth = f"{len(judged)} labels by eye, known when thresholds were set"
        yield Figure("scale", what, _share_equal(_pairs(judged)), "share right", truth)
        near = sum(abs(_place(each.truth) - _place(each.found)) <= 1 for each in judged)
        yield Figure("scale", f"{what}, within one step", near / len(judged), "share right", truth)


@cache
def _render(data: Path) -> tuple[Rendered, ...]:
    annotator = Motion()
    annotator.load()
    found = []
    for clip in render_clips(data / "images", of_each_kind=CLIPS_OF_EACH_KIND, seed=UNSEEN_SEED):
        small = [cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA) for frame in clip.frames()]
        frames = np.asarray(small, dtype=np.uint8)
        table = annotator.annotate(frames, frame_index=np.arange(len(frames)))
        signals = collect_signals({"motion": [table]}, annotators=[annotator], frame_count=len(frames))
        move = describe_camera(signals, shots=[Shot(0, 0, len(frames), "start")], fps=float(FPS))[0]
        found.append(Rendered(clip, move.kind or "none", _motion_error(clip, table.values)))
    return tuple(found)


def _motion_error(clip: Clip, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean distance over nine places of the frame between where they came from and where they are said to."""
    column = {name: values[1:, place].astype(np.float64) for place, name in enumerate(Motion.columns)}
    x, y = (axis.ravel() for axis in np.meshgrid((-240.0, 0.0, 240.0), (-135.0, 0.0, 135.0)))
    scale, turn = np.exp(-column["zoom"])[:, None], np.deg2rad(column["roll_deg"])[:, None]
    found_x = scale * (np.cos(turn) * x - np.sin(turn) * y) - x + column["pan"][:, None] * WIDTH
    found_y = scale * (np.sin(turn) * x + np.cos(turn) * y) - y - column["tilt"][:, None] * HEIGHT
    true_scale, dx, dy = (each[:, None] for each in clip.motion().T)
    true_x = true_scale * (x + WIDTH / 2) + dx - (x + WIDTH / 2)
    true_y = true_scale * (y + HEIGHT / 2) + dy - (y + HEIGHT / 2)
    return np.asarray(np.hypot(found_x - true_x, found_y - true_y).mean(axis=1))


@cache
def _film_moves(data: Path) -> Pairs:
    pairs = []
    for name, moves in FILM_MOVES.items():
        path = data / "video" / name
        info, annotators = probe(path), [Motion()]
        area = find_picture_area(path, info=info)
        table = annotate_span(
            path, info=info, annotators=annotators, start_frame=0, end_frame=info.frame_count, area=area
        )["motion"]
        signals = collect_signals({"motion": [table]}, annotators=annotators, frame_count=info.frame_count)
        shots = [Shot(number, *span, "cut") for number, span in enumerate(moves)]
        found = describe_camera(signals, shots=shots, fps=float(info.fps))
        pairs += [(truth, move.kind or "none") for truth, move in zip(moves.values(), found, strict=True)]
    return tuple(pairs)


@cache
def _photograph_scales(data: Path, *, with_people: bool) -> Sequence[Judged]:
    paths = sorted((data / "images").glob("*/*.jpg"))
    judged = []
    for name, truth in label_photographs(PEOPLE if with_people else NOBODY_IN_SIGHT).items():
        path = next(path for path in paths if path.stem.removeprefix("LC-").startswith(name))
        judged.append(_judge(from_bgr(np.asarray(cv2.imread(str(path)), dtype=np.uint8)), truth=truth))
    return tuple(judged)


@cache
def _film_scales(data: Path) -> Sequence[Judged]:
    judged: list[Judged] = []
    for name, labels in FILM_SCALES.items():
        path = data / "video" / name
        info = probe(path)
        area = find_picture_area(path, info=info)
        frames = decode_frame_set(path, info=info, frame_indices=labels)
        judged += [_judge(crop(frame.rgb, area), truth=labels[frame.index]) for frame in frames]
    return tuple(judged)


def _judge(rgb: NDArray[np.uint8], *, truth: str) -> Judged:
    """By the detectors as they ship: faces first, structure where there are none."""
    scale = min(Faces.max_side_px / max(rgb.shape[:2]), 1.0)
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    frames = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)[None]
    first = np.zeros(1, dtype=np.int64)
    faces, framing = _detectors()
    seen = {"faces": faces.detect(frames, frame_index=first, found={})}
    judged = read_scales(framing.detect(frames, frame_index=first, found=seen).values)[0]
    return Judged(truth, judged.kind or "none", judged.by or "fallback")


def _pairs(judged: Sequence[Judged]) -> Pairs:
    return [(each.truth, each.found) for each in judged]


def _place(scale: str) -> float:
    return SCALES.index(scale) if scale in SCALES else np.inf


@cache
def _detectors() -> tuple[Faces, Framing]:
    faces, framing = Faces(), Framing()
    faces.load({})
    framing.load({})
    return faces, framing


def _share_equal(pairs: Pairs) -> float:
    return sum(truth == found for truth, found in pairs) / len(pairs)


def _draw_table(title: str, pairs: Pairs, names: Sequence[str]) -> str:
    counts = Counter(pairs)
    width = max(map(len, names)) + 1
    lines = [title, " " * width + "".join(name.rjust(width) for name in names)]
    for truth in names[:-1]:
        cells = [counts[truth, found] for found in names]
        if any(cells):
            lines.append(truth.ljust(width) + "".join(str(cell or "·").rjust(width) for cell in cells))
    return "\n".join(lines)
