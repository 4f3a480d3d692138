"""What a line is for: subtitle, caption, title, credits, or a sign in the scene."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_CREDIT_LINES = 4
LEAST_TITLE_HEIGHT_UNIT = 0.055
SUBTITLE_TOP_UNIT = 0.72
CAPTION_TOP_UNIT = 0.6
CENTRED_UNIT = 0.06
EXACTLY_CENTRED_UNIT = 0.012
"""Cards are set on the middle of the picture; signs lie there by chance."""

ALIGNED_UNIT = 0.012
LEVEL_DEG = 3.0

STILL_UNIT = 0.012
"""Burned-in lines stay where they are to within this part of the picture, detection's own unrest included."""

LEAST_SUBTITLE_TEXTS = 3
"""So many different words on one base line make it the film's line of subtitles."""

LEAST_ROLLING_LINES = 2


class TextKind(IntEnum):
    """Codes of the ``kind`` column."""

    SCENE = 0
    SUBTITLE = 1
    CAPTION = 2
    TITLE = 3
    CREDITS = 4


class FilmLines(NamedTuple):
    """All lines found in a film: ``frame_index`` ``int64 (N,)``, ``boxes`` ``float32 (N, 4)`` x0, y0, x1, y1 in pixels,
    ``tilt_deg`` ``float32 (N,)`` and the ``words`` of each."""

    frame_index: NDArray[np.int64]
    boxes: NDArray[np.float32]
    tilt_deg: NDArray[np.float32]
    words: tuple[str, ...]


def guess_kinds(
    boxes: NDArray[np.float32], *, tilt_deg: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.int64]:
    """Guess what each line of one frame is for, from its place alone: ``int64 (N,)`` of ``TextKind``.

    ``boxes`` are ``float32 (N, 4)`` x0, y0, x1, y1 in pixels of a picture of ``size`` (width, height), ``tilt_deg``
    ``(N,)``. What stands askew is in the scene; many level lines are credits; low and centred is a subtitle, low and
    aside a caption, and so is what starts where a caption does; centred and large, or exactly centred, a title.
    """
    unit = boxes / np.array([*size, *size], dtype=np.float32)
    height, centre = unit[:, 3] - unit[:, 1], (unit[:, 0] + unit[:, 2]) / 2
    level = np.abs(tilt_deg) <= LEVEL_DEG
    centred = np.abs(centre - 0.5) <= CENTRED_UNIT
    kinds = np.full(len(boxes), TextKind.SCENE, dtype=np.int64)
    kinds[level & (unit[:, 1] >= CAPTION_TOP_UNIT) & ~centred] = TextKind.CAPTION
    titled = (height >= LEAST_TITLE_HEIGHT_UNIT) | (np.abs(centre - 0.5) <= EXACTLY_CENTRED_UNIT)
    kinds[level & centred & titled] = TextKind.TITLE
    kinds[level & centred & (unit[:, 1] >= SUBTITLE_TOP_UNIT)] = TextKind.SUBTITLE
    starts = unit[kinds == TextKind.CAPTION, 0]
    beside = (np.abs(unit[:, :1] - starts[None, :]) <= ALIGNED_UNIT).any(axis=1)
    kinds[beside & (kinds == TextKind.SUBTITLE)] = TextKind.CAPTION
    if np.count_nonzero(level & (unit[:, 1] < SUBTITLE_TOP_UNIT)) >= LEAST_CREDIT_LINES:
        kinds[level] = TextKind.CREDITS
    return kinds


def classify_lines(lines: FilmLines, *, size: tuple[int, int], shot_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Tell what each line of a film is for, from all of them together: ``int64 (N,)`` of ``TextKind``.

    ``size`` (width, height) is the film's, ``shot_starts`` ``int64 (S,)`` the first frames of its shots, rising. A
    frame's own guess stands unless time says otherwise: words that move within a shot are in the scene, or credits
    when several rise straight; words that stay in one place over a cut are burned in; low centred lines are
    subtitles when many different words share one base line.
    """
    kinds = np.empty(len(lines.words), dtype=np.int64)
    for frame in np.unique(lines.frame_index):
        own = lines.frame_index == frame
        kinds[own] = guess_kinds(lines.boxes[own], tilt_deg=lines.tilt_deg[own], size=size)
    unit = lines.boxes.astype(np.float64) / np.array([*size, *size])
    shots = np.searchsorted(shot_starts, lines.frame_index, side="right")
    rolling: dict[int, list[NDArray[np.int64]]] = {}
    for same in _group_by_words(lines.words):
        for shot in np.unique(shots[same]):
            within = same[shots[same] == shot]
            motion = _motion(unit[within], lines.frame_index[within])
            if motion == "rises":
                rolling.setdefault(int(shot), []).append(within)
            elif motion == "moves":
                kinds[within] = TextKind.SCENE
        if len(np.unique(shots[same])) > 1 and _motion(unit[same], lines.frame_index[same]) == "stays":
            kinds[same[kinds[same] == TextKind.SCENE]] = TextKind.CAPTION
    for groups in rolling.values():
        rises = TextKind.CREDITS if len(groups) >= LEAST_ROLLING_LINES else TextKind.SCENE
        kinds[np.concatenate(groups)] = rises
    kinds[_on_subtitle_line(lines, unit, kinds)] = TextKind.SUBTITLE
    return kinds


def kinds_of_shots(
    kinds: NDArray[np.int64], *, frame_index: NDArray[np.int64], shot_starts: NDArray[np.int64]
) -> list[frozenset[TextKind]]:
    """Which kinds of lettering each shot shows; a frame is asked in the same way with every frame as a shot."""
    shots = np.searchsorted(shot_starts, frame_index, side="right") - 1
    return [frozenset(TextKind(kind) for kind in kinds[shots == shot]) for shot in range(len(shot_starts))]


def _group_by_words(words: tuple[str, ...]) -> list[NDArray[np.int64]]:
    """Numbers of the lines that say the same, case and spaces aside."""
    groups: dict[str, list[int]] = {}
    for number, each in enumerate(words):
        groups.setdefault("".join(each.casefold().split()), []).append(number)
    return [np.array(numbers, dtype=np.int64) for numbers in groups.values()]


def _motion(unit: NDArray[np.float64], frame_index: NDArray[np.int64]) -> str:
    """How words go about the picture: "once", "stays", "rises" (straight up, at one size) or "moves"."""
    frames, first = np.unique(frame_index, return_index=True)
    # Words that stand twice in a frame cannot be followed.
    if len(frames) < 2 or len(frames) < len(frame_index):
        return "once"
    centres = (unit[first, :2] + unit[first, 2:]) / 2
    sides = unit[first, 2:] - unit[first, :2]
    spread, growth = np.ptp(centres, axis=0), np.ptp(sides, axis=0)
    if spread.max() <= STILL_UNIT:  # titles may grow on the spot; signs that come nearer drift
        return "stays"
    if growth.max() > 2 * STILL_UNIT:
        return "moves"
    upwards = bool((np.diff(centres[:, 1]) < 0).all())
    return "rises" if upwards and spread[0] <= STILL_UNIT else "moves"


def _on_subtitle_line(
    lines: FilmLines, unit: NDArray[np.float64], kinds: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Numbers of the low, level, centred lines whose base line many different words share."""
    low = (unit[:, 1] >= CAPTION_TOP_UNIT) & (np.abs(lines.tilt_deg) <= LEVEL_DEG) & (kinds != TextKind.CREDITS)
    low &= np.abs((unit[:, 0] + unit[:, 2]) / 2 - 0.5) <= CENTRED_UNIT
    numbers = np.flatnonzero(low)
    chosen = [
        number
        for number in numbers
        if len({lines.words[other] for other in numbers if abs(unit[other, 3] - unit[number, 3]) <= STILL_UNIT})
        >= LEAST_SUBTITLE_TEXTS
    ]
    return np.array(chosen, dtype=np.int64)
