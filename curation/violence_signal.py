"""How probably frames show violence or gore: whoever can tell registers, since curation has no vectors of its own."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ava.models import Video
from curation.stills.maturity import HOW_TO_ENABLE

NOT_TAUGHT = HOW_TO_ENABLE["violence"]


class ViolenceSignal(Protocol):
    """What can tell of frames how probably they show violence."""

    def tell(self, video: Video, frames: NDArray[np.int64]) -> NDArray[np.float64] | str:
        """Probabilities float64 (N,) of frames int64 (N,), 0–1 and NaN where not known; or why none can be told."""

    def stamp(self, video: Video) -> str:
        """A word that changes whenever `tell` may tell something else of this film; quick to have."""


_registered: list[ViolenceSignal] = []


def register(signal: ViolenceSignal) -> None:
    """Have violence told by this signal; called from `AppConfig.ready`."""
    _registered[:] = [signal]


def tell_violence(video: Video, frames: NDArray[np.int64]) -> NDArray[np.float64] | str:
    """Probabilities float64 (N,) of frames, NaN where not known, or a sentence that says why there are none."""
    return _registered[0].tell(video, frames) if _registered else NOT_TAUGHT


def violence_stamp(video: Video) -> str:
    """A word that changes whenever something else may be told of this film; empty where nothing can be told."""
    return _registered[0].stamp(video) if _registered else ""
