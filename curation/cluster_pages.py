"""What the page of clusters shows, and which stills of a film a cluster holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from numpy.typing import NDArray

from ava.models import Title, Video
from curation.board_cards import StillCard, describe_frames
from curation.film_clusters import number_clusters
from curation.pages import choose_video
from curation.still_people import Person, cast_of_board
from curation.still_tables import load_table
from curation.stills.clusters import Cluster, describe_cluster, has_what_is_typical, read_clusters
from curation.stills.elements import Element, list_elements
from curation.stills.purposes import BALANCED
from curation.stills.table import VECTOR_NAMES, VECTOR_WEIGHTS, StillTable
from curation.weighting_query import MOST_VECTOR_WEIGHT, change_weighting

MEMBERS_SHOWN = 6

LEAST_WIDTH_SHARE = 0.3
"""The smallest card is so wide beside the largest, so that it can be read; what it stands for is in words, too."""

VECTOR_LABELS: Mapping[str, str] = {
    "scale": "Shot scale",
    "composition": "Composition",
    "light": "Brightness and contrast",
    "palette": "Colours",
    "saliency": "Where the eye goes",
    "characters": "Who is shown",
    "place": "Place in the story",
}


class VectorWeight(NamedTuple):
    """One slider."""

    name: str
    label: str
    value: float
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ClusterCard:
    """A cluster with its `representative` and some other `members`; `words` say what is typical of it.

    `is_first_unlike`: the representative lacks some of that, so that the words cannot stand as its own.
    `width_percent` is that of its picture beside the largest: areas are as the parts of the film they stand for.
    """

    number: int
    words: str
    count: int
    percent: float
    seconds: float
    width_percent: float
    representative: StillCard
    is_first_unlike: bool
    members: list[StillCard]
    board_url: str

    @property
    def more(self) -> int:
        """Stills that are not shown on the card."""
        return self.count - 1 - len(self.members)


@dataclass(frozen=True)
class ClustersPage:
    """`covered_percent`: how much of the film all stills stand for; the rest are shots that have none."""

    videos: list[Video]
    video: Video | None
    weights: list[VectorWeight]
    cards: list[ClusterCard]
    still_count: int
    covered_percent: float

    @property
    def most_weight(self) -> float:
        return MOST_VECTOR_WEIGHT

    @property
    def is_changed(self) -> bool:
        return any(weight.is_changed for weight in self.weights)

    @property
    def is_weightless(self) -> bool:
        """Whether nothing weighs, so that all stills are alike."""
        return not any(weight.value for weight in self.weights)


def read_vector_weights(query: Mapping[str, str]) -> dict[str, float]:
    """What an address says the vectors weigh, `v.VECTOR=`; what is malformed in it is ignored, what is too much cut."""
    return dict(change_weighting(BALANCED, query).vector_weights)


def cluster_frames(video: Video, number: int, query: Mapping[str, str]) -> list[int]:
    """The frames of a film's cluster of this number, its representative first, then by quality; none has no frames.

    `query` holds the weights of the vectors, as the page of clusters has them in its address.
    """
    table, weights = load_table(video), read_vector_weights(query)
    clusters = read_clusters(table, number_clusters(video, table, weights=weights), weights=weights)
    members = next((each.members for each in clusters if each.number == number), ())
    return [int(frame) for frame in table.frames[list(members)]]


def list_film_clusters(video: Video, *, weights: Mapping[str, float]) -> list[dict[str, Any]]:
    """The clusters of a film's stills as the API tells them."""
    table = load_table(video)
    elements = name_elements(table, cast_of_board(video))
    return [
        {
            "number": cluster.number,
            "words": describe_cluster(cluster.members, elements),
            "film_frames": cluster.film_frames,
            "film_share": cluster.film_share,
            "spread": cluster.spread,
            "frames": table.frames[cluster.members].tolist(),
        }
        for cluster in read_clusters(table, number_clusters(video, table, weights=weights), weights=weights)
    ]


def read_clusters_page(title: Title, *, query: QueryDict) -> ClustersPage:
    """Everything the page shows, in a constant number of queries."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    weights = read_vector_weights(query)
    sliders = [
        VectorWeight(name, VECTOR_LABELS[name], weights[name], weights[name] != VECTOR_WEIGHTS[name])
        for name in VECTOR_NAMES
    ]
    if video is None:
        return ClustersPage(videos, None, sliders, [], 0, 0.0)
    table = load_table(video)
    cards = _cards(video, table, weights=weights) if len(table) else []
    covered = 100 * int(table.film_frames.sum()) / max(table.frame_count, 1)
    return ClustersPage(videos, video, sliders, cards, len(table), covered)


def name_elements(table: StillTable, cast: Sequence[Person]) -> list[Element]:
    """The elements of a film with its characters called as people see them."""
    return list_elements(table, names={person.pk: person.label for person in cast})


def vector_query(video: Video, weights: Mapping[str, float]) -> dict[str, str]:
    """What an address needs so that the same clusters are read from it."""
    changed = {f"v.{name}": f"{weights[name]:g}" for name in VECTOR_NAMES if weights[name] != VECTOR_WEIGHTS[name]}
    return {"video": str(video.pk), **changed}


def _cards(video: Video, table: StillTable, *, weights: Mapping[str, float]) -> list[ClusterCard]:
    clusters = read_clusters(table, number_clusters(video, table, weights=weights), weights=weights)
    cast = cast_of_board(video)
    elements = name_elements(table, cast)
    shown = dict(_describe_members(video, table, clusters, cast=cast))
    largest = max(cluster.film_share for cluster in clusters)
    board, asked = reverse("stills", args=[video.title_id]), vector_query(video, weights)
    cards = []
    for cluster in clusters:
        first, *others = (shown[int(frame)] for frame in table.frames[cluster.members[: MEMBERS_SHOWN + 1]])
        cards.append(
            ClusterCard(
                number=cluster.number,
                words=describe_cluster(cluster.members, elements) or "stills of every kind",
                count=len(cluster.members),
                percent=100 * cluster.film_share,
                seconds=cluster.film_frames / video.fps if video.fps else 0.0,
                width_percent=100 * _width_share(cluster, largest=largest),
                representative=first,
                is_first_unlike=not has_what_is_typical(int(cluster.members[0]), cluster.members, elements),
                members=others,
                board_url=f"{board}?{urlencode(asked | {'cluster': cluster.number})}",
            )
        )
    return cards


def _width_share(cluster: Cluster, *, largest: float) -> float:
    """Width of a card beside the largest, 0–1."""
    return max(float(np.sqrt(cluster.film_share / largest)), LEAST_WIDTH_SHARE) if largest else 1.0


def _describe_members(
    video: Video, table: StillTable, clusters: Sequence[Cluster], *, cast: Sequence[Person]
) -> list[tuple[int, StillCard]]:
    rows: list[NDArray[np.int64]] = [cluster.members[: MEMBERS_SHOWN + 1] for cluster in clusters]
    frames = [int(frame) for frame in table.frames[np.concatenate(rows)]]
    return list(zip(frames, describe_frames(video, frames, cast=cast), strict=True))
