"""What the surroundings of a spot say of it: whether they moved with it, and whether it is one of a swarm.

The network sees a few pixels around a spot. Two things tell errors of a sensor from what a lens has drawn, and need
to look further: matter moves, so that what lies around a spot is found elsewhere in the pictures before and after,
and the spot with it; and grain, rain, sparks and dirt seldom come alone, as errors of a sensor nearly always do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Plane, Planes
from qc.pixel.amplitude import measure_amplitude
from qc.pixel.detect import FoundSpot
from qc.pixel.found import HALO_FRAMES
from qc.pixel.proposals import stand_out

RADIUS_PX = 10
"""Half the side of what is looked for in the neighbours."""
SEARCH_PX = 16
"""How far it may have moved from picture to picture."""
_GAP_PX = 2
"""Around a spot: its light spreads, and neither belongs to the surroundings."""
_BESIDE_PX = 4
SWARM_PX = 96
NEAR_PX = 48
_LEAST_RING_PX = 60
_CODING_LEVELS = 2.0
"""By so much a thing that stays differs from frame to frame all the same."""

FEATURES = (
    "area", "amplitude", "ground",
    *(f"{side}_{name}" for side in ("lesser", "greater")
      for name in ("ring", "excess", "excess_over_ring", "still_ring", "found_again", "detail", "shift",
                   "again", "again_further")),
    "on_a_path", "is_mirrored", "standing_out", "swarm", "wide_swarm", "least_beside", "most_beside", "near",
)  # fmt: skip
"""Names of what ``measure_evidence`` gives, in its order. "lesser" and "greater" are the two neighbours, by how much
of the spot is left when the surroundings lie over each other."""


class _Match(NamedTuple):
    side: int
    ring: float
    excess: float
    still_ring: float
    found_again: float
    energy: float
    detail: float
    shift: float


def measure_evidence(window: Sequence[Planes], *, spot: FoundSpot) -> NDArray[np.float64]:
    """What speaks for and against a spot of the middle of five pictures: ``float64 (K,)``, as ``FEATURES`` names.

    Differences are logarithms of 8-bit luma levels, counts logarithms of one more. The surroundings are found in the
    neighbours by block matching that leaves the spot out (least squares over ±16 px, after Jain & Jain 1981). The spot
    itself is looked for, too: in each of the four, and in the two next to it as far on one side as on the other.
    """
    luma = [picture.y for picture in window]
    middle = luma[HALO_FRAMES]
    x0, y0, x1, y1 = spot.box
    around = middle[max(y0 - _BESIDE_PX, 0) : y1 + _BESIDE_PX, max(x0 - _BESIDE_PX, 0) : x1 + _BESIDE_PX]
    matches = sorted(
        (_match(middle, luma, side=side, spot=spot) for side in (-1, 1)), key=lambda match: match.excess
    )
    again = _find_again(luma, spot=spot)
    amplitude = measure_amplitude(middle, box=spot.box)
    told = [float(np.log(spot.area_px)), float(np.log(max(amplitude, 1.0))), float(np.median(around)) / 100]
    for match in matches:
        told += [*_tell(match), again.nearest[match.side], again.further[match.side]]
    told += [again.on_a_path, float(luma[HALO_FRAMES - 1] is luma[HALO_FRAMES + 1])]
    return np.array([*told, *_count_swarm(luma, spot=spot)], dtype=np.float64)


def _tell(match: _Match) -> list[float]:
    excess = float(np.log(max(match.excess, 0.5)))
    return [
        float(np.log1p(match.ring)),
        excess,
        excess - float(np.log(match.ring + 1.5)),
        float(np.log1p(match.still_ring)),
        float(np.log((match.found_again + 10) / max(match.energy, 10))),
        float(np.log1p(match.detail)),
        float(np.log1p(match.shift)),
    ]


def _match(here: Plane, luma: Sequence[Plane], *, side: int, spot: FoundSpot) -> _Match:
    """Find the surroundings of a spot in the picture before (-1) or after (1), and see what of the spot is there."""
    beside = luma[HALO_FRAMES + side]
    x, y, reach = round(spot.x), round(spot.y), RADIUS_PX + SEARCH_PX
    wide, searched = (_square(plane, x=x, y=y, radius_px=reach) for plane in (here, beside))
    size_px = 2 * RADIUS_PX + 1
    wanted = wide[SEARCH_PX : SEARCH_PX + size_px, SEARCH_PX : SEARCH_PX + size_px]
    x0, x1 = _within(spot.box[0] - x, spot.box[2] - x)
    y0, y1 = _within(spot.box[1] - y, spot.box[3] - y)
    ring = np.ones((size_px, size_px), dtype=np.float32)
    ring[y0:y1, x0:x1] = 0
    if (size := float(ring.sum())) < _LEAST_RING_PX:  # a spot as large as this leaves nothing around it
        ring[:], size = 1, float(size_px * size_px)
    errors = cv2.matchTemplate(searched, wanted, cv2.TM_SQDIFF, mask=ring)
    down, right = divmod(int(np.argmin(errors)), errors.shape[1])
    left_over = wanted - searched[down : down + size_px, right : right + size_px]
    core = np.ascontiguousarray(left_over[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1])
    part = wanted[max(y0 - _BESIDE_PX, 0) : y1 + _BESIDE_PX, max(x0 - _BESIDE_PX, 0) : x1 + _BESIDE_PX]
    return _Match(
        side=side,
        ring=_root_mean(errors[down, right], size),
        excess=float(cv2.blur(core, (2, 2)).max()),
        still_ring=_root_mean(errors[SEARCH_PX, SEARCH_PX], size),
        found_again=max(float(cv2.matchTemplate(searched, np.ascontiguousarray(part), cv2.TM_SQDIFF).min()), 0.0),
        energy=float(np.square(left_over[y0:y1, x0:x1]).sum()),
        detail=float(wanted[ring > 0].std()),
        shift=float(abs(down - SEARCH_PX) + abs(right - SEARCH_PX)),
    )


class _Again(NamedTuple):
    """How much of a spot is missing where it is found best, as a logarithm: 0 where nothing like it is there. In the
    pictures next to it by side (-1, 1), in the further ones, and in both next ones on a straight path."""

    nearest: dict[int, float]
    further: dict[int, float]
    on_a_path: float


def _find_again(luma: Sequence[Plane], *, spot: FoundSpot) -> _Again:
    """Look for a spot, with the pixel around it, in the other four pictures; for the middle of one of any size."""
    rows, columns = (
        np.arange(max(start - 1, round(at) - SEARCH_PX), min(end + 1, round(at) + SEARCH_PX + 1))
        for at, start, end in ((spot.y, spot.box[1], spot.box[3]), (spot.x, spot.box[0], spot.box[2]))
    )
    wanted = _cut_at(luma[HALO_FRAMES], rows, columns)
    border = np.concatenate([wanted[0], wanted[-1], wanted[1:-1, 0], wanted[1:-1, -1]])
    light = float(np.square(wanted - np.median(border)).sum())
    reach = np.arange(-SEARCH_PX, 0), np.arange(1, SEARCH_PX + 1)
    wide_rows, wide_columns = (np.concatenate([reach[0] + at[0], at, reach[1] + at[-1]]) for at in (rows, columns))
    missing = {
        step: cv2.matchTemplate(_cut_at(luma[HALO_FRAMES + step], wide_rows, wide_columns), wanted, cv2.TM_SQDIFF)
        for step in (-2, -1, 1, 2)
    }
    noise = _CODING_LEVELS**2 * wanted.size

    def tell(errors: NDArray[Any], share: float = 1.0) -> float:
        return float(np.log((share * max(float(errors.min()), 0.0) + noise) / (light + noise)))

    return _Again(
        {side: tell(missing[side]) for side in (-1, 1)},
        {side: tell(missing[2 * side]) for side in (-1, 1)},
        tell(missing[-1][::-1, ::-1] + missing[1], 0.5),
    )


def _count_swarm(luma: Sequence[Plane], *, spot: FoundSpot) -> list[float]:
    """How far a spot stands out, and how many others around it do at least half (or a quarter) as much: in its own
    picture, and nearer by in those before and after, where what moves shows again."""
    far = _cut(luma, spot=spot, radius_px=SWARM_PX)
    levels = stand_out(*far.planes[1:4])
    x0, y0, x1, y1 = (edge - start for edge, start in zip(spot.box, (far.x0, far.y0) * 2, strict=True))
    own = int(levels[y0:y1, x0:x1].max())
    share = levels.size / (2 * SWARM_PX + 1) ** 2
    _blank(levels, box=(x0, y0, x1, y1))
    swarm, wide = (_count(levels, least=own * part) / share for part in (0.5, 0.25))
    near = _cut(luma, spot=spot, radius_px=NEAR_PX)
    beside = sorted(_count(stand_out(*near.planes[first : first + 3]), least=own / 2) for first in (0, 2))
    levels = stand_out(*near.planes[1:4])
    _blank(levels, box=[edge - start for edge, start in zip(spot.box, (near.x0, near.y0) * 2, strict=True)])
    counts = (own, swarm, wide, *beside, _count(levels, least=own / 2))
    return [float(np.log1p(count)) for count in counts]


class _Cut(NamedTuple):
    planes: list[Plane]
    x0: int
    y0: int


def _cut(luma: Sequence[Plane], *, spot: FoundSpot, radius_px: int) -> _Cut:
    x, y, reach = int(spot.x), int(spot.y), radius_px + _BESIDE_PX
    x0, y0 = max(x - reach, 0), max(y - reach, 0)
    return _Cut([plane[y0 : y + reach + 1, x0 : x + reach + 1] for plane in luma], x0, y0)


def _blank(levels: Plane, *, box: Sequence[int]) -> None:
    x0, y0, x1, y1 = box
    gap = 6
    levels[max(y0 - gap, 0) : max(y1 + gap, 0), max(x0 - gap, 0) : max(x1 + gap, 0)] = 0


def _count(levels: Plane, *, least: float) -> int:
    """Connected spots of what stands out by at least so much; of less than two levels everything would."""
    lit = (levels >= max(least, 2.0)).view(np.uint8)
    return int(cv2.connectedComponents(lit, connectivity=8)[0]) - 1


def _square(plane: Plane, *, x: int, y: int, radius_px: int) -> NDArray[np.float32]:
    """A square around a pixel, edges repeated outwards."""
    around = np.arange(-radius_px, radius_px + 1)
    return _cut_at(plane, y + around, x + around)


def _cut_at(plane: Plane, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """A part of a plane by consecutive rows and columns, edges repeated outwards."""
    height, width = plane.shape
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    if y0 >= 0 and x0 >= 0 and y1 <= height and x1 <= width:
        return plane[y0:y1, x0:x1].astype(np.float32)
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    return plane[rows[:, None], columns[None, :]].astype(np.float32)


def _within(start: int, end: int) -> tuple[int, int]:
    """Edges of a spot, from the middle of the square, with a gap, as places in the square; never empty."""
    side = 2 * RADIUS_PX + 1
    first = min(max(start + RADIUS_PX - _GAP_PX, 0), side - 3)
    return first, max(min(end + RADIUS_PX + _GAP_PX, side), first + 3)


def _root_mean(total: float, count: float) -> float:
    return float(np.sqrt(max(float(total), 0.0) / count))
