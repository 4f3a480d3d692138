"""Canvases: the sizes that a picture must work in, what lies over it there, and what must stay free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

Kind = Literal["badge", "subtitle", "logo", "title"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What is laid over a picture: a "New episode" badge, a subtitle, a logo, a title treatment."""

KIND_NAMES: Mapping[Kind, str] = {
    "badge": "Badge",
    "subtitle": "Subtitle",
    "logo": "Logo",
    "title": "Title treatment",
}

Anchor = Literal["top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"]
ANCHORS: tuple[Anchor, ...] = get_args(Anchor)

LEAST_SIDE_PX, MOST_SIDE_PX = 16, 8192
MOST_PIXELS = 8192 * 4320
MOST_MARGIN_UNIT = 0.4


class Margins(NamedTuple):
    """What of each side may be covered or cut off by a device, as a share 0–1 of the canvas's width or height."""

    left: float = 0.05
    top: float = 0.05
    right: float = 0.05
    bottom: float = 0.05


class Overlay(NamedTuple):
    """Something that is laid over a canvas: its largest width and height as shares 0–1 of the canvas's, and where it
    goes when nothing speaks against it."""

    kind: Kind
    width_unit: float
    height_unit: float
    anchor: Anchor


@dataclass(frozen=True)
class Canvas:
    """One size that a picture is shown in. ``key`` names it in addresses and files: a–z, 0–9, hyphens."""

    key: str
    name: str
    width_px: int
    height_px: int
    safe: Margins = field(default_factory=Margins)
    overlays: tuple[Overlay, ...] = ()

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width_px / self.height_px


_BADGE = Overlay("badge", 0.16, 0.07, "top right")
_SUBTITLE = Overlay("subtitle", 0.7, 0.1, "bottom")
_LOGO = Overlay("logo", 0.12, 0.1, "top left")
_TITLE = Overlay("title", 0.42, 0.3, "bottom left")

DEFAULT_CANVASES: tuple[Canvas, ...] = (
    Canvas("story-art", "Story art 16:9", 1536, 864, Margins(), (_BADGE, _SUBTITLE, _LOGO, _TITLE)),
    Canvas(
        "box-art", "Box art 2:3", 800, 1200, Margins(0.06, 0.05, 0.06, 0.05),
        (Overlay("badge", 0.36, 0.05, "bottom"), Overlay("logo", 0.2, 0.08, "top left"),
         Overlay("title", 0.8, 0.22, "bottom")),
    ),
    Canvas(
        "square", "Square 1:1", 1080, 1080, Margins(),
        (Overlay("badge", 0.26, 0.06, "top right"), _LOGO, Overlay("title", 0.7, 0.24, "bottom")),
    ),
    Canvas(
        "vertical", "Vertical 9:16", 1080, 1920, Margins(0.05, 0.1, 0.05, 0.18),
        (Overlay("badge", 0.34, 0.035, "top right"), Overlay("subtitle", 0.84, 0.09, "bottom"),
         Overlay("logo", 0.2, 0.06, "top left"), Overlay("title", 0.8, 0.18, "bottom")),
    ),
    Canvas(
        "billboard", "Billboard 21:9", 2560, 1097, Margins(0.04, 0.06, 0.04, 0.1),
        (Overlay("badge", 0.11, 0.07, "top right"), Overlay("logo", 0.1, 0.12, "top left"),
         Overlay("title", 0.36, 0.4, "left")),
    ),
    Canvas(
        "classic", "Classic 4:3", 1440, 1080, Margins(),
        (Overlay("badge", 0.2, 0.07, "top right"), _SUBTITLE, _LOGO, Overlay("title", 0.5, 0.28, "bottom left")),
    ),
    Canvas(
        "tall-panel", "Tall panel 2:7", 480, 1680, Margins(0.06, 0.04, 0.06, 0.04),
        (Overlay("badge", 0.6, 0.03, "top"), Overlay("logo", 0.4, 0.05, "top left"),
         Overlay("title", 0.84, 0.14, "bottom")),
    ),
)  # fmt: skip
"""What a team starts with."""
