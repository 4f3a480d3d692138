"""Exposure, motion and signature of drawn frames with known answers."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import Annotator
from ava.annotate.exposure import Exposure
from ava.annotate.motion import Motion
from ava.annotate.sharpness import Sharpness
from ava.annotate.signature import Signature
from tests.scenes import draw_scene, join, mix


def measure(annotator: Annotator, frames: NDArray[np.uint8], *, first: int = 0) -> dict[str, NDArray[np.float32]]:
    annotator.load()
    table = annotator.annotate(frames, frame_index=np.arange(first, first + len(frames)))
    return dict(zip(annotator.columns, table.values.T, strict=True))


def tones(*levels: int) -> NDArray[np.uint8]:
    """One frame whose equal columns have these grey levels."""
    return np.array(levels, dtype=np.uint8).repeat(10)[None, None, :, None].repeat(30, axis=1).repeat(3, axis=3)


def test_brightness_contrast_and_clipping_of_known_tones() -> None:
    signals = measure(Exposure(), tones(0, 100, 100, 255))
    assert signals["brightness"][0] == pytest.approx(455 / 4 / 255)
    assert signals["contrast"][0] == pytest.approx(np.std([0, 100, 100, 255]) / 255)
    assert signals["clipped_low"][0] == pytest.approx(0.25)
    assert signals["clipped_high"][0] == pytest.approx(0.25)


def test_plain_grey_has_no_contrast_and_nothing_clipped() -> None:
    signals = measure(Exposure(), tones(128))
    assert (signals["contrast"][0], signals["clipped_low"][0], signals["clipped_high"][0]) == (0, 0, 0)


def test_flow_has_the_speed_of_the_pan() -> None:
    speeds = [
        measure(Motion(), draw_scene(4, frames=6, pan_px=pan, width=320, height=180))["flow_magnitude"][1:].mean()
        for pan in (1.0, 4.0)
    ]
    assert speeds[0] == pytest.approx(1 / 320, rel=0.25)
    assert speeds[1] == pytest.approx(4 / 320, rel=0.25)


def test_movement_explains_a_pan_but_not_a_cut() -> None:
    pan = measure(Motion(), draw_scene(4, frames=6, pan_px=4, width=320, height=180))
    cut = measure(Motion(), join(*(draw_scene(number, frames=1, width=320, height=180) for number in (5, 6))))
    assert pan["residual"][1:].max() < 0.5 * pan["frame_difference"][1:].min()
    assert pan["structure_change"][1:].max() < 0.3
    assert cut["structure_change"][1] > 0.6


def test_flash_changes_brightness_but_little_structure() -> None:
    film = draw_scene(7, frames=4)
    film[2] = 100 + film[2] // 2
    signals = measure(Motion(), film)
    assert signals["frame_difference"][2] > 0.1
    assert signals["structure_change"][2] < 0.2


def test_still_picture_does_not_move() -> None:
    signals = measure(Motion(), draw_scene(8, frames=1).repeat(3, axis=0))
    assert all((values == 0).all() for values in signals.values())


def test_first_frame_of_the_film_has_not_moved_and_one_after_a_gap_is_unknown() -> None:
    annotator = Motion()
    annotator.load()
    frames = draw_scene(9, frames=4, pan_px=2)
    values = annotator.annotate(frames, frame_index=np.array([0, 1, 5, 6])).values
    assert (values[0] == 0).all()
    assert np.isnan(values[2]).all()
    assert np.isfinite(values[[1, 3]]).all()


def test_signature_is_the_mean_of_its_cells() -> None:
    frame = np.random.default_rng(3).integers(0, 256, (1, 64, 128, 3), dtype=np.uint8)
    signals = measure(Signature(), frame)
    luma = cv2.cvtColor(frame[0], cv2.COLOR_RGB2GRAY).astype(float) / 255
    assert signals["luma_00"][0] == pytest.approx(luma[:8, :16].mean(), abs=1e-3)
    assert signals["luma_73"][0] == pytest.approx(luma[56:, 48:64].mean(), abs=1e-3)
    red, green, blue = np.moveaxis(frame[0, :32, 64:].astype(float) / 255, 2, 0)
    assert signals["red_green_01"][0] == pytest.approx((red - green).mean(), abs=1e-3)
    assert signals["yellow_blue_01"][0] == pytest.approx(((red + green) / 2 - blue).mean(), abs=1e-3)


def test_signature_of_a_mixture_is_the_mixture_of_signatures() -> None:
    first, second = draw_scene(10, frames=1), draw_scene(11, frames=1)
    middle = mix(first, second)
    pure, mixed = (np.stack(list(measure(Signature(), each).values())) for each in (join(first, second), middle))
    np.testing.assert_allclose(mixed[:, 0], pure.mean(axis=1), atol=0.005)


def test_signature_is_the_same_at_any_size() -> None:
    small = draw_scene(12, frames=1)
    large = cv2.resize(small[0], None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)[None]
    values = [np.stack(list(measure(Signature(), each).values())) for each in (small, large)]
    np.testing.assert_allclose(values[0], values[1], atol=0.004)


def test_defocus_and_movement_are_told_apart() -> None:
    sharp = draw_scene(13, frames=1, width=640, height=360)[0]
    line = np.full((1, 21), 1 / 21)
    soft, moved = cv2.GaussianBlur(sharp, (0, 0), 3), cv2.filter2D(sharp, -1, line)
    crisp, defocused, panned = (
        measure(Sharpness(), np.asarray(each, dtype=np.uint8)[None]) for each in (sharp, soft, moved)
    )
    assert crisp["defocus"][0] < 0.1 and crisp["motion_blur"][0] < 0.1
    assert defocused["defocus"][0] > 0.5 > 0.1 > defocused["motion_blur"][0]
    assert panned["motion_blur"][0] > 0.5 > 0.3 > panned["defocus"][0]


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0, 5.0])
def test_defocus_rises_with_the_blur(sigma: float) -> None:
    sharp = draw_scene(14, frames=1, width=640, height=360)[0]
    values = [
        measure(Sharpness(), np.asarray(cv2.GaussianBlur(sharp, (0, 0), each), dtype=np.uint8)[None])["defocus"][0]
        for each in (sigma, sigma + 1)
    ]
    assert values[0] < values[1] <= 1


def test_frames_without_structure_are_not_defocused() -> None:
    for level in (0, 128, 255):
        assert measure(Sharpness(), tones(level))["defocus"][0] == 0
