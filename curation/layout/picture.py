"""A single picture, of which nothing is known: what is in it, and how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, scale_area
from ava.annotate.availability import unavailable_detectors
from ava.annotate.base import Detector
from ava.annotate.describe import describe_findings
from ava.annotate.picture import look_at_picture
from ava.weights.store import WeightsStore
from curation.layout.canvases import Canvas
from curation.layout.contents import PictureContents, read_contents
from curation.layout.layouts import Layout
from curation.layout.still_fields import lay_out_still
from curation.layout.working_size import shrink_to_side
from curation.similarity.content_area import find_content_area

DETECTORS = frozenset({"faces", "face_mesh", "body_pose", "people", "text", "saliency"})
"""What a layout asks of a picture, by name; what others find does not matter to it."""
WORKING_SIDE_PX = 640
"""Larger pictures are shrunk to this before they are laid out, as the previews of stills are."""


class LaidOutPicture(NamedTuple):
    """What was ``found`` in a picture, as ``describe_findings`` tells it, its contents and its layout; the layout's
    last canvas is the whole picture."""

    found: dict[str, Any]
    contents: PictureContents
    layout: Layout


def lay_out_picture(
    rgb: NDArray[np.uint8], *, detectors: Sequence[Detector], canvases: Sequence[Canvas]
) -> LaidOutPicture:
    """Look at a picture, RGB ``uint8 (H, W, 3)``, with loaded detectors, in the order that they run in, and lay it
    out for canvases and as a whole; bars around it are no part of any crop."""
    height, width = rgb.shape[:2]
    found = describe_findings(look_at_picture(rgb, detectors=detectors).found, 0)
    small = shrink_for_layout(rgb)
    looked = frozenset(detector.name for detector in detectors)
    contents = read_contents(
        found,
        size=(width, height),
        area=find_area(small, size=(width, height)),
        looked=looked,
    )
    return LaidOutPicture(found, contents, lay_out_still(small, contents=contents, canvases=canvases))


def lacking_detectors(store: WeightsStore) -> list[dict[str, str]]:
    """What of ``DETECTORS`` cannot be run here for want of its model file: "what" cannot be known and "why"."""
    names = {name.replace("_", " ") for name in DETECTORS}
    return [each._asdict() for each in unavailable_detectors(store) if each.what in names]


def find_area(small: NDArray[np.uint8], *, size: tuple[int, int]) -> Area:
    """What bars leave of a picture of ``size``, found in a small copy; rounded inwards, so that no bar's rim stays."""
    height, width = small.shape[:2]
    x0, y0, x1, y1 = find_content_area(small)
    if (x0, y0, x1, y1) == (0, 0, width, height):
        return 0, 0, *size
    return scale_area((x0, y0, x1, y1), film_size=(width, height), size=size)


def shrink_for_layout(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture ``uint8 (H, W, 3)`` as large as a layout needs it: its longer side ``WORKING_SIDE_PX`` at most."""
    return shrink_to_side(rgb, side_px=WORKING_SIDE_PX)
