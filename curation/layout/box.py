"""A box in a picture: half-open, in its pixels, y down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """Left, top, right and bottom in pixels; right and bottom are where the next pixel begins."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """In pixels; 0 for a box that is turned inside out."""
        return max(self.x1 - self.x0, 0.0)

    @property
    def height(self) -> float:
        """In pixels; 0 for a box that is turned inside out."""
        return max(self.y1 - self.y0, 0.0)

    @property
    def area(self) -> float:
        """In pixels²."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """``(x, y)``."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def shared(self, other: Box) -> Box:
        """The part that lies in both; of no area where they do not meet."""
        return Box(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))

    def holds(self, other: Box) -> bool:
        """Whether the other lies within this one, rims included."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def grown(self, by_px: float) -> Box:
        """Larger by so much on every side."""
        return Box(self.x0 - by_px, self.y0 - by_px, self.x1 + by_px, self.y1 + by_px)

    def scaled(self, factor: float) -> Box:
        """Of the same picture at another size."""
        return Box(*(side * factor for side in self))


def enclose(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them. Raises ValueError for none."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))
