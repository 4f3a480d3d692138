"""The cast as pages, the API and ranking read it: who there is, how prominent, who meets whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from ava.models import Inspection, Title, User, Video, WorkState
from curation.cast_tracks import CastTracks, read_tracks
from curation.models import Character, Face
from curation.people.graph_layout import place_nodes
from curation.people.interactions import Interactions, bond_strengths, measure_interactions
from curation.people.portrait_choice import choose_portraits
from curation.people.prominence import Prominences, rate_prominence
from curation.people.spans import merge_spans
from curation.people_selectors import access_cast_videos, cast_scope

MOST_PORTRAITS = 6
DOUBTFUL_BELOW = 0.7
"""Probability below which AVA's word about a track wants a look."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class CastMember:
    """One character of a cast.

    `prominence` and `parts` (screen_time, size, centrality, sharpness, dialogue; NaN where not known) are 0–1, and so
    is `place` in the graph, x to the right, y down. `spans` are half-open frames by video, merged; `portraits` keys of
    tracks, best first; `is_static`: seen in pictures only, as on posters; `doubtful` tracks have a confidence below
    `DOUBTFUL_BELOW`.
    """

    character: Character
    prominence: float
    parts: Mapping[str, float]
    importance: str
    importance_is_said: bool
    screen_time_s: float
    track_count: int
    face_count: int
    spans: Mapping[int, Spans]
    portraits: tuple[int, ...]
    is_static: bool
    place: tuple[float, float]
    doubtful: int


@dataclass(frozen=True)
class CastEdge:
    """Two characters, by key (`first` < `second`), who share at least a scene."""

    first: int
    second: int
    together_s: float
    shots: int
    scenes: int


@dataclass(frozen=True)
class CastFilm:
    video_pk: int
    label: str
    duration_s: float
    fps: float
    frame_count: int


@dataclass(frozen=True)
class Cast:
    """Everybody in some films, the most prominent first; `why_empty` is a sentence where there is nobody."""

    scope: Title
    films: tuple[CastFilm, ...]
    members: tuple[CastMember, ...]
    edges: tuple[CastEdge, ...]
    nobody_tracks: int
    encoder: str | None
    why_empty: str


def load_cast(user: User, title: Title, *, video: Video | None = None) -> Cast:
    """The cast of a title's films that the user sees, or of one of these films."""
    visible = access_cast_videos(user, title)
    if video is not None:
        visible = visible.filter(pk=video.pk)
    return read_cast(cast_scope(title), visible)


def prominences(video: Video) -> dict[int, float]:
    """Character → prominence, 0–1, in one film."""
    mine = Video.objects.filter(pk=video.pk)
    rated = rate_tracks(read_tracks(mine).tracks, _read_films(mine))
    return dict(zip(rated.character.tolist(), rated.prominence.tolist(), strict=True))


def read_cast(scope: Title, videos: QuerySet[Video]) -> Cast:
    """The cast of these videos, whoever may see them; a number of queries that does not depend on their size."""
    films, (tracks, encoder) = _read_films(videos), read_tracks(videos)
    characters = _read_characters(scope, tracks)
    is_known = np.isin(tracks.character, np.array(list(characters), dtype=np.int64))
    known = tracks.where(is_known)
    interactions = measure_interactions(known.facts(), fps={film.video_pk: film.fps for film in films})
    members = _describe_members(known, characters, films, interactions=interactions, faces=_count_faces(videos))
    return Cast(
        scope=scope,
        films=films,
        members=members,
        edges=tuple(CastEdge(*edge) for edge in zip(*(column.tolist() for column in interactions), strict=True)),
        nobody_tracks=int(np.count_nonzero(~is_known & ~tracks.is_static)),
        encoder=encoder or None,
        why_empty="" if members else _explain_emptiness(videos, films=films, tracks=tracks),
    )


def rate_tracks(tracks: CastTracks, films: Sequence[CastFilm]) -> Prominences:
    """Prominence of everybody in these tracks of these films."""
    return rate_prominence(
        tracks.facts(),
        fps={film.video_pk: film.fps for film in films},
        duration_s=sum(film.duration_s for film in films),
    )


def _read_films(videos: QuerySet[Video]) -> tuple[CastFilm, ...]:
    rows = videos.select_related("title").only(
        "original_name", "duration_s", "fps_num", "fps_den", "frame_count", "created_at",
        "title__name", "title__kind", "title__season", "title__episode",
    )  # fmt: skip
    ordered = rows.order_by("title__season", "title__episode", "title__name", "created_at", "pk")
    return tuple(
        CastFilm(
            video_pk=video.pk,
            label=str(video.title) if video.title.kind == Title.Kind.EPISODE else video.original_name,
            duration_s=video.duration_s,
            fps=video.fps,
            frame_count=video.frame_count,
        )
        for video in ordered
    )


def _read_characters(scope: Title, tracks: CastTracks) -> dict[int, Character]:
    """Those of the scope who are somebody of their own and seen in these tracks."""
    seen = np.unique(tracks.character)
    return {
        character.pk: character
        for character in scope.characters.filter(merged_into=None, pk__in=seen[seen >= 0].tolist())
    }


def _count_faces(videos: QuerySet[Video]) -> dict[int, int]:
    rows = Face.objects.filter(
        track__video__in=videos.values("pk"), track__is_face=True, track__character__isnull=False
    ).values_list("track__character")
    return dict(rows.annotate(faces=Count("pk")).order_by())


def _describe_members(
    tracks: CastTracks,
    characters: Mapping[int, Character],
    films: Sequence[CastFilm],
    *,
    interactions: Interactions,
    faces: Mapping[int, int],
) -> tuple[CastMember, ...]:
    rated = rate_tracks(tracks, films)
    order = np.lexsort((rated.character, -rated.screen_time_s, -rated.prominence))
    keys = rated.character
    row = np.searchsorted(keys, tracks.character)
    counts = np.bincount(row, minlength=len(keys))
    doubtful = np.bincount(row, weights=tracks.confidence < DOUBTFUL_BELOW, minlength=len(keys))
    alive = np.bincount(row, weights=~tracks.is_static, minlength=len(keys))
    spans, portraits = _merge_presence(tracks), _pick_portraits(tracks)
    places = place_members([characters[key] for key in keys.tolist()], rated.prominence, interactions=interactions)
    members = []
    for place in order.tolist():
        key = int(keys[place])
        character = characters[key]
        members.append(
            CastMember(
                character=character,
                prominence=float(rated.prominence[place]),
                parts={name: float(values[place]) for name, values in rated.parts.items()},
                importance=character.importance or rated.importance[place],
                importance_is_said=bool(character.importance),
                screen_time_s=float(rated.screen_time_s[place]),
                track_count=int(counts[place]),
                face_count=faces.get(key, 0),
                spans=spans.get(key, {}),
                portraits=portraits.get(key, ()),
                is_static=not alive[place],
                place=(float(places[place, 0]), float(places[place, 1])),
                doubtful=int(doubtful[place]),
            )
        )
    return tuple(members)


def _merge_presence(tracks: CastTracks) -> dict[int, dict[int, Spans]]:
    """Character → video → the spans in which it is seen, pictures on walls included."""
    videos, video = np.unique(tracks.video, return_inverse=True)
    count = max(len(videos), 1)
    merged = merge_spans(
        tracks.character * count + video, start_frame=tracks.start_frame, end_frame=tracks.end_frame
    )
    owners, first = np.unique(merged.owner, return_index=True)
    pairs = list(zip(merged.start_frame.tolist(), merged.end_frame.tolist(), strict=True))
    presence: dict[int, dict[int, Spans]] = {}
    for owner, (start, end) in zip(owners.tolist(), pairwise([*first.tolist(), len(pairs)]), strict=True):
        presence.setdefault(owner // count, {})[int(videos[owner % count])] = tuple(pairs[start:end])
    return presence


def _pick_portraits(tracks: CastTracks) -> dict[int, tuple[int, ...]]:
    """Character → keys of tracks whose portraits stand for it, best first."""
    shown = tracks.where(tracks.has_portrait)
    sharpness = np.where(np.isnan(shown.sharpness_unit), 0, shown.sharpness_unit)
    confidence = np.where(np.isnan(shown.confidence), 1, shown.confidence)
    score = np.sqrt(shown.height_unit) * (0.2 + sharpness) * confidence * np.where(shown.is_static, 0.1, 1.0)
    chosen = choose_portraits(
        shown.character, order=np.arange(len(shown.pk)), score=score.astype(np.float64), most=MOST_PORTRAITS
    )
    portraits: dict[int, list[int]] = {}
    for key, pk in zip(shown.character[chosen].tolist(), shown.pk[chosen].tolist(), strict=True):
        portraits.setdefault(key, []).append(pk)
    return {key: tuple(pks) for key, pks in portraits.items()}


def place_members(
    characters: Sequence[Character], prominence: NDArray[np.float64], *, interactions: Interactions
) -> NDArray[np.float64]:
    """Where the graph draws these characters: ``float64 (C, 2)`` 0–1; those placed before stay where they are."""
    former = np.array(
        [
            (np.nan, np.nan) if character.graph_x is None or character.graph_y is None
            else (character.graph_x, character.graph_y)
            for character in characters
        ],
        dtype=np.float64,
    ).reshape(-1, 2)  # fmt: skip
    keys = np.array([character.pk for character in characters], dtype=np.int64)
    return place_nodes(prominence, bond_strengths(interactions, characters=keys), former=former)


def _explain_emptiness(videos: QuerySet[Video], *, films: Sequence[CastFilm], tracks: CastTracks) -> str:
    if not films:
        return "There is no film yet."
    if len(tracks.pk):
        return "Faces were found, but nobody could be told apart: no model for recognising faces is installed."
    if not Inspection.objects.filter(video__in=videos.values("pk"), state=WorkState.DONE).exists():
        return "The film has not been searched for faces yet."
    return "No faces were found: it may be animated, or show no people."
