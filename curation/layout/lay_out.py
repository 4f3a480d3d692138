"""Laying out a picture for every canvas: focal point, crops, places for what lies over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curation.layout.canvases import Canvas
from curation.layout.contents import PictureContents
from curation.layout.layouts import Chosen, Layout


def lay_out(
    rgb: NDArray[np.uint8], *, contents: PictureContents, canvases: Sequence[Canvas], chosen: Chosen | None = None
) -> Layout:
    """Lay out a picture for canvases.

    RGB ``uint8 (H, W, 3)`` may be smaller than the picture that ``contents`` speak of (its preview, say); all that
    comes out is in pixels of ``contents``. What is ``chosen`` holds, as far as it lies within the picture.
    """
    raise NotImplementedError
