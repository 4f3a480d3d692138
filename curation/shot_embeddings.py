"""Vectors that tell what shots look like or show: whoever makes them registers here, and moments are ranked with them.

Vectors can be compared within one space alone; a space is called after the encoder that makes them.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ava.models import Video


class Embeddings(Protocol):
    """Keeps vectors of shots."""

    def serving_space(self) -> str:
        """The space that serves now; "" where none does."""

    def fingerprint(self, video: Video, *, space: str) -> str:
        """Changes whenever a vector of the film in this space does."""

    def vectors(self, video: Video, *, spans: Sequence[Sequence[int]], space: str) -> NDArray[np.float32] | None:
        """Vectors of length 1 of S shots, given by their half-open frames, float32 (S, D), a row of zeros for a shot
        that has none; None where no shot has one."""


_registered: list[Embeddings] = []


def register(embeddings: Embeddings) -> None:
    """Have these vectors used; called from `AppConfig.ready`."""
    _registered.append(embeddings)


def serving_space() -> str:
    """The space in which shots are compared now; "" where there is none."""
    return next((space for each in _registered if (space := each.serving_space())), "")


def fingerprint(video: Video, *, space: str) -> str:
    """Changes whenever a vector of the film in this space does; "" where there is none."""
    return " ".join(each.fingerprint(video, space=space) for each in _registered) if space else ""


def shot_vectors(video: Video, *, spans: Sequence[Sequence[int]], space: str) -> NDArray[np.float32] | None:
    """See ``Embeddings.vectors``; None also where nobody makes vectors."""
    for each in _registered if space else ():
        found = each.vectors(video, spans=spans, space=space)
        if found is not None:
            return found
    return None
