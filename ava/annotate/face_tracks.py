"""Faces followed through one shot, from the few frames that were looked at to every frame between them."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ava.annotate.base import Detections
from ava.annotate.face_boxes import Boxes, find_overlaps
from ava.annotate.median_flow import compare_patches, cut_patch, follow_boxes
from ava.media.colour import to_gray

FOLLOW_SIDE_PX = 320
MOST_BUFFERED = 150
"""Frames before a look through which its faces are followed backwards; bounds the memory."""

LEAST_OVERLAP, LEAST_LIKENESS = 0.3, 0.1
AGREEING_OVERLAP = 0.4
"""Two ways to a frame that overlap less than this are not averaged: the one from the nearer look holds."""

DOUBLE_OVERLAP = 0.5
"""No two tracks may lie on one another by more than this."""

MISSED_LIKENESS = 0.8
"""A face that a look has missed lives on to the next one when it was followed this surely."""


class FaceTracks(NamedTuple):
    """One row a face and frame, in the order of frames.

    ``frame_index`` ``int64 (N,)``; ``track`` ``int64 (N,)``, 0-based within the shot; ``boxes`` ``float32 (N, 4)`` in
    pixels of the frames handed over; ``is_detected`` ``bool (N,)``; ``row`` ``int64 (N,)`` into the detections, −1
    where the face was followed to this frame; ``score`` ``float32 (N,)`` 0–1: the detection's, and between
    detections theirs times how surely the face was followed.
    """

    frame_index: NDArray[np.int64]
    track: NDArray[np.int64]
    boxes: Boxes
    is_detected: NDArray[np.bool_]
    row: NDArray[np.int64]
    score: NDArray[np.float32]


def follow_faces(
    frames: Iterable[tuple[int, NDArray[np.uint8]]], *, detected: Detections, looks: Sequence[int] | None = None
) -> FaceTracks:
    """Link the faces of one shot and give each its box in the frames between.

    ``frames`` are all of the shot in order, as (number, RGB ``uint8 (H, W, 3)``), read once and never held for longer
    than ``MOST_BUFFERED`` frames. The first five columns of ``detected`` are x0, y0, x1, y1, score in pixels of these
    frames. ``looks`` are the frames that were looked at (default: those with detections): where one has no face, a
    track ends half-way to it, unless the next look finds the face again.

    Faces are followed forward and backward between looks by median flow (see ``follow_boxes``); a pair of detections
    is one person when both ways end on one another, each pairing used once (Kuhn 1955, the Hungarian method). A way
    that is lost between, as behind an occluder, ends its track.
    """
    shot = _Shot(detected, set(detected.frame_index.tolist()) | set(looks or ()))
    for number, rgb in frames:
        shot.take(number, rgb)
    return shot.finish()


@dataclass
class _Place:
    """A face in one frame."""

    box: NDArray[np.float32]
    likeness: float
    row: int = -1


@dataclass
class _Way:
    """One person so far: places by frame, and whether the last look has missed them."""

    places: dict[int, _Place]
    origin: int
    patch: NDArray[np.float32]
    score: float
    box: NDArray[np.float32]
    likeness: float = 1.0
    is_lost: bool = False
    missed_at: int = -1
    trial: dict[int, _Place] = field(default_factory=dict)
    """Places since the last detection: kept only as far as a coming detection, or half a gap, bears them out."""


class _Shot:
    """The state between frames: the ways that are open, and the frames since the last look."""

    def __init__(self, detected: Detections, looks: set[int]) -> None:
        self._detected, self._looks = detected, looks
        self._buffer: deque[tuple[int, NDArray[np.uint8]]] = deque(maxlen=MOST_BUFFERED)
        self._open: list[_Way] = []
        self._done: list[_Way] = []
        self._last_look = -1
        self._scale = 1.0

    def take(self, number: int, rgb: NDArray[np.uint8]) -> None:
        """Follow every open way into this frame, and at a look join them to what was found."""
        self._scale = min(FOLLOW_SIDE_PX / max(rgb.shape[:2]), 1.0)
        luma = to_gray(rgb)
        if self._scale < 1:
            size = (max(round(rgb.shape[1] * self._scale), 1), max(round(rgb.shape[0] * self._scale), 1))
            luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if self._buffer:
            self._step_forward(self._buffer[-1][1], luma, number=number)
        self._buffer.append((number, luma))
        if number in self._looks:
            self._look(number)

    def finish(self) -> FaceTracks:
        """End what is open where following has ended, and lay everything out."""
        for way in self._open:
            way.places |= way.trial if way.missed_at < 0 else _first_half(way.trial, way.missed_at)
        self._done += self._open
        self._open = []
        return _lay_out(self._done, scale=self._scale, detected=self._detected)

    def _step_forward(self, before: NDArray[np.uint8], now: NDArray[np.uint8], *, number: int) -> None:
        following = [way for way in self._open if not way.is_lost]
        step = follow_boxes(before, now, boxes=_stack([way.box for way in following]))
        for way, box, likeness in zip(following, step.boxes, step.likeness, strict=True):
            way.is_lost = bool(np.isnan(box).any())
            if not way.is_lost:
                way.box, way.likeness = box, min(way.likeness, float(likeness))
                way.trial[number] = _Place(box, float(likeness))

    def _look(self, number: int) -> None:
        """Join the open ways to this frame's detections; begin, end and carry on ways accordingly."""
        rows = np.flatnonzero(self._detected.frame_index == number)
        boxes = (self._detected.values[rows, :4] * self._scale).astype(np.float32)
        backward = self._follow_backward(boxes)
        here = self._buffer[-1][1]
        pairs = self._pair(boxes, backward, luma=here)
        paired = {place: way for way, place in pairs}
        for place, row in enumerate(rows.tolist()):
            score = float(self._detected.values[row, 4])
            own = _Place(boxes[place], 1.0, row)
            earlier = paired.get(place)
            patch = cut_patch(here, boxes[place])
            if earlier is None:
                lead_in = backward[place] if self._last_look < 0 else _second_half(backward[place], self._last_look)
                way = _Way({**lead_in, number: own}, number, patch, score, boxes[place])
                self._open.append(way)
            else:
                earlier.places |= _blend(earlier, backward[place], end=number) | {number: own}
                _restart(earlier, origin=number, patch=patch, score=score, box=boxes[place])
        self._settle_unpaired({id(way) for way, _ in pairs}, number)
        self._last_look = number
        while len(self._buffer) > 1:
            self._buffer.popleft()

    def _settle_unpaired(self, kept: set[int], number: int) -> None:
        """A way that this look has not borne out ends half-way, or lives on one more gap when it was sure."""
        still_open = []
        for way in self._open:
            if id(way) in kept or way.origin == number:
                still_open.append(way)
            elif not way.is_lost and way.missed_at < 0 and way.likeness >= MISSED_LIKENESS:
                way.missed_at = number
                still_open.append(way)
            else:
                way.places |= _first_half(way.trial, number if way.missed_at < 0 else way.missed_at)
                way.trial = {}
                self._done.append(way)
        self._open = still_open

    def _follow_backward(self, boxes: Boxes) -> list[dict[int, _Place]]:
        """Places of this look's faces in the buffered frames before it."""
        paths: list[dict[int, _Place]] = [{} for _ in boxes]
        following = list(range(len(boxes)))
        current = boxes
        for (number, before), (_, after) in zip(list(self._buffer)[-2::-1], list(self._buffer)[:0:-1], strict=True):
            if not following:
                break
            step = follow_boxes(after, before, boxes=current)
            alive = np.flatnonzero(~np.isnan(step.boxes).any(axis=1))
            following = [following[each] for each in alive]
            current = step.boxes[alive]
            for place, box, likeness in zip(following, current, step.likeness[alive], strict=True):
                paths[place][number] = _Place(box, float(likeness))
        return paths

    def _pair(
        self, boxes: Boxes, backward: list[dict[int, _Place]], *, luma: NDArray[np.uint8]
    ) -> list[tuple[_Way, int]]:
        """Which open way goes on in which detection: the pairing with the greatest sum of overlap and likeness."""
        ways = self._open
        if not ways or not len(boxes):
            return []
        worth = np.zeros((len(ways), len(boxes)))
        for number, way in enumerate(ways):
            for place, box in enumerate(boxes):
                overlap = self._meet(way, box, backward[place])
                alike = compare_patches(way.patch, cut_patch(luma, box))
                if overlap >= LEAST_OVERLAP and alike >= LEAST_LIKENESS:
                    worth[number, place] = overlap + 0.5 * alike
        chosen = zip(*linear_sum_assignment(-worth), strict=True)
        return [(ways[number], int(place)) for number, place in chosen if worth[number, place] > 0]

    def _meet(self, way: _Way, box: NDArray[np.float32], path: dict[int, _Place]) -> float:
        """How well the way forward and the path backward end on one another: mean intersection over union.

        0 when there is a frame between that neither reaches, or none where both can be compared.
        """
        between = [number for number, _ in self._buffer][:-1]
        if any(number > way.origin and number not in way.trial and number not in path for number in between):
            return 0.0
        overlaps = [] if way.is_lost else [_overlap(way.box, box)]
        start = way.places.get(way.origin)
        if start is not None and way.origin in path:
            overlaps.append(_overlap(start.box, path[way.origin].box))
        if not overlaps:
            shared = sorted(way.trial.keys() & path.keys())
            overlaps = [_overlap(way.trial[number].box, path[number].box) for number in shared[-1:]]
        return float(np.mean(overlaps)) if overlaps else 0.0


def _restart(
    way: _Way, *, origin: int, patch: NDArray[np.float32], score: float, box: NDArray[np.float32]
) -> None:
    way.origin, way.patch, way.score, way.box = origin, patch, score, box
    way.likeness, way.is_lost, way.missed_at, way.trial = 1.0, False, -1, {}


def _blend(way: _Way, backward: dict[int, _Place], *, end: int) -> dict[int, _Place]:
    """Places between two detections of one person: forward near the first, backward near the second."""
    blended = {}
    for number in sorted(way.trial.keys() | backward.keys()):
        if not way.origin < number < end:
            continue
        first, second = way.trial.get(number), backward.get(number)
        share = (number - way.origin) / (end - way.origin)
        if first is not None and second is not None and _overlap(first.box, second.box) >= AGREEING_OVERLAP:
            box = (first.box * (1 - share) + second.box * share).astype(np.float32)
            blended[number] = _Place(box, min(first.likeness, second.likeness))
            continue
        nearer, other = (first, second) if share < 0.5 else (second, first)
        place = nearer or other
        assert place is not None
        blended[number] = place
    return blended


def _first_half(path: dict[int, _Place], missed_at: int) -> dict[int, _Place]:
    """The part of a path nearer to its beginning than to the look that has missed it."""
    before = [number for number in path if number < missed_at]
    if not before:
        return {}
    middle = (min(before) - 1 + missed_at) / 2
    return {number: place for number, place in path.items() if number < middle}


def _second_half(path: dict[int, _Place], missed_at: int) -> dict[int, _Place]:
    """The part of a backward path nearer to its detection than to the look before, which has missed it."""
    if not path:
        return {}
    middle = (max(path) + 1 + missed_at) / 2
    return {number: place for number, place in path.items() if number > middle}


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(find_overlaps(first[None], second[None])[0, 0])


def _stack(boxes: Sequence[NDArray[np.float32]]) -> Boxes:
    return np.asarray(boxes, dtype=np.float32).reshape(-1, 4)


def _lay_out(ways: list[_Way], *, scale: float, detected: Detections) -> FaceTracks:
    """Rows in the order of frames and tracks; tracks are numbered by where they begin."""
    ways = sorted(ways, key=lambda way: (min(way.places), int(way.places[min(way.places)].box[0])))
    by_frame: dict[int, list[tuple[int, _Place]]] = {}
    for track, way in enumerate(ways):
        for number, place in way.places.items():
            by_frame.setdefault(number, []).append((track, place))
    rows = [
        (number, track, place)
        for number in sorted(by_frame)
        for track, place in _drop_doubles(by_frame[number])
    ]
    is_detected = np.array([place.row >= 0 for _, _, place in rows], dtype=bool)
    row = np.array([place.row for _, _, place in rows], dtype=np.int64)
    boxes = _stack([place.box for _, _, place in rows]) / np.float32(scale)
    boxes[is_detected] = detected.values[row[is_detected], :4]
    ends = [[float(detected.values[place.row, 4]) for place in way.places.values() if place.row >= 0] for way in ways]
    scores = [min(ends[track]) * max(place.likeness, 0.0) for _, track, place in rows]
    score = np.array(scores, dtype=np.float32)
    score[is_detected] = detected.values[row[is_detected], 4]
    numbers = np.array([number for number, _, _ in rows], dtype=np.int64)
    tracks = np.array([track for _, track, _ in rows], dtype=np.int64)
    return FaceTracks(numbers, tracks, boxes, is_detected, row, score)


def _drop_doubles(places: list[tuple[int, _Place]]) -> list[tuple[int, _Place]]:
    """Of followed boxes that lie on another track's box, drop the less sure; detected ones always stay."""
    places = sorted(places, key=lambda each: (each[1].row < 0, -each[1].likeness))
    kept: list[tuple[int, _Place]] = []
    for track, place in places:
        is_double = any(_overlap(place.box, other.box) > DOUBLE_OVERLAP for _, other in kept)
        if place.row >= 0 or not is_double:
            kept.append((track, place))
    return sorted(kept, key=lambda each: each[0])
