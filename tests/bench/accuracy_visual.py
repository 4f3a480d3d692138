"""Accuracy of bars, noise, colour, blur, composition and saliency against known truth.

Rendered truth is there on every machine; real photographs and films are used where the shared data is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Annotator, Detector
from ava.annotate.colour_cast import ColourCast
from ava.annotate.colour_names import ColourNames
from ava.annotate.composition import Composition
from ava.annotate.noise import Noise, estimate_noise
from ava.annotate.saliency import Saliency, find_subject, saliency_map
from ava.annotate.sharpness import Sharpness
from ava.annotate.symmetry import measure_symmetry
from ava.media.bar_edges import NO_BARS, Bars, find_bars, refine_bars
from ava.media.bars import choose_looks, find_picture_area
from ava.media.colour import to_gray
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from tests.bench.figures import Figure
from tests.bench.lit_scenes import light_of, paint_world, to_srgb
from tests.bench.marked_subjects import TUNED_ON, UNSEEN, Box, load_marked, load_photograph
from tests.scenes import draw_scene

Picture = NDArray[np.uint8]

AREAS = {
    "sintel_trailer_480p.mp4": (0, 58, 854, 422),
    "steamboat.mp4": (139, 0, 715, 480),
    "chaplin.mp4": (73, 0, 568, 360),
    "friday.mp4": (6, 0, 634, 480),
    "googlework_short.mp4": (0, 0, 320, 180),
    "popeye_sinbad_p1.mkv": (0, 0, 1440, 1074),
    "popeye_sinbad_p3.mkv": (0, 0, 1440, 1074),
    "big_buck_bunny_0_30.webm": (0, 0, 1280, 720),
    "asl_five_people_montage.mp4": (0, 0, 640, 480),
    "nasa_13013.mp4": (0, 0, 320, 180),
    "flower.mp4": (0, 0, 960, 540),
    "car-detection.mp4": (0, 0, 768, 432),
    "testvideo.mp4": (0, 0, 1280, 720),
    "fades.mp4": (0, 0, 480, 320),
}
"""Picture areas read off the pixels of single frames by eye."""

HORIZONS = ("548696", "548208", "546190", "550336", "543550", "LC-USF33-012656", "LC-USF34-027307", "LC-USF34-025298")
TILTS_DEG = (-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0)
KELVINS = (2856, 4000, 6504, 9000)
SIGMAS = (1.0, 2.0, 4.0, 8.0)
REPEATS = 5


def measure(data: Path | None) -> list[Figure]:
    """All figures; those of real pictures only where ``data``, the shared data's folder, is given."""
    figures = [*_measure_noise(_drawn_lumas(), what="drawn scenes"), *_measure_cast(), *_measure_tilt_of_drawn()]
    figures += [
        *_measure_blur([draw_scene(number, frames=1, width=640, height=360)[0] for number in range(10)], "drawn")
    ]
    figures += _measure_saliency_of_drawn()
    if data is not None:
        figures += [*_measure_bars(data), *_measure_drawn_bars(data)]
        figures += [*_measure_noise(_clean_lumas(data), what="frames of a rendered film")]
        figures += [*_measure_tilt_of_photographs(data), *_measure_symmetry(data), *_measure_depth_of_field(data)]
        photographs = [photograph.rgb for photograph in load_marked(data, {**TUNED_ON, **UNSEEN})]
        figures += [*_measure_blur(photographs, "photographs")]
        figures += [*_measure_saliency(data, TUNED_ON, "seen while tuning"), *_measure_saliency(data, UNSEEN, "unseen")]
    return figures + _measure_cost()


def _measure_bars(data: Path) -> Iterator[Figure]:
    errors = []
    for name, truth in AREAS.items():
        film = data / "video" / name
        errors.append(np.abs(np.subtract(find_picture_area(film, info=probe(film)), truth)).max())
    yield Figure("bars", "films within a pixel on all sides", np.mean(np.array(errors) <= 1), "of 14 films", "by eye")
    yield Figure("bars", "largest error of an edge", float(max(errors)), "px", "by eye")


def _measure_drawn_bars(data: Path) -> Iterator[Figure]:
    """Bars drawn around the pictures of every real film, plain or soft and noisy."""
    rng = np.random.default_rng(0)
    right, plain = [], []
    for name, (x0, y0, x1, y1) in AREAS.items():
        film = data / "video" / name
        info = probe(film)
        frames = decode_frame_set(film, info=info, frame_indices=choose_looks(info).tolist())
        looks = _shrink([frame.rgb[y0:y1, x0:x1] for frame in frames], side_px=360)
        plain.append(find_bars(looks) == NO_BARS)
        for number in range(8):
            deep, wide = int(rng.integers(2, looks.shape[1] // 4)), int(rng.integers(2, looks.shape[2] // 5))
            truth = (Bars(deep, deep + 1, 0, 0), Bars(0, 0, wide, wide + 1), Bars(deep, deep, wide, wide + 1))[
                number % 3
            ]
            barred = _draw_bars(looks, truth, tone=16 * (number // 3), is_worn=number >= 4, rng=rng)
            lightest = np.argsort(-barred.mean(axis=(1, 2, 3)), kind="stable")[:6]
            found = find_bars(barred)
            found = refine_bars(found, looked_at=barred.shape[1:3], frames=list(barred[lightest]))
            right.append(np.abs(np.subtract(found, truth)).max() <= 1)
    yield Figure("bars", "films without bars in which none are found", np.mean(plain), "share", "bars cut off")
    yield Figure(
        "bars", "all sides within a pixel", np.mean(right), "share", f"{len(right)} bars drawn around real films"
    )


def _draw_bars(looks: Picture, bars: Bars, *, tone: int, is_worn: bool, rng: np.random.Generator) -> Picture:
    sides = ((0, 0), (bars.top, bars.bottom), (bars.left, bars.right), (0, 0))
    barred = np.pad(looks, sides, constant_values=tone)
    if not is_worn:
        return barred
    soft = np.stack([cv2.GaussianBlur(each, (0, 0), 0.7) for each in barred])
    return np.clip(soft + rng.normal(0, 2, soft.shape), 0, 255).astype(np.uint8)


def _drawn_lumas() -> list[Picture]:
    return [to_gray(draw_scene(number, frames=1, width=640, height=360)[0]) for number in range(10)]


def _clean_lumas(data: Path) -> list[Picture]:
    film = data / "video" / "big_buck_bunny_0_30.webm"
    frames = decode_frame_set(film, info=probe(film), frame_indices=range(150, 700, 50), max_side_px=640)
    return [to_gray(frame.rgb) for frame in frames]


def _measure_noise(lumas: Sequence[Picture], *, what: str) -> Iterator[Figure]:
    rng = np.random.default_rng(1)
    for sigma in SIGMAS:
        noisy = [np.clip(luma + rng.normal(0, sigma, luma.shape), 0, 255).round().astype(np.uint8) for luma in lumas]
        error = np.abs([255 * estimate_noise(each) - sigma for each in noisy])
        yield Figure("noise", f"error at sigma {sigma:.0f}, {what}", float(np.median(error)), "levels", "noise added")


def _measure_cast() -> Iterator[Figure]:
    for kelvin in KELVINS:
        scenes = [to_srgb(paint_world(seed) * light_of(kelvin)) for seed in range(30)]
        found = ColourCast().annotate(_shrink(scenes, side_px=40), frame_index=np.arange(len(scenes))).values[:, 0]
        error_mired = np.abs(1e6 / found.astype(np.float64) - 1e6 / kelvin)
        error_k = np.abs(found - kelvin)
        yield Figure("colour cast", f"error at {kelvin} K, median", float(np.median(error_k)), "K", "rendered light")
        yield Figure(
            "colour cast", f"error at {kelvin} K, median", float(np.median(error_mired)), "mired", "rendered light"
        )


def _shrink(pictures: Sequence[Picture], *, side_px: int) -> Picture:
    scale = side_px / max(pictures[0].shape)
    return np.stack([cv2.resize(each, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for each in pictures])


def _look(detector: Detector, picture: Picture) -> Mapping[str, float]:
    row = detector.detect(picture[None], frame_index=np.array([0]), found={}).values[0]
    return dict(zip(detector.columns, row.tolist(), strict=True))


def _measure_tilt_of_drawn() -> Iterator[Figure]:
    errors = [
        _look(Composition(), _draw_sea(tilt_deg=tilt, seed=seed))["horizon_tilt_deg"] - tilt
        for seed in range(5)
        for tilt in TILTS_DEG
    ]
    yield from _tilt_figures(np.array(errors), "drawn seas", "drawn")


def _draw_sea(*, tilt_deg: float, seed: int) -> Picture:
    rng = np.random.default_rng(seed)
    height, width = 360, 640
    edge = rng.uniform(0.25, 0.75) * height + (np.arange(width) - width / 2) * np.tan(np.radians(tilt_deg))
    share = np.clip(np.arange(height)[:, None] + 1 - edge, 0, 1)[..., None]
    sea = rng.uniform(120, 230, 3) * (1 - share) + rng.uniform(20, 110, 3) * share
    return np.clip(sea + rng.normal(0, 4, sea.shape), 0, 255).astype(np.uint8)


def _measure_tilt_of_photographs(data: Path) -> Iterator[Figure]:
    errors: list[float] = []
    for name in HORIZONS:
        upright = load_photograph(data, name)[0]
        level = _look(Composition(), _turn(upright, angle_deg=0))["horizon_tilt_deg"]
        turned = (_look(Composition(), _turn(upright, angle_deg=angle))["horizon_tilt_deg"] for angle in TILTS_DEG)
        errors += [tilt - level - angle for tilt, angle in zip(turned, TILTS_DEG, strict=True)]
    yield from _tilt_figures(np.array(errors), "8 photographs turned 1–8°", "turned by known angles")


def _turn(picture: Picture, *, angle_deg: float) -> Picture:
    """Turn a picture clockwise about its middle and keep the part that every such turn fills."""
    height, width = picture.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), -angle_deg, 1)
    turned = cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_CUBIC)
    down, across = height * 0.12, width * 0.08
    return np.ascontiguousarray(turned[int(down) : int(height - down), int(across) : int(width - across)])


def _tilt_figures(errors: NDArray[np.float64], what: str, truth: str) -> Iterator[Figure]:
    found = ~np.isnan(errors)
    yield Figure("composition", f"horizon found, {what}", float(found.mean()), "share", truth)
    yield Figure("composition", f"tilt error, {what}, median", float(np.median(np.abs(errors[found]))), "°", truth)
    within = float((np.abs(errors[found]) <= 1).mean())
    yield Figure("composition", f"tilt within 1°, {what}", within, "of found", truth)


def _measure_symmetry(data: Path) -> Iterator[Figure]:
    names = sorted(path.stem for path in (data / "images").glob("*/*.jpg"))[::3]
    rng = np.random.default_rng(2)
    for axis, what in ((1, "left and right"), (0, "top and bottom")):
        plain, mirrored = [], []
        for name in names:
            picture = load_photograph(data, name)[0]
            half = np.take(picture, np.arange(picture.shape[axis] // 2), axis=axis)
            whole = np.roll(
                np.concatenate([half, np.flip(half, axis=axis)], axis=axis), picture.shape[axis] // 50, axis
            )
            noisy = np.clip(0.85 * whole + 20 + rng.normal(0, 6, whole.shape), 0, 255).astype(np.uint8)
            plain.append(measure_symmetry(picture, axis=axis))
            mirrored.append(measure_symmetry(noisy, axis=axis))
        area = _area_under_curve(np.array(mirrored), np.array(plain))
        truth = f"{len(names)} photographs mirrored, shifted 2 %, with noise"
        yield Figure("composition", f"symmetry {what}: mirrored above plain", area, "AUC", truth)


def _area_under_curve(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """Chance that one of the first is above one of the second."""
    return float((above[:, None] > below).mean() + (above[:, None] == below).mean() / 2)


def _measure_depth_of_field(data: Path) -> Iterator[Figure]:
    right: list[bool] = []
    for photograph in load_marked(data, {**TUNED_ON, **UNSEEN}):
        mask = _draw_mask(photograph.rgb, photograph.boxes)
        for sigma in (2.5, 5.0):
            soft = np.asarray(cv2.GaussianBlur(photograph.rgb, (0, 0), sigma), dtype=np.uint8)
            mixed = (photograph.rgb * mask + soft * (1 - mask)).round().astype(np.uint8)
            values = [_look(Composition(), each)["depth_of_field"] for each in (mixed, photograph.rgb, soft)]
            right += [values[0] > values[1], values[0] > values[2]]
    truth = f"{len(right) // 4} photographs with the ground, or all, blurred"
    yield Figure("composition", "depth of field above all sharp and all soft", float(np.mean(right)), "of pairs", truth)


def _draw_mask(picture: Picture, boxes: Sequence[Box]) -> NDArray[np.float32]:
    mask = np.zeros(picture.shape[:2], dtype=np.float32)
    for x0, y0, x1, y1 in boxes:
        centre, half = (round((x0 + x1) / 2), round((y0 + y1) / 2)), (round((x1 - x0) / 2), round((y1 - y0) / 2))
        cv2.ellipse(mask, centre, half, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 4), dtype=np.float32)[..., None]


def _measure_blur(pictures: Sequence[Picture], what: str) -> Iterator[Figure]:
    """Whether defocus and movement are told apart by the larger of the two columns."""
    line = np.full((1, 21), 1 / 21)
    defocused = [_blur_columns(np.asarray(cv2.GaussianBlur(each, (0, 0), 3), dtype=np.uint8)) for each in pictures]
    moved = [
        _blur_columns(np.asarray(cv2.filter2D(each, -1, kernel), dtype=np.uint8))
        for each in pictures
        for kernel in (line, line.T)
    ]
    sharp = [_blur_columns(each) for each in pictures]
    told = [columns["defocus"] > columns["motion_blur"] for columns in defocused]
    told += [columns["motion_blur"] > columns["defocus"] for columns in moved]
    yield Figure("blur", f"defocus told from movement along an axis, {what}", np.mean(told), "share", "blurred here")
    aslant = [_blur_columns(np.asarray(cv2.filter2D(each, -1, np.eye(15) / 15), dtype=np.uint8)) for each in pictures]
    told = [columns["motion_blur"] > columns["defocus"] for columns in aslant]
    yield Figure("blur", f"movement at 45° told from defocus, {what}", np.mean(told), "share", "blurred here")
    for column, blurred in (("defocus", defocused), ("motion_blur", moved)):
        area = _area_under_curve(*(np.array([each[column] for each in some]) for some in (blurred, sharp)))
        yield Figure("blur", f"{column} above the sharp pictures', {what}", area, "AUC", "blurred here")


def _blur_columns(picture: Picture) -> Mapping[str, float]:
    values = Sharpness().annotate(picture[None], frame_index=np.array([0])).values[0]
    return dict(zip(Sharpness.columns, values.tolist(), strict=True))


def _measure_saliency_of_drawn() -> Iterator[Figure]:
    for contrast, what in ((0.3, "balls on calm ground"), (1.0, "balls among blurred blobs")):
        rng = np.random.default_rng(4)
        judged = [_judge_saliency(*_draw_ball(number, contrast=contrast, rng=rng)) for number in range(40)]
        yield Figure(
            "saliency", f"pixels of the subject above others, {what}", np.mean([a for a, _ in judged]), "AUC", "drawn"
        )
        yield Figure(
            "saliency", f"subject's centroid within its box, {what}", np.mean([h for _, h in judged]), "share", "drawn"
        )


def _draw_ball(number: int, *, contrast: float, rng: np.random.Generator) -> tuple[Picture, list[Box]]:
    """A ball of any colour and size before soft blobs of the given contrast, and its box."""
    blobs = np.asarray(cv2.GaussianBlur(draw_scene(number, frames=1, width=320, height=180)[0], (0, 0), 9))
    picture = np.round(110 + contrast * (blobs - 110.0)).astype(np.uint8)
    x, y, radius = int(rng.integers(60, 260)), int(rng.integers(45, 135)), int(rng.integers(12, 30))
    cv2.circle(picture, (x, y), radius, rng.uniform(0, 255, 3).tolist(), -1, cv2.LINE_AA)
    return picture, [(x - radius, y - radius, x + radius, y + radius)]


def _measure_saliency(data: Path, marks: Mapping[str, Sequence[Box]], what: str) -> Iterator[Figure]:
    judged = [_judge_saliency(*photograph) for photograph in load_marked(data, marks)]
    truth = f"{len(judged)} photographs marked by eye"
    yield Figure(
        "saliency", f"pixels of the subject above others, {what}", float(np.mean([a for a, _ in judged])), "AUC", truth
    )
    yield Figure(
        "saliency", f"subject's centroid within a box, {what}", float(np.mean([h for _, h in judged])), "share", truth
    )


def _judge_saliency(picture: Picture, boxes: Sequence[Box]) -> tuple[float, bool]:
    """Area under the curve of the map against the boxes, and whether the region's centroid lies in one."""
    saliency = saliency_map(picture)
    inside = np.zeros(saliency.shape, dtype=bool)
    for x0, y0, x1, y1 in boxes:
        inside[round(y0) : round(y1), round(x0) : round(x1)] = True
    rank = np.argsort(np.argsort(saliency, axis=None, kind="stable"), kind="stable").reshape(saliency.shape)
    count = int(inside.sum())
    area = (float(rank[inside].sum()) - count * (count - 1) / 2) / (count * (inside.size - count))
    x, y = find_subject(saliency)[4:]
    return area, any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def _measure_cost() -> list[Figure]:
    """Processor time on frames of 640 × 360, scaled already; the least of a few rounds."""
    frames = np.concatenate([draw_scene(number, frames=24, width=640, height=360) for number in range(2)])
    index = np.arange(len(frames))
    figures = []
    annotators: list[Annotator] = [Noise(), ColourCast(), ColourNames(), Sharpness()]
    for annotator in annotators:
        annotator.load()
        sized = _shrink(list(frames), side_px=annotator.max_side_px)
        figures.append(_cost(annotator.name, partial(annotator.annotate, sized, frame_index=index), len(sized)))
    detectors: list[Detector] = [Saliency(), Composition()]
    for detector in detectors:
        sized = _shrink(list(frames[::6]), side_px=detector.max_side_px)
        look = partial(detector.detect, sized, frame_index=index[::6], found={})
        figures.append(_cost(detector.name, look, len(sized)))
    return figures


def _cost(name: str, work: Callable[[], object], frames: int) -> Figure:
    spent = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return Figure("cost", f"{name} a frame of 640 × 360", 1000 * min(spent) / frames, "ms", "processor time, one core")
