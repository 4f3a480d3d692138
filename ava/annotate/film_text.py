"""Lettering of a whole film: what each line is for, once all of them are known."""

from collections.abc import Sequence

import numpy as np

from ava.annotate.area import Area
from ava.annotate.base import Detections
from ava.annotate.text import Text
from ava.annotate.text_kinds import FilmLines, classify_lines

_KIND, _TILT = (Text.columns.index(name) for name in ("kind", "tilt_deg"))


def settle_kinds(lines: Detections, *, area: Area, shot_starts: Sequence[int]) -> Detections:
    """Put what all lines of a film tell together in place of what each frame alone let guess.

    ``lines`` is the table of the detector "text" for the whole film, in film pixels; ``area`` is the film's picture
    without bars, ``shot_starts`` are the first frames of its shots, rising. Settling twice
    changes nothing.
    """
    kinds = classify_lines(
        FilmLines(
            frame_index=lines.frame_index,
            boxes=lines.values[:, :4] - np.array([area[0], area[1], area[0], area[1]], dtype=np.float32),
            tilt_deg=lines.values[:, _TILT],
            words=lines.words,
        ),
        size=(area[2] - area[0], area[3] - area[1]),
        shot_starts=np.array(shot_starts, dtype=np.int64),
    )
    values = lines.values.copy()
    values[:, _KIND] = kinds
    return lines._replace(values=values)
