"""The contrastive loss and the measure of retrieval, against slow obvious ones."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ava.train.loop import TrainSettings
from search.train.loss import FIRST_LOG_SCALE, contrastive_loss, find_no_negatives
from search.train.pairs import PairArrays
from search.train.retrieval import measure_retrieval
from search.train.towers import HeadTowers
from search.train.training import Alone, ContrastiveSettings, train_towers


def unit(rows: NDArray[np.float64] | list[list[float]]) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.tensor(np.asarray(rows, np.float32)), dim=1)


def distinct(count: int) -> torch.Tensor:
    numbers = torch.arange(count)
    return find_no_negatives(torch.stack([numbers, numbers], dim=1))


def slow_loss(shots: torch.Tensor, texts: torch.Tensor, *, scale: float, wrong: NDArray[np.bool_]) -> float:
    """Pair by pair, as the definition reads; ``wrong``: which are negatives of each other."""
    total = 0.0
    for similarity, negatives in ((shots @ texts.T, wrong), (texts @ shots.T, wrong.T)):
        for row in range(len(similarity)):
            right = math.exp(scale * float(similarity[row, row]))
            others = sum(math.exp(scale * float(each)) for each in similarity[row][torch.from_numpy(negatives[row])])
            total -= math.log(right / (right + others))
    return total / (2 * len(shots))


def test_loss_is_the_symmetric_cross_entropy_of_all_pairs() -> None:
    rng = np.random.default_rng(1)
    shots, texts = unit(rng.normal(size=(5, 8))), unit(rng.normal(size=(5, 8)))
    loss = contrastive_loss(shots, texts, log_scale=torch.tensor(FIRST_LOG_SCALE), no_negative=distinct(5))
    assert float(loss) == pytest.approx(slow_loss(shots, texts, scale=1 / 0.07, wrong=~np.eye(5, dtype=bool)), rel=1e-4)


def test_the_same_text_twice_in_a_batch_is_no_negative_of_itself() -> None:
    rng = np.random.default_rng(2)
    shots, texts = unit(rng.normal(size=(3, 8))), unit(rng.normal(size=(3, 8)))
    texts[2] = texts[0]
    no_negative = find_no_negatives(torch.tensor([[0, 7], [1, 8], [2, 7]]))
    assert no_negative.tolist() == [[True, False, True], [False, True, False], [True, False, True]]
    loss = contrastive_loss(shots, texts, log_scale=torch.tensor(0.5), no_negative=no_negative)
    expected = slow_loss(shots, texts, scale=math.exp(0.5), wrong=~no_negative.numpy())
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    assert find_no_negatives(torch.tensor([[0, 1], [0, 2]])).all()  # two texts of one shot


def test_perfect_pairs_cost_next_to_nothing_and_the_temperature_is_held() -> None:
    same = torch.eye(4)
    assert float(contrastive_loss(same, same, log_scale=torch.tensor(4.0), no_negative=distinct(4))) < 1e-6
    held, beyond = (
        contrastive_loss(same, same.flip(0), log_scale=torch.tensor(value), no_negative=distinct(4))
        for value in (math.log(100.0), 50.0)
    )
    assert float(held) == pytest.approx(float(beyond)) == pytest.approx(100.0)


class OneOfTwo(Alone):
    """A worker of two whose other half is computed here as well, and carries no gradients."""

    workers = 2

    def __init__(self, rank: int, whole: torch.Tensor) -> None:
        self.rank, self.whole = rank, whole

    def gather(self, vectors: torch.Tensor, *, rows: int) -> torch.Tensor:
        half = len(self.whole) // 2
        parts = [self.whole[:half], self.whole[half:]]
        parts[self.rank] = vectors
        return torch.cat(parts)


def test_gradients_of_workers_add_up_to_those_of_the_whole_batch() -> None:
    rng = np.random.default_rng(3)
    frames, words = (torch.tensor(rng.normal(size=(6, 1, 8)), dtype=torch.float32) for _ in range(2))
    present, no_negative = torch.ones((6, 1), dtype=torch.bool), distinct(6)
    towers = HeadTowers(dimension=8, is_temporal=False)

    def encode(rows: slice) -> tuple[torch.Tensor, torch.Tensor]:
        return towers.encode_shots(frames[rows], present[rows]), towers.encode_texts(words[rows, 0])

    def gradients(shots: torch.Tensor, texts: torch.Tensor) -> list[torch.Tensor]:
        loss = contrastive_loss(shots, texts, log_scale=towers.log_scale, no_negative=no_negative)
        return list(torch.autograd.grad(loss, list(towers.parameters())))

    whole = gradients(*encode(slice(0, 6)))
    shots, texts = (each.detach() for each in encode(slice(0, 6)))
    halves = []
    for rank in (0, 1):
        own = encode(slice(3 * rank, 3 * rank + 3))
        met = (OneOfTwo(rank, all_).gather(each, rows=6) for all_, each in zip((shots, texts), own, strict=True))
        halves.append(gradients(*met))
    for parameter, expected, one, other in zip(towers.parameters(), whole, *halves, strict=True):
        added = (one + other) / (2 if parameter is towers.log_scale else 1)
        assert torch.allclose(added, expected, atol=1e-5)


def slow_ranks(shots: NDArray[np.float64], texts: NDArray[np.float64], links: list[tuple[int, int]]) -> list[int]:
    ranks = []
    for text in sorted({text for _, text in links}):
        right = {shot for shot, other in links if other == text}
        best = max(float(shots[shot] @ texts[text]) for shot in right)
        wrong = {shot for shot, _ in links} - right
        ranks.append(1 + sum(float(shots[shot] @ texts[text]) >= best - 1e-6 for shot in wrong))
    return ranks


def test_recall_equals_counting_one_by_one_with_several_right_shots() -> None:
    rng = np.random.default_rng(4)
    shots, texts = rng.normal(size=(40, 6)), rng.normal(size=(30, 6))
    links = [(shot, int(rng.integers(30))) for shot in range(40)]
    found = measure_retrieval(shots, texts, np.array(links)).text_to_shot
    ranks = np.array(slow_ranks(shots, texts, links))
    assert (found.r1, found.r5, found.r10) == tuple(float((ranks <= most).mean()) for most in (1, 5, 10))
    assert (found.median_rank, found.queries, found.candidates) == (np.median(ranks), len(ranks), 40)


def test_encoder_that_takes_all_for_the_same_finds_nothing() -> None:
    same, links = np.ones((20, 4)), np.stack([np.arange(20)] * 2, axis=1)
    found = measure_retrieval(same, same, links)
    assert (found.text_to_shot.r10, found.text_to_shot.median_rank, found.shot_to_text.r1) == (0.0, 20.0, 0.0)


def test_other_shots_stand_in_the_way_of_texts_alone() -> None:
    vectors, links = np.eye(3), np.stack([np.arange(3)] * 2, axis=1)
    alone = measure_retrieval(vectors, vectors, links)
    among = measure_retrieval(vectors, vectors, links, others=np.eye(3)[:1])
    assert (alone.text_to_shot.r1, alone.text_to_shot.candidates) == (1.0, 3)
    assert among.text_to_shot.r1 == pytest.approx(2 / 3) and among.text_to_shot.candidates == 4
    assert among.shot_to_text == alone.shot_to_text


def test_nothing_and_no_numbers_are_measured_without_an_error() -> None:
    nothing = measure_retrieval(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2), np.int64))
    assert nothing.text_to_shot.queries == 0 and nothing.text_to_shot.r5 == 0.0
    broken = np.eye(3)
    broken[0] = np.nan
    found = measure_retrieval(broken, np.eye(3), np.stack([np.arange(3)] * 2, axis=1))
    assert found.text_to_shot.r1 == pytest.approx(2 / 3)


def test_pairs_that_are_too_few_are_refused() -> None:
    arrays = PairArrays(np.ones((1, 1, 4), np.float32), np.ones((1, 1), bool), np.ones((1, 4), np.float32),
                        np.zeros((1, 2), np.int64))  # fmt: skip
    towers = HeadTowers(dimension=4, is_temporal=False)
    with pytest.raises(ValueError, match="There are 1 pairs"):
        train_towers(towers, arrays=arrays, learnt=np.array([0]), settings=ContrastiveSettings(TrainSettings(steps=1)))
    with pytest.raises(ValueError, match="two pairs"):
        ContrastiveSettings(TrainSettings(steps=1), batch=1)
