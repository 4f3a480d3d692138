"""A layout as names and numbers: what the API, the shell and the page tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from curation.layout.box import Box
from curation.layout.layouts import CanvasLayout, Crop, FocalPoint, Layout, Placement


def describe_layout(layout: Layout) -> dict[str, Any]:
    """Tell a layout as what JSON knows: "focal_point", "canvases" by key, and "unknown", sentences.

    Boxes are ``[x0, y0, x1, y1]``, points ``[x, y]``, both in pixels of the picture; a placement for which no place is
    free has the box None.
    """
    return {
        "focal_point": describe_focal_point(layout.focal_point),
        "canvases": {each.canvas.key: _describe_canvas(each) for each in layout.canvases},
        "unknown": list(layout.unknown),
    }


def describe_focal_point(point: FocalPoint) -> dict[str, Any]:
    """The focal point with what must stay visible around it, how sure it is, and why it lies there."""
    return {
        "x": round(float(point.x), 1),
        "y": round(float(point.y), 1),
        "extent": write_box(point.extent),
        "confidence": round(float(point.confidence), 4),
        "by": point.by,
        "person": point.person,
        "why": point.why,
    }


def write_box(box: Box) -> list[float]:
    """A box as a list, tenths of pixels; whole numbers stay whole."""
    return [int(side) if side == int(side) else round(float(side), 1) for side in box]


def _describe_canvas(laid_out: CanvasLayout) -> dict[str, Any]:
    canvas = laid_out.canvas
    return {
        "name": canvas.name,
        "width_px": canvas.width_px,
        "height_px": canvas.height_px,
        **_describe_crop(laid_out.crop),
        "placements": _describe_placements(laid_out.placements),
    }


def _describe_crop(crop: Crop) -> dict[str, Any]:
    return {
        "crop": write_box(crop.box),
        "suits": round(float(crop.suits), 4),
        "parts": {name: round(float(value), 4) for name, value in crop.parts.items()},
        "reasons": list(crop.reasons),
        "enlarged": round(float(crop.enlarged), 4),
        "is_chosen": crop.is_chosen,
    }


def _describe_placements(placements: Iterable[Placement]) -> dict[str, Any]:
    return {
        each.kind: {
            "box": None if each.box is None else write_box(each.box),
            "ink": each.ink,
            "contrast": round(float(each.contrast), 2),
            "why": each.why,
            "moved_from": None if each.moved_from is None else write_box(each.moved_from),
            "collides": list(each.collides),
            "is_chosen": each.is_chosen,
        }
        for each in placements
    }
