"""Vectors of people made up with the spreads that an encoder's vectors were measured to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_encoders import RESNET, FaceEncoder

BETWEEN_UNIT, BETWEEN_FREEDOM = 1.28, 36
"""Distance of two strangers in even distances, and in how many directions people differ: 78 faces of 24 px and more
in photographs of strangers are 0.70 ± 0.09 apart where 0.55 is even."""

WITHIN_UNIT, WITHIN_TAIL = 0.69, 0.3
"""Root mean square distance of two faces of one person across shots, and the spread of the logarithm of how far single
faces lie from the person's mean: 0.38 where 0.55 is even, and of 1,762 pairs 83 % below the distance that 1 % of
strangers come within."""


class MadePeople(NamedTuple):
    """``vectors`` ``float32 (N, D)`` and who they are, ``int64 (N,)``."""

    vectors: NDArray[np.float32]
    person: NDArray[np.int64]


def make_people(
    counts: Sequence[int], *, seed: int, encoder: FaceEncoder = RESNET, within_unit: float = WITHIN_UNIT
) -> MadePeople:
    """Make as many vectors of each person as ``counts`` says, in mixed order."""
    rng = np.random.default_rng(seed)
    between, within = (unit * encoder.even_distance for unit in (BETWEEN_UNIT, within_unit))
    person = np.repeat(np.arange(len(counts)), counts)
    directions = np.linalg.qr(rng.normal(size=(encoder.dimensions, BETWEEN_FREEDOM)))[0].T
    spread = np.sqrt((between**2 - (WITHIN_UNIT * encoder.even_distance) ** 2) / 2 / BETWEEN_FREEDOM)
    middles = rng.normal(0, spread, (len(counts), BETWEEN_FREEDOM)) @ directions
    far = np.exp(rng.normal(0, WITHIN_TAIL, len(person)))
    far *= within / np.sqrt(2 * np.exp(2 * WITHIN_TAIL**2))
    noise = rng.normal(0, 1 / np.sqrt(encoder.dimensions), (len(person), encoder.dimensions))
    order = rng.permutation(len(person))
    vectors = (middles[person] + far[:, None] * noise).astype(np.float32)
    return MadePeople(vectors[order], person[order].astype(np.int64))
