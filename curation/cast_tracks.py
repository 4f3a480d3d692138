"""The tracks of some films as columns: what casts are worked out from."""

from typing import NamedTuple

import numpy as np
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery
from numpy.typing import NDArray

from ava.models import Shot, Video
from curation.models import FaceTrack
from curation.people.track_facts import TrackFacts

_COLUMNS = {
    "pk": np.int64, "video": np.int64, "character": np.int64, "shot_index": np.int64, "scene": np.int64,
    "start_frame": np.int64, "end_frame": np.int64, "height_unit": np.float32, "centrality_unit": np.float32,
    "sharpness_unit": np.float32, "dialogue_unit": np.float32, "confidence": np.float32, "is_static": np.bool_,
    "has_portrait": np.bool_,
}  # fmt: skip
_NOTHING = {"character": -1, "scene": -1}


class CastTracks(NamedTuple):
    """One row a track that is a face, T of them; ``character`` and ``scene`` −1 and other values NaN where unknown."""

    pk: NDArray[np.int64]
    video: NDArray[np.int64]
    character: NDArray[np.int64]
    shot: NDArray[np.int64]
    scene: NDArray[np.int64]
    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]
    height_unit: NDArray[np.float32]
    centrality_unit: NDArray[np.float32]
    sharpness_unit: NDArray[np.float32]
    dialogue_unit: NDArray[np.float32]
    confidence: NDArray[np.float32]
    is_static: NDArray[np.bool_]
    has_portrait: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> "CastTracks":
        return CastTracks(*(column[chosen] for column in self))

    def facts(self) -> TrackFacts:
        """What prominence and interactions are measured from: pictures on walls are there for no time at all."""
        seen = self.where(self.character >= 0)
        return TrackFacts(
            character=seen.character, film=seen.video, shot=seen.shot, scene=seen.scene,
            start_frame=seen.start_frame, end_frame=np.where(seen.is_static, seen.start_frame, seen.end_frame),
            height_unit=seen.height_unit, centrality_unit=seen.centrality_unit,
            sharpness_unit=seen.sharpness_unit, dialogue_unit=seen.dialogue_unit,
        )  # fmt: skip


def read_tracks(videos: QuerySet[Video]) -> CastTracks:
    """The tracks of these videos that are faces, in one query; portraits and vectors stay where they are."""
    scene = Shot.objects.filter(video=OuterRef("video"), index=OuterRef("shot_index")).values("scene")[:1]
    rows = (
        FaceTrack.objects.filter(video__in=videos.values("pk"), is_face=True)
        .annotate(scene=Subquery(scene, output_field=IntegerField()), has_portrait=Q(portrait__isnull=False))
        .order_by("video", "start_frame", "pk")
        .values_list(*_COLUMNS)
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    return CastTracks(
        *(_to_column(name, values, dtype) for (name, dtype), values in zip(_COLUMNS.items(), columns, strict=True))
    )


def _to_column(name: str, values: tuple, dtype: type) -> NDArray:
    nothing = _NOTHING.get(name)
    if nothing is None:  # None becomes NaN
        return np.array(values, dtype=dtype)
    return np.array([nothing if value is None else value for value in values], dtype=dtype)
