"""Numbers for like pictures that are compared once and kept nowhere, as stills that are chosen without a database."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import describe_picture
from curation.similarity.grouping import group_pictures

Boxes = Sequence[tuple[float, float, float, float]]


def group_stills(
    pictures: Iterable[NDArray[np.uint8]], *, text_boxes: Iterable[Boxes] | None = None
) -> NDArray[np.int64]:
    """Number pictures RGB ``uint8 (H, W, 3)`` so that those which are one picture have one number: ``int64 (N,)``.

    Numbers count from 0 in the order of each group's first picture; one that is alone has a number of its own.
    ``text_boxes`` are each picture's lines of text as x0, y0, x1, y1 in its pixels, as many as there are pictures.
    Pictures are read one at a time; about 25 KB of each are kept.
    """
    if text_boxes is None:
        described = {place: describe_picture(rgb) for place, rgb in enumerate(pictures)}
    else:
        both = enumerate(zip(pictures, text_boxes, strict=True))
        described = {place: describe_picture(rgb, text_boxes=boxes) for place, (rgb, boxes) in both}
    first = np.arange(len(described), dtype=np.int64)
    for group in group_pictures(described).groups:
        first[group] = group[0]
    return np.unique(first, return_inverse=True)[1].astype(np.int64)
