"""What single looks at a film say of stuck pixels: isolated impulses by place, gathered while a span is decoded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.planes import Plane, Planes
from ava.media.video_info import VideoInfo

LOOK_EVERY = 4
"""Only frames whose number is a multiple of this are looked at, wherever a span begins."""
BLOCK_FRAMES = 96
"""Time is cut on this grid of the whole film; a place that hardly shows in a block and its neighbours is forgotten."""
LEAST_IN_BLOCK = 4
"""Looks of one block that must show a place for it to be remembered."""
MOST_IN_LOOK = 1500
"""Impulses remembered of one picture, the strongest ones: more than that is noise or texture."""
RING_PX = 3
"""The surroundings that an impulse has to stand out of: the border of the square of 7 by 7 pixels around it."""
LEAST_CONTRAST = (8, 5, 5)
"""Levels above (below) everything in the ring, for Y, Cb and Cr."""
OF_RING_RANGE = 1 / 3
"""The same in parts of the range of levels within the ring, so that texture does not count."""

HIT = np.dtype(
    [("frame", "<i4"), ("kind", "u1"), ("x", "<u2"), ("y", "<u2")]
    + [(name, "u1") for name in ("contrast", "sharpness", "value", "ring", "light")]
)
"""One impulse of one look. ``kind``: twice the plane's number, and one more for a dark one. ``x``, ``y``: pixels of
its plane. ``contrast``: levels beyond the ring's extreme; ``sharpness``: beyond the extreme of the ring of 5 by 5;
``value``: its own level; ``ring``: the ring's mean; ``light``: mean luma around it."""
Hits = NDArray[np.void]


class Evidence(NamedTuple):
    """What looks at a film or a span showed.

    ``looks``: int32 (L,), ascending numbers of the frames that were looked at. ``hits``: HIT (N,), in order of frame,
    kind and place. ``size``, ``chroma_size``: (width, height) of the planes; (0, 0) without a picture.
    """

    looks: NDArray[np.int32]
    hits: Hits
    size: tuple[int, int]
    chroma_size: tuple[int, int]


class StuckEvidence:
    """Gathers what the pictures of a span show: ``add`` every decoded one, then ``pack``."""

    def __init__(self, info: VideoInfo, *, start_frame: int, end_frame: int) -> None:
        self._start, self._end = start_frame, end_frame
        self._fields = 2 if info.interlaced else 1
        self._looks: list[int] = []
        self._block: list[Hits] = []
        self._blocks: list[Hits] = []
        self._sizes = ((0, 0), (0, 0))

    def add(self, index: int, planes: Planes) -> None:
        """Look at a stored picture; those outside the span, and most within it, are passed over."""
        if index % LOOK_EVERY or not self._start <= index < self._end:
            return
        if self._looks and index // BLOCK_FRAMES != self._looks[-1] // BLOCK_FRAMES:
            self._close_block()
        self._sizes = (_size(planes.y), _size(planes.cb))
        self._looks.append(index)
        self._block.append(_look(index, planes, fields=self._fields))

    def pack(self) -> bytes:
        """The evidence as bytes.

        Blocks at a seam keep every impulse, as what lies beyond the seam decides which of them matter: so
        evidence joined over any seams equals that of one span.
        """
        if self._block:
            self._close_block()
        first, last = self._start // BLOCK_FRAMES, (self._end - 1) // BLOCK_FRAMES
        hits = _join(self._blocks)
        block = hits["frame"] // BLOCK_FRAMES
        at_seam = (block <= first + 1) | (block >= last - 1)
        return pack_evidence(
            Evidence(np.array(self._looks, dtype=np.int32), hits[at_seam | _is_lasting(hits)], *self._sizes)
        )

    def _close_block(self) -> None:
        self._blocks.append(_join(self._block))
        self._block = []
        self._forget()

    def _forget(self) -> None:
        """Let the last but one block go of what neither it nor its neighbours show again: memory stays bounded."""
        if len(self._blocks) < 4:
            return
        before, here, after = self._blocks[-3:]
        near = _join([before, here, after])
        lasting = _is_lasting(near)[len(before) : len(before) + len(here)]
        self._blocks[-2] = here[lasting]


def pack_evidence(evidence: Evidence) -> bytes:
    """Evidence as a compressed archive of arrays, without pickles."""
    file = io.BytesIO()
    sizes = np.array([evidence.size, evidence.chroma_size], dtype=np.int32)
    columns = {name: evidence.hits[name] for name in HIT.names or ()}
    np.savez_compressed(file, looks=evidence.looks, sizes=sizes, **columns)  # type: ignore[arg-type]
    return file.getvalue()


def unpack_evidence(packed: bytes) -> Evidence:
    """What pack_evidence packed. Raises ValueError for bytes that it did not pack."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            hits = np.empty(len(arrays["frame"]), dtype=HIT)
            for name in HIT.names or ():
                hits[name] = arrays[name]
            (width, height), (chroma_width, chroma_height) = arrays["sizes"].tolist()
            return Evidence(arrays["looks"].astype(np.int32), hits, (width, height), (chroma_width, chroma_height))
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError("This is no evidence of stuck pixels; scan the film again.") from error


def join_evidence(packed: Sequence[bytes]) -> Evidence:
    """Evidence of a film's spans, none of which overlap, in any order, as if the film had been one span."""
    parts = [part for part in map(unpack_evidence, packed) if len(part.looks)]
    if not parts:
        return Evidence(np.empty(0, np.int32), np.empty(0, HIT), (0, 0), (0, 0))
    parts.sort(key=lambda part: int(part.looks[0]))
    hits = _join([part.hits for part in parts])
    looks = np.concatenate([part.looks for part in parts])
    return Evidence(looks, hits[_is_lasting(hits)], parts[0].size, parts[0].chroma_size)


def _is_lasting(hits: Hits) -> NDArray[np.bool_]:
    """Which impulses lie at a place that one block shows often enough, that block or one beside it."""
    block = hits["frame"].astype(np.int64) // BLOCK_FRAMES
    place = place_keys(hits) * 2**20
    cells, cell_of, counts = np.unique(place + block, return_inverse=True, return_counts=True)
    often = cells[counts >= LEAST_IN_BLOCK]
    lasting = np.isin(cells, np.concatenate([often - 1, often, often + 1]))
    return np.asarray(lasting[cell_of], dtype=bool)


def place_keys(hits: Hits) -> NDArray[np.int64]:
    """One number for each plane, sign and pixel."""
    kind, y, x = (hits[name].astype(np.int64) for name in ("kind", "y", "x"))
    return np.asarray((kind << 32) + (y << 16) + x, dtype=np.int64)


def _look(index: int, planes: Planes, *, fields: int) -> Hits:
    """The impulses of a picture; the fields of an interlaced one are pictures of their own."""
    found = []
    for field in range(fields):
        luma = planes.y[field::fields]
        for number, plane in enumerate(planes):
            for hits in _impulses(plane[field::fields], number=number, luma=luma):
                hits["y"] = hits["y"] * fields + field
                found.append(hits)
    hits = _join(found)
    if len(hits) > MOST_IN_LOOK:
        hits = hits[np.argsort(-hits["contrast"].astype(np.int16), kind="stable")[:MOST_IN_LOOK]]
    hits["frame"] = index
    return hits[np.argsort(place_keys(hits))]


def _impulses(plane: Plane, *, number: int, luma: Plane) -> Iterator[Hits]:
    """Bright and then dark pixels of a plane that stand out of everything in the ring around them."""
    if min(plane.shape) <= 2 * RING_PX:
        return
    plane = np.ascontiguousarray(plane)
    highest, lowest = ring_extremes(plane)
    inner = plane[RING_PX:-RING_PX, RING_PX:-RING_PX]
    for is_dark, beyond in enumerate((cv2.subtract(inner, highest), cv2.subtract(lowest, inner))):
        y, x = np.divmod(np.flatnonzero(beyond >= LEAST_CONTRAST[number]), beyond.shape[1])
        contrast = beyond[y, x]
        stands_out = contrast >= OF_RING_RANGE * (highest[y, x].astype(np.int16) - lowest[y, x])
        y, x, contrast = y[stands_out] + RING_PX, x[stands_out] + RING_PX, contrast[stands_out]
        hits = np.zeros(len(x), dtype=HIT)
        hits["kind"], hits["x"], hits["y"] = 2 * number + is_dark, x, y
        hits["contrast"], hits["value"] = contrast, plane[y, x]
        hits["sharpness"] = _sharpness(plane, x, y, is_dark=bool(is_dark))
        hits["ring"] = _ring_mean(plane, x, y)
        down, across = (luma.shape[side] / plane.shape[side] for side in (0, 1))
        hits["light"] = _ring_mean(luma, (x * across).astype(np.int64), (y * down).astype(np.int64))
        yield hits


def ring_extremes(plane: Plane) -> tuple[Plane, Plane]:
    """The highest and lowest level on the border of the square around each pixel that has all of it.

    Two ``uint8`` arrays, smaller than the plane by RING_PX on each side. The border is four straight runs, so two
    running extremes in each direction do (van Herk, 1992).
    """
    side, ring = 2 * RING_PX + 1, RING_PX
    across, down = np.ones((1, side), np.uint8), np.ones((side, 1), np.uint8)
    extremes = []
    for run, join in ((cv2.dilate, cv2.max), (cv2.erode, cv2.min)):
        rows, columns = run(plane, across)[:, ring:-ring], run(plane, down)[ring:-ring]
        level = join(rows[: -2 * ring], rows[2 * ring :])
        extremes.append(join(level, join(columns[:, : -2 * ring], columns[:, 2 * ring :])))
    return np.asarray(extremes[0], dtype=np.uint8), np.asarray(extremes[1], dtype=np.uint8)


def _ring(plane: Plane, x: NDArray[np.int64], y: NDArray[np.int64], *, radius_px: int) -> NDArray[np.uint8]:
    """The levels (N, 8 * radius) on the border of the squares around pixels."""
    steps = [
        (across, down)
        for across in range(-radius_px, radius_px + 1)
        for down in range(-radius_px, radius_px + 1)
        if max(abs(across), abs(down)) == radius_px
    ]
    across, down = np.array(steps).T
    rows = np.clip(y[:, None] + down, 0, plane.shape[0] - 1)
    columns = np.clip(x[:, None] + across, 0, plane.shape[1] - 1)
    return np.asarray(plane[rows, columns], dtype=np.uint8)


def _ring_mean(plane: Plane, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.uint8]:
    levels = _ring(plane, x, y, radius_px=RING_PX)
    return np.asarray(np.rint(levels.sum(axis=1) / levels.shape[1]), dtype=np.uint8)


def _sharpness(plane: Plane, x: NDArray[np.int64], y: NDArray[np.int64], *, is_dark: bool) -> NDArray[np.uint8]:
    """Levels beyond everything two pixels away; 0 where a neighbour there is as extreme."""
    near, own = _ring(plane, x, y, radius_px=2).astype(np.int16), plane[y, x].astype(np.int16)
    beyond = near.min(axis=1, initial=255) - own if is_dark else own - near.max(axis=1, initial=0)
    return np.asarray(np.clip(beyond, 0, 255), dtype=np.uint8)


def _size(plane: Plane) -> tuple[int, int]:
    return plane.shape[1], plane.shape[0]


def _join(parts: Sequence[Hits]) -> Hits:
    return np.concatenate(parts) if parts else np.empty(0, dtype=HIT)
