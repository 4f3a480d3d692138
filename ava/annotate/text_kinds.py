"""What a line is for: subtitle, caption, title, credits, or a sign in the scene."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

LEAST_CREDIT_LINES = 4
LEAST_TITLE_HEIGHT_UNIT = 0.055
SUBTITLE_TOP_UNIT = 0.72
CAPTION_TOP_UNIT = 0.6
CENTRED_UNIT = 0.06
LEVEL_DEG = 3.0


class TextKind(IntEnum):
    """Codes of the ``kind`` column."""

    SCENE = 0
    SUBTITLE = 1
    CAPTION = 2
    TITLE = 3
    CREDITS = 4


def guess_kinds(
    boxes: NDArray[np.float32], *, tilt_deg: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.int64]:
    """Guess what each line of one frame is for, from its place alone: ``int64 (N,)`` of ``TextKind``.

    ``boxes`` are ``float32 (N, 4)`` x0, y0, x1, y1 in pixels of a picture of ``size`` (width, height), ``tilt_deg``
    ``(N,)``. What stands askew is in the scene; many level lines are credits; low and centred is a subtitle, low and
    aside a caption; large and centred a title.
    """
    unit = boxes / np.array([*size, *size], dtype=np.float32)
    height, centre = unit[:, 3] - unit[:, 1], (unit[:, 0] + unit[:, 2]) / 2
    level = np.abs(tilt_deg) <= LEVEL_DEG
    centred = np.abs(centre - 0.5) <= CENTRED_UNIT
    kinds = np.full(len(boxes), TextKind.SCENE, dtype=np.int64)
    kinds[level & (unit[:, 1] >= CAPTION_TOP_UNIT) & ~centred] = TextKind.CAPTION
    kinds[level & centred & (height >= LEAST_TITLE_HEIGHT_UNIT)] = TextKind.TITLE
    kinds[level & centred & (unit[:, 1] >= SUBTITLE_TOP_UNIT)] = TextKind.SUBTITLE
    if np.count_nonzero(level & (unit[:, 1] < SUBTITLE_TOP_UNIT)) >= LEAST_CREDIT_LINES:
        kinds[level] = TextKind.CREDITS
    return kinds
