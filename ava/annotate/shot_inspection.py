"""A run of shots inspected: a few frames looked at by every detector, and the faces followed between them."""

import functools
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, crop, scale_area
from ava.annotate.base import Detections, Detector, find_detectors
from ava.annotate.face_boxes import find_overlaps
from ava.annotate.face_tracks import FOLLOW_SIDE_PX, follow_faces
from ava.annotate.inspect import insert_rows, inspect_frames, join_detections
from ava.annotate.looks import Span
from ava.media.decode import decode_frames
from ava.media.geometry import scaled_size
from ava.media.video_info import VideoInfo

FACES = "faces"
FACE_TRACKS = "face_tracks"
FACE_TRACKS_VERSION = 1
FACE_TRACKS_COLUMNS = ("x0", "y0", "x1", "y1", "score", "track", "is_detected", "row")
"""Each face in each frame of its shot: ``track`` numbers the people of an inspection, ``row`` counts the rows of
"faces" in that frame, -1 where the face was only followed to it."""

LEAST_OVERLAP = 0.3
"""Intersection over union from which a followed and a found face are one."""

LOOKING_SHARE = 0.8
"""How much of an inspection's time the looks take; the rest goes into following faces between them."""

OnShare = Callable[[float], None]
"""Called with the share, 0–1, that is done."""


def columns_of(name: str) -> tuple[str, ...]:
    """Name the columns of a detector's findings, or of the followed faces. Raises KeyError."""
    return _known_columns()[name]


@functools.cache
def _known_columns() -> dict[str, tuple[str, ...]]:
    """Asked for with every frame that is told of; the folder is searched once."""
    return {detector.name: detector.columns for detector in find_detectors()} | {FACE_TRACKS: FACE_TRACKS_COLUMNS}


def inspect_shots(
    path: Path,
    *,
    info: VideoInfo,
    area: Area | None,
    shots: Sequence[Span],
    looks: Sequence[int],
    detectors: Sequence[Detector],
    known: Mapping[str, Detections] | None = None,
    on_share: OnShare | None = None,
) -> dict[str, Detections]:
    """Look at the frames ``looks`` of some whole shots with loaded detectors, and follow the faces through the shots.

    Returns what was found by detector, in film pixels, and the faces' tracks as ``FACE_TRACKS``, which are made anew
    whenever the faces are or ``known`` lacks them. Raises what decoding raises.
    """
    report = on_share or (lambda share: None)
    have = dict(known or {})
    found = inspect_frames(
        path, info=info, area=area, detectors=detectors, looks=looks, known=have,
        on_progress=lambda done: report(LOOKING_SHARE * done / max(len(looks), 1)),
    )  # fmt: skip
    if FACES in found or (FACES in have and FACE_TRACKS not in have):
        found[FACE_TRACKS] = follow_through_shots(
            path, info=info, area=area, shots=shots, looks=looks, faces=(have | found)[FACES],
            on_share=lambda share: report(LOOKING_SHARE + (1 - LOOKING_SHARE) * share),
        )  # fmt: skip
    return found


def follow_through_shots(
    path: Path,
    *,
    info: VideoInfo,
    area: Area | None,
    shots: Sequence[Span],
    looks: Sequence[int],
    faces: Detections,
    on_share: OnShare | None = None,
) -> Detections:
    """Follow the faces that were found in looked-at frames through every frame of their shots.

    ``shots`` follow one another; ``faces`` is the table of the detector "faces" in film pixels. Returns rows of
    ``FACE_TRACKS_COLUMNS`` in film pixels, in the order of the film. Raises what decoding raises.
    """
    peopled = [shot for shot in shots if _within(faces, shot).any()]
    tables: list[Detections] = []
    tracks = 0
    if peopled:
        start, end = peopled[0].start_frame, peopled[-1].end_frame
        scale = _FollowScale(info, area)
        frames = decode_frames(path, info=info, start_frame=start, end_frame=end, max_side_px=scale.side_px)
        for shot, members in groupby(frames, key=lambda frame: _shot_of(frame.index, peopled)):
            if shot is None:
                continue
            rows = _within(faces, shot)
            followed = follow_faces(
                ((frame.index, scale.cut(frame.rgb)) for frame in members),
                detected=scale.enter(Detections(faces.frame_index[rows], faces.values[rows])),
                looks=[look for look in looks if shot.start_frame <= look < shot.end_frame],
            )
            places = _places_in_frame(faces.frame_index[rows])
            row = np.where(followed.is_detected, places[followed.row], -1)
            values = np.column_stack(
                [scale.leave(followed.boxes), followed.score, followed.track + tracks, followed.is_detected, row]
            )
            tables.append(Detections(followed.frame_index, values.astype(np.float32)))
            tracks += int(followed.track.max(initial=-1)) + 1
            if on_share is not None:
                on_share((shot.end_frame - start) / (end - start))
    return join_detections(tables, columns=len(FACE_TRACKS_COLUMNS))


def add_look(
    known: Mapping[str, Detections], found: Mapping[str, Detections], *, frame_index: int
) -> dict[str, Detections]:
    """Add what was found in one more frame to the tables of its inspection, ``FACE_TRACKS`` included.

    A face that had been followed to that frame is the found one that it overlaps most.
    """
    merged = {name: insert_rows(known[name], table) for name, table in found.items() if name in known}
    if FACES in found and FACE_TRACKS in known:
        merged[FACE_TRACKS] = _settle_tracks(known[FACE_TRACKS], found[FACES], frame_index=frame_index)
    return merged


def _settle_tracks(tracks: Detections, faces: Detections, *, frame_index: int) -> Detections:
    """Mark the rows of one frame that a face was found for, each face once."""
    values = tracks.values.copy()
    detected, row = (FACE_TRACKS_COLUMNS.index(name) for name in ("is_detected", "row"))
    here = np.flatnonzero(tracks.frame_index == frame_index)
    overlaps = find_overlaps(values[here, :4], faces.values[:, :4])
    while overlaps.size and overlaps.max() > LEAST_OVERLAP:
        place, face = np.unravel_index(int(overlaps.argmax()), overlaps.shape)
        values[here[place], [detected, row]] = 1, face
        overlaps[place, :] = overlaps[:, face] = 0
    return tracks._replace(values=values)


def _within(table: Detections, span: Span) -> NDArray[np.bool_]:
    return (table.frame_index >= span.start_frame) & (table.frame_index < span.end_frame)


def _shot_of(frame_index: int, shots: Sequence[Span]) -> Span | None:
    place = bisect_right(shots, frame_index, key=lambda shot: shot.start_frame) - 1
    return shots[place] if place >= 0 and frame_index < shots[place].end_frame else None


def _places_in_frame(frame_index: NDArray[np.int64]) -> NDArray[np.int64]:
    """The how manieth of its frame each row is, counted from 0; the rows are in the order of the frames."""
    return np.arange(len(frame_index)) - np.searchsorted(frame_index, frame_index)


class _FollowScale:
    """Film pixels against those of the small frames, without bars, that faces are followed in."""

    def __init__(self, info: VideoInfo, area: Area | None) -> None:
        film = (info.width, info.height)
        whole = area or (0, 0, *film)
        # Whatever part of the frame the picture is, it is followed at the same size.
        part = max(whole[2] - whole[0], whole[3] - whole[1]) / max(film)
        self.side_px = round(FOLLOW_SIDE_PX / part)
        width, height = scaled_size(*film, max_side_px=self.side_px)
        self._within = scale_area(whole, film_size=film, size=(width, height))
        self._per_pixel = np.tile([film[0] / width, film[1] / height], 2)
        self._origin = np.tile(self._within[:2], 2)

    def cut(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A decoded frame without its bars."""
        return crop(rgb, self._within)

    def enter(self, faces: Detections) -> Detections:
        """Boxes of the film, and their scores, in pixels of the small picture."""
        boxes = faces.values[:, :4] / self._per_pixel - self._origin
        return Detections(faces.frame_index, np.column_stack([boxes, faces.values[:, 4]]).astype(np.float32))

    def leave(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes ``(N, 4)`` of the small picture in pixels of the film."""
        return np.asarray((boxes + self._origin) * self._per_pixel, dtype=np.float32)
