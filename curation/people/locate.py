"""Faces of a former analysis found again in a new one, by frame and place."""

import numpy as np
from numpy.typing import NDArray

from ava.annotate.face_boxes import find_overlaps
from curation.people.collect import FilmPeople

LEAST_OVERLAP = 0.25
"""Intersection over union from which two boxes are of one face; detectors disagree on how much of a head is face."""


def locate_faces(
    people: FilmPeople, *, frame_index: NDArray[np.int64], boxes: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Find the face of a track for each of M places: rows of ``people.faces``, ``int64 (M,)``, −1 where there is none.

    ``frame_index`` ``int64 (M,)`` and ``boxes`` ``float32 (M, 4)`` in film pixels. In a frame that was looked at it is
    the face that overlaps most. In another one each track is where its faces before and after say, and the nearer
    of the two is taken.
    """
    faces = people.faces
    order = np.flatnonzero(faces.track >= 0)
    order = order[np.argsort(faces.frame_index[order], kind="stable")]
    frames = faces.frame_index[order]
    first, last = np.searchsorted(frames, frame_index, "left"), np.searchsorted(frames, frame_index, "right")
    spans = np.array([(track.start_frame, track.end_frame) for track in people.tracks], np.int64).reshape(-1, 2)
    looks = _looks_by_track(people)
    found = np.full(len(frame_index), -1, dtype=np.int64)
    for place, (start, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        here = order[start:end]
        found[place] = _most_overlapping(boxes[place], faces.boxes[here], rows=here)
        if found[place] < 0:
            frame = int(frame_index[place])
            passing = np.flatnonzero((spans[:, 0] <= frame) & (frame < spans[:, 1]))
            passing = np.array([track for track in passing.tolist() if track in looks], dtype=np.int64)
            between = [_place_between(people, looks[track], frame=frame) for track in passing.tolist()]
            rows = np.array([row for row, _ in between], dtype=np.int64)
            found[place] = _most_overlapping(boxes[place], np.array([box for _, box in between]), rows=rows)
    return found


def _looks_by_track(people: FilmPeople) -> dict[int, NDArray[np.int64]]:
    """Rows of the faces of each track that has any, in the order of the film."""
    faces = people.faces
    rows = np.flatnonzero(faces.track >= 0)
    rows = rows[np.lexsort((faces.frame_index[rows], faces.track[rows]))]
    tracks, starts = np.unique(faces.track[rows], return_index=True)
    return dict(zip(tracks.tolist(), np.split(rows, starts)[1:], strict=True))


def _most_overlapping(box: NDArray[np.float32], boxes: NDArray[np.float32], *, rows: NDArray[np.int64]) -> int:
    if not len(rows) or not np.isfinite(box).all():
        return -1
    overlaps = find_overlaps(box[None], boxes)[0]
    best = int(overlaps.argmax())
    return int(rows[best]) if overlaps[best] >= LEAST_OVERLAP else -1


def _place_between(people: FilmPeople, looks: NDArray[np.int64], *, frame: int) -> tuple[int, NDArray[np.float32]]:
    """Where a track's face is in a frame that was not looked at, and the row of its nearest look."""
    frames, boxes = people.faces.frame_index[looks], people.faces.boxes[looks]
    box = np.array([np.interp(frame, frames, boxes[:, side]) for side in range(4)], dtype=np.float32)
    return int(looks[np.abs(frames - frame).argmin()]), box
