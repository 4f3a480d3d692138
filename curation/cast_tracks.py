"""The tracks of some films as columns: what casts are worked out from."""

from typing import Any, NamedTuple

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Case, Max, QuerySet, Value, When
from numpy.typing import NDArray

from ava.models import Shot, Video
from curation.models import FaceTrack
from curation.people.track_facts import TrackFacts

_WHOLE = ("pk", "video", "character", "shot_index", "start_frame", "end_frame")
_REAL = ("height_unit", "centrality_unit", "sharpness_unit", "dialogue_unit", "confidence")


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

    def where(self, chosen: NDArray[Any]) -> "CastTracks":
        """The rows that a mask or numbers choose."""
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


class ReadTracks(NamedTuple):
    """The tracks, in the order of the films, and the encoder that told them apart; "" before any was."""

    tracks: CastTracks
    encoder: str


def read_tracks(videos: QuerySet[Video]) -> ReadTracks:
    """The tracks of these videos that are faces, in two queries; portraits and vectors stay where they are.

    Postgres hands whole columns over: making forty thousand rows into objects takes longer than all that follows.
    """
    has_portrait = Case(When(portrait__isnull=False, then=Value(True)), default=False, output_field=BooleanField())
    columns = {name: ArrayAgg(name) for name in (*_WHOLE, *_REAL, "is_static")}
    found = FaceTrack.objects.filter(video__in=videos.values("pk"), is_face=True).aggregate(
        **{f"{name}s": column for name, column in columns.items()},
        has_portraits=ArrayAgg(has_portrait),
        newest_encoder=Max("encoder"),
    )
    whole = {name: _to_integers(found[f"{name}s"]) for name in _WHOLE}
    real = {name: np.array(found[f"{name}s"] or (), dtype=np.float32) for name in _REAL}
    tracks = CastTracks(
        **{name: column for name, column in whole.items() if name != "shot_index"},
        **real,
        shot=whole["shot_index"],
        scene=_find_scenes(videos, video=whole["video"], shot=whole["shot_index"]),
        is_static=np.array(found["is_statics"] or (), dtype=np.bool_),
        has_portrait=np.array(found["has_portraits"] or (), dtype=np.bool_),
    )
    return ReadTracks(
        tracks.where(np.lexsort((tracks.pk, tracks.start_frame, tracks.video))), found["newest_encoder"] or ""
    )


def _find_scenes(
    videos: QuerySet[Video], *, video: NDArray[np.int64], shot: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The scene of each shot, −1 where it is not known."""
    found = Shot.objects.filter(video__in=videos.values("pk"), scene__isnull=False).aggregate(
        videos=ArrayAgg("video"), indices=ArrayAgg("index"), scenes=ArrayAgg("scene")
    )
    videos_of, indices, scenes = (_to_integers(found[name]) for name in ("videos", "indices", "scenes"))
    if not len(scenes):
        return np.full(len(shot), -1, dtype=np.int64)
    width = int(max(indices.max(), shot.max(initial=0))) + 1
    keys = videos_of * width + indices
    order = np.argsort(keys)
    wanted = video * width + shot
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][place] == wanted, scenes[order][place], -1)


def _to_integers(values: list[int | None] | None) -> NDArray[np.int64]:
    """A column of whole numbers, −1 for None."""
    if not values:
        return np.empty(0, dtype=np.int64)
    try:
        return np.array(values, dtype=np.int64)
    except TypeError:  # some are None
        return np.array([-1 if value is None else value for value in values], dtype=np.int64)
