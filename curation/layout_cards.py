"""A layout as its page shows it: every canvas as a window on one picture, with styles, numbers and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.layout.box import Box
from curation.layout.canvases import KIND_NAMES, Canvas, Kind
from curation.layout.contrast import LEAST_LARGE
from curation.layout.described import write_box
from curation.layout.layouts import CanvasLayout, Crop, Layout, Placement

SAMPLES: Mapping[Kind, str] = {"badge": "New episode", "subtitle": "A line of subtitles", "logo": "Logo", "title": ""}
"""What stands in an overlay's place; the title's words are the page's."""

ENLARGED_FROM = 1.005
"""Below it, an enlargement is one by rounding to whole pixels."""

SUITS_BADLY_BELOW = 0.5
"""From here down a canvas says at first sight what speaks against the picture."""

Choosers = Mapping[tuple[str, str], str]
"""Canvas key ("" for the focal point) and subject → who chose it, where somebody did."""


@dataclass(frozen=True, slots=True)
class OverlayCard:
    """Something that lies over a canvas; `style` places it there, numbers are in pixels of the picture."""

    kind: Kind
    label: str
    sample: str
    style: str
    placement: Placement
    chosen_by: str
    box: dict[str, float]
    ghost: str
    """Style of the place that the canvas has for it, where that is covered; empty where it is free."""

    @property
    def contrast(self) -> str:
        return f"{self.placement.contrast:.1f}"

    @property
    def needs_shade(self) -> bool:
        """Whether lettering is hard to read on the picture there, in either ink."""
        return self.placement.box is not None and self.placement.contrast < LEAST_LARGE


@dataclass(frozen=True, slots=True)
class CanvasCard:
    """A canvas, the window that fills it and what lies over it."""

    canvas: Canvas
    crop: Crop
    transform: str
    safe: str
    overlays: list[OverlayCard]
    chosen_by: str

    @property
    def suits_percent(self) -> int:
        return round(self.crop.suits * 100)

    @property
    def first_reason(self) -> str:
        """What speaks most against the picture where it suits the canvas badly; enlargement is told by itself."""
        against = [reason for reason in self.crop.reasons if not reason.startswith("Enlarged")]
        return against[0] if against and self.crop.suits < SUITS_BADLY_BELOW else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What the score comes from, by name."""
        return [(name.replace("_", " ").capitalize(), f"{value:.2f}") for name, value in self.crop.parts.items()]

    @property
    def is_enlarged(self) -> bool:
        """Whether the picture has fewer pixels than the canvas wants."""
        return self.crop.enlarged >= ENLARGED_FROM

    @property
    def homeless(self) -> str:
        """Overlays for which no place is free, by name; all of several in one word."""
        names = [overlay.label.lower() for overlay in self.overlays if overlay.placement.box is None]
        return "any overlay" if len(names) == len(self.overlays) > 1 else ", ".join(names)

    @property
    def shaded(self) -> str:
        """Overlays that are hard to read without a shade behind them, by name."""
        return ", ".join(overlay.label.lower() for overlay in self.overlays if overlay.needs_shade)

    @property
    def has_choices(self) -> bool:
        return bool(self.chosen_by) or any(overlay.chosen_by for overlay in self.overlays)

    @property
    def crop_numbers(self) -> dict[str, float]:
        return _numbers(self.crop.box)


def make_cards(layout: Layout, *, size: tuple[int, int], choosers: Choosers) -> list[CanvasCard]:
    """The canvases of a picture of `size`, in the order given."""
    return [
        CanvasCard(
            canvas=each.canvas,
            crop=each.crop,
            transform=transform_of(each.crop.box, size=size),
            safe=safe_style(each.canvas),
            overlays=_overlays(each, choosers=choosers),
            chosen_by=choosers.get((each.canvas.key, "crop"), ""),
        )
        for each in layout.canvases
    ]


def transform_of(crop: Box, *, size: tuple[int, int]) -> str:
    """CSS that puts a picture as wide as its window so that the crop fills that; the page's script writes the same."""
    width, height = size
    left = -crop.x0 / crop.width * 100
    top = -crop.y0 * width / (crop.width * height) * 100
    return f"transform: translate({left:.4f}%, {top:.4f}%) scale({width / crop.width:.5f})"


def safe_style(canvas: Canvas) -> str:
    """CSS that puts a box over what of a canvas is certain to be seen."""
    left, top, right, bottom = (f"{share * 100:.2f}%" for share in canvas.safe)
    return f"inset: {top} {right} {bottom} {left}"


def style_of(box: Box, *, window: Box) -> str:
    """CSS that puts a box in its place on what shows the window."""
    left, width = (box.x0 - window.x0) / window.width, box.width / window.width
    top, height = (box.y0 - window.y0) / window.height, box.height / window.height
    sides = {"left": left, "top": top, "width": width, "height": height}
    return "; ".join(f"{name}: {share * 100:.3f}%" for name, share in sides.items())


def tell_state(cards: list[CanvasCard]) -> list[dict[str, Any]]:
    """The canvases as the page's script knows them; boxes in pixels of the picture."""
    return [
        {
            "key": card.canvas.key,
            "aspect": card.canvas.aspect,
            "crop": write_box(card.crop.box),
            "is_chosen": card.crop.is_chosen,
            "overlays": [
                {
                    "kind": overlay.kind,
                    "box": _written(overlay.placement.box),
                    "moved_from": _written(overlay.placement.moved_from),
                    "ink": overlay.placement.ink,
                    "needs_shade": overlay.needs_shade,
                    "is_chosen": overlay.placement.is_chosen,
                }
                for overlay in card.overlays
            ],
        }
        for card in cards
    ]


def _overlays(each: CanvasLayout, *, choosers: Choosers) -> list[OverlayCard]:
    return [
        OverlayCard(
            kind=placement.kind,
            label=KIND_NAMES[placement.kind],
            sample=SAMPLES[placement.kind],
            style="" if placement.box is None else style_of(placement.box, window=each.crop.box),
            placement=placement,
            chosen_by=choosers.get((each.canvas.key, placement.kind), ""),
            box=_numbers(placement.box or placement.moved_from or _wished(each, kind=placement.kind)),
            ghost="" if placement.moved_from is None else style_of(placement.moved_from, window=each.crop.box),
        )
        for placement in each.placements
    ]


def _written(box: Box | None) -> list[float] | None:
    return None if box is None else write_box(box)


def _wished(each: CanvasLayout, *, kind: Kind) -> Box:
    """Where a form begins that places what has no free place: in the middle, as large as the canvas has it."""
    overlay = next(overlay for overlay in each.canvas.overlays if overlay.kind == kind)
    (x, y), window = each.crop.box.centre, each.crop.box
    across, down = overlay.width_unit * window.width / 2, overlay.height_unit * window.height / 2
    return Box(x - across, y - down, x + across, y + down)


def _numbers(box: Box) -> dict[str, float]:
    left, top, right, bottom = write_box(box)
    return {"left": left, "top": top, "width": round(right - left, 1), "height": round(bottom - top, 1)}
