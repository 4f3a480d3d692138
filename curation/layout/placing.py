"""Places for what lies over a canvas: never over faces, lettering or the subject, on calm ground, easy to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.canvases import KIND_NAMES, Canvas, Kind, Margins, Overlay
from curation.layout.collisions import name_things
from curation.layout.contents import PictureContents
from curation.layout.contrast import choose_ink
from curation.layout.ground import Ground, measure_ground
from curation.layout.layouts import Placement
from curation.layout.obstacles import Obstacle, overlapping, stack_boxes
from curation.layout.place_costs import cost_ground, cost_standing
from curation.layout.place_grid import lay_grid
from curation.layout.placing_reasons import join_names, tell_chosen, tell_none, tell_place
from curation.layout.text_map import SURE_TEXT

__all__ = ["Ground", "measure_ground", "place_overlays"]

SIZES_UNIT = (1.0, 0.9, 0.8, 0.7, 0.6)
SIZE_COST = 1.2
"""What it costs to be drawn smaller, for the whole of a size."""

NEAR_COST = 0.18
"""A place that stands no worse than this is near enough to the usual one not to be given up for a smaller size."""

ORDERS: tuple[tuple[Kind, ...], ...] = (
    ("subtitle", "badge", "logo", "title"),
    ("title", "subtitle", "badge", "logo"),
)
"""Who chooses first. Small things whose place people know come before the title, which can go anywhere; where that
leaves something without a place, the title, which needs most, chooses first."""

GAP_UNIT = 0.015
"""Air between two overlays, as a share of the crop's longer side."""

ROUNDING_UNIT = 1e-6
LETTERED_UNIT = 1e-9
"""A place is lettered when more of it is than rounding makes."""

LETTERING = "what looks like lettering"
_NONE_CHOSEN: Mapping[Kind, Box] = MappingProxyType({})


class _Stage(NamedTuple):
    """Where overlays are placed: the crop, the part of it that is safe, the ground, what may not be covered, and all of
    its boxes with their margins ``(N, 4)``."""

    crop: Box
    safe: Box
    ground: Ground
    obstacles: tuple[Obstacle, ...]
    clear: NDArray[np.float64]

    def beside(self, obstacles: Sequence[Obstacle]) -> _Stage:
        """The same with these in the way, and nothing else."""
        return self._replace(obstacles=tuple(obstacles), clear=stack_boxes(each.clear for each in obstacles))

    def in_the_way(self, box: Box) -> tuple[str, ...]:
        """Names of what a box lies over or too near to."""
        return name_things(self.obstacles[place] for place in overlapping(self.clear, box))


class _Found(NamedTuple):
    """A free place, what speaks against it, how much of that is where it stands on the canvas, and the share of the
    whole size it has."""

    box: Box
    cost: float
    standing: float
    size_unit: float


def place_overlays(
    canvas: Canvas, *, crop: Box, contents: PictureContents, ground: Ground, chosen: Mapping[Kind, Box] = _NONE_CHOSEN
) -> tuple[Placement, ...]:
    """Place everything that a canvas has over it, in the order of its overlays, in the crop that fills it.

    Boxes come out in the picture's pixels, within the crop. Proposed ones lie within the safe margins, cover nothing
    that ``ground`` knows must stay free, and never one another. ``chosen`` boxes win, whatever they lie over, and are
    only moved into the crop; one that is no number or has no area is as if nobody had chosen it.
    """
    crop = crop.shared(Box(0, 0, contents.width, contents.height)) if np.isfinite(crop).all() else Box(0, 0, 0, 0)
    if not crop.area > 0:
        return tuple(Placement(each.kind, None, why="The crop has no area.") for each in canvas.overlays)
    inside = [ground.obstacles[place] for place in overlapping(ground.clear, crop)]
    stage = _Stage(crop, _safe_part(crop, canvas.safe), ground, (), ground.clear).beside(inside)
    held = {
        each.kind: box
        for each in canvas.overlays
        if (box := chosen.get(each.kind)) is not None and np.isfinite(box).all() and box.area > 0
    }
    attempts = []
    for order in ORDERS:
        attempts.append(_place_in_order(canvas.overlays, stage, held=held, order=order))
        missing = [number for number, placement in enumerate(attempts[-1]) if placement.box is None]
        if not any(_find_place(canvas.overlays[number], stage) for number in missing):
            break  # all are placed, or what is not has no place even alone
    return max(attempts, key=lambda placements: sum(each.box is not None for each in placements))


def _safe_part(crop: Box, safe: Margins) -> Box:
    return Box(
        crop.x0 + safe.left * crop.width,
        crop.y0 + safe.top * crop.height,
        crop.x1 - safe.right * crop.width,
        crop.y1 - safe.bottom * crop.height,
    )


def _place_in_order(
    overlays: Sequence[Overlay], stage: _Stage, *, held: Mapping[Kind, Box], order: Sequence[Kind]
) -> tuple[Placement, ...]:  # fmt: skip
    """Place overlays one after the other, chosen ones first, each out of the way of those before."""
    placed: dict[int, Placement] = {}
    gap_px = GAP_UNIT * max(stage.crop.width, stage.crop.height)
    turns = sorted(range(len(overlays)), key=lambda place: order.index(overlays[place].kind))
    for place in sorted(turns, key=lambda place: overlays[place].kind not in held):
        overlay = overlays[place]
        placement = _hold(overlay.kind, held[overlay.kind], stage) if overlay.kind in held else _propose(overlay, stage)
        placed[place] = placement
        if placement.box is not None:
            name = f"the {KIND_NAMES[overlay.kind].lower()}"
            taken = Obstacle(placement.box, placement.box.grown(gap_px), name)
            stage = stage.beside((*stage.obstacles, taken))
    return tuple(placed[place] for place in range(len(overlays)))


def _hold(kind: Kind, chosen: Box, stage: _Stage) -> Placement:
    """A place that somebody chose, in the crop, and what it lies over."""
    box = _move_into(chosen, stage.crop)
    collides = stage.beside([each._replace(clear=each.box) for each in stage.obstacles]).in_the_way(box)
    reading = choose_ink(stage.ground.part(stage.ground.luminance, box))
    why = tell_chosen(collides=collides, is_moved=box != chosen, reading=reading)
    return Placement(kind, box, reading.ink, reading.contrast, why, collides=collides, is_chosen=True)


def _propose(overlay: Overlay, stage: _Stage) -> Placement:
    """The best free place for an overlay."""
    usual = _usual_box(overlay, stage, size_unit=1.0)
    if usual is None:
        return Placement(overlay.kind, None, why="It has no size on this canvas.")
    collides = _collisions_at(usual, stage)
    found = _find_place(overlay, stage)
    moved_from = usual if collides else None
    if found is None:
        why = tell_none(stage.in_the_way(stage.safe) or collides, least_unit=SIZES_UNIT[-1])
        return Placement(overlay.kind, None, why=why, moved_from=moved_from, collides=collides)
    reading = choose_ink(stage.ground.part(stage.ground.luminance, found.box))
    why = tell_place(
        found.box, crop=stage.crop, usual=usual, collides=collides, size_unit=found.size_unit, reading=reading
    )
    near = stage.in_the_way(found.box)
    why += f" It stands close to {join_names(near)}: no place with more air is free." if near else ""
    return Placement(overlay.kind, found.box, reading.ink, reading.contrast, why, moved_from, collides)


def _with_least_air(stage: _Stage) -> _Stage:
    """The same, with only as much air around things as they must have."""
    return stage.beside([each._replace(clear=each.least or each.clear) for each in stage.obstacles])


def _find_place(overlay: Overlay, stage: _Stage) -> _Found | None:
    """The cheapest free place; one that is close to something is better than none."""
    found = _find_with_air(overlay, stage)
    if found is None and any(each.least for each in stage.obstacles):
        found = _find_with_air(overlay, _with_least_air(stage))
    return found


def _find_with_air(overlay: Overlay, stage: _Stage) -> _Found | None:
    """The cheapest free place: of the largest size that has one near the usual, else of any size."""
    largest, *smaller = SIZES_UNIT
    best = _find_at_size(overlay, stage, size_unit=largest)
    if best is None and _find_at_size(overlay, stage, size_unit=smaller[-1]) is None:
        return None  # what leaves no room for the smallest leaves none for others
    for size_unit in smaller:
        # Smaller is hardly worth more than what it saves of where a place stands.
        if best is not None and best.standing <= max(NEAR_COST, SIZE_COST * (1 - size_unit)):
            break
        found = _find_at_size(overlay, stage, size_unit=size_unit)
        if found is not None and (best is None or found.cost < best.cost):
            best = found
    return best


def _find_at_size(overlay: Overlay, stage: _Stage, *, size_unit: float) -> _Found | None:
    usual = _usual_box(overlay, stage, size_unit=size_unit)
    if usual is None:
        return None
    grid = lay_grid(stage.safe, width=usual.width, height=usual.height)
    taken = grid.blocked(stage.clear)
    if taken.all():
        return None
    means = grid.means(stage.ground)
    taken |= means[0] > LETTERED_UNIT
    standing = cost_standing(grid, kind=overlay.kind, usual=usual, within=stage.safe)
    cost = np.where(taken, np.inf, standing + cost_ground(means, kind=overlay.kind))
    row, column = divmod(int(np.argmin(cost)), len(grid.lefts))
    if taken[row, column]:
        return None
    least = float(cost[row, column]) + SIZE_COST * (1 - size_unit)
    box = grid.box(row, column)
    # The middle of a grid is off that of the canvas by a rounding error, which nobody wants to read about.
    if max(abs(box.x0 - usual.x0), abs(box.y0 - usual.y0)) <= ROUNDING_UNIT * stage.safe.height:
        box = usual
    return _Found(box, least, float(standing[row, column]), size_unit)


def _usual_box(overlay: Overlay, stage: _Stage, *, size_unit: float) -> Box | None:
    """Where a canvas puts an overlay when nothing speaks against it, no larger than the safe part."""
    width, height = overlay.width_unit * stage.crop.width, overlay.height_unit * stage.crop.height
    safe = stage.safe
    if not (np.isfinite((width, height)).all() and min(width, height, safe.width, safe.height) > 0):
        return None
    factor = size_unit * min(safe.width / width, safe.height / height, 1.0)
    width, height = factor * width, factor * height
    across = 0.0 if "left" in overlay.anchor else 1.0 if "right" in overlay.anchor else 0.5
    down = 0.0 if "top" in overlay.anchor else 1.0 if "bottom" in overlay.anchor else 0.5
    x, y = safe.x0 + across * (safe.width - width), safe.y0 + down * (safe.height - height)
    return Box(x, y, x + width, y + height)


def _collisions_at(box: Box, stage: _Stage) -> tuple[str, ...]:
    names = stage.in_the_way(box)
    is_lettered = bool((stage.ground.part(stage.ground.text, box) >= SURE_TEXT).any())
    has_text = any("text" in name for name in names)
    return (*names, LETTERING) if is_lettered and not has_text else names


def _move_into(box: Box, crop: Box) -> Box:
    """The nearest box of the same size within a crop, or as large as fits."""
    width, height = min(box.width, crop.width), min(box.height, crop.height)
    x, y = min(max(box.x0, crop.x0), crop.x1 - width), min(max(box.y0, crop.y0), crop.y1 - height)
    return Box(x, y, x + width, y + height)
