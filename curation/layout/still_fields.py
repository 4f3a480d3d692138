"""What outside tools are told of a still's layout: by result.json, by the shell and by the API."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES, Canvas, Margins, Overlay
from curation.layout.contents import PictureContents
from curation.layout.described import describe_layout, write_box
from curation.layout.lay_out import lay_out
from curation.layout.layouts import Chosen, Layout

WHOLE = "picture"
"""The key of the canvas that is the whole picture."""
_TOLD = ("badge", "subtitle", "logo")
"""What tools are told places for on the whole picture."""


def lay_out_still(
    rgb: NDArray[np.uint8], *, contents: PictureContents, canvases: Sequence[Canvas] = DEFAULT_CANVASES
) -> Layout:
    """Lay out a picture (see ``lay_out``) for canvases, and as a whole: the last canvas is the picture itself."""
    whole = whole_picture(contents.area)
    return lay_out(rgb, contents=contents, canvases=[*canvases, whole], chosen=Chosen(crops={whole.key: contents.area}))


def whole_picture(area: Box) -> Canvas:
    """A canvas of the size of a picture without bars; overlays have the size and shape that they have on the default
    canvas of the nearest aspect ratio, as large as fits the picture."""
    width, height = max(round(area.width), 1), max(round(area.height), 1)
    model = min(_complete_canvases(), key=lambda canvas: abs(math.log(canvas.aspect * height / width)))
    scale = min(width / model.width_px, height / model.height_px)
    by_x, by_y = scale * model.width_px / width, scale * model.height_px / height
    overlays = tuple(
        Overlay(each.kind, each.width_unit * by_x, each.height_unit * by_y, each.anchor)
        for each in model.overlays
        if each.kind in _TOLD
    )
    return Canvas(WHOLE, "The whole picture", width, height, Margins(), overlays)


def still_fields(layout: Layout) -> dict[str, Any]:
    """Tell a layout of ``lay_out_still`` in the fields of a still in result.json.

    "focal_point" ``[x, y]``, "crops" by canvas key, "placements" on the whole picture by kind, those for which a place
    is free; "layout" holds all of it as ``describe_layout`` tells it, placements of every canvas included.
    """
    point, crops = layout.focal_point, {each.canvas.key: each for each in layout.canvases}
    whole = crops.pop(WHOLE)
    return {
        "focal_point": [round(float(point.x), 1), round(float(point.y), 1)],
        "crops": {key: write_box(each.crop.box) for key, each in crops.items()},
        "placements": {each.kind: write_box(each.box) for each in whole.placements if each.box is not None},
        "layout": describe_layout(layout),
    }


def _complete_canvases() -> list[Canvas]:
    return [each for each in DEFAULT_CANVASES if set(_TOLD) <= {overlay.kind for overlay in each.overlays}]
