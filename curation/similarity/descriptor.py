"""What is kept of a picture so that it can be compared with any other without being read again."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import from_bgr, to_bgr, to_gray
from curation.similarity.content_area import find_content_area
from curation.similarity.keypoints import Keypoints, find_keypoints
from curation.similarity.lettering_mask import mask_lettering
from curation.similarity.picture_quality import QualityFacts, measure_quality

DESCRIPTOR_VERSION = 2
"""Rises whenever what is kept, or how it is measured, changes; descriptors of another version are not compared."""

WORKING_SIDE_PX = 224
"""Longer side of the picture in which keypoints are looked for."""
THUMBNAIL_SIDE_PX = 128
LETTERING_SIDE_PX = 384
"""Longer side of the picture, bars included, in which bars and lettering are looked for."""
THUMBNAIL_JPEG_QUALITY = 92
_HEAD = struct.Struct("<4s6I3fII")
_MAGIC = b"AVAp"
_MOST_ASPECT = 64

Box = Sequence[float]


class UnreadableDescriptor(ValueError):
    """Bytes are no packed descriptor of this version; the message says what to do."""


@dataclass(frozen=True, eq=False)
class PictureDescriptor:
    """A picture without its bars, in about 25 KB.

    ``width_px``, ``height_px``: the picture as it came; ``area_px``: width and height of what bars leave;
    ``working_px``: width and height of the picture in which ``keypoints`` lie; ``thumbnail``: JPEG bytes, longer side
    128 px; ``lettering``: packed bits of the thumbnail's pixels that are lettered; ``quality``: see ``QualityFacts``.
    """

    width_px: int
    height_px: int
    area_px: tuple[int, int]
    working_px: tuple[int, int]
    keypoints: Keypoints
    thumbnail: bytes
    lettering: bytes
    quality: QualityFacts


class Seen(NamedTuple):
    """A descriptor unfolded for comparing: thumbnail ``uint8 (h, w, 3)``, where it counts ``bool (h, w)``; of the
    keypoints the places ``float32 (N, 2)`` and sizes ``(N,)`` in the thumbnail's pixels, and the descriptors
    ``float32 (N, 128)``; ``digest`` is the same for equal descriptors only."""

    rgb: NDArray[np.uint8]
    counts: NDArray[np.bool_]
    places_px: NDArray[np.float32]
    sizes_px: NDArray[np.float32]
    vectors: NDArray[np.float32]
    digest: bytes


def describe_picture(rgb: NDArray[np.uint8], *, text_boxes: Iterable[Box] = ()) -> PictureDescriptor:
    """Describe RGB ``uint8 (H, W, 3)`` of any size from 1 × 1 on, ``text_boxes`` being x0, y0, x1, y1 in its pixels.

    Bars are removed; lettering, in the boxes and where ``mask_lettering`` finds some, neither gives keypoints nor is
    compared. Of the same pixels the descriptor is always the same. Raises ``ValueError`` for another shape or type.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise ValueError(f"A picture is uint8 (H, W, 3), not {rgb.dtype} {rgb.shape}.")
    shrunk, scale = _shrink(rgb)
    area = find_content_area(shrunk)
    content = np.ascontiguousarray(shrunk[area.y0 : area.y1, area.x0 : area.x1])
    boxes = [_to_content(box, scale=scale, origin=(area.x0, area.y0)) for box in text_boxes]
    lettered = mask_lettering(content, boxes=boxes)
    working, thumbnail = (_fit(content, side_px) for side_px in (WORKING_SIDE_PX, THUMBNAIL_SIDE_PX))
    small_lettered = _fit_mask(lettered, thumbnail)
    return PictureDescriptor(
        width_px=rgb.shape[1],
        height_px=rgb.shape[0],
        area_px=(max(round((area.x1 - area.x0) / scale[0]), 1), max(round((area.y1 - area.y0) / scale[1]), 1)),
        working_px=(working.shape[1], working.shape[0]),
        keypoints=find_keypoints(to_gray(working), allowed=~_fit_mask(lettered, working)),
        thumbnail=_encode(thumbnail),
        lettering=np.packbits(small_lettered).tobytes(),
        quality=measure_quality(rgb, lettering_unit=float(lettered.mean())),
    )


def _shrink(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """The picture with a longer side of ``LETTERING_SIDE_PX`` at most, and its scale in x and y."""
    shrunk = _fit(rgb, LETTERING_SIDE_PX)
    return shrunk, (shrunk.shape[1] / rgb.shape[1], shrunk.shape[0] / rgb.shape[0])


def _fit(rgb: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """The picture shrunk to a longer side, never enlarged; a strip longer than 64 times its width is squeezed."""
    height, width = rgb.shape[:2]
    factor = min(side_px / max(height, width), 1.0)
    least = max(max(height, width) * factor / _MOST_ASPECT, 1)
    size = (round(max(width * factor, min(least, width))), round(max(height * factor, min(least, height))))
    if size == (width, height):
        return rgb
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _fit_mask(mask: NDArray[np.bool_], picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A mask in the size of a picture; what is touched counts."""
    shares = cv2.resize(mask.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(shares > 0.1, dtype=np.bool_)


def _to_content(box: Box, *, scale: tuple[float, float], origin: tuple[int, int]) -> tuple[float, float, float, float]:
    (x0, y0, x1, y1), (right, down), (left, top) = box, scale, origin
    return x0 * right - left, y0 * down - top, x1 * right - left, y1 * down - top


def _encode(rgb: NDArray[np.uint8]) -> bytes:
    _, packed = cv2.imencode(".jpg", to_bgr(rgb), [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_JPEG_QUALITY])
    return bytes(packed.tobytes())


@lru_cache(maxsize=384)
def unfold(descriptor: PictureDescriptor) -> Seen:
    """Unfold a descriptor for comparing; the last few hundred are kept."""
    stored = np.frombuffer(descriptor.thumbnail, dtype=np.uint8)
    rgb = from_bgr(np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), dtype=np.uint8))
    bits = np.unpackbits(np.frombuffer(descriptor.lettering, dtype=np.uint8), count=rgb.shape[0] * rgb.shape[1])
    keypoints = descriptor.keypoints
    shrunk: NDArray[np.float32] = np.divide(rgb.shape[1::-1], descriptor.working_px, dtype=np.float32)
    return Seen(
        rgb=rgb,
        counts=bits.reshape(rgb.shape[:2]) == 0,
        places_px=np.asarray((keypoints.places_px + 0.5) * shrunk - 0.5, dtype=np.float32),
        sizes_px=keypoints.sizes_px * np.float32(shrunk.max()),
        vectors=keypoints.descriptors(),
        digest=blake2b(pack_descriptor(descriptor), digest_size=16).digest(),
    )


def pack_descriptor(descriptor: PictureDescriptor) -> bytes:
    """Pack a descriptor for storing; equal descriptors give equal bytes."""
    keypoints = descriptor.keypoints
    head = _HEAD.pack(
        _MAGIC, DESCRIPTOR_VERSION, len(keypoints), descriptor.width_px, descriptor.height_px, *descriptor.area_px,
        *descriptor.quality, len(descriptor.thumbnail), len(descriptor.lettering),
    )  # fmt: skip
    numbers = np.column_stack([keypoints.places_px, keypoints.sizes_px]).astype("<f2")
    sizes = struct.pack("<2H", *descriptor.working_px)
    return b"".join((
        head, sizes, numbers.tobytes(), keypoints.packed.tobytes(), descriptor.thumbnail, descriptor.lettering
    ))  # fmt: skip


def unpack_descriptor(packed: bytes) -> PictureDescriptor:
    """Read what ``pack_descriptor`` wrote; raises ``UnreadableDescriptor`` for anything else or another version."""
    packed = bytes(packed)
    try:
        fields = _HEAD.unpack_from(packed)
        magic, version, count, width, height, area_width, area_height, *rest = fields
        if magic != _MAGIC or version != DESCRIPTOR_VERSION:
            raise UnreadableDescriptor("This is no descriptor of today's version; describe the picture again.")
        working = struct.unpack_from("<2H", packed, _HEAD.size)
    except struct.error as error:
        raise UnreadableDescriptor("This descriptor is cut off; describe the picture again.") from error
    facts, (thumbnail_bytes, lettering_bytes) = QualityFacts(*rest[:3]), rest[3:]
    lengths = (count * 6, count * 64, thumbnail_bytes, lettering_bytes)
    ends = np.cumsum([_HEAD.size + 4, *lengths])
    if ends[-1] != len(packed):
        raise UnreadableDescriptor("This descriptor is cut off; describe the picture again.")
    numbers, vectors, thumbnail, lettering = (packed[start:end] for start, end in pairwise(ends))
    places = np.frombuffer(numbers, dtype="<f2").reshape(count, 3).astype(np.float32)
    keypoints = Keypoints(places[:, :2], places[:, 2], np.frombuffer(vectors, dtype=np.uint8).reshape(count, 64))
    return PictureDescriptor(
        width, height, (area_width, area_height), (working[0], working[1]), keypoints, thumbnail, lettering, facts
    )
