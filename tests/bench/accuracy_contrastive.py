"""What contrastive training on rendered pairs gives: recall on colours and shapes that were never shown together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ava.train.loop import TrainSettings
from search.train.pairs import PairArrays, Split, link_pairs, split_pairs
from search.train.rendered import render_pairs
from search.train.retrieval import Retrieval
from search.train.small_towers import SmallTowers, find_words, number_words
from search.train.training import ContrastiveSettings, measure_towers, train_towers
from tests.bench.figures import Figure

SECTION = "contrastive: training on rendered pairs"
PAIRS, STEPS = 1500, 400
SETTINGS = ContrastiveSettings(TrainSettings(steps=STEPS, warm_up_steps=20, learning_rate=3e-3, seed=0), batch=64)
TRUTH = "rendered"


def measure(data: Path | None) -> list[Figure]:
    """Before and after, with frames pooled by their mean and by the temporal head; ``data`` is not needed."""
    torch.set_num_threads(1)
    made = render_pairs(PAIRS, seed=0)
    split = split_pairs(made.pairs, by="film")
    words = find_words([made.pairs[number].text for number in split.learnt])
    linked = link_pairs(made.pairs)
    present = np.ones(made.shots.shape[:2], np.bool_)
    arrays = PairArrays(made.shots, present, number_words(linked.texts, words=words), linked.links)
    figures = [Figure(SECTION, "pairs held out", len(split.held_out), f"of {PAIRS}", TRUTH)]
    for name, is_temporal in (("mean pool", False), ("temporal head", True)):
        before, after = _train(arrays, split, words, is_temporal=is_temporal)
        figures += _figures(f"{name}, before", before) + _figures(f"{name}, after", after)
    return figures


def _train(
    arrays: PairArrays, split: Split, words: tuple[str, ...], *, is_temporal: bool
) -> tuple[Retrieval, Retrieval]:
    torch.manual_seed(0)
    towers = SmallTowers(words=words, is_temporal=is_temporal)
    before = measure_towers(towers, arrays=arrays, pairs=split.held_out)
    train_towers(towers, arrays=arrays, learnt=split.learnt, settings=SETTINGS)
    return before, measure_towers(towers, arrays=arrays, pairs=split.held_out)


def _figures(name: str, found: Retrieval) -> list[Figure]:
    shots, texts = found
    values = (
        ("shots by texts R@1", shots.r1, "share"), ("shots by texts R@5", shots.r5, "share"),
        ("shots by texts R@10", shots.r10, "share"), ("shots by texts median rank", shots.median_rank, "rank"),
        ("texts by shots R@5", texts.r5, "share"),
    )  # fmt: skip
    return [Figure(SECTION, f"{name}: {what}", value, unit, TRUTH) for what, value, unit in values]
