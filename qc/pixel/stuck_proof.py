"""What proves that a place of the sensor does not answer to light, given the looks of a span that show it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qc.pixel.stuck_evidence import Hits

CHANGED_LEVELS = 6
"""By how much the light around a place must differ from when it last counted, for a look to count anew."""
LEAST_SHARPNESS = 0.7
"""How far it stands out at two pixels' distance, in parts of that at three: an optical image has no such impulse."""
STEADY_LEVELS = 4.0
"""Standard deviation of its own level, up to which it counts as constant."""
MOST_UNPROVEN_CONFIDENCE = 0.6
"""Of what only its shape speaks for: nothing around it ever changed."""
_GAMMA = 2.2
_BLACK, _WHITE = 16, 235


class Demand(NamedTuple):
    """What is asked of a place that stands out by ``contrast`` levels: looks, those among them that are independent
    of each other, and the highest part of the deviation around it that its own level may have."""

    contrast: float
    looks: int
    independent: int
    following: float


LUMA_DEMANDS = (Demand(40, 12, 3, 0.6), Demand(12, 20, 5, 0.35))
CHROMA_DEMANDS = (Demand(18, 20, 5, 0.35),)
"""Chosen on ten minutes of clean footage: cartoons, static cameras, burned-in text, photographs, film dirt."""
LEAST_LOOKS = min(demand.looks for demand in LUMA_DEMANDS + CHROMA_DEMANDS)
GLOW = Demand(12, 16, 7, 0.5)
"""The same of a hot site, which adds light of its own; ``following`` and GLOW_STEADY are parts in linear light."""
GLOW_STEADY = 0.12
RESTING = Demand(30, 24, 1, 0.0)
"""Of a place around which nothing changes, beside a sharper shape and some grain: a frozen picture is a title card."""
RESTING_SHARPNESS = 0.9
RESTING_STEADY, RESTING_STEADY_SHARE = 2.5, 0.04
"""Deviation of its own level, in levels and in parts of its contrast."""
LEAST_GRAIN = 0.6
"""Standard deviation of the light around it over the looks, in levels, that real footage always has."""


def count_independent(hits: Hits) -> int:
    """How often the surroundings are new: a look counts when their light differs from the last that counted."""
    count, last = 0, -CHANGED_LEVELS
    for level in hits["light"].tolist():
        if abs(level - last) >= CHANGED_LEVELS:
            count, last = count + 1, level
    return count


def prove(hits: Hits) -> float:
    """How sure the looks of one place and plane, in order, make that it is stuck: 0–1, 0 where they prove nothing.

    Either its own level stays while the light around it changes, or it adds the same light to whatever there is, or
    it is an impulse that no lens draws in a picture that rests; the last is never sure.
    """
    if len(hits) < LEAST_LOOKS:
        return 0.0
    contrast, sharpness = float(np.median(hits["contrast"])), float(np.median(hits["sharpness"]))
    if sharpness < LEAST_SHARPNESS * contrast:
        return 0.0
    independent = count_independent(hits)
    if _is_constant(hits, contrast=contrast, independent=independent) or _is_glowing(
        hits, contrast=contrast, independent=independent
    ):
        return 1 - 0.5 ** (independent - 1)
    is_sharp = sharpness >= RESTING_SHARPNESS * contrast
    return MOST_UNPROVEN_CONFIDENCE if is_sharp and _is_resting(hits, contrast=contrast) else 0.0


def _is_constant(hits: Hits, *, contrast: float, independent: int) -> bool:
    demands = LUMA_DEMANDS if hits["kind"][0] < 2 else CHROMA_DEMANDS
    demand = next((demand for demand in demands if contrast >= demand.contrast), None)
    if demand is None or len(hits) < demand.looks or independent < demand.independent:
        return False
    own, around = float(hits["value"].std()), float(hits["light"].std())
    return own <= min(STEADY_LEVELS, demand.following * around)


def _is_glowing(hits: Hits, *, contrast: float, independent: int) -> bool:
    """Whether a bright place adds constant light; what is lit itself gives a constant part of what falls on it."""
    is_bright_luma = hits["kind"][0] == 0
    if not is_bright_luma or contrast < GLOW.contrast or len(hits) < GLOW.looks or independent < GLOW.independent:
        return False
    around = _linear(hits["ring"])
    added = _linear(hits["value"]) - around
    unsteady = float(added.std() / added.mean())
    return unsteady <= min(GLOW_STEADY, GLOW.following * float(around.std() / max(around.mean(), 1e-4)))


def _is_resting(hits: Hits, *, contrast: float) -> bool:
    if hits["kind"][0] >= 2 or contrast < RESTING.contrast or len(hits) < RESTING.looks:
        return False
    steady = min(RESTING_STEADY, RESTING_STEADY_SHARE * contrast)
    return float(hits["value"].std()) <= steady and float(hits["light"].std()) >= LEAST_GRAIN


def _linear(levels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Stored luma as light, 0–1, by a plain power law: only steadiness counts here."""
    unit = np.clip((levels.astype(np.float64) - _BLACK) / (_WHITE - _BLACK), 0, None)
    return np.asarray(unit**_GAMMA, dtype=np.float64)
