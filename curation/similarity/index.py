"""The similarity index of two pictures: four parts, and the one number made of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from curation.similarity.alignment import Aligned, align, whole_on_whole
from curation.similarity.descriptor import PictureDescriptor, Seen, unfold
from curation.similarity.earth_mover import compare_colours
from curation.similarity.features import Placing, match_features
from curation.similarity.grading import even_out
from curation.similarity.histogram import compare_histograms
from curation.similarity.structure import compare_structure

INDEX_VERSION = 3
"""Rises whenever the index of a pair may change."""
SAME_PICTURE = 0.5
"""From this index on two pictures are taken for one: calibrated so that 97 % of derivatives are, and another moment
of a static shot hardly ever."""

PARTS = ("histogram", "structure", "features", "emd")
WEIGHTS = {"histogram": 1.0, "structure": 12.0, "features": 4.7, "emd": 1.0}
BIAS = -10.1
"""Fitted by `python -m tests.bench.similarity_calibration --every 4` to pairs of photographs, drawn scenes and
film frames whose truth is known, each kind of pair weighing alike and no weight below 1; figures are measured on
others."""
LEAST_COUNTED_PX = 12


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two pictures are: the index and its four parts, each 0–1, 1 the same."""

    index: float
    histogram: float
    structure: float
    features: float
    emd: float


class Comparison(NamedTuple):
    """The similarity, and how the second picture lies in the first."""

    similarity: Similarity
    placing: Placing


class _Laid(NamedTuple):
    """A picture laid over another, and how alike their structure is there."""

    placing: Placing
    aligned: Aligned
    structure: float


UNLIKE = Similarity(0.0, 0.0, 0.0, 0.0, 0.0)


def compare_pictures(first: PictureDescriptor, second: PictureDescriptor) -> Similarity:
    """Compare two pictures; the order does not matter, and equal descriptors give 1.0 in everything."""
    return compare_placed(first, second).similarity


def compare_placed(first: PictureDescriptor, second: PictureDescriptor) -> Comparison:
    """Compare two pictures and tell how the second lies in the first."""
    one, other = unfold(first), unfold(second)
    if one.digest == other.digest:
        return Comparison(Similarity(1.0, 1.0, 1.0, 1.0, 1.0), Placing(1.0, 1.0, 0.0, 0.0, False))
    if one.digest < other.digest:
        return _compare(one, other)
    found = _compare(other, one)
    return found._replace(placing=_inverse(found.placing, width=one.rgb.shape[1], other_width=other.rgb.shape[1]))


def _compare(first: Seen, second: Seen) -> Comparison:
    matched = match_features(first, second)
    placings = [whole_on_whole(first, second, mirrored=mirrored) for mirrored in (False, True)]
    laid = [_lay(first, second, placing) for placing in ([matched.placing] if matched else placings)]
    best = max((each for each in laid if each), key=lambda each: each.structure, default=None)
    if best is None:
        return Comparison(UNLIKE, placings[0])
    one, other = even_out(best.aligned)
    parts = {
        "histogram": compare_histograms(one, other),
        "structure": best.structure,
        "features": matched.score if matched else 0.0,
        "emd": compare_colours(one, other),
    }
    return Comparison(Similarity(index=_combine(parts), **parts), best.placing)


def _lay(first: Seen, second: Seen, placing: Placing) -> _Laid | None:
    aligned = align(first, second, placing)
    if aligned is None:
        return None
    if np.count_nonzero(aligned.counts) < LEAST_COUNTED_PX:  # nothing but lettering: it is then the picture
        aligned = Aligned(aligned.first, aligned.second, np.ones_like(aligned.counts))
    return _Laid(placing, aligned, compare_structure(aligned))


def _combine(parts: dict[str, float]) -> float:
    """Logistic of the weighted parts, scaled so that all ones give 1."""
    total = BIAS + sum(weight * parts[name] for name, weight in WEIGHTS.items())
    most = BIAS + sum(WEIGHTS.values())
    return float((1 + np.exp(-most)) / (1 + np.exp(-total)))


def _inverse(placing: Placing, *, width: int, other_width: int) -> Placing:
    """How the first picture lies in the second, from how the second lies in the first."""
    scale_x, scale_y = 1 / placing.scale_x, 1 / placing.scale_y
    shift_x, shift_y = -placing.shift_x * scale_x, -placing.shift_y * scale_y
    if placing.mirrored:
        # x' = s(w − 1 − x) + t, solved for x, and brought into the same form with the other width.
        shift_x = width - 1 + placing.shift_x * scale_x - scale_x * (other_width - 1)
    return Placing(scale_x, scale_y, shift_x, shift_y, placing.mirrored)
