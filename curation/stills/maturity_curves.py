"""What is left of a still's score by what it shows that not every audience or use allows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.curves import fall
from curation.stills.maturity import KINDS

ALLOW, HOLD = "allow", "hold"
HELD_SHARE = 0.02
"""What is left of a still that somebody holds back."""
HELD_BACK_BELOW = 0.75
"""A still that keeps less of its score than this counts as held back."""


class Curve(NamedTuple):
    """All of a score is kept up to the probability ``free``, ``least`` of it from ``held`` on, all three 0–1."""

    free: float
    held: float
    least: float

    def keep(self, probability: NDArray[np.floating]) -> NDArray[np.float64]:
        """The share that is kept at each probability, falling smoothly; 1 where it is NaN: nothing is assumed."""
        known = np.clip(np.asarray(probability, dtype=np.float64), 0, 1)
        share = self.least + (1 - self.least) * fall(known, low=self.free, high=self.held)
        return np.where(np.isnan(known), 1.0, share)


_DELICATE: Mapping[str, Curve] = MappingProxyType(
    {
        "all": Curve(0.05, 0.4, 0.02),
        "7+": Curve(0.1, 0.5, 0.05),
        "13+": Curve(0.25, 0.7, 0.15),
        "16+": Curve(0.4, 0.85, 0.45),
        "18+": Curve(0.5, 0.95, 0.75),
        "": Curve(0.25, 0.7, 0.15),
    }
)
"""By rating: what a title's own audience may see still does not belong on every page that advertises it, so that
something is taken at 18+, too; a title without a rating is treated as 13+."""

_LETTERING = Curve(0.5, 0.95, 0.6)
"""Not a matter of age: lettering cannot be translated, but a street sign in a picture is no caption."""
_LOGOS = Curve(0.4, 0.85, 0.3)
"""Not a matter of age: only logos that the team must avoid are looked for."""


class Kept(NamedTuple):
    """Shares of N stills' scores, 0–1: the ``whole``, ``float64 (N,)``, and of each kind apart."""

    whole: NDArray[np.float64]
    by_kind: dict[str, NDArray[np.float64]]


def curve_of(kind: str, *, rating: str) -> Curve:
    """The curve of a kind of ``KINDS`` for a title's rating: "all", "7+", "13+", "16+", "18+", or "" for none.

    An unknown rating counts as none. Raises KeyError for an unknown kind.
    """
    if kind in ("nudity", "violence"):
        return _DELICATE.get(rating, _DELICATE[""])
    return {"text": _LETTERING, "logos": _LOGOS}[kind]


def keep_by_maturity(
    maturity: Mapping[str, NDArray[np.floating]],
    *,
    rating: str,
    said: Mapping[str, Mapping[int, str]] = MappingProxyType({}),
    count: int,
) -> Kept:
    """Judge what ``count`` stills keep of their scores.

    ``maturity``: kind → probability ``(count,)``, NaN where not known; ``said``: kind → row → "allow" or "hold", what
    an editor said, which holds against any probability. The whole is the product of the kinds.
    """
    by_kind: dict[str, NDArray[np.float64]] = {}
    for kind in KINDS:
        curve = curve_of(kind, rating=rating)
        kept = curve.keep(maturity[kind]) if kind in maturity else np.ones(count)
        for row, verdict in said.get(kind, {}).items():
            kept[row] = {ALLOW: 1.0, HOLD: HELD_SHARE}.get(verdict, kept[row])
        by_kind[kind] = kept
    return Kept(np.prod(list(by_kind.values()), axis=0), by_kind)
