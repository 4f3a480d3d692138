"""Which copy of a picture is the one to keep."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.index import compare_placed

FULL_PIXELS = 3840 * 2160
LETTERING_COST = 0.5
BLOCKINESS_COST = 0.3
MIRROR_COST = 0.35
CROP_COST = 0.6
_LEAST_LETTERING_UNIT = 0.01


def copy_quality(descriptor: PictureDescriptor) -> float:
    """What a picture is worth as a copy, by itself: 0–1, higher is better.

    The logarithm of the pixels that show something (an enlarged or blurred picture has fewer than it seems), from 0
    at 10,000 to 1 at 3840 × 2160, less for lettering on it and for JPEG's blocks.
    """
    width, height = descriptor.area_px
    detail = max(descriptor.quality.detail, 0.05)
    pixels = float(np.log(max(width * height * min(2 * detail, 1.0), 1.0) / 1e4) / np.log(FULL_PIXELS / 1e4))
    lettered = min(descriptor.quality.lettering_unit / 0.15, 1.0)
    cost = LETTERING_COST * lettered * (descriptor.quality.lettering_unit >= _LEAST_LETTERING_UNIT)
    cost += BLOCKINESS_COST * descriptor.quality.blockiness
    return float(np.clip(np.clip(pixels, 0, 1) * (1 - min(cost, 1.0)), 0, 1))


def best_copy(pictures: Sequence[PictureDescriptor]) -> int:
    """The place of the copy to keep among pictures that are the same; the first of equals, raises for none.

    Each is worth its ``copy_quality``, less for showing less of the scene than the one that shows most, and for
    being mirrored where most are not (of two that mirror each other the first counts as right).
    """
    if not pictures:
        raise ValueError("There is no copy to choose among no pictures.")
    qualities = np.array([copy_quality(each) for each in pictures])
    shown, mirrored = _measure_against(pictures, reference=int(np.argmax([len(each.keypoints) for each in pictures])))
    turned = int(np.count_nonzero(mirrored))
    if 2 * turned > len(pictures) or (2 * turned == len(pictures) and mirrored[0]):
        mirrored = ~mirrored
    worth = qualities * (1 - CROP_COST * (1 - shown / shown.max())) * (1 - MIRROR_COST * mirrored)
    return int(np.argmax(worth))


def _measure_against(
    pictures: Sequence[PictureDescriptor], *, reference: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How much each shows, in areas of one of them, ``(N,)``, and whether it is mirrored against it, ``(N,)``."""
    shown, mirrored = np.ones(len(pictures)), np.zeros(len(pictures), dtype=np.bool_)
    for place, picture in enumerate(pictures):
        if place == reference:
            continue
        found = compare_placed(pictures[reference], picture)
        sides = [np.array(each.area_px) / max(each.area_px) for each in (pictures[reference], picture)]
        shown[place] = found.placing.scale_x * found.placing.scale_y * np.prod(sides[1]) / np.prod(sides[0])
        mirrored[place] = found.placing.mirrored
    return shown, mirrored
