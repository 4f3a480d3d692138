"""Saliency, negative space and complexity of drawn pictures with known subjects."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.barrier_distance import measure_barrier_distance
from ava.annotate.base import Detections
from ava.annotate.clutter import measure_calm, measure_complexity
from ava.annotate.saliency import Saliency, find_subject, saliency_map
from tests.scenes import draw_scene

WIDTH, HEIGHT = 320, 180
COLUMNS = Saliency.columns


def look(frame: NDArray[np.uint8], *, faces: list[list[float]] | None = None) -> dict[str, float]:
    found = {}
    if faces is not None:
        rows = np.array(faces, dtype=np.float32).reshape(-1, 5)
        found["faces"] = Detections(np.full(len(rows), 7), rows)
    detections = Saliency().detect(frame[None], frame_index=np.array([7]), found=found)
    return dict(zip(COLUMNS, detections.values[0].tolist(), strict=True))


def ground(*, seed: int = 1, grain: float = 4) -> NDArray[np.uint8]:
    """A calm ground with a gradient and a little grain."""
    ramp = np.linspace(70, 130, HEIGHT)[:, None, None] + np.zeros((1, WIDTH, 3))
    return np.clip(ramp + np.random.default_rng(seed).normal(0, grain, ramp.shape), 0, 255).astype(np.uint8)


def ball_at(x: int, y: int, *, radius: int = 22) -> NDArray[np.uint8]:
    frame = ground()
    cv2.circle(frame, (x, y), radius, (230, 60, 40), -1, cv2.LINE_AA)
    return frame


@pytest.mark.parametrize("place", [(160, 90), (80, 60), (240, 120), (110, 140)])
def test_a_ball_on_calm_ground_is_the_subject(place: tuple[int, int]) -> None:
    seen = look(ball_at(*place))
    assert np.hypot(seen["x"] - place[0], seen["y"] - place[1]) < 8
    assert seen["x0"] < place[0] < seen["x1"] and seen["y0"] < place[1] < seen["y1"]
    assert (seen["x1"] - seen["x0"]) * (seen["y1"] - seen["y0"]) < 4 * 44**2
    assert seen["strength"] > 0.3


def test_a_subject_that_the_bottom_rim_cuts_off_is_still_one() -> None:
    seen = look(ball_at(150, HEIGHT - 5, radius=50))
    assert abs(seen["x"] - 150) < 15
    assert seen["y1"] > HEIGHT - 20


def test_saliency_is_higher_on_the_subject_than_anywhere_else() -> None:
    saliency = saliency_map(ball_at(100, 80))
    assert saliency.shape == (HEIGHT, WIDTH) and saliency.dtype == np.float32
    assert saliency.min() >= 0 and saliency.max() <= 1
    assert saliency[70:90, 90:110].mean() > 4 * saliency[120:, 200:].mean()


def test_faces_draw_the_subject_region_to_them() -> None:
    frame = ball_at(90, 90)
    face = [230, 50, 262, 90, 0.99]
    seen = look(frame, faces=[face])
    assert seen["x1"] > 240
    assert look(frame, faces=[])["x1"] < 200


def test_only_the_faces_of_the_same_frame_count() -> None:
    frame = ball_at(90, 90)
    elsewhere = Detections(np.array([8]), np.array([[230, 50, 262, 90, 0.99]], dtype=np.float32))
    alone = Saliency().detect(frame[None], frame_index=np.array([7]), found={})
    other = Saliency().detect(frame[None], frame_index=np.array([7]), found={"faces": elsewhere})
    np.testing.assert_array_equal(alone.values, other.values)


def test_calm_ground_is_negative_space_and_clutter_is_none() -> None:
    calm, busy = look(ball_at(160, 90)), look(draw_scene(3, frames=1, width=WIDTH, height=HEIGHT)[0])
    assert calm["negative_space"] > 0.7
    assert busy["negative_space"] < 0.5
    half = ball_at(80, 90)
    half[:, 160:] = np.random.default_rng(1).integers(0, 256, (HEIGHT, 160, 3), dtype=np.uint8)
    assert 0.2 < look(half)["negative_space"] < 0.5


def test_complexity_rises_from_plain_to_noise() -> None:
    plain = np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    values = [
        measure_complexity(each)
        for each in (plain, ball_at(160, 90), draw_scene(3, frames=1, width=WIDTH, height=HEIGHT)[0], noise)
    ]
    assert values[0] == 0
    assert values == sorted(values)
    assert 0.75 < values[-1] <= 1


def test_calm_is_told_pixel_by_pixel() -> None:
    frame = np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)
    frame[:, 200:] = np.random.default_rng(1).integers(0, 256, (HEIGHT, 120, 3), dtype=np.uint8)
    calm = measure_calm(frame)
    assert calm[:, :190].all()
    assert not calm[:, 210:].any()


def test_barrier_distance_is_the_height_of_the_fence() -> None:
    """An island that is 60 levels above the ground, within a moat 40 below it: a path climbs 100."""
    levels = np.full((60, 90, 1), 100, dtype=np.uint8)
    cv2.circle(levels, (45, 25), 18, 60, -1)
    cv2.circle(levels, (45, 25), 8, 160, -1)
    distance = measure_barrier_distance(levels)
    assert distance[25, 45] == 100
    assert distance[25, 32] == 40
    assert distance[5, 5] == 0


def test_subject_of_an_empty_map_is_the_whole_frame() -> None:
    assert find_subject(np.zeros((90, 160), dtype=np.float32)) == (0, 0, 160, 90, 80, 45)


def test_summary_gives_one_row_a_frame_and_nothing_for_frames_not_seen() -> None:
    detector = Saliency()
    frames = np.stack([ball_at(80, 60), ball_at(200, 90)])
    found = detector.detect(frames, frame_index=np.array([3, 9]), found={})
    signals = detector.summarise(found, frame_index=np.array([3, 5, 9]), size=(WIDTH, HEIGHT))
    assert signals.shape == (3, len(detector.frame_columns))
    assert np.isnan(signals[1]).all() and np.isfinite(signals[[0, 2]]).all()
    assert ((signals[[0, 2]] >= 0) & (signals[[0, 2]] <= 1)).all()
