"""What may be chosen for the layout of a picture: points and boxes within it, checked with sentences."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from curation.layout.box import Box
from curation.layout.canvases import KIND_NAMES, Canvas, Kind
from curation.models import LayoutStep

Subject = LayoutStep.Subject
LEAST_CROP_PX = 16
"""A crop is so wide and high at least, or as large as the picture lets it be."""
RIM_PX = 0.5
"""So far outside the picture is its rim: pages reckon in pixels of a smaller picture."""
MOST_NAMED = 12


class InvalidLayoutChoice(ValueError):
    """What was asked for cannot be chosen; the sentence says what can."""


class Choice(NamedTuple):
    """What somebody chooses: ``value`` is [x, y] of a focal point or [x0, y0, x1, y1] of all else, in pixels of the
    picture; None resets to what is proposed. ``canvas`` is its key, empty for the focal point."""

    subject: str
    canvas: str = ""
    value: Sequence[float] | None = None


def check_choice(
    choice: Choice, *, size: tuple[int, int], canvases: Mapping[str, Canvas], known: frozenset[tuple[str, str]]
) -> Choice:
    """A choice as it is kept: crops in whole pixels, all else in tenths. Raises InvalidLayoutChoice.

    ``known`` are the canvas and subject of what is chosen for the picture already: it can be reset even where the
    canvas is gone.
    """
    if choice.subject not in Subject.values:
        raise InvalidLayoutChoice(f"Choose one of {', '.join(Subject.values)}.")
    if choice.subject == Subject.FOCAL_POINT:
        if choice.canvas:
            raise InvalidLayoutChoice("A focal point is the picture's, and of no canvas; leave the canvas out.")
        return Choice(choice.subject, "", None if choice.value is None else _check_point(choice.value, size=size))
    if choice.value is None and (choice.canvas, choice.subject) in known:
        return choice
    canvas = canvases.get(choice.canvas)
    if canvas is None:
        raise InvalidLayoutChoice(_no_such_canvas(canvases))
    if choice.value is None:
        return choice
    box = _check_box(choice.value, size=size)
    if choice.subject == Subject.CROP:
        return Choice(choice.subject, canvas.key, _check_crop(box, canvas=canvas, size=size))
    return Choice(choice.subject, canvas.key, _check_placement(box, kind=choice.subject, canvas=canvas))


def fit_ratio(box: Box, *, aspect: float, size: tuple[int, int]) -> Box:
    """Bring a crop to a ratio of width to height as little as possible: its middle and its area stay while there is
    room in the picture of ``size``, else it shrinks and moves in. In whole pixels."""
    width_px, height_px = size
    width = math.sqrt(max(box.area, 1.0) * aspect)
    width = min(width, float(width_px), height_px * aspect)
    wide, high = max(round(width), 1), max(round(width / aspect), 1)
    wide, high = min(wide, width_px), min(high, height_px)
    x, y = box.centre
    x0 = min(max(round(x - wide / 2), 0), width_px - wide)
    y0 = min(max(round(y - high / 2), 0), height_px - high)
    return Box(x0, y0, x0 + wide, y0 + high)


def has_ratio(box: Box, *, aspect: float) -> bool:
    """Whether a box is of a ratio of width to height, up to the rounding of its sides to whole pixels."""
    return abs(box.width - box.height * aspect) <= 1 + aspect


def _check_point(value: Any, *, size: tuple[int, int]) -> list[float]:
    x, y = _read_numbers(value, count=2, form="[x, y]")
    if not (-RIM_PX <= x <= size[0] + RIM_PX and -RIM_PX <= y <= size[1] + RIM_PX):
        raise InvalidLayoutChoice(
            f"The focal point lies outside the picture, which is {size[0]} × {size[1]}; choose one inside."
        )
    return [round(min(max(x, 0.0), size[0]), 1), round(min(max(y, 0.0), size[1]), 1)]


def _check_box(value: Any, *, size: tuple[int, int]) -> Box:
    box = Box(*_read_numbers(value, count=4, form="[x0, y0, x1, y1]"))
    whole = Box(0, 0, *size)
    if not whole.grown(RIM_PX).holds(box):
        raise InvalidLayoutChoice(f"The box leaves the picture, which is {size[0]} × {size[1]}; keep it inside.")
    within = box.shared(whole)
    if within.width < 1 or within.height < 1:
        raise InvalidLayoutChoice("The box has no area; its right is beyond its left, and its bottom below its top.")
    return within


def _check_crop(box: Box, *, canvas: Canvas, size: tuple[int, int]) -> list[float]:
    if not has_ratio(box, aspect=canvas.aspect):
        raise InvalidLayoutChoice(
            f"A crop for {canvas.name} is {canvas.width_px} to {canvas.height_px}; this one is"
            f" {box.width:.0f} to {box.height:.0f}."
        )
    whole = [*map(round, box[:2]), *(min(round(side), most) for side, most in zip(box[2:], size, strict=True))]
    widest = min(size[0], size[1] * canvas.aspect)
    wide, high = (max(min(int(side), LEAST_CROP_PX), 1) for side in (widest, widest / canvas.aspect))
    if whole[2] - whole[0] < wide or whole[3] - whole[1] < high:
        raise InvalidLayoutChoice(f"A crop is {wide} pixels wide and {high} high at least here; choose a larger one.")
    return whole


def _check_placement(box: Box, *, kind: str, canvas: Canvas) -> list[float]:
    if kind not in {overlay.kind for overlay in canvas.overlays}:
        name = next(KIND_NAMES[each] for each in get_args(Kind) if each == kind)
        raise InvalidLayoutChoice(f"{canvas.name} has no {name.lower()}; an administrator of the team can add one.")
    return [round(side, 1) for side in box]


def _read_numbers(value: Any, *, count: int, form: str) -> list[float]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) == count
    if not is_list or not all(_is_number(each) for each in value):
        raise InvalidLayoutChoice(f"Give {form}, numbers in pixels of the picture.")
    return [float(each) for each in value]


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return is_real and abs(value) < 1e9  # also no NaN


def _no_such_canvas(canvases: Mapping[str, Canvas]) -> str:
    names = list(canvases)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"This title has no canvas of that key; it has {', '.join(names[:MOST_NAMED])}{more}."
