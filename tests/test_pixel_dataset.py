"""What the pixel network learns from: windows with planted errors, and places that reviewers judged."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import pytest
import torch

from ava.media.planes import Planes
from qc.defects.defect import RgbFrames
from qc.pixel import dataset
from qc.pixel.dataset import Mix, PixelBatch, draw_synthetic, fit_example, make_batch
from qc.pixel.drawing_ahead import drawn_ahead
from qc.pixel.examples import KNOWN_RADIUS_PX, Example, example_of_error, example_of_false_alarm
from qc.pixel.loss import pixel_loss
from qc.pixel.restlessness import restlessness

PLAIN = Mix(windows=4, side_px=48, clean_share=0, weathered_share=0, compressed_share=0, amplitudes=(150, 200))


def make_clip(seed: int = 0, *, length: int = 6) -> RgbFrames:
    """A dark still texture."""
    noise = np.random.default_rng(seed).integers(0, 90, (72, 96, 3), dtype=np.uint8)
    return np.repeat(cv2.GaussianBlur(noise, (0, 0), 3)[None], length, axis=0)


def draw(step: int, *, seed: int = 3, mix: Mix = PLAIN, examples: tuple[Example, ...] = ()) -> PixelBatch:
    return make_batch(step, seed=seed, clips=[make_clip(0), make_clip(1)], mix=mix, examples=examples)


def test_batches_depend_on_seed_and_step_alone() -> None:
    rough = Mix(windows=4, side_px=48, compressed_share=0.5)
    first = draw(7, mix=rough)
    draw(8, mix=rough)
    for one, other in zip(first, draw(7, mix=rough), strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(first.windows, draw(8, mix=rough).windows)
    assert not np.array_equal(first.windows, draw(7, seed=4, mix=rough).windows)


def test_windows_have_the_shapes_and_levels_the_network_takes() -> None:
    batch = draw(0, mix=Mix(windows=4, side_px=48))
    assert batch.windows.shape == (4, 15, 48, 48)
    assert batch.targets.shape == batch.weights.shape == (4, 1, 48, 48)
    assert {array.dtype for array in batch} == {np.dtype(np.float32)}
    assert batch.windows.min() >= 0 and batch.windows.max() <= 1


def test_targets_lie_where_the_middle_frame_alone_is_lit() -> None:
    batch = draw(1)
    luma = batch.windows[:, ::3] * 255
    excess = luma[:, 2] - np.max(luma[:, [0, 1, 3, 4]], axis=1)
    lit = batch.targets[:, 0] > 0
    assert lit.sum() > 8
    assert excess[lit].min() > 20
    assert np.abs(excess[~lit & (batch.weights[:, 0] > 0)]).max() < 40
    # Errors have a ring of pixels around them of which nothing is asked.
    assert (batch.weights == 0).any() and not (batch.weights[batch.targets > 0] == 0).any()


def test_clean_windows_are_known_to_hold_no_error() -> None:
    batch = draw(2, mix=Mix(windows=4, side_px=48, clean_share=1))
    assert batch.targets.sum() == 0 and batch.weights.min() == 1


def label(levels: int, *, grain: float = 0) -> tuple[float, float]:
    """Target and weight of a spot of so many levels upon ground that is still, or grained anew in every frame."""
    rng = np.random.default_rng(5)
    lumas = np.round(np.clip(80 + rng.normal(0, grain, (5, 48, 48)), 16, 235)).astype(np.uint8)
    mask = np.zeros((48, 48), np.bool_)
    mask[20:23, 30:32] = True
    lit = lumas.copy()
    lit[2][mask] += levels
    chroma = np.full((24, 24), 128, np.uint8)
    stored = [Planes(luma, chroma, chroma) for luma in lit]
    made = dataset._label(stored, mask, lumas=lumas, raised=np.subtract(lit[2], lumas[2], dtype=np.int16))
    assert (made.target[mask].min(), made.weight[mask].min()) == (made.target[mask].max(), made.weight[mask].max())
    return float(made.target[21, 30]), float(made.weight[21, 30])


def test_what_is_never_looked_at_is_no_error_and_what_is_hardly_seen_is_unknown() -> None:
    assert label(dataset.UNSEEN_LEVELS) == (0, 1)
    assert label(dataset.UNSEEN_LEVELS + 1) == (0, 0)
    assert label(dataset.FAINTEST_LEVELS) == (1, 1)


def test_errors_that_restless_ground_hides_are_neither_asked_for_nor_forbidden() -> None:
    assert label(60) == label(60, grain=2) == (1, 1)
    assert label(40, grain=16) == (0, 0)
    assert label(150, grain=16) == (1, 1)


def test_ground_that_only_moves_is_not_restless() -> None:
    picture = cv2.GaussianBlur(np.random.default_rng(6).integers(0, 255, (80, 80), dtype=np.uint8), (0, 0), 2)
    moved = np.stack([picture[8 + 2 * at : 56 + 2 * at, 8 + at : 56 + at] for at in range(5)])
    jumped = np.stack([picture[8 + 6 * at : 48 + 6 * at, 8:56] for at in range(5)])
    for x, y in ((24.0, 24.0), (8.4, 30.2), (20, 38)):
        assert restlessness(moved, x=x, y=y) < 1 < 5 < restlessness(jumped, x=x, y=y)
    assert restlessness(moved, x=-5, y=500) >= 0 and restlessness(moved, x=3, y=3, hole_px=50) == 0


def test_windows_without_errors_weigh_more_where_the_mix_says_so() -> None:
    mix = Mix(windows=12, side_px=48, clean_share=0.5, clean_weight=3, weathered_share=0, compressed_share=0)
    batch = draw(3, mix=mix)
    lit = batch.targets.any(axis=(1, 2, 3))
    assert lit.any() and not lit.all()
    assert set(np.unique(batch.weights[lit])) <= {0.0, 1.0} and batch.weights[~lit].max() == 3


def test_batches_drawn_ahead_are_those_drawn_here() -> None:
    with drawn_ahead(draw) as drawn:
        for step in (0, 1, 5):
            assert all(np.array_equal(one, other) for one, other in zip(drawn(step), draw(step), strict=True))


def test_lookalikes_stay_without_label() -> None:
    class Bright:
        name = "bright"

        def add(self, frames: RgbFrames, rng: np.random.Generator) -> RgbFrames:
            lit = frames.copy()
            lit[:, 20:23, 20:23] = 255
            return lit

    mix = Mix(windows=1, side_px=48, clean_share=1, lookalike_share=1, weathered_share=0, compressed_share=0)
    window = draw_synthetic(make_clip(), rng=np.random.default_rng(0), mix=mix, lookalikes=[Bright()])
    assert window.window[::3].max() > 0.9
    assert window.target.sum() == 0 and window.weight.min() == 1


@pytest.mark.parametrize("clips", [[], [make_clip(length=4)], [make_clip()[:, :40]]])
def test_clips_that_give_no_window_are_refused_with_a_sentence(clips: list[RgbFrames]) -> None:
    with pytest.raises(ValueError, match=r"clip"):
        make_batch(0, seed=0, clips=clips, mix=PLAIN)


def patch_with_spot(side: int = 48, *, at: tuple[int, int] = (22, 25), level: int = 200) -> np.ndarray:
    pixels = np.full((5, side, side, 3), (40, 128, 128), np.uint8)
    pixels[2, at[0] : at[0] + 2, at[1] : at[1] + 2, 0] = level
    return pixels


def test_rejected_place_becomes_zero_labels_near_the_flag_only() -> None:
    example = example_of_false_alarm(patch_with_spot(), x=25.5, y=22.5)
    assert not example.target.any() and not example.is_error
    assert example.known[22, 25] and not example.known[0, 0]
    assert example.known.sum() == pytest.approx(np.pi * KNOWN_RADIUS_PX**2, rel=0.05)
    assert example.window.shape == (15, 48, 48)
    assert example.window[6, 22, 25] == np.float32(200) / np.float32(255)  # luma of the middle frame


def test_confirmed_place_becomes_what_the_network_saw_of_it() -> None:
    probability = np.zeros((48, 48), np.float32)
    probability[21:24, 25:27] = 0.9
    probability[40, 40] = 1.0  # another one, of which nobody spoke
    example = example_of_error(patch_with_spot(), x=25.5, y=22.0, probability=probability, threshold=0.5)
    assert np.array_equal(example.target, probability == np.float32(0.9))
    assert not example.known[20, 25] and example.known[17, 25] and not example.known[40, 40]


def test_error_that_the_network_did_not_see_becomes_its_footprint() -> None:
    nothing = np.zeros((48, 48), np.float32)
    spotted = partial(example_of_error, x=25.6, y=22.4, probability=nothing, threshold=0.5)
    assert spotted(patch_with_spot()).target.sum() == 4
    # With nothing brighter anywhere, the pixel that the person pointed at.
    assert np.argwhere(spotted(patch_with_spot(level=40)).target).tolist() == [[22, 26]]


@pytest.mark.parametrize("side", [32, 48, 64])
def test_examples_fit_windows_of_any_size_and_what_is_filled_in_is_unknown(side: int) -> None:
    made = example_of_false_alarm(patch_with_spot(side), x=side / 2, y=side / 2)
    window = fit_example(made, rng=np.random.default_rng(0), side_px=48)
    assert window.window.shape == (15, 48, 48)
    assert window.weight.sum() == made.known.sum()


def test_reviewed_share_of_a_batch_holds_errors_and_false_alarms_evenly() -> None:
    wrong = example_of_false_alarm(patch_with_spot(), x=25.5, y=22.5)
    right = example_of_error(
        patch_with_spot(), x=25.5, y=22.5, probability=np.zeros((48, 48), np.float32), threshold=0.5
    )
    mix = Mix(windows=40, side_px=48, reviewed_share=1)
    lit = draw(0, mix=mix, examples=(wrong,) * 30 + (right,)).targets.sum(axis=(1, 2, 3)) > 0
    assert 10 < lit.sum() < 30
    assert draw(0, mix=mix, examples=(wrong,)).targets.sum() == 0


def loss_of(change: Callable[[torch.Tensor], None]) -> float:
    """The loss of a map of one lit pixel in 64 x 64 after a change of what was predicted, -12 everywhere."""
    targets = torch.zeros(1, 1, 64, 64)
    targets[0, 0, 5, 5] = 1
    logits = torch.full_like(targets, -12.0)
    change(logits)
    weights = torch.ones_like(targets)
    weights[0, 0, 40, 40] = 0
    return float(pixel_loss(logits, targets, weights=weights))


def test_one_missed_pixel_weighs_as_much_as_the_picture_around_it() -> None:
    def find(logits: torch.Tensor) -> None:
        logits[0, 0, 5, 5] = 8.0

    def find_and_accuse(logits: torch.Tensor) -> None:
        find(logits)
        logits[0, 0, 30, 30] = 8.0

    def find_and_accuse_unknown(logits: torch.Tensor) -> None:
        find(logits)
        logits[0, 0, 40, 40] = 8.0

    missed, found = loss_of(lambda logits: None), loss_of(find)
    assert missed > 2 and found < 0.1
    assert loss_of(find_and_accuse) > 1
    assert loss_of(find_and_accuse_unknown) == pytest.approx(found, abs=1e-6)


def test_loss_of_a_batch_without_any_error_is_finite_and_small_when_nothing_is_claimed() -> None:
    nothing = torch.zeros(2, 1, 8, 8)
    assert 0 <= float(pixel_loss(torch.full_like(nothing, -20.0), nothing)) < 1e-3
    assert float(pixel_loss(torch.full_like(nothing, 20.0), nothing)) > 5
