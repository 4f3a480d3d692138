"""A training from nothing: first on planted errors alone, then in rounds with what it took for errors and was none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import NamedTuple

from ava.train.loop import StepReport, TrainSettings
from qc.defects.defect import RgbFrames
from qc.defects.lookalikes.lookalike import Lookalike
from qc.pixel.dataset import Mix
from qc.pixel.examples import Example
from qc.pixel.mining import THRESHOLD, mine_false_alarms
from qc.pixel.model_file import PixelModelFile
from qc.pixel.network import PixelNetwork
from qc.pixel.releasing import PROPOSAL_LEVELS
from qc.pixel.training import train_pixel

ROUND_STEPS_UNIT = 0.6
ROUND_RATE_UNIT = 0.6
MINED_SHARE = 0.4
"""Share of a round's windows that are false alarms of the network before it."""


class Stage(NamedTuple):
    """One of the trainings: its number from 0, settings, mix, and the mined examples it learns from."""

    number: int
    settings: TrainSettings
    mix: Mix
    examples: tuple[Example, ...] = ()


def plan_stage(number: int, *, settings: TrainSettings, mix: Mix, examples: Sequence[Example] = ()) -> Stage:
    """The first has the settings themselves; rounds are shorter, learn more slowly, and have seeds of their own."""
    if number == 0:
        return Stage(0, settings, mix)
    shorter = replace(
        settings,
        seed=settings.seed + number,
        steps=max(1, round(settings.steps * ROUND_STEPS_UNIT)),
        learning_rate=settings.learning_rate * ROUND_RATE_UNIT**number,
    )
    return Stage(number, shorter, replace(mix, reviewed_share=MINED_SHARE), tuple(examples))


def train_in_rounds(
    network: PixelNetwork,
    *,
    clips: Sequence[RgbFrames],
    more_clips: Callable[[int], Iterable[RgbFrames]],
    settings: TrainSettings,
    mix: Mix,
    rounds: int,
    has_learnt: bool = False,
    lookalikes: Sequence[Lookalike] = (),
    checkpoint_of: Callable[[int], bytes | None] = lambda stage: None,
    keep: Callable[[int, bytes], None] | None = None,
    checkpoint_every: int = 0,
    begin: Callable[[Stage], Callable[[StepReport], bool]] | None = None,
    device: str = "cpu",
) -> list[Stage]:
    """Train in place, and give what each stage was.

    ``has_learnt``: the network was trained before, so that rounds begin at once, if there are any.
    ``more_clips(round)`` gives clean clips in which false alarms are looked for beside ``clips``. ``checkpoint_of`` and
    ``keep`` are of a stage's number; a stage that is complete in its checkpoint is not done again. ``begin`` hears of
    each stage and gives what hears of its steps.
    """
    stages: list[Stage] = []
    examples: list[Example] = []
    for number in range(1 if has_learnt and rounds else 0, rounds + 1):
        if number:
            model = PixelModelFile(network.cpu(), 0.5, PROPOSAL_LEVELS, {}, "")
            examples += mine_false_alarms(chain(clips, more_clips(number)), model=model, threshold=THRESHOLD)
        stage = plan_stage(number, settings=settings, mix=mix, examples=examples)
        stages.append(stage)
        train_pixel(
            network,
            clips=clips,
            settings=stage.settings,
            mix=stage.mix,
            lookalikes=lookalikes,
            examples=stage.examples,
            checkpoint=checkpoint_of(number),
            on_step=begin(stage) if begin else None,
            checkpoint_every=checkpoint_every,
            keep=partial(keep, number) if keep else None,
            device=device,
            draws_ahead=True,
        )
    return stages
