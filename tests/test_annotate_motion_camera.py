"""The camera's motion and what moves on its own, in drawn frames with known answers."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.global_motion import NO_MOTION, find_global_motion
from ava.annotate.motion import Motion
from ava.annotate.moving_objects import moving_object_mask
from ava.media.decode import decode_frames
from ava.media.probe import probe

WIDTH, HEIGHT = 320, 180
Frames = NDArray[np.uint8]


def paint_ground(seed: int = 1, *, width: int = 900, height: int = 700) -> Frames:
    """A backdrop with shapes of all sizes."""
    rng = np.random.default_rng(seed)
    ground = np.full((height, width, 3), 120, np.uint8)
    for _ in range(900):
        centre, size = rng.integers(0, (width, height)).tolist(), rng.integers(4, 34, 2).tolist()
        colour = rng.integers(10, 245, 3).tolist()
        cv2.ellipse(ground, centre, size, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    return ground


def look(ground: Frames, *, x: float = 450, y: float = 350, zoom: float = 1.0, roll_deg: float = 0.0) -> Frames:
    """What a camera at a place sees; ``roll_deg`` turns the camera clockwise, the picture the other way."""
    matrix = cv2.getRotationMatrix2D((x, y), roll_deg, zoom)
    matrix[:, 2] += (WIDTH - 1) / 2 - x, (HEIGHT - 1) / 2 - y
    return np.asarray(cv2.warpAffine(ground, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA), dtype=np.uint8)


def measure(*frames: Frames, first: int = 0) -> dict[str, NDArray[np.float32]]:
    annotator = Motion()
    annotator.load()
    table = annotator.annotate(np.stack(frames), frame_index=np.arange(first, first + len(frames)))
    return dict(zip(annotator.columns, table.values.T, strict=True))


@pytest.mark.parametrize("across_px", [-9.0, -0.8, 0.3, 2.5, 14.0])
def test_pan_is_positive_when_the_camera_turns_right(across_px: float) -> None:
    ground = paint_ground()
    signals = measure(look(ground), look(ground, x=450 + across_px))
    assert signals["pan"][1] * WIDTH == pytest.approx(across_px, abs=0.08 + 0.01 * abs(across_px))
    assert signals["tilt"][1] * HEIGHT == pytest.approx(0, abs=0.1)
    assert signals["camera_fit"][1] > 0.95


@pytest.mark.parametrize("up_px", [-6.0, 1.2, 8.0])
def test_tilt_is_positive_when_the_camera_turns_up(up_px: float) -> None:
    ground = paint_ground()
    signals = measure(look(ground), look(ground, y=350 - up_px))
    assert signals["tilt"][1] * HEIGHT == pytest.approx(up_px, abs=0.1 + 0.01 * abs(up_px))


@pytest.mark.parametrize("growth", [0.97, 1.004, 1.02])
def test_zoom_is_positive_when_the_picture_grows(growth: float) -> None:
    ground = paint_ground()
    signals = measure(look(ground), look(ground, zoom=growth))
    assert signals["zoom"][1] == pytest.approx(np.log(growth), abs=0.0015)
    assert abs(signals["pan"][1]) * WIDTH < 0.1


@pytest.mark.parametrize("roll_deg", [-2.0, 0.5, 3.0])
def test_roll_is_positive_when_the_camera_turns_clockwise(roll_deg: float) -> None:
    ground = paint_ground()
    signals = measure(look(ground), look(ground, roll_deg=roll_deg))
    assert signals["roll_deg"][1] == pytest.approx(roll_deg, abs=0.1)


def walk(frame: Frames, subject: Frames, *, x: int, y: int = 40) -> Frames:
    """Put somebody into a frame."""
    placed = frame.copy()
    placed[y : y + subject.shape[0], x : x + subject.shape[1]] = subject
    return placed


@pytest.mark.parametrize("camera_px", [0.0, 3.0])
def test_a_large_subject_does_not_carry_the_camera_with_it(camera_px: float) -> None:
    ground, subject = paint_ground(1), paint_ground(2)[:120, :110]
    frames = [walk(look(ground, x=450 + camera_px * step), subject, x=60 + 6 * step) for step in range(3)]
    signals = measure(*frames)
    assert signals["pan"][2] * WIDTH == pytest.approx(camera_px, abs=0.25)
    assert signals["subject_area"][2] == pytest.approx(subject[..., 0].size / (WIDTH * HEIGHT), abs=0.1)
    own_px = 6 + camera_px
    assert signals["subject_motion"][2] == pytest.approx(signals["subject_area"][2] * own_px / WIDTH, rel=0.3)
    assert signals["held_area"][2] < 0.02


def test_a_subject_that_the_camera_goes_with_stands_still_in_the_picture() -> None:
    ground, subject = paint_ground(1), paint_ground(2)[:110, :90]
    signals = measure(*(walk(look(ground, x=450 + 5 * step), subject, x=110, y=20) for step in range(3)))
    assert signals["pan"][2] * WIDTH == pytest.approx(5, abs=0.3)
    assert signals["held_area"][2] > 0.08


def test_a_car_on_a_plain_road_is_not_the_camera() -> None:
    rng = np.random.default_rng(3)
    road = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for x in range(6, WIDTH, 40):
        cv2.rectangle(road, (x, 14), (x + 20, 20), (220, 220, 220), -1)
        cv2.rectangle(road, (x, 158), (x + 20, 164), (220, 220, 220), -1)
    car = paint_ground(4)[:60, :60]
    frames = [walk(road, car, x=100 + 5 * step, y=60).astype(np.int16) for step in range(3)]
    noisy = [np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8) for frame in frames]
    signals = measure(*noisy)
    assert abs(signals["pan"][2]) * WIDTH < 0.2
    assert signals["subject_area"][2] > 0.03


def test_grain_on_a_still_camera_is_no_motion() -> None:
    rng, still = np.random.default_rng(5), look(paint_ground()).astype(np.int16)
    frames = [np.clip(still + rng.normal(0, 6, still.shape), 0, 255).astype(np.uint8) for _ in range(4)]
    signals = measure(*frames)
    assert np.abs(signals["pan"]).max() * WIDTH < 0.1
    assert signals["subject_area"].max() < 0.03


def test_a_cut_and_a_flat_picture_say_nothing_about_the_camera() -> None:
    flat = np.full((HEIGHT, WIDTH, 3), 80, np.uint8)
    signals = measure(look(paint_ground(1)), look(paint_ground(6)), flat, flat + 3)
    for column in ("pan", "tilt", "zoom", "roll_deg", "camera_fit", "subject_motion", "subject_area", "held_area"):
        assert signals[column][3] == 0
    assert signals["camera_fit"][1] < 0.3


def test_a_fade_does_not_move_the_camera() -> None:
    ground = paint_ground()
    first, second = look(ground), look(ground, x=452)
    signals = measure(first, np.asarray(second * 0.9, dtype=np.uint8))
    assert signals["pan"][1] * WIDTH == pytest.approx(2, abs=0.3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [(1, 1), (2, 7), (5, 5), (16, 16), (3, 160)])
def test_tiny_pictures_have_defined_motion(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    flow = rng.normal(0, 2, (*size, 2)).astype(np.float32)
    lumas = rng.integers(0, 256, (2, *size), dtype=np.uint8)
    assert np.isfinite(find_global_motion(flow, *lumas)).all()
    assert find_global_motion(flow, *np.full((2, *size), 9, np.uint8)) == NO_MOTION


@pytest.mark.parametrize("camera_px", [0.0, 4.0])
def test_the_mask_covers_what_moves_and_nothing_else(camera_px: float) -> None:
    ground, subject = paint_ground(1), cv2.resize(paint_ground(2), None, fx=0.4, fy=0.4)[:90, :70]
    frames = [walk(look(ground, x=450 + camera_px * step), subject, x=100 + 8 * step, y=50) for step in range(3)]
    mask = moving_object_mask(*frames)
    truth = np.zeros((HEIGHT, WIDTH), dtype=bool)
    truth[50:140, 108:178] = True
    assert mask.shape == truth.shape
    assert mask.dtype == np.float32
    found = mask > 0.5
    assert (found & truth).sum() / (found | truth).sum() > 0.7


def test_the_mask_of_a_bare_pan_is_empty() -> None:
    ground = paint_ground()
    frames = [look(ground, x=450 + 4 * step, y=350 + step) for step in range(3)]
    assert moving_object_mask(*frames).mean() < 0.01
    assert moving_object_mask(frames[0], frames[1]).mean() < 0.01


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [(1, 1), (16, 16), (40, 40), (33, 300)])
def test_any_picture_has_a_mask(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, *size, 3), dtype=np.uint8)
    for frames in (noise, np.full((3, *size, 3), 50, np.uint8), noise[..., 0]):
        mask = moving_object_mask(*frames)
        assert mask.shape == size
        assert ((mask >= 0) & (mask <= 1)).all()
    assert not moving_object_mask(*np.full((3, *size), 50, np.uint8)).any()


def test_masks_want_frames_of_one_size() -> None:
    with pytest.raises(ValueError, match="size"):
        moving_object_mask(np.zeros((40, 40), np.uint8), np.zeros((40, 41), np.uint8))


def test_a_car_from_above_is_masked_and_the_empty_road_is_not(shared_data: Path) -> None:
    path = shared_data / "video" / "car-detection.mp4"
    info = probe(path)
    masks = {}
    for middle in (40, 90):
        frames = decode_frames(path, info=info, start_frame=middle - 3, end_frame=middle + 4, max_side_px=640)
        masks[middle] = moving_object_mask(*[frame.rgb for frame in frames][::3])
    assert masks[40].mean() < 0.01
    assert masks[90][20:140, 230:330].mean() > 0.4
    assert masks[90][250:].mean() < 0.02
