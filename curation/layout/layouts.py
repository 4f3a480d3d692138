"""What laying out a picture gives: where to look, a crop for every canvas, and what goes where on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from curation.layout.box import Box
from curation.layout.canvases import Canvas, Kind

LAYOUT_VERSION = 1
"""Rises with every change of what comes out, so that what is kept can be told to be stale."""


class FocalPoint(NamedTuple):
    """The most interesting point of a picture, in its pixels.

    ``extent`` must stay visible; ``confidence`` 0–1; ``by`` tells what it comes from: "person", "group" of people that
    fit together, "edges" joined with saliency, "middle" where there is nothing to see, "chosen" by somebody.
    ``person`` is the place of the person it is on among the picture's, ``why`` a sentence for people.
    """

    x: float
    y: float
    extent: Box
    confidence: float
    by: Literal["person", "group", "edges", "middle", "chosen"]
    person: int | None = None
    why: str = ""


class Crop(NamedTuple):
    """The window of a picture that fills a canvas, ``box`` in whole pixels of the picture.

    ``suits`` 0–1 tells whether the picture suits the canvas at all; ``parts`` are what it comes from, each 0–1, by
    name; ``reasons`` sentences on what speaks against it. ``enlarged`` is how many pixels of the canvas one of the
    picture covers across: above 1 it is enlarged. ``is_chosen``: by somebody.
    """

    box: Box
    suits: float
    parts: Mapping[str, float] = {}
    reasons: tuple[str, ...] = ()
    enlarged: float = 1.0
    is_chosen: bool = False


class Placement(NamedTuple):
    """Where something is laid over a canvas, ``box`` in pixels of the picture; None: no place is free, ``why`` says so.

    ``ink`` is the lettering that is read better there, ``contrast`` its ratio 1–21 to the ground (WCAG 2.2).
    ``moved_from`` is where the canvas would have put it, where that is covered: ``collides`` says by what.
    """

    kind: Kind
    box: Box | None
    ink: Literal["light", "dark"] = "light"
    contrast: float = 1.0
    why: str = ""
    moved_from: Box | None = None
    collides: tuple[str, ...] = ()
    is_chosen: bool = False


@dataclass(frozen=True)
class CanvasLayout:
    """A canvas, the window that fills it, and what goes where on it."""

    canvas: Canvas
    crop: Crop
    placements: tuple[Placement, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Everything about one picture. ``unknown`` says in sentences what could not be looked for."""

    focal_point: FocalPoint
    canvases: tuple[CanvasLayout, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What people chose for a picture, which always wins: a focal point ``(x, y)``, crops by canvas key, boxes by
    canvas key and kind, all in pixels of the picture."""

    focal_point: tuple[float, float] | None = None
    crops: Mapping[str, Box] = field(default_factory=dict)
    placements: Mapping[tuple[str, Kind], Box] = field(default_factory=dict)
