"""How unlike one still of a film is to the others, which cluster it is in, and which stills are most like it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.urls import reverse
from django.utils.http import urlencode

from ava.models import Video
from curation.board_cards import StillCard, describe_frames
from curation.cluster_pages import name_elements, read_vector_weights, vector_query
from curation.decisions import current_decisions
from curation.film_clusters import number_clusters
from curation.models import Decision
from curation.still_people import Person
from curation.still_tables import load_table
from curation.stills.clusters import describe_cluster
from curation.stills.diversity import find_likest, rate_unlikeness

LIKEST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LikeStill:
    """Another still and how unlike it is, in percent."""

    card: StillCard
    percent: float


@dataclass(frozen=True, slots=True)
class StillUnlikeness:
    """`percent`: how unlike the still is to those most like it, None where it is the only one; `to_picks` the same of
    the film's picks, None without any other."""

    percent: float | None
    to_picks: float | None
    cluster: int
    words: str
    cluster_url: str
    likest: list[LikeStill]


def read_unlikeness(
    video: Video, frame_index: int, *, query: Mapping[str, str], cast: list[Person]
) -> StillUnlikeness | None:
    """What is known of a frame among a film's stills; None of one that is no still."""
    table, weights = load_table(video), read_vector_weights(query)
    row = int(np.searchsorted(table.frames, frame_index))
    if row >= len(table) or table.frames[row] != frame_index:
        return None
    rows = np.array([row], dtype=np.int64)
    picked = [frame for frame, state in current_decisions(video).items() if state.verdict == Decision.Verdict.PICK]
    picks = np.flatnonzero(np.isin(table.frames, np.array(picked, dtype=np.int64)))
    numbers = number_clusters(video, table, weights=weights)
    cluster = int(numbers[row])
    likest = find_likest(table, row, count=LIKEST_SHOWN, weights=weights)
    cards = describe_frames(video, [int(table.frames[other]) for other, _ in likest], cast=cast)
    asked = vector_query(video, weights) | {"cluster": cluster}
    return StillUnlikeness(
        percent=_percent(rate_unlikeness(table, rows, weights=weights)[0]),
        to_picks=_percent(rate_unlikeness(table, rows, others=picks, weights=weights)[0]),
        cluster=cluster,
        words=describe_cluster(np.flatnonzero(numbers == cluster), name_elements(table, cast)),
        cluster_url=f"{reverse('stills', args=[video.title_id])}?{urlencode(asked)}",
        likest=[LikeStill(card, 100 * distance) for card, (_, distance) in zip(cards, likest, strict=True)],
    )


def _percent(index: float) -> float | None:
    return None if np.isnan(index) else 100 * float(index)
