"""Interest: which parts of a picture draw the eye, from its edges and its saliency alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.saliency import saliency_map
from ava.media.colour import to_gray
from curation.layout.box import Box
from curation.layout.contents import PictureContents
from curation.layout.working_size import shrink_to_side

MOST_SIDE_PX = 320
BLUR_SIGMA_PX = 1.2
"""Of the working size: takes film grain and compression away before edges are looked for."""

GATHER_UNIT = 0.03
"""Edges are gathered over a Gaussian of this share of the longer side: interest is a place and not a line."""

LEAST_LEAD = 8.0
"""Grey levels of gathered Laplacian by which the edges of a hundredth of a picture must lead those of half of it to
count fully: less is grain, compression, or a texture that is alike all over."""

CENTRE_SIGMA_UNIT, CENTRE_WEIGHT = 0.3, 0.7
"""The centre prior of edges, as that of saliency: frames, film rebates and grass at the rim are full of edges too."""

EDGE_WEIGHT = 0.45
LETTERING_WEIGHT = 0.15
"""What is left of the interest of pixels under lettering and logos: they are drawn to be seen, but are no subject."""

LETTERING_MARGIN_UNIT = 0.15
"""Lettering is masked with this share of its height around it, for its glow and shadow."""


class InterestMap(NamedTuple):
    """``weights`` ``float32 (h, w)``, 0–1, 0 in black bars; ``scale`` pixels of the picture a pixel of the map."""

    weights: NDArray[np.float32]
    scale: float


def measure_interest(rgb: NDArray[np.uint8], *, contents: PictureContents) -> InterestMap:
    """Measure how much each part of a picture draws the eye.

    RGB ``uint8 (H, W, 3)`` may be of any size; the map has a longer side of at most 320 px. Edges are found as by
    Netflix (Kansara 2015, "Extracting image metadata at scale"): Gaussian blur, grey, Laplacian, absolute; they are
    gathered to places and joined with ``ava.annotate.saliency.saliency_map``. Lettering and logos are painted over
    with their surroundings first, so that their edges are nobody's subject. Faces and people are not looked at here.
    """
    small = shrink_to_side(rgb, side_px=MOST_SIDE_PX)
    scale = contents.width / small.shape[1]
    weights = np.zeros(small.shape[:2], dtype=np.float32)
    rows, columns = _inside(contents.area, scale=scale, shape=small.shape[:2])
    lettering = _mask((*(line.box for line in contents.text), *contents.logos), scale=scale, shape=small.shape[:2])
    picture, covered = small[rows, columns], lettering[rows, columns]
    if covered.all():
        return InterestMap(weights, scale)
    picture = _paint_over(picture, covered=covered)
    joined = (1 - EDGE_WEIGHT) * saliency_map(picture) + EDGE_WEIGHT * measure_edges(picture)
    weights[rows, columns] = np.where(covered, LETTERING_WEIGHT * joined, joined)
    return InterestMap(weights, scale)


def measure_edges(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much fuller of edges each place of RGB ``uint8 (H, W, 3)`` is than half of the picture: ``float32 (H, W)``,
    0–1, less towards the rim; about 0 everywhere in a picture that is alike all over."""
    luma = to_gray(np.ascontiguousarray(rgb)).astype(np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), BLUR_SIGMA_PX)
    edges = np.abs(cv2.Laplacian(smooth, cv2.CV_32F, ksize=3))
    gathered = cv2.GaussianBlur(edges, (0, 0), max(GATHER_UNIT * max(luma.shape), 0.5))
    usual, most = np.percentile(gathered, (50, 99))
    lead = np.clip((gathered - usual) / max(float(most - usual), LEAST_LEAD), 0, 1)
    across, down = (np.square((np.arange(side) + 0.5) / side - 0.5) for side in luma.shape[::-1])
    falling = np.exp(-(down[:, None] + across[None]) / (2 * CENTRE_SIGMA_UNIT**2))
    return np.asarray(lead * (1 - CENTRE_WEIGHT + CENTRE_WEIGHT * falling), dtype=np.float32)


def _inside(box: Box, *, scale: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the map that lie in a box wholly, at least one of each."""
    x0, y0 = min(int(np.ceil(box.x0 / scale)), shape[1] - 1), min(int(np.ceil(box.y0 / scale)), shape[0] - 1)
    x1, y1 = min(int(np.floor(box.x1 / scale + 1e-6)), shape[1]), min(int(np.floor(box.y1 / scale + 1e-6)), shape[0])
    # The rounding of the map's height must cost no row of a picture without bars.
    y1 = shape[0] if box.y1 >= (shape[0] - 0.5) * scale else y1
    return slice(y0, max(y1, y0 + 1)), slice(x0, max(x1, x0 + 1))


def _mask(boxes: Iterable[Box], *, scale: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels of the map lie under boxes, with a margin."""
    mask = np.zeros(shape, dtype=bool)
    for box in boxes:
        x0, y0, x1, y1 = box.grown(LETTERING_MARGIN_UNIT * box.height).scaled(1 / scale)
        mask[max(int(y0), 0) : int(np.ceil(max(y1, 0))), max(int(x0), 0) : int(np.ceil(max(x1, 0)))] = True
    return mask


def _paint_over(rgb: NDArray[np.uint8], *, covered: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Fill covered pixels with what surrounds them, as smoothly as their distance from it asks.

    Normalised convolution (Knutsson & Westin 1993) on ever coarser levels of a pyramid.
    """
    if not covered.any():
        return np.ascontiguousarray(rgb)
    known = (~covered).astype(np.float32)
    level, weight = rgb.astype(np.float32) * known[..., None], known
    filled = _fill(level, weight)
    return np.where(covered[..., None], np.clip(np.rint(filled), 0, 255), rgb).astype(np.uint8)


def _fill(level: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted colours ``(h, w, 3)`` over their weights ``(h, w)``; where these are 0, from the next coarser level."""
    height, width = weight.shape
    own = level / np.maximum(weight, 1e-6)[..., None]
    if max(height, width) == 1 or weight.min() > 0:
        return np.asarray(own, dtype=np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    smaller = np.asarray(cv2.resize(level, half, interpolation=cv2.INTER_AREA), dtype=np.float32).reshape(
        half[1], half[0], 3
    )
    fewer = np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), dtype=np.float32)
    coarse = cv2.resize(_fill(smaller, fewer), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.where((weight > 0)[..., None], own, coarse.reshape(height, width, 3)), dtype=np.float32)
