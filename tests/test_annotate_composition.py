"""Thirds, symmetry, depth of field, balance and horizon of drawn pictures with known answers; bad input."""

import warnings

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import Detections, Detector
from ava.annotate.composition import Composition, measure_balance, measure_thirds
from ava.annotate.focus import measure_depth_of_field, measure_local_sharpness
from ava.annotate.lines import find_horizon, find_segments, measure_diagonal_share, measure_line_strength
from ava.annotate.saliency import Saliency
from ava.annotate.symmetry import measure_symmetry
from tests.scenes import draw_scene

WIDTH, HEIGHT = 480, 270


def scene(number: int) -> NDArray[np.uint8]:
    return draw_scene(number, frames=1, width=WIDTH, height=HEIGHT)[0]


def sea_at(y: float, *, tilt_deg: float = 0, blur_px: float = 0) -> NDArray[np.uint8]:
    """A bright sky over a dark sea with a little grain."""
    across = np.arange(WIDTH) - WIDTH / 2 + 0.5
    edge = y + across * np.tan(np.radians(tilt_deg))
    share = np.clip(np.arange(HEIGHT)[:, None] + 1 - edge, 0, 1)[..., None]
    picture = np.array([190.0, 200, 215]) * (1 - share) + np.array([40.0, 70, 90]) * share
    picture += np.random.default_rng(5).normal(0, 3, picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), blur_px) if blur_px else picture, dtype=np.uint8)


def look(frame: NDArray[np.uint8], *, faces: list[list[float]] | None = None) -> dict[str, float]:
    index = np.array([4])
    found = {}
    if faces:
        found["faces"] = Detections(np.full(len(faces), 4), np.array(faces, dtype=np.float32))
    found["saliency"] = Saliency().detect(frame[None], frame_index=index, found=found)
    values = Composition().detect(frame[None], frame_index=index, found=found).values[0]
    return dict(zip(Composition.columns, values.tolist(), strict=True))


@pytest.mark.parametrize("tilt_deg", [-9.0, -3.0, -0.5, 0.0, 1.0, 4.0, 10.0])
@pytest.mark.parametrize("blur_px", [0, 3])
def test_tilt_and_height_of_a_drawn_horizon_are_told(tilt_deg: float, blur_px: float) -> None:
    seen = look(sea_at(110, tilt_deg=tilt_deg, blur_px=blur_px))
    assert seen["horizon_tilt_deg"] == pytest.approx(tilt_deg, abs=0.3)
    assert seen["horizon_y"] == pytest.approx(110, abs=2)


def test_horizon_on_a_third_is_praised_and_one_in_the_middle_is_not() -> None:
    assert look(sea_at(HEIGHT / 3))["horizon_thirds"] > 0.95
    assert look(sea_at(HEIGHT / 2))["horizon_thirds"] < 0.2


def test_picture_without_long_flat_lines_has_no_horizon() -> None:
    for number in range(6):
        seen = look(scene(number))
        assert np.isnan(seen["horizon_tilt_deg"]) == np.isnan(seen["horizon_y"]) == np.isnan(seen["horizon_thirds"])
    stripes = np.full((HEIGHT, WIDTH), 90, dtype=np.uint8)
    for x in range(30, WIDTH, 60):
        stripes[:, x : x + 20] = 180
    assert np.isnan(find_horizon(stripes, segments=find_segments(stripes)).tilt_deg)


def test_a_slanting_street_below_upright_houses_is_no_horizon() -> None:
    street = sea_at(200, tilt_deg=11)
    alone = look(street)
    for x in range(40, WIDTH, 70):
        cv2.rectangle(street, (x, 20), (x + 25, 120), (60, 50, 40), -1)
    assert alone["horizon_tilt_deg"] == pytest.approx(11, abs=0.3)
    assert np.isnan(look(street)["horizon_tilt_deg"])


def test_diagonals_are_told_from_flat_and_upright_lines() -> None:
    flat, diagonal = (np.full((HEIGHT, WIDTH), 60, dtype=np.uint8) for _ in range(2))
    for offset in range(0, 200, 40):
        cv2.line(flat, (20, 30 + offset), (450, 30 + offset), 220, 5, cv2.LINE_AA)
        cv2.line(diagonal, (20 + offset, 20), (240 + offset, 240), 220, 5, cv2.LINE_AA)
    assert measure_diagonal_share(find_segments(flat)) == 0
    assert measure_diagonal_share(find_segments(diagonal)) > 0.95
    strengths = [
        measure_line_strength(find_segments(each), width=WIDTH, height=HEIGHT)
        for each in (np.full_like(flat, 60), flat)
    ]
    assert strengths[0] == 0 < 0.2 < strengths[1] <= 1


@pytest.mark.parametrize("axis", [0, 1])
def test_mirrored_scenes_are_symmetric_about_their_axis_only(axis: int) -> None:
    for number in range(8):
        picture = scene(number)
        half = picture[:, : WIDTH // 2] if axis else picture[: HEIGHT // 2]
        mirrored = np.concatenate([half, np.flip(half, axis=axis)], axis=axis)
        assert measure_symmetry(mirrored, axis=axis) > 0.85
        assert measure_symmetry(mirrored, axis=1 - axis) < 0.5
        assert measure_symmetry(picture, axis=axis) < 0.5


def test_symmetry_survives_noise_light_and_a_shifted_axis() -> None:
    half = scene(3)[:, : WIDTH // 2]
    mirrored = np.roll(np.concatenate([half, half[:, ::-1]], axis=1), 8, axis=1).astype(np.float64)
    mirrored = mirrored * np.linspace(0.9, 1.1, WIDTH)[None, :, None]
    noisy = np.clip(mirrored + np.random.default_rng(1).normal(0, 8, mirrored.shape), 0, 255)
    assert measure_symmetry(noisy.astype(np.uint8), axis=1) > 0.7


def test_even_rows_are_not_taken_for_symmetry() -> None:
    sunset = np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None, None].repeat(WIDTH, axis=1).repeat(3, axis=2)
    assert measure_symmetry(sunset, axis=1) < 0.05


def test_sharp_subject_before_soft_ground_has_depth_of_field_and_all_sharp_or_all_soft_has_none() -> None:
    sharp = scene(12)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 5), dtype=np.uint8)
    mixed = soft.copy()
    mixed[60:210, 160:320] = sharp[60:210, 160:320]
    subject = [[170, 70, 310, 200, 0.99]]
    values = [look(each, faces=subject)["depth_of_field"] for each in (sharp, soft, mixed)]
    assert values[0] < 0.1 and values[1] < 0.1
    assert values[2] > 0.8


def test_depth_of_field_needs_structure_on_both_sides() -> None:
    sharpness = np.full((18, 32), np.nan)
    subject = np.zeros_like(sharpness)
    subject[5:12, 10:20] = 1
    assert measure_depth_of_field(sharpness, subject=subject) == 0
    sharpness[5:12, 10:20] = 0.9
    assert measure_depth_of_field(sharpness, subject=subject) == 0
    sharpness[:3] = 0.3
    assert measure_depth_of_field(sharpness, subject=subject) > 0.9


def test_local_sharpness_is_high_where_the_picture_is_sharp() -> None:
    picture = cv2.cvtColor(scene(9), cv2.COLOR_RGB2GRAY)
    picture[:, WIDTH // 2 :] = cv2.GaussianBlur(picture, (0, 0), 4)[:, WIDTH // 2 :]
    sharpness = measure_local_sharpness(picture)
    columns = sharpness.shape[1] // 2
    assert np.nanmedian(sharpness[:, : columns - 1]) > np.nanmedian(sharpness[:, columns + 1 :]) + 0.3


@pytest.mark.parametrize(("x", "y"), [(1 / 3, 1 / 3), (2 / 3, 1 / 3), (1 / 3, 2 / 3)])
def test_thirds_are_best_on_their_crossings(x: float, y: float) -> None:
    def merit(x: float, y: float) -> float:
        return measure_thirds(np.array([[x * 300, y * 200, 1.0]]), width=300, height=200)

    assert merit(x, y) == pytest.approx(1)
    assert merit(0.5, 0.5) < 0.02
    assert merit(x + 0.03, y) < merit(x, y)


def test_eyes_of_faces_count_for_thirds_before_the_salient_region() -> None:
    frame = np.full((270, 480, 3), 90, dtype=np.uint8)
    cv2.circle(frame, (240, 135), 20, (250, 60, 30), -1)
    eyes_on_a_third = [480 / 3 - 20, 90 - 0.4 * 50, 480 / 3 + 20, 90 + 0.6 * 50, 0.99]
    assert look(frame, faces=[eyes_on_a_third])["thirds"] > 0.95
    assert look(frame)["thirds"] < 0.1


def test_balance_falls_from_the_middle_to_the_corner() -> None:
    def balance(x: int, y: int) -> float:
        saliency = np.zeros((90, 160), dtype=np.float32)
        saliency[y : y + 10, x : x + 10] = 1
        return measure_balance(saliency)

    assert balance(75, 40) == pytest.approx(1)
    assert balance(75, 40) > balance(40, 40) > balance(0, 0)
    assert balance(0, 0) < 0.15
    assert measure_balance(np.zeros((9, 16), dtype=np.float32)) == 1


BAD = {
    "black": lambda size: np.zeros((2, *size, 3), dtype=np.uint8),
    "white": lambda size: np.full((2, *size, 3), 255, dtype=np.uint8),
    "one colour": lambda size: np.full((2, *size, 3), (200, 30, 90), dtype=np.uint8),
    "noise": lambda size: np.random.default_rng(1).integers(0, 256, (2, *size, 3), dtype=np.uint8),
    "grey noise": lambda size: (
        np.random.default_rng(1).integers(0, 256, (2, *size, 1), dtype=np.uint8).repeat(3, axis=3)
    ),
}
UNKNOWN_WITHOUT_HORIZON = {"horizon_thirds", "horizon_tilt_deg", "horizon_y"}


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 40), (3, 200), (200, 3), (16, 16), (90, 160)])
@pytest.mark.parametrize("kind", BAD)
def test_bad_pictures_give_defined_values_without_a_warning(kind: str, size: tuple[int, int]) -> None:
    frames, index = BAD[kind](size), np.array([3, 8])
    found: dict[str, Detections] = {}
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        for detector in (Saliency(), Composition()):
            _check(detector, frames, index, found)


def _check(
    detector: Detector, frames: NDArray[np.uint8], index: NDArray[np.int64], found: dict[str, Detections]
) -> None:
    detector.load({})
    rows = found[detector.name] = detector.detect(frames, frame_index=index, found=found)
    assert rows.values.shape == (2, len(detector.columns)) and rows.values.dtype == np.float32
    for column, values in zip(detector.columns, rows.values.T, strict=True):
        assert np.isfinite(values).all() or column in UNKNOWN_WITHOUT_HORIZON, column
    assert not np.isinf(rows.values).any()
    signals = detector.summarise(rows, frame_index=index, size=frames.shape[2:0:-1])
    assert signals.shape == (2, len(detector.frame_columns))


@pytest.mark.parametrize("detector", [Saliency(), Composition()])
def test_what_is_found_in_a_frame_depends_on_that_frame_alone(detector: Detector) -> None:
    frames = np.concatenate([draw_scene(number, frames=1) for number in range(4)])
    together = detector.detect(frames, frame_index=np.arange(4), found={}).values
    for number in range(4):
        alone = detector.detect(frames[number : number + 1].copy(), frame_index=np.array([number]), found={}).values
        np.testing.assert_array_equal(alone[0], together[number])
