"""The ground of a picture that something is laid over: how light, how busy, how lettered each part of it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.saliency import measure_spectral_residual
from ava.media.colour import to_gray, to_lab
from curation.layout.box import Box
from curation.layout.contents import PictureContents
from curation.layout.contrast import FLARE_UNIT, measure_luminance
from curation.layout.obstacles import Obstacle, find_obstacles, stack_boxes
from curation.layout.text_map import SURE_TEXT, cover, map_text
from curation.layout.working_size import shrink_to_side

WORKING_SIDE_PX = 320
DETAIL_WINDOW_UNIT = 1 / 32
BUSY_LEVELS = 24.0
"""Slope of luma, in levels a pixel, at which a ground is half as busy as can be."""

DETAIL_WEIGHT, RESIDUAL_WEIGHT, SUBJECT_WEIGHT, TEXT_WEIGHT = 0.6, 0.2, 0.8, 0.5


@dataclass(frozen=True)
class Ground:
    """Maps ``float32 (h, w)`` of a picture at a working size, and what may not be covered, in the picture's pixels.

    ``luminance`` relative, 0–1; ``text`` the probability of lettering, 0–1; ``disturbance`` how unfit each part is to
    stand on, from 0, of detail, of what draws the eye, and of bodies and the subject. ``scale`` is how many of the
    picture's pixels one of the maps covers, across and down. ``clear`` are the obstacles' boxes with their margins,
    ``float64 (N, 4)``. ``sums`` over everything above and left of each corner of
    the maps' pixels, ``float64 (h + 1, w + 1, 4)``: of sure lettering, of disturbance, and of the logarithm of
    luminance and its square.
    """

    scale: tuple[float, float]
    luminance: NDArray[np.float32]
    text: NDArray[np.float32]
    disturbance: NDArray[np.float32]
    obstacles: tuple[Obstacle, ...]
    clear: NDArray[np.float64]
    sums: NDArray[np.float64]

    def part(self, of: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
        """What of one of the maps lies under a box in the picture's pixels."""
        return of[cover(box, shape=self.luminance.shape, scale=self.scale)]


def measure_ground(rgb: NDArray[np.uint8], *, contents: PictureContents) -> Ground:
    """Measure what a picture offers to stand on.

    RGB ``uint8 (H, W, 3)`` of any size shows the picture that ``contents`` speak of. One without pixels counts as
    black.
    """
    small = _shrink(rgb)
    height, width = small.shape[:2]
    scale = (max(contents.width, 1) / width, max(contents.height, 1) / height)
    luminance = measure_luminance(small)
    text = map_text(small, contents=contents, scale=scale)
    disturbance = DETAIL_WEIGHT * measure_detail(small) + RESIDUAL_WEIGHT * _measure_unusual(small)
    disturbance += SUBJECT_WEIGHT * _map_subject(contents, shape=(height, width), scale=scale) + TEXT_WEIGHT * text
    obstacles = find_obstacles(contents)
    lettered = (text >= SURE_TEXT).astype(np.float32)
    levels = np.log(luminance + np.float32(FLARE_UNIT))
    return Ground(
        scale=scale,
        luminance=luminance,
        text=text,
        disturbance=disturbance,
        obstacles=obstacles,
        clear=stack_boxes(each.clear for each in obstacles),
        sums=_sum_up(lettered, disturbance, levels, levels * levels),
    )


def measure_detail(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How busy the surroundings of each pixel of RGB ``uint8 (h, w, 3)`` are: ``float32 (h, w)``, 0 to below 1.

    The mean slope of luma within a 32nd of the longer side, pressed together so that the strongest edge does not
    outweigh everything.
    """
    luma = to_gray(rgb)
    slope = cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.float32)
    side = max(round(max(luma.shape) * DETAIL_WINDOW_UNIT), 1)
    mean = cv2.blur(slope, (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(mean / (mean + np.float32(BUSY_LEVELS)), dtype=np.float32)


def _measure_unusual(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    residual = measure_spectral_residual(to_lab(rgb))
    peak = float(residual.max())
    return residual / np.float32(peak) if peak > 1e-6 else np.zeros_like(residual)


def _map_subject(
    contents: PictureContents, *, shape: tuple[int, int], scale: tuple[float, float]
) -> NDArray[np.float32]:  # fmt: skip
    """1 where bodies are, or without people the subject; 0 elsewhere."""
    boxes = [person.box for person in contents.people]
    if not boxes and contents.subject is not None:
        boxes = [contents.subject]
    mask = np.zeros(shape, dtype=np.float32)
    for box in boxes:
        if np.isfinite(box).all():
            mask[cover(box, shape=shape, scale=scale)] = 1
    return mask


def _shrink(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not rgb.size:
        return np.zeros((1, 1, 3), dtype=np.uint8)
    return np.ascontiguousarray(shrink_to_side(rgb, side_px=WORKING_SIDE_PX))


def _sum_up(*maps: NDArray[np.float32]) -> NDArray[np.float64]:
    height, width = maps[0].shape
    sums = cv2.integral(cv2.merge(maps), sdepth=cv2.CV_64F)
    return np.asarray(sums, dtype=np.float64).reshape(height + 1, width + 1, len(maps))
