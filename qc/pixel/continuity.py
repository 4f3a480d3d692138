"""How stored pictures follow each other: cuts, flashes, exact repeats, and the five that one is judged by."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Planes
from qc.pixel.found import HALO_FRAMES

REACH_FRAMES = 5
"""How far from a picture its neighbours are looked for, past repeats."""
_STEPS_AROUND = 3
CONTEXT_FRAMES = REACH_FRAMES + _STEPS_AROUND
"""Pictures before and after one that decide what it is judged by."""
MOST_REPEATS = 3
"""Three at most come of pulldown (15 to 60 frames a second): what stays longer is a still."""

_THUMBNAIL = (32, 18)
_SAME_LEVELS = 2
_CODING_LEVELS = 12
_CODING_SHARE = 0.25
_CUT_LEVELS = 10.0
_CUT_FACTOR = 2.5
_FLASH_LEVELS = 6.0


class Step(NamedTuple):
    """From the picture before to this one: largest and mean difference of luma (largest: of chroma, too) in levels,
    and the mean difference of thumbnails, blind to grain and to small movements."""

    largest: float
    mean: float
    jump: float


class Window(NamedTuple):
    """Positions of the five pictures that one is judged by, and how many exact repeats of it follow."""

    places: tuple[int, int, int, int, int]
    repeats: int


def draw_thumbnail(planes: Planes) -> NDArray[np.uint8]:
    """Luma averaged to 32 x 18."""
    return np.asarray(cv2.resize(planes.y, _THUMBNAIL, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def measure_step(
    before: Planes, here: Planes, *, thumbnails: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> Step:
    """Compare a picture with the one before; of another size it is a cut."""
    if before.y.shape != here.y.shape or before.cb.shape != here.cb.shape:
        return Step(255.0, 255.0, 255.0)
    luma = cv2.absdiff(before.y, here.y)
    chroma = (cv2.norm(*pair, cv2.NORM_INF) for pair in zip(before[1:], here[1:], strict=True))
    largest = max(cv2.minMaxLoc(luma)[1], *chroma)
    jump = float(cv2.mean(cv2.absdiff(*thumbnails))[0])
    return Step(float(largest), float(cv2.mean(luma)[0]), jump)


def is_cut(steps: Sequence[Step | None], at: int) -> bool:
    """Whether picture ``at`` begins anew, after a cut or within a flash: it changes as a whole, and far more than
    its neighbours do (two may: a flash begins and ends). ``steps[i]`` leads to picture i; the first has none."""
    step = steps[at]
    if step is None or step.jump >= 255.0:
        return True
    if step.jump <= _CUT_LEVELS:
        return False
    others = sorted((other.jump for other in _around(steps, at)), reverse=True)
    return step.jump > _CUT_FACTOR * (others[min(2, len(others) - 1)] if others else 0.0)


def is_repeat(steps: Sequence[Step | None], at: int) -> bool:
    """Whether picture ``at`` shows the one before again: without a difference, or with no more than coding leaves
    while the pictures before and after it do change (pulldown after compression)."""
    step = steps[at]
    if step is None:
        return False
    if step.largest <= _SAME_LEVELS:
        return True
    if step.largest > _CODING_LEVELS:
        return False
    before = [other.mean for other in steps[max(at - _STEPS_AROUND, 0) : at] if other]
    after = [other.mean for other in steps[at + 1 : at + 1 + _STEPS_AROUND] if other]
    return step.mean < _CODING_SHARE * min(max(before, default=0.0), max(after, default=0.0))


def choose_window(steps: Sequence[Step | None], at: int) -> Window | None:
    """What picture ``at`` is judged by: the two nearest distinct ones of its shot on each side.

    On a side with only one it stands in twice; on one without any, those of the other side are mirrored.
    None where a picture is not judged: a repeat of the one before, a still that stays longer than pulldown makes it,
    or the only distinct one of its shot.
    """
    if is_repeat(steps, at) and not is_cut(steps, at):
        return None
    repeats = _run_length(steps, at)
    if repeats > MOST_REPEATS:
        return None
    before, after = _distinct_before(steps, at), _distinct_after(steps, at, last=at + repeats)
    if not before and not after:
        return None
    before, after = before or after, after or before
    places = (before[-1], before[0], at, after[0], after[-1])
    return Window(places, repeats)


def is_flash(thumbnails: Sequence[NDArray[np.uint8]], window: Window) -> bool:
    """Whether the middle picture is brighter as a whole than both its neighbours, so that nothing stands out in it."""
    before, here, after = (thumbnails[place].astype(np.int16) for place in window.places[1:4])
    return float(np.median(here - np.maximum(before, after))) > _FLASH_LEVELS


def _around(steps: Sequence[Step | None], at: int) -> list[Step]:
    near = range(max(at - _STEPS_AROUND, 0), min(at + _STEPS_AROUND + 1, len(steps)))
    return [step for place in near if place != at and (step := steps[place]) is not None]


def _run_length(steps: Sequence[Step | None], at: int) -> int:
    """How many repeats of picture ``at`` follow, counted up to one more than pulldown makes."""
    count = 0
    while count <= MOST_REPEATS and at + count + 1 < len(steps) and is_repeat(steps, at + count + 1):
        count += 1
    return count


def _distinct_before(steps: Sequence[Step | None], at: int) -> list[int]:
    """The two nearest distinct pictures before ``at`` in its shot, nearest first."""
    found: list[int] = []
    for place in range(at, max(at - REACH_FRAMES, 0), -1):
        if is_cut(steps, place):
            break
        if not is_repeat(steps, place):
            found.append(place - 1)
        if len(found) == HALO_FRAMES:
            break
    return found


def _distinct_after(steps: Sequence[Step | None], at: int, *, last: int) -> list[int]:
    """The two nearest distinct pictures after ``last``, the last repeat of the judged one, nearest first."""
    found: list[int] = []
    for place in range(last + 1, min(at + REACH_FRAMES + 1, len(steps))):
        if is_cut(steps, place):
            break
        if not is_repeat(steps, place):
            found.append(place)
        if len(found) == HALO_FRAMES:
            break
    return found
