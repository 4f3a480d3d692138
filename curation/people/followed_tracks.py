"""The tracks of a film's followed faces: who is in which shot from when to when, how large and where."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.looks import Span
from ava.annotate.shot_inspection import FACE_TRACKS_COLUMNS
from curation.people.film_faces import FaceTrack, FilmFaces
from curation.people.posters import find_static


class FollowedTracks:
    """Rows of ``FACE_TRACKS`` by the track that they belong to; those outside ``shots`` belong to none.

    The numbers in the table begin anew with every inspection, but an inspection holds whole shots, so that shot and
    number tell a track. Tracks are in the order of their first frames.
    """

    def __init__(self, table: Detections, *, shots: Sequence[Span]) -> None:
        starts = np.array([shot.start_frame for shot in shots], dtype=np.int64)
        ends = np.array([*(shot.end_frame for shot in shots), 0], dtype=np.int64)
        shot = np.searchsorted(starts, table.frame_index, side="right") - 1
        within = np.flatnonzero((shot >= 0) & (table.frame_index < ends[shot]))
        self._frame_index = table.frame_index[within]
        self._values = table.values[within]
        keys = np.column_stack([shot[within], self._column("track").astype(np.int64)])
        keys, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        order = np.lexsort((keys[:, 1], self._frame_index[first]))
        self._track = np.argsort(order)[inverse.reshape(-1)]
        self._shot = keys[order, 0]

    def _column(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._values[:, FACE_TRACKS_COLUMNS.index(name)])

    def find_track(self, frame_index: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
        """The track through each of the faces, which are told by frame and place in it: ``int64 (N,)``, −1 without."""
        rows = self._column("row").astype(np.int64)
        seen = np.flatnonzero(rows >= 0)
        places = zip(self._frame_index[seen].tolist(), rows[seen].tolist(), strict=True)
        through = dict(zip(places, self._track[seen].tolist(), strict=True))
        faces = zip(frame_index.tolist(), row.tolist(), strict=True)
        return np.array([through.get(face, -1) for face in faces], dtype=np.int64)

    def measure(self, faces: FilmFaces, *, size: tuple[int, int], fps: float) -> tuple[FaceTrack, ...]:
        """Measure every track in a film of ``size`` (width, height) with these looked-at faces."""
        order = np.argsort(self._track, kind="stable")
        rows = np.split(order, np.searchsorted(self._track[order], np.arange(1, len(self._shot))))
        rows = rows if len(self._shot) else []
        spans = [
            (int(shot), int(self._frame_index[each].min()), int(self._frame_index[each].max()) + 1)
            for shot, each in zip(self._shot, rows, strict=True)
        ]
        boxes = [self._values[each, :4] for each in rows]
        height_unit = np.array([_find_height(each, size=size) for each in boxes], dtype=np.float32)
        is_static = find_static(faces, spans=spans, height_unit=height_unit, fps=fps)
        return tuple(
            FaceTrack(
                *span,
                height_unit=float(height_unit[track]),
                centrality_unit=_find_centrality(boxes[track], size=size),
                sharpness_unit=_find_sharpness(faces, track),
                is_static=bool(is_static[track]),
            )
            for track, span in enumerate(spans)
        )


def _find_height(boxes: NDArray[np.float32], *, size: tuple[int, int]) -> float:
    return float(np.clip(np.median(boxes[:, 3] - boxes[:, 1]) / max(size[1], 1), 0, 1))


def _find_centrality(boxes: NDArray[np.float32], *, size: tuple[int, int]) -> float:
    """1 less the median distance from the middle, in half diagonals of the picture."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 - np.array(size) / 2
    return float(np.clip(1 - np.median(np.linalg.norm(middle, axis=1)) / max(np.hypot(*size) / 2, 1), 0, 1))


def _find_sharpness(faces: FilmFaces, track: int) -> float:
    sharpness = faces.looks.sharpness[faces.track == track]
    known = sharpness[np.isfinite(sharpness)]
    return float(np.median(known)) if len(known) else float("nan")
