"""Which film frame each trailer frame shows: one line through the agreement of all frames of both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SPEEDS = tuple(float(speed) for speed in np.exp(np.linspace(np.log(0.4), np.log(2.5), 55)))
"""Film seconds a trailer second that are tried, forwards and backwards, besides 1 and a frozen frame."""
FLOOR = 0.4
"""Agreement below this is none: a frame that shows something else must not outweigh those that agree."""
LEAST_GAIN = 0.08
"""Another speed than the film's own must leave this share less disagreement."""
BACKWARDS_GAIN = 0.25
Tried = tuple[tuple[tuple[float, ...], float], ...]
TRIED: Tried = (
    (SPEEDS, LEAST_GAIN), ((0.0,), BACKWARDS_GAIN), ((-1.0,), BACKWARDS_GAIN),
    (tuple(-speed for speed in SPEEDS), BACKWARDS_GAIN),
)  # fmt: skip
MOST_FRAMES = 48


class TimeLine(NamedTuple):
    """Film place (a row of the agreement's columns) of the trailer's first frame, and rows a trailer frame; ``score``
    is the mean agreement along it, ``FLOOR`` to 1."""

    start: float
    step: float
    score: float

    def places(self, trailer: NDArray[np.float64]) -> NDArray[np.int64]:
        """The film places, rounded, of trailer frames counted from the first."""
        return np.asarray(np.rint(self.start + self.step * trailer), dtype=np.int64)


def fit_line(
    agreement: NDArray[np.float32],
    *,
    trailer: NDArray[np.float64],
    natural_step: float,
    tried: Tried = TRIED,
    least_step_frames: int = 8,
) -> TimeLine | None:
    """Find the line of the greatest mean agreement.

    ``agreement`` ``float32 (n, m)``, up to 1, of n trailer frames with m consecutive film frames; ``trailer``
    ``float64 (n,)``: the trailer frames counted from the first; ``natural_step``: film frames a trailer frame at the
    film's own speed, which is kept unless another of those ``tried`` agrees clearly better. None without frames.
    """
    count, places = agreement.shape
    if not count or not places:
        return None
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_FRAMES)).astype(np.int64))
    table, times = np.maximum(agreement[chosen], FLOOR), trailer[chosen]
    best = _best_start(table, times, step=natural_step)
    if times[-1] - times[0] < least_step_frames:
        return best
    for speeds, gain in tried:
        lines = [_best_start(table, times, step=natural_step * speed) for speed in speeds]
        found = max(lines, key=lambda each: each.score)
        if 1 - found.score < (1 - gain) * (1 - best.score):
            best = _polish(table, times, found)
    return best


def _polish(table: NDArray[np.float32], times: NDArray[np.float64], line: TimeLine) -> TimeLine:
    steps = line.step * np.linspace(0.98, 1.02, 9)
    return max((_best_start(table, times, step=float(step)) for step in steps), key=lambda each: each.score)


def _best_start(table: NDArray[np.float32], times: NDArray[np.float64], *, step: float) -> TimeLine:
    """The best place for the first frame at a step."""
    places = table.shape[1]
    offsets = np.rint(step * times).astype(np.int64)
    starts = np.arange(-int(offsets.max()), places - int(offsets.min()))
    at = starts[:, None] + offsets[None, :]
    inside = (at >= 0) & (at < places)
    values = table[np.arange(len(times))[None, :], np.clip(at, 0, places - 1)]
    scores = np.where(inside, values, FLOOR).mean(axis=1)
    best = int(np.argmax(scores))
    return TimeLine(float(starts[best]), step, float(scores[best]))
