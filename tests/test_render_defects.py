import numpy as np
import pytest

from qc.defects import symmetric


def test_spot_is_bright_small_and_in_one_frame_only() -> None:
    frames = np.full((5, 60, 80, 3), 12, np.uint8)
    planted, mask = symmetric.plant(frames, rng=np.random.default_rng(1))
    assert mask.any(axis=(1, 2)).sum() == 1
    assert 2 <= mask.sum() <= 25
    assert planted[mask].max() >= 170
    assert np.array_equal(planted[~mask] > 120, np.zeros_like(planted[~mask], dtype=bool))
    assert frames.max() == 12, "the frames given are left as they were"


def test_spots_mirror_themselves_left_to_right() -> None:
    for seed in range(30):
        frames = np.zeros((1, 48, 48, 3), np.uint8)
        planted, _ = symmetric.plant(frames, rng=np.random.default_rng(seed))
        lit = planted[0].max(axis=2)
        rows, columns = np.nonzero(lit)
        spot = lit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert np.array_equal(spot, spot[:, ::-1])


def test_dark_and_still_places_are_preferred() -> None:
    frames = np.full((3, 64, 96, 3), 10, np.uint8)
    frames[:, :, 48:] = 200
    frames[:, 32:, :48] = np.random.default_rng(0).integers(0, 120, (3, 32, 48, 3))
    _, mask = symmetric.plant(frames, rng=np.random.default_rng(2), count=60)
    total = mask.any(axis=0)
    assert total[:32, :48].sum() > 0.85 * total.sum()


def test_same_seed_plants_the_same() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (2, 40, 40, 3)).astype(np.uint8)
    first = symmetric.plant(frames, rng=np.random.default_rng(9), count=3)
    second = symmetric.plant(frames, rng=np.random.default_rng(9), count=3)
    assert np.array_equal(first.frames, second.frames) and np.array_equal(first.mask, second.mask)


def test_frames_too_small_are_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        symmetric.plant(np.zeros((1, 20, 90, 3), np.uint8), rng=np.random.default_rng(0))
