"""Why a copy is the one to keep, in words: what it has over the other copies of its group."""

from collections.abc import Sequence
from typing import NamedTuple

CLEARLY = 1.1
"""By this factor one copy must be ahead for it to be said."""
LEAST_LETTERING_UNIT = 0.01


class CopyFacts(NamedTuple):
    """What a copy is worth by: its size, and of `QualityFacts` the detail, the blocks of JPEG and the lettering."""

    width_px: int
    height_px: int
    area_px: int
    """What bars leave of it."""
    detail_unit: float
    blockiness: float
    lettering_unit: float

    @property
    def is_lettered(self) -> bool:
        return self.lettering_unit >= LEAST_LETTERING_UNIT

    @property
    def words(self) -> str:
        """Such as "1,920 × 1,080, lettered"."""
        size = f"{self.width_px:,} × {self.height_px:,}"
        return f"{size}, lettered" if self.is_lettered else size


def explain_best(best: CopyFacts | None, *, others: Sequence[CopyFacts], is_chosen: bool) -> str:
    """One sentence on why a copy is the best of its group."""
    if is_chosen:
        return "Chosen by a person."
    if best is None or not others:
        return "The only copy that could be read." if best is not None else ""
    reasons = []
    if best.area_px >= max(other.area_px for other in others) * CLEARLY:
        reasons.append("the highest resolution")
    if best.detail_unit >= max(other.detail_unit for other in others) * CLEARLY:
        reasons.append("the sharpest")
    if not best.is_lettered and all(other.is_lettered for other in others):
        reasons.append("the only one without lettering")
    elif not best.is_lettered and any(other.is_lettered for other in others):
        reasons.append("no lettering")
    if best.blockiness + 0.05 < min(other.blockiness for other in others):
        reasons.append("the least compressed")
    if not reasons:
        return "As good as the others; the fullest view of the scene."
    said = " and ".join([", ".join(reasons[:-1]), reasons[-1]] if len(reasons) > 1 else reasons)
    return f"{said[:1].upper()}{said[1:]}."
