"""Crops: the window of a picture that suits a canvas best, and how well it does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout.contents import PictureContents
from curation.layout.crop_clear import MOST_SNAPPED, list_clear
from curation.layout.crop_musts import choose_must, list_musts
from curation.layout.crop_reasons import tell_reasons
from curation.layout.crop_scene import Boxes, CropScene, set_scene
from curation.layout.crop_score import cuts_any, judge, weigh
from curation.layout.crop_windows import Windows, fit_size, list_near, list_windows
from curation.layout.interest import InterestMap
from curation.layout.layouts import Crop, FocalPoint

REACH_UNIT = 0.06
"""How far around the best window better ones are looked for, in shares of its sides."""

MOST_AREA = 1e15
"""Pixels² from which a chosen box is as large as can be."""


class Judged(NamedTuple):
    """A window ``float32 (1, 4)``, how well it suits, 0–1, and the parts that this comes from."""

    window: Windows
    suits: float
    parts: dict[str, float]


def crop_for(
    canvas: Canvas, *, contents: PictureContents, focal_point: FocalPoint, interest: InterestMap,
    chosen: Box | None = None,
) -> Crop:  # fmt: skip
    """Find the window of a picture that suits a canvas best, or judge the one that somebody has ``chosen``.

    The window is whole pixels inside the picture's area, its ratio as near to the canvas's as these allow. Whatever
    of the focal extent fits is inside, the main face before all. ``chosen`` is brought to the canvas's ratio and
    into the picture, bars included, with as little change as that takes; a box without numbers or area is none.
    """
    scene = set_scene(contents, focal_point=focal_point, interest=interest)
    largest = fit_size(canvas.aspect, width=scene.area.width, height=scene.area.height)
    must = choose_must(scene, largest=largest)
    is_chosen = chosen is not None and bool(np.isfinite(chosen).all()) and chosen.area > 0
    if chosen is not None and is_chosen:
        picture = Box(0, 0, max(contents.width, 1), max(contents.height, 1))
        window = np.array([bring_into(picture, chosen, aspect=canvas.aspect)], dtype=np.float32)
        best = _pick(window, scene=scene, canvas=canvas, must=must, largest_px=largest[0])
    else:
        best = _search(scene, canvas=canvas, must=must, largest_px=largest[0])
    return Crop(
        box=Box(*best.window[0].tolist()),
        suits=best.suits,
        parts=best.parts,
        reasons=tell_reasons(best.window, scene=scene, canvas=canvas, must=must, parts=best.parts),
        enlarged=canvas.width_px / float(best.window[0, 2] - best.window[0, 0]),
        is_chosen=is_chosen,
    )


def bring_into(picture: Box, box: Box, *, aspect: float) -> Box:
    """A box brought to an aspect about its middle, its area kept where there is room, and moved into the picture, in
    whole pixels."""
    shorter_px = round(math.sqrt(min(box.area, MOST_AREA) * min(aspect, 1 / aspect)))
    size = fit_size(aspect, width=picture.width, height=picture.height, shorter_px=shorter_px)
    x0 = min(max(round(box.centre[0] - size[0] / 2), picture.x0), picture.x1 - size[0])
    y0 = min(max(round(box.centre[1] - size[1] / 2), picture.y0), picture.y1 - size[1])
    return Box(x0, y0, x0 + size[0], y0 + size[1])


def _pick(windows: Windows, *, scene: CropScene, canvas: Canvas, must: Box, largest_px: float) -> Judged:
    """The first of the best windows."""
    parts = judge(windows, scene=scene, canvas=canvas, must=must, largest_px=largest_px)
    suits = weigh(parts)
    row = int(np.argmax(suits))
    told = {name: round(float(part[row]), 4) for name, part in parts.items()}
    return Judged(windows[row : row + 1], round(float(suits[row]), 4), told)


def _search(scene: CropScene, *, canvas: Canvas, must: Box, largest_px: float) -> Judged:
    """The best window; where it cuts a face, the best of those that cut none, if there are any."""
    pick = partial(_pick, scene=scene, canvas=canvas, must=must, largest_px=largest_px)
    best = pick(list_windows(scene.area, aspect=canvas.aspect, must=must, canvas_width_px=canvas.width_px))
    best = pick(list_near(best.window[0], area=scene.area, must=must, reach_unit=REACH_UNIT))
    if cuts_any(best.window, scene.faces)[0]:
        # A stranger's face that is cut is worse than a part of the subject that is left out.
        musts = [must, *list_musts(scene)[1:]]
        clear = _list_clear(scene, canvas=canvas, musts=musts, things=scene.faces)
        if len(clear):
            near = list_near(pick(clear).window[0], area=scene.area, must=musts[-1], reach_unit=REACH_UNIT)
            best = pick(near[~cuts_any(near, scene.faces)])
    elif cuts_any(best.window, scene.lettering)[0]:
        # Lettering is found where there is none too often for more than a say in the matter.
        things = np.concatenate([scene.lettering, scene.faces])
        best = pick(np.concatenate([best.window, _list_clear(scene, canvas=canvas, musts=[must], things=things)]))
    return best


def _list_clear(scene: CropScene, *, canvas: Canvas, musts: Sequence[Box], things: Boxes) -> Windows:
    beside = np.concatenate([things[:MOST_SNAPPED], scene.heads[:MOST_SNAPPED]])
    return list_clear(
        scene.area, aspect=canvas.aspect, musts=musts, canvas_width_px=canvas.width_px, things=things, beside=beside
    )
