"""Laying out a picture for every canvas: focal point, crops, places for what lies over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.canvases import Canvas, Kind
from curation.layout.chosen_point import choose_point
from curation.layout.contents import PictureContents
from curation.layout.crop import crop_for
from curation.layout.focal_point import find_focal_point
from curation.layout.interest import measure_interest
from curation.layout.layouts import CanvasLayout, Chosen, FocalPoint, Layout
from curation.layout.placing import measure_ground, place_overlays

_NOT_LOOKED: Mapping[str, str] = {
    "faces": "Nobody looked for faces here, so they may be cut or covered.",
    "people": "Nobody looked for people here, so the focal point may miss them.",
    "text": "Nobody looked for lettering here, so it may be cut or covered.",
}
"""What is said of each detector of contents that did not look."""


def lay_out(
    rgb: NDArray[np.uint8], *, contents: PictureContents, canvases: Sequence[Canvas], chosen: Chosen | None = None
) -> Layout:
    """Lay out a picture for canvases.

    RGB ``uint8 (H, W, 3)`` may be smaller than the picture that ``contents`` speak of (its preview, say); all that
    comes out is in pixels of ``contents``. What is ``chosen`` holds, as far as it lies within the picture; a point or
    box that is no number, or a box without area there, is as if nobody had chosen it.
    """
    cv2.setNumThreads(1)
    held = _within(chosen or Chosen(), contents)
    interest = measure_interest(rgb, contents=contents)
    focal_point: FocalPoint = find_focal_point(contents, interest=interest)
    if held.focal_point is not None:
        focal_point = choose_point(held.focal_point, contents=contents, proposed=focal_point)
    ground = measure_ground(rgb, contents=contents)
    laid_out = []
    for canvas in canvases:
        crop = crop_for(
            canvas, contents=contents, focal_point=focal_point, interest=interest, chosen=held.crops.get(canvas.key)
        )
        of_canvas: dict[Kind, Box] = {kind: box for (key, kind), box in held.placements.items() if key == canvas.key}
        placements = place_overlays(canvas, crop=crop.box, contents=contents, ground=ground, chosen=of_canvas)
        laid_out.append(CanvasLayout(canvas, crop, placements))
    unknown = tuple(sentence for name, sentence in _NOT_LOOKED.items() if name not in contents.looked)
    return Layout(focal_point, tuple(laid_out), unknown)


def _within(chosen: Chosen, contents: PictureContents) -> Chosen:
    """What was chosen without what does not lie within the picture at all."""
    picture = Box(0, 0, contents.width, contents.height)

    def is_there(box: Box) -> bool:
        return bool(np.isfinite(box).all()) and picture.shared(box).area > 0

    point = chosen.focal_point
    if point is not None and not np.isfinite(point).all():
        point = None
    return Chosen(
        focal_point=point,
        crops={key: box for key, box in chosen.crops.items() if is_there(box)},
        placements={place: box for place, box in chosen.placements.items() if is_there(box)},
    )
