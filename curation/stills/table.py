"""What a film's stills are ordered, clustered and counted by: one row a still, in arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

VECTOR_NAMES = ("scale", "composition", "light", "palette", "saliency", "characters", "place")
"""In what respects stills differ: shot scale, composition, brightness and contrast, palette, where the eye goes, who
is shown, and the place in the story."""

VECTOR_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "scale": 1.0,
        "composition": 1.0,
        "light": 1.0,
        "palette": 1.5,
        "saliency": 1.0,
        "characters": 1.5,
        "place": 1.0,
    }
)
"""What each vector weighs in the difference of two stills, unless an editor says otherwise."""


@dataclass(frozen=True, slots=True)
class StillTable:
    """Stills of one film in the order of their frames; every array has N rows.

    ``frames``, ``shots`` ``int64 (N,)``; ``film_frames`` ``int64 (N,)``: how many frames of the film each still stands
    for, those of its shot that are nearest to it. ``parts``: part of the score → ``float32 (N,)``, 0–1, NaN where it
    cannot be told; only parts that a still has whatever is ranked above it. ``maturity``: kind → probability
    ``float32 (N,)``, NaN where not known. ``vectors``: name of ``VECTOR_NAMES`` → ``float32 (N, D)``, scaled so that a
    Euclidean distance of 1 is a difference in every way. ``looks`` ``float32 (N, L)``: signatures as
    ``curation.stills.likeness`` scales them, whose distance tells near-identical frames. ``frame_count`` is the film's.
    ``known``: name of a vector → ``bool (N,)``, False where it is a stand-in for what nobody measured; vectors that are
    not named are known throughout. ``cast``: keys of the characters in the order of the columns of "characters", which
    has one column more, for frames without any of them.
    """

    frames: NDArray[np.int64]
    shots: NDArray[np.int64]
    film_frames: NDArray[np.int64]
    parts: Mapping[str, NDArray[np.float32]]
    maturity: Mapping[str, NDArray[np.float32]]
    vectors: Mapping[str, NDArray[np.float32]]
    looks: NDArray[np.float32]
    frame_count: int
    known: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    cast: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, rows: NDArray[np.int64] | Sequence[int]) -> "StillTable":
        """Return the table of some of the stills; what the others stood for is not passed on."""
        places = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            frames=self.frames[places],
            shots=self.shots[places],
            film_frames=self.film_frames[places],
            parts={name: values[places] for name, values in self.parts.items()},
            maturity={name: values[places] for name, values in self.maturity.items()},
            vectors={name: values[places] for name, values in self.vectors.items()},
            looks=self.looks[places],
            known={name: values[places] for name, values in self.known.items()},
        )

    def is_known(self, name: str) -> NDArray[np.bool_]:
        """Tell of which stills a vector was measured, ``bool (N,)``."""
        return self.known.get(name, np.ones(len(self), dtype=np.bool_))


def combine_vectors(table: StillTable, *, weights: Mapping[str, float] = VECTOR_WEIGHTS) -> NDArray[np.float32]:
    """Lay the named vectors side by side, ``float32 (N, D)``, so that Euclidean distance is the weighted difference.

    The squared distance of two rows is the mean of the squared distances of their vectors, each weighted; 1 is a
    difference in every way of everything that weighs. Vectors that weigh nothing are left out; with no weight at all
    the result has no columns. Raises ValueError for a weight that is negative or no number.
    """
    weighed = {name: float(weights.get(name, 0.0)) for name in table.vectors}
    if any(not np.isfinite(weight) or weight < 0 for weight in weighed.values()):
        raise ValueError("A weight of a vector is 0 or more.")
    whole = sum(weighed.values())
    blocks = [np.sqrt(weighed[name] / whole) * table.vectors[name] for name in table.vectors if weighed[name] > 0]
    return np.concatenate(blocks, axis=1, dtype=np.float32) if blocks else np.empty((len(table), 0), np.float32)
