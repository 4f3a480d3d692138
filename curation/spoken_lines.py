"""When something is said in a film, by the lines that whoever keeps them registers here."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ava.media.subtitles import Cue
from ava.models import Video
from curation.people.dialogue import spans_of_cues

ReadLines = Callable[[Video], list[tuple[int, int, str]]]
"""First frame, end frame and text of each line of a film, by time."""

_registered: list[ReadLines] = []


def register(read: ReadLines) -> None:
    """Have these lines used; called from `AppConfig.ready`."""
    _registered.append(read)


def lines_of(video: Video) -> list[tuple[int, int, str]]:
    """First frame, end frame and text of each line that is known of a film, by time."""
    return sorted(line for read in _registered for line in read(video))


def spoken_spans(
    lines: list[tuple[int, int, str]], *, frame_times_s: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Seconds in which something is said, float64 (L, 2); None where the lines do not tell, see ``spans_of_cues``."""
    last = len(frame_times_s) - 1
    cues = [
        Cue(float(frame_times_s[min(start, last)]), float(frame_times_s[min(end, last)]), text)
        for start, end, text in lines
    ]
    return spans_of_cues(cues, duration_s=float(frame_times_s[-1] - frame_times_s[0]))
