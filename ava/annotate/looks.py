"""Which frames of a film are worth a costly look: several of every shot, and those that were asked for."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

FEWEST_LOOKS = 3
DENSE_UP_TO_S = 6.0
"""Up to this length a shot is looked at about once a second, what goes beyond it every two seconds."""
LEAST_UNIT_S = 20.0
"""Shots are inspected in runs of at least this length: enough work to be worth a worker's while."""


class Span(NamedTuple):
    """Frames ``start_frame``..``end_frame``, half-open."""

    start_frame: int
    end_frame: int


class InspectionPlan(NamedTuple):
    """A run of whole shots and the frames of them to look at, ascending."""

    span: Span
    looks: tuple[int, ...]


def choose_looks(shot: Span, *, fps: Fraction, every_frame: bool = False) -> list[int]:
    """Choose the frames of one shot to look at: evenly spread, never its first or last unless it is that short.

    At least three, one a second in the first six seconds and one every two in the rest; all of them with
    ``every_frame``, for machines whose GPU has the time.
    """
    length = shot.end_frame - shot.start_frame
    if every_frame:
        return list(range(shot.start_frame, shot.end_frame))
    seconds = float(length / fps)
    wanted = math.ceil(min(seconds, DENSE_UP_TO_S) + max(seconds - DENSE_UP_TO_S, 0) / 2)
    count = min(max(wanted, FEWEST_LOOKS), length)
    return sorted({shot.start_frame + int((step + 0.5) * length / count) for step in range(count)})


def plan_inspections(
    shots: Sequence[Span], *, fps: Fraction, asked: Iterable[int] = (), every_frame: bool = False
) -> list[InspectionPlan]:
    """Group a film's shots into runs of 20 s or more, each with the frames to look at.

    ``asked`` are frames to look at in any case, such as still candidates. Spans follow one another in the order
    of the film; frames outside every shot are left out.
    """
    extra = sorted(set(asked))
    plans: list[InspectionPlan] = []
    run: list[Span] = []
    for position, shot in enumerate(shots):
        run.append(shot)
        length_s = float((run[-1].end_frame - run[0].start_frame) / fps)
        if length_s >= LEAST_UNIT_S or position == len(shots) - 1:
            looks = {frame for each in run for frame in choose_looks(each, fps=fps, every_frame=every_frame)}
            span = Span(run[0].start_frame, run[-1].end_frame)
            looks |= {frame for frame in extra if span.start_frame <= frame < span.end_frame}
            plans.append(InspectionPlan(span, tuple(sorted(looks))))
            run = []
    return plans
