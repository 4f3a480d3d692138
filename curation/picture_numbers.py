"""Numbers for like pictures that are compared once and kept nowhere, as stills that are chosen without a database."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import describe_picture
from curation.similarity.grouping import group_pictures


class LetteredPicture(NamedTuple):
    """RGB ``uint8 (H, W, 3)``, and the lines of text in it as x0, y0, x1, y1 in its pixels."""

    rgb: NDArray[np.uint8]
    text_boxes: Sequence[Sequence[float]] = ()


def group_stills(pictures: Iterable[LetteredPicture]) -> NDArray[np.int64]:
    """Number pictures so that those which are one picture have one number: ``int64 (N,)``.

    Numbers count from 0 in the order of each group's first picture; one that is alone has a number of its own.
    Pictures are read one at a time; about 25 KB of each are kept.
    """
    described = {
        place: describe_picture(picture.rgb, text_boxes=picture.text_boxes) for place, picture in enumerate(pictures)
    }
    first = np.arange(len(described), dtype=np.int64)
    for group in group_pictures(described).groups:
        first[group] = group[0]
    return np.unique(first, return_inverse=True)[1].astype(np.int64)
