"""Evidence of lettering without a text detector: what looks like letters in several transformed views of a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.similarity.lettering_mask import mask_lettering

LIGHT_LEVELS = 200
"""Lettering over pictures is mostly light: what has no channel below this stays, everything else is darkened."""

VIEW_PROBABILITY = 0.3
"""How likely letters in one view are letters: picket fences and windows are found in most pictures' plain view."""


def map_evidence(rgb: NDArray[np.uint8], *, all_views: bool) -> NDArray[np.float32]:
    """How likely each pixel of RGB ``uint8 (h, w, 3)`` is lettered, by its looks: ``float32 (h, w)``, 0–1.

    Rows of like strokes are looked for in the picture, and with ``all_views`` also without what a median filter takes
    away and with all but the light tones darkened. Views count as independent: two that agree make it likelier than
    not. After Netflix's "Extracting image metadata at scale" (2015), which looks for text in transformed pictures
    because each alone has many false positives; on 30 rendered titles and 80 pictures two of these three views agree
    on 20 titles and 0.5 % of the rest, where the plain view has 15 and 1.7 %.
    """
    views = [rgb]
    if all_views:
        is_light = cv2.inRange(rgb, (LIGHT_LEVELS + 1,) * 3, (255,) * 3)
        darkened = cv2.convertScaleAbs(rgb, alpha=0.5)
        views += [
            np.asarray(cv2.medianBlur(rgb, 3), dtype=np.uint8),
            np.asarray(cv2.copyTo(rgb, is_light, darkened), dtype=np.uint8),
        ]
    unlikely = np.ones(rgb.shape[:2], dtype=np.float32)
    for view in views:
        unlikely[mask_lettering(view)] *= 1 - VIEW_PROBABILITY
    return np.asarray(1 - unlikely, dtype=np.float32)
