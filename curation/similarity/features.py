"""Matching of keypoints between two pictures, and the one crop, scaling and mirroring that most matches agree on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.similarity.descriptor import Seen
from curation.similarity.keypoints import MIRRORED

RATIO = 0.85
"""A match counts when its distance is less than this times that of the next best place (Lowe, 2004)."""
LEAST_COSINE = 0.75
LEAST_INLIERS = 6
"""Fewer agreeing matches are chance."""
TOLERANCES_PX = (5.0, 3.0, 2.0)
"""In the thumbnail, from the first guess to the last refinement."""
SCALES = (0.2, 5.0)
MOST_STRETCH = 1.3
"""Derivatives keep their aspect, or nearly."""
EVIDENCE = 12.0
CERTAIN = 0.5
"""Features part from which on the mirror image need not be tried."""
_SAME_PLACE_PX = 3.0


class Placing(NamedTuple):
    """Where a picture lies in another: x' = scale_x · x + shift_x, y' likewise, in pixels of the thumbnails; with
    ``mirrored`` the picture is turned left to right before."""

    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float
    mirrored: bool


class Matched(NamedTuple):
    """The placing of the second picture in the first, how many matches agree on it, and how many keypoints the
    emptier picture has where both overlap."""

    placing: Placing
    inliers: int
    possible: int

    @property
    def score(self) -> float:
        """The features part: share of the possible matches that agree, doubted where they are few; 0–1."""
        share = min(self.inliers / max(self.possible, 1), 1.0)
        return float(np.sqrt(share) * (1 - np.exp(-self.inliers / EVIDENCE)))


def match_features(first: Seen, second: Seen) -> Matched | None:
    """Find the placing on which most matched keypoints agree, mirrored or not; None when too few do.

    Mutual nearest neighbours under a ratio test, where the next best lies elsewhere in the picture. Every match's
    own scale and place is a hypothesis, all are judged by all matches, and the best is refined by least squares: as
    RANSAC (Fischler & Bolles, 1981) with one-point samples, but all of them, so that the result is certain.
    """
    upright = _match(first, second, mirrored=False)
    if upright and upright.score >= CERTAIN:
        return upright
    turned = _match(first, second, mirrored=True)
    return max((each for each in (upright, turned) if each), key=lambda each: each.inliers, default=None)


def _match(first: Seen, second: Seen, *, mirrored: bool) -> Matched | None:
    vectors = second.vectors[:, MIRRORED] if mirrored else second.vectors
    pairs = _mutual_matches(first, second, vectors)
    if len(pairs) < LEAST_INLIERS:
        return None
    places = mirror_places(second.places_px, width=second.rgb.shape[1]) if mirrored else second.places_px
    mine, theirs = first.places_px[pairs[:, 0]], places[pairs[:, 1]]
    scales = first.sizes_px[pairs[:, 0]] / second.sizes_px[pairs[:, 1]]
    placing = _agree(mine, theirs, scales)
    if placing is None:
        return None
    scale, shift, inliers = placing
    placed = Placing(float(scale[0]), float(scale[1]), float(shift[0]), float(shift[1]), mirrored)
    return Matched(placed, inliers, _possible(first, second, places=places, placing=placed))


def mirror_places(places_px: NDArray[np.float32], *, width: int) -> NDArray[np.float32]:
    """Places ``float32 (N, 2)`` in a picture of this width after it was turned left to right."""
    return np.column_stack([width - 1 - places_px[:, 0], places_px[:, 1]])


def _mutual_matches(first: Seen, second: Seen, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Pairs of keypoints that are each other's nearest and pass the ratio test: ``int64 (M, 2)``."""
    if not len(first.vectors) or not len(vectors):
        return np.empty((0, 2), dtype=np.int64)
    cosines = first.vectors @ vectors.T
    rows = np.arange(len(cosines))
    best = cosines.argmax(axis=1)
    mutual = cosines.argmax(axis=0)[best] == rows
    kept = np.flatnonzero(mutual & (cosines[rows, best] > LEAST_COSINE))
    if not len(kept):
        return np.empty((0, 2), dtype=np.int64)
    best, values = best[kept], cosines[kept]
    x, y = second.places_px.T
    elsewhere = np.maximum(np.abs(x[best, None] - x), np.abs(y[best, None] - y)) > _SAME_PLACE_PX
    others = np.where(elsewhere, values, -1.0).max(axis=1)
    nearest = np.sqrt(np.maximum(2 - 2 * values[np.arange(len(kept)), best], 0))
    clear = nearest < RATIO * np.sqrt(np.maximum(2 - 2 * others, 0))
    return np.column_stack([kept[clear], best[clear]])


def _agree(
    mine: NDArray[np.float32], theirs: NDArray[np.float32], scales: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int] | None:
    """The scale and shift, each x and y, of ``theirs`` in ``mine`` that most of the places ``(M, 2)`` agree on."""
    shifts = mine - scales[:, None] * theirs
    errors_x, errors_y = (
        np.abs(scales[:, None] * theirs[:, axis] + shifts[:, None, axis] - mine[:, axis]) for axis in (0, 1)
    )
    agreeing = np.maximum(errors_x, errors_y) < TOLERANCES_PX[0]
    votes = agreeing.sum(axis=1) * ((scales > SCALES[0]) & (scales < SCALES[1]))
    kept = agreeing[int(votes.argmax())]
    scale, shift = np.ones(2), np.zeros(2)
    for tolerance in (*TOLERANCES_PX, TOLERANCES_PX[-1]):
        if np.count_nonzero(kept) < LEAST_INLIERS:
            return None
        scale, shift = _fit(mine[kept], theirs[kept])
        kept = np.abs(scale * theirs + shift - mine).max(axis=1) < tolerance
    stretch = max(scale) / max(min(scale), 1e-6)
    inliers = int(np.count_nonzero(kept))
    if inliers < LEAST_INLIERS or min(scale) < SCALES[0] or max(scale) > SCALES[1] or stretch > MOST_STRETCH:
        return None
    return scale, shift, inliers


def _fit(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least squares of scale and shift; scales in x and y are one as far as the places do not say otherwise."""
    middle_mine, middle_theirs = mine.mean(axis=0, dtype=np.float64), theirs.mean(axis=0, dtype=np.float64)
    a, b = mine - middle_mine, theirs - middle_theirs
    products, squares = (a * b).sum(axis=0), (b * b).sum(axis=0)
    common = products.sum() / max(squares.sum(), 1e-6)
    doubt = 4.0 * len(mine)  # px² a match
    scale = (products + doubt * common) / (squares + doubt)
    return scale, middle_mine - scale * middle_theirs


def _possible(first: Seen, second: Seen, *, places: NDArray[np.float32], placing: Placing) -> int:
    """Keypoints of the emptier picture that lie in both."""
    scale = np.array([placing.scale_x, placing.scale_y])
    shift = np.array([placing.shift_x, placing.shift_y])
    theirs = _count_inside(places * scale + shift, first)
    mine = _count_inside((first.places_px - shift) / scale, second)
    return min(theirs, mine)


def _count_inside(places: NDArray[np.float64], picture: Seen) -> int:
    size = np.array(picture.rgb.shape[1::-1])
    return int(np.count_nonzero(((places >= 0) & (places < size)).all(axis=1)))
