"""A picture as a set of numbers, many of which it shares with its derivatives and few with anything else."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray
from curation.similarity.descriptor import PictureDescriptor, Seen, unfold
from curation.similarity.keypoints import MIRRORED

TABLES = 4
WORD_BITS = 22
FLIPS = 5
"""On asking, the bits nearest to their threshold are tried both ways, one at a time (multi-probe)."""
WHOLE_WORDS = 8
WHOLE_BITS = 10
WHOLE_CELLS = 8
_TABLE_SHIFT = 24
_LEAST_SPREAD_LEVELS = 2.0


def list_words(descriptor: PictureDescriptor) -> NDArray[np.uint32]:
    """Words by which a picture is found: sorted, each once, ``uint32 (W,)``, at most 968.

    Of each keypoint's descriptor the signs of random projections, 22 bits in each of four tables (Charikar, 2002),
    and of the whole picture eight words of ten signs out of its coarsest frequencies, for pictures in which there
    is little to hold on to.
    """
    seen = unfold(descriptor)
    projected = _project(seen.vectors)
    return np.unique(np.concatenate([_pack(projected > 0).ravel(), _whole_words(seen, mirrored=False)]))


def list_asked_words(descriptor: PictureDescriptor) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Words to look for, in the picture as it is and in its mirror image; with those that are nearly its words."""
    seen = unfold(descriptor)
    return _asked(seen, mirrored=False), _asked(seen, mirrored=True)


def _asked(seen: Seen, *, mirrored: bool) -> NDArray[np.uint32]:
    projected = _project(seen.vectors[:, MIRRORED] if mirrored else seen.vectors)
    words = _pack(projected > 0)
    if len(words):
        # The least certain signs of each word, turned one after the other.
        doubtful = np.argpartition(np.abs(projected), FLIPS, axis=2)[:, :, :FLIPS]
        turned = words[:, :, None] ^ (np.uint32(1) << doubtful.astype(np.uint32))
        words = np.concatenate([words.ravel(), turned.ravel()])
    return np.unique(np.concatenate([words.ravel(), _whole_words(seen, mirrored=mirrored)]))


@cache
def _directions() -> NDArray[np.float32]:
    """Directions of the projections, ``float32 (128, 88)``."""
    rng = np.random.default_rng(20)
    directions = rng.standard_normal((128, TABLES * WORD_BITS))
    return np.asarray(directions / np.linalg.norm(directions, axis=0), dtype=np.float32)


@cache
def _usual_descriptor() -> NDArray[np.float32]:
    """What descriptors of photographs are on average, so that signs fall either way alike: ``float32 (128,)``."""
    mean = np.empty((4, 4, 8), dtype=np.float32)
    for row in range(4):
        for column in range(4):
            mean[row, column] = _USUAL[row in (1, 2), column in (1, 2)]
    return mean.reshape(128)


_USUAL = {
    (False, False): (0.050, 0.051, 0.065, 0.051, 0.050, 0.049, 0.060, 0.049),
    (False, True): (0.062, 0.062, 0.074, 0.062, 0.062, 0.060, 0.070, 0.060),
    (True, False): (0.058, 0.063, 0.081, 0.063, 0.058, 0.060, 0.076, 0.060),
    (True, True): (0.077, 0.080, 0.097, 0.080, 0.077, 0.077, 0.092, 0.077),
}
"""Means over the 22,582 descriptors of 97 photographs, by place in the grid of 4 × 4 (whether its row, and its column,
is one of the two in the middle) and by direction in steps of 45°."""


def _project(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signed distances from the planes, ``float32 (N, tables, bits)``."""
    projected = (vectors - _usual_descriptor()) @ _directions()
    return np.asarray(projected.reshape(len(vectors), TABLES, WORD_BITS), dtype=np.float32)


def _pack(signs: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Words ``uint32 (N, tables)`` of signs ``(N, tables, bits)``, the table in the upper bits."""
    tables = np.arange(TABLES, dtype=np.uint32) << np.uint32(_TABLE_SHIFT)
    packed = np.zeros((*signs.shape[:2], 4), dtype=np.uint8)
    packed[:, :, : (WORD_BITS + 7) // 8] = np.packbits(signs, axis=2, bitorder="little")
    return np.asarray(packed.view("<u4")[:, :, 0].astype(np.uint32) | tables, dtype=np.uint32)


@cache
def _choices() -> list[NDArray[np.int64]]:
    """Which of the coarsest frequencies each word of the whole picture tells."""
    return [np.random.default_rng(number).permutation(30)[:WHOLE_BITS] for number in range(WHOLE_WORDS)]


def _whole_words(seen: Seen, *, mirrored: bool) -> NDArray[np.uint32]:
    """Words of the coarsest frequencies of the luma, after Zauner (2010); none of a picture of one tone."""
    luma = to_gray(seen.rgb).astype(np.float32)
    if luma.std() < _LEAST_SPREAD_LEVELS:
        return np.array([TABLES << _TABLE_SHIFT], dtype=np.uint32)
    small = cv2.resize(luma[:, ::-1] if mirrored else luma, (32, 32), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small)[:WHOLE_CELLS, :WHOLE_CELLS].ravel()[1:]
    signs = (waves > 0).astype(np.uint32)
    words = []
    for number, chosen in enumerate(_choices()):
        bits = int((signs[chosen] << np.arange(WHOLE_BITS, dtype=np.uint32)).sum())
        words.append((TABLES + 1 + number) << _TABLE_SHIFT | bits)
    return np.array(words, dtype=np.uint32)
