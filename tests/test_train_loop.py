"""The training loop: what it learns, how it goes on, and how it ends."""

import io
from pathlib import Path

import pytest
import torch
from torch import nn

from ava.train.checkpoint import UnfitCheckpoint, pack_checkpoint, unpack_checkpoint
from ava.train.loop import Diverged, StepReport, TrainSettings, train
from ava.train.schedule import learning_rate_at

Pair = tuple[torch.Tensor, torch.Tensor]
SETTINGS = TrainSettings(steps=12, learning_rate=0.05, warm_up_steps=3, seed=4)


def make_network(seed: int = 0) -> nn.Module:
    """Dropout, so that torch's generator matters; batch norm, so that buffers do."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))


def batch_of(step: int) -> Pair:
    values = torch.randn(16, 3, generator=torch.Generator().manual_seed(step))
    return values, values.sum(1, keepdim=True)


def squared(module: nn.Module, batch: Pair) -> torch.Tensor:
    return ((module(batch[0]) - batch[1]) ** 2).mean()


def test_resumed_training_equals_an_uninterrupted_one_to_the_last_bit() -> None:
    alone, kept_alone = make_network(), list[bytes]()
    whole = train(alone, loss_of=squared, batch_of=batch_of, settings=SETTINGS, keep=kept_alone.append)
    killed, kept = make_network(), list[bytes]()
    stopped = train(
        killed, loss_of=squared, batch_of=batch_of, settings=SETTINGS, checkpoint_every=5, keep=kept.append,
        on_step=lambda report: report.step < 7,
    )  # fmt: skip
    assert (stopped.steps_done, stopped.is_complete) == (7, False)
    for checkpoint in kept:  # after 5 steps, and where it was stopped
        torch.rand(3)  # somebody else uses torch's generator meanwhile
        resumed, last = make_network(seed=9), list[bytes]()
        result = train(
            resumed, loss_of=squared, batch_of=batch_of, settings=SETTINGS, checkpoint=checkpoint, keep=last.append
        )
        assert result == whole
        for one, other in zip(alone.state_dict().values(), resumed.state_dict().values(), strict=True):
            assert torch.equal(one, other)
        ends = [unpack_checkpoint(packed) for packed in (kept_alone[-1], last[-1])]
        assert torch.equal(ends[0].random_state, ends[1].random_state)
        moments = [end.optimiser["state"][0]["exp_avg_sq"] for end in ends]
        assert torch.equal(moments[0], moments[1])


def test_training_learns_and_leaves_the_generator_of_others_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    network = nn.Linear(3, 1)
    torch.manual_seed(1)
    reports: list[StepReport] = []

    def note(report: StepReport) -> bool:
        reports.append(report)
        return True

    settings = TrainSettings(steps=150, learning_rate=0.1, warm_up_steps=5)
    result = train(network, loss_of=squared, batch_of=batch_of, settings=settings, on_step=note)
    assert result.losses[-1] < 0.01 * result.losses[0]
    assert result.losses == tuple(report.loss for report in reports)
    assert torch.equal(torch.rand(1), expected)
    assert not network.training


def test_rate_rises_to_its_peak_and_falls_to_its_end() -> None:
    rates = [learning_rate_at(step, steps=100, peak=2.0, warm_up_steps=10, final_share=0.1) for step in range(100)]
    assert rates[:11] == sorted(rates[:11]) and rates[10] == 2.0
    assert rates[10:] == sorted(rates[10:], reverse=True) and 0.2 <= rates[-1] < 0.21
    assert learning_rate_at(0, steps=1, peak=1.0) == 1.0
    assert learning_rate_at(5, steps=3, peak=1.0, warm_up_steps=3) > 0


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_divergence_ends_with_a_sentence_that_names_the_step(poison: float) -> None:
    def batch(step: int) -> Pair:
        values, sums = batch_of(step)
        return values, sums * (poison if step == 4 else 1)

    with pytest.raises(Diverged, match=r"diverged at step 5.*lower than"):
        train(make_network(), loss_of=squared, batch_of=batch, settings=SETTINGS)


def test_gradient_that_is_no_number_is_divergence() -> None:
    def root_of_nothing(module: nn.Module, batch: Pair) -> torch.Tensor:
        return torch.sqrt(module(batch[0]).abs().sum() * 0)

    with pytest.raises(Diverged, match="gradient"):
        train(nn.Linear(3, 1), loss_of=root_of_nothing, batch_of=batch_of, settings=SETTINGS)


def checkpoint_of(module: nn.Module, settings: TrainSettings = SETTINGS) -> bytes:
    kept: list[bytes] = []
    train(module, loss_of=squared, batch_of=batch_of, settings=settings, keep=kept.append)
    return kept[-1]


def test_checkpoint_of_other_settings_or_another_network_is_refused() -> None:
    other = TrainSettings(steps=13, learning_rate=0.05, warm_up_steps=3, seed=5)
    with pytest.raises(UnfitCheckpoint, match=r"other settings .steps, seed."):
        train(make_network(), loss_of=squared, batch_of=batch_of, settings=SETTINGS,
              checkpoint=checkpoint_of(make_network(), other))  # fmt: skip
    with pytest.raises(UnfitCheckpoint, match="another network"):
        train(make_network(), loss_of=squared, batch_of=batch_of, settings=SETTINGS,
              checkpoint=checkpoint_of(nn.Linear(3, 1)))  # fmt: skip


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


def test_hostile_and_damaged_checkpoints_are_refused_and_never_run(tmp_path: Path) -> None:
    trap, buffer = tmp_path / "sprung", io.BytesIO()
    torch.save({"schema": 1, "weights": Trap(trap)}, buffer)
    whole = checkpoint_of(nn.Linear(3, 1))
    lying = pack_checkpoint(unpack_checkpoint(whole)._replace(steps_done=3))
    for packed in (buffer.getvalue(), b"", b"PK\x03\x04", whole[: len(whole) // 2], bytes(400), lying):
        with pytest.raises(UnfitCheckpoint):
            unpack_checkpoint(packed)
    assert not trap.exists()


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 1, "learning_rate": float("nan")},
                                   {"steps": 1, "warm_up_steps": -1}])  # fmt: skip
def test_settings_that_make_no_training_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"step|rate"):
        TrainSettings(**wrong)  # type: ignore[arg-type]
