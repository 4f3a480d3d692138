"""What a crop must hold: the most of a picture's subject that fits."""

from __future__ import annotations

import math

from curation.layout.box import Box, enclose
from curation.layout.crop_scene import CropScene

AROUND_BUST, SHOULDER = 0.6, 0.4
AROUND_FACE = (0.12, 0.06, 0.03, 0.0)
"""Room around a face, in its heights, that a window leaves it where no more fits."""


def choose_must(scene: CropScene, *, largest: tuple[int, int]) -> Box:
    """What a window must hold: the most of the subject that fits into the largest one, of so many pixels."""
    musts = list_musts(scene)
    for must in musts:
        if must.width <= largest[0] and must.height <= largest[1]:
            return must
    if scene.main is not None:
        return musts[-1]
    # Of a thing that does not fit, what lies about the point that draws the eye.
    x, y = scene.extent.centre if scene.focal_point.by == "middle" else (scene.focal_point.x, scene.focal_point.y)
    half_width, half_height = (min(side, room / 2) / 2 for side, room in zip(_size(scene.extent), largest, strict=True))
    x = min(max(x, scene.extent.x0 + half_width), scene.extent.x1 - half_width)
    y = min(max(y, scene.extent.y0 + half_height), scene.extent.y1 - half_height)
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def _size(box: Box) -> tuple[float, float]:
    return box.width, box.height


def _whole(box: Box) -> Box:
    return Box(math.floor(box.x0), math.floor(box.y0), math.ceil(box.x1), math.ceil(box.y1))


def list_musts(scene: CropScene) -> list[Box]:
    """What a window must hold, from what it should to the least, in whole pixels: the extent, the heads of a group, the
    main head and its surroundings, that head, and its face with ever less around it, for no detector is exact."""
    head, face = scene.main_head, scene.main_face
    if head is None or face is None:
        return [_whole(scene.extent)]
    together = [_heads_of_group(scene, head=head)] if scene.is_group else []
    bust = enclose([head, _grown(face, AROUND_BUST, area=scene.area)])
    around = [_grown(face, share, area=scene.area) for share in AROUND_FACE]
    return [_whole(box) for box in (enclose([scene.extent, head]), *together, bust, head, *around)]


def _heads_of_group(scene: CropScene, *, head: Box) -> Box:
    """The heads within the extent, with shoulders at both sides: those at the rims must not be half people."""
    held = [place for place, face in enumerate(scene.faces.tolist()) if scene.extent.holds(Box(*face))]
    boxes = [head]
    for place in held:
        x0, top, x1, bottom = scene.heads[place].tolist()
        shoulder = SHOULDER * float(scene.faces[place, 3] - scene.faces[place, 1])
        boxes.append(Box(x0 - shoulder, top, x1 + shoulder, bottom))
    return enclose(boxes).shared(scene.area)


def _grown(face: Box, share: float, *, area: Box) -> Box:
    """A face with so many of its heights around it, as far as the area goes."""
    return face.grown(share * face.height).shared(area)
