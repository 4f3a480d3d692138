"""From frames' vectors to a shot's: the mean, and the trained head that begins as the mean."""

import warnings

import numpy as np
import pytest
import torch

from search.embed.pooling import mean_pool
from search.embed.temporal_head import TemporalHead

torch.set_num_threads(1)


def frames(count: int, width: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, (count, width)).astype(np.float32)


def test_the_mean_pool_counts_every_frame_alike_however_long_its_vector():
    long, short = np.array([10.0, 0.0]), np.array([0.0, 0.1])
    assert mean_pool(np.stack([long, short])) == pytest.approx([2**-0.5, 2**-0.5])
    assert mean_pool(frames(7)).dtype == np.float32 and np.linalg.norm(mean_pool(frames(7))) == pytest.approx(1)


def test_frames_without_a_direction_do_not_count_and_none_give_zeros():
    vectors = frames(4)
    odd = np.vstack([vectors, np.zeros(16), np.full(16, np.nan), np.full(16, np.inf)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(mean_pool(odd), mean_pool(vectors))
        assert not mean_pool(odd[4:]).any() and not mean_pool(np.zeros((0, 16))).any()
        assert not mean_pool(np.array([[1.0, 0.0], [-1.0, 0.0]])).any(), "opposite frames leave no direction"
    with pytest.raises(ValueError, match=r"\(F, D\)"):
        mean_pool(np.zeros(16))


@pytest.mark.parametrize("width", [16, 15])
def test_an_untrained_temporal_head_is_the_mean_pool(width):
    head = TemporalHead(width)
    shots = [frames(3, width), frames(5, width, seed=1)]
    batch, present = torch.zeros(2, 5, width), torch.zeros(2, 5, dtype=torch.bool)
    for row, shot in enumerate(shots):
        batch[row, : len(shot)], present[row, : len(shot)] = torch.from_numpy(shot), True
    pooled = torch.nn.functional.normalize(head(batch, present), dim=1).detach().numpy()
    assert np.allclose(pooled, [mean_pool(shot) for shot in shots], atol=1e-6)
    assert not head(batch, torch.zeros_like(present)).any(), "a shot without frames is zeros"


def test_a_trained_temporal_head_tells_orders_apart_and_heeds_nothing_that_is_not_there():
    torch.manual_seed(0)
    head = TemporalHead(16)
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    shot = torch.from_numpy(frames(4))[None]
    there = torch.ones(1, 4, dtype=torch.bool)
    forwards, backwards = head(shot, there), head(shot.flip(1), there)
    assert (forwards - backwards).abs().max() > 1e-3, "the mean would be the same"
    longer = torch.cat([shot, torch.full((1, 3, 16), 7.0)], dim=1)
    padded = head(longer, torch.cat([there, torch.zeros(1, 3, dtype=torch.bool)], dim=1))
    assert torch.allclose(padded, forwards, atol=1e-5)


def test_a_temporal_head_learns_which_frames_matter():
    """Of two kinds of frames only one tells the class: the mean sees half of it, attention finds it."""
    torch.manual_seed(0)
    head = TemporalHead(8)
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-2)
    generator = torch.Generator().manual_seed(0)
    classes = torch.randint(0, 2, (64,), generator=generator)
    noise = torch.randn(64, 6, 8, generator=generator)
    noise[:, :, 0] = 0
    noise[torch.arange(64), torch.randint(0, 6, (64,), generator=generator)] = torch.nn.functional.one_hot(
        classes, 8
    ).float() * 3 + torch.eye(8)[7] * 3
    present = torch.ones(64, 6, dtype=torch.bool)
    targets = torch.nn.functional.one_hot(classes, 8).float()

    def loss() -> torch.Tensor:
        return (1 - torch.nn.functional.cosine_similarity(head(noise, present), targets)).mean()

    untrained = loss().item()
    for _ in range(60):
        optimiser.zero_grad()
        value = loss()
        value.backward()
        optimiser.step()
    assert loss().item() < 0.3 * untrained
