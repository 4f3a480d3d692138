"""The findings of a film's inspections as faces and tracks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections
from ava.annotate.face_encoders import FaceEncoder
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.faces import Faces
from ava.annotate.looks import Span
from ava.annotate.shot_inspection import FACE_TRACKS, FACE_TRACKS_COLUMNS, FACES
from curation.people.face_looks import join_looks
from curation.people.face_quality import rate_quality
from curation.people.film_faces import FaceTrack, FilmFaces
from curation.people.followed_tracks import FollowedTracks

_ROBUST_STEPS = 8


class FilmPeople(NamedTuple):
    """All faces of a film and the tracks that they belong to, in the order of their first frames."""

    faces: FilmFaces
    tracks: tuple[FaceTrack, ...]


def collect_people(
    tables: Mapping[str, Detections],
    *,
    shots: Sequence[Span],
    encoder: FaceEncoder | None,
    size: tuple[int, int],
    fps: float = 25.0,
) -> FilmPeople:
    """Put together what detectors found in a film of ``size`` (width, height) in pixels.

    ``tables`` are "faces", ``FACE_TRACKS``, and as far as they are there "face_mesh" and the encoder's, all in film
    pixels and in the order of the film, one row a row of "faces". Without an encoder vectors have no columns, without
    its table they are NaN. Tracks outside ``shots``, which follow one another, are left out. ``fps`` tells only how
    long a face has to be motionless to be a picture.
    """
    found = tables.get(FACES, _no_rows(len(Faces.columns)))
    row = _count_in_frame(found.frame_index)
    mesh = _lay_beside(found, tables.get(FaceMesh.name), columns=len(FaceMesh.columns))
    looks = join_looks(found.values, mesh=mesh)
    boxes = found.values[:, :4].astype(np.float32)
    dimensions = encoder.dimensions if encoder else 0
    vectors = _lay_beside(found, tables.get(encoder.detector) if encoder else None, columns=dimensions)
    has_vector = np.isfinite(vectors).all(axis=1) & (dimensions > 0)
    quality = np.where(has_vector, rate_quality(looks, boxes=boxes), 0).astype(np.float32)
    ways = FollowedTracks(tables.get(FACE_TRACKS, _no_rows(len(FACE_TRACKS_COLUMNS))), shots=shots)
    faces = FilmFaces(found.frame_index, row, boxes, ways.find_track(found.frame_index, row), vectors, quality, looks)
    return FilmPeople(faces, ways.measure(faces, size=size, fps=fps))


def track_vectors(people: FilmPeople) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give each track of a film one vector and how much it rests on: see ``mean_vectors``."""
    faces = people.faces
    return mean_vectors(faces.vectors, quality=faces.quality, track=faces.track, tracks=len(people.tracks))


def mean_vectors(
    vectors: NDArray[np.float32], *, quality: NDArray[np.float32], track: NDArray[np.int64], tracks: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give each of ``tracks`` one vector, ``float32 (T, D)``, and how much it rests on, ``float32 (T,)``.

    The mean of its faces' ``vectors`` ``float32 (N, D)`` weighted by ``quality`` ``float32 (N,)``, faces far from the
    others counting less: the weighted geometric median (Weiszfeld 1937), with the median distance as the least one.
    The second is the sum of qualities. ``track`` ``int64 (N,)``, −1 for none. NaN and 0 where no face of a track has
    both vector and quality.
    """
    means = np.full((tracks, vectors.shape[1]), np.nan, dtype=np.float32)
    weights = np.zeros(tracks, dtype=np.float32)
    usable = np.flatnonzero((track >= 0) & (quality > 0) & np.isfinite(vectors).all(axis=1))
    usable = usable[np.argsort(track[usable], kind="stable")]
    found, starts = np.unique(track[usable], return_index=True)
    for place, rows in zip(found.tolist(), np.split(usable, starts)[1:], strict=True):
        means[place] = _find_middle(vectors[rows], quality=quality[rows])
        weights[place] = quality[rows].sum()
    return means, weights


def _find_middle(vectors: NDArray[np.float32], *, quality: NDArray[np.float32]) -> NDArray[np.float64]:
    weights = quality.astype(np.float64)
    middle = np.average(vectors, axis=0, weights=weights)
    for _ in range(_ROBUST_STEPS if len(vectors) > 2 else 0):
        distance = np.linalg.norm(vectors - middle, axis=1)
        middle = np.average(vectors, axis=0, weights=weights / np.maximum(distance, max(np.median(distance), 1e-9)))
    return np.asarray(middle, dtype=np.float64)


def _no_rows(columns: int) -> Detections:
    return Detections(np.empty(0, np.int64), np.empty((0, columns), np.float32))


def _count_in_frame(frame_index: NDArray[np.int64]) -> NDArray[np.int64]:
    """The how manieth of its frame each row is, from 0; the rows are in the order of the frames."""
    return np.asarray(np.arange(len(frame_index)) - np.searchsorted(frame_index, frame_index), dtype=np.int64)


def _lay_beside(faces: Detections, table: Detections | None, *, columns: int) -> NDArray[np.float32]:
    """The rows of a table with one row a face, in the order of the faces; NaN for frames in which it has another
    number of rows than there are faces."""
    values = np.full((len(faces.frame_index), columns), np.nan, dtype=np.float32)
    if table is None or not len(table.frame_index):
        return values
    start, end = (np.searchsorted(table.frame_index, faces.frame_index, side=side) for side in ("left", "right"))
    counts = np.unique(faces.frame_index, return_inverse=True, return_counts=True)
    has_row = end - start == counts[2][counts[1]]
    values[has_row] = table.values[(start + _count_in_frame(faces.frame_index))[has_row]]
    return values
