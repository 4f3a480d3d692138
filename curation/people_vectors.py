"""A film's tracks given the vectors of another encoder that has looked at it as well."""

import numpy as np

from ava.annotate.face_encoders import FaceEncoder
from ava.findings import load_detections
from ava.models import Video
from curation.models import Face, FaceTrack
from curation.people.collect import mean_vectors


def renew_vectors(video: Video, encoder: FaceEncoder) -> None:
    """Make the vectors of a film's tracks anew where they are another encoder's; what was recognised stays."""
    stale = FaceTrack.objects.filter(video=video).exclude(encoder=encoder.detector)
    tracks = list(stale.order_by("pk").defer("vector", "portrait"))
    if not tracks:
        return
    place = {track.pk: index for index, track in enumerate(tracks)}
    faces = list(
        Face.objects.filter(track__in=place).order_by("pk").values_list("track", "frame_index", "row", "quality")
    )
    table = load_detections(video, encoder.detector)
    frames, first = np.unique(table.frame_index, return_index=True)
    first_row = dict(zip(frames.tolist(), first.tolist(), strict=True))
    vectors = np.full((len(faces), encoder.dimensions), np.nan, dtype=np.float32)
    for index, (_, frame, row, _) in enumerate(faces):
        if frame in first_row:
            vectors[index] = table.values[first_row[frame] + row]
    means, weights = mean_vectors(
        vectors,
        quality=np.array([face[3] for face in faces], dtype=np.float32),
        track=np.array([place[face[0]] for face in faces], dtype=np.int64),
        tracks=len(tracks),
    )
    for track, mean, weight in zip(tracks, means, weights, strict=True):
        track.encoder, track.weight = encoder.detector, float(weight)
        track.vector = mean if weight > 0 else None
    FaceTrack.objects.bulk_update(tracks, ["encoder", "vector", "weight"], batch_size=500)
