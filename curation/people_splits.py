"""AVA's proposal to split a character in whose tracks it finds two people."""

from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ava.models import Title, User
from curation.character_pages import TrackCard, character_tracks, track_cards
from curation.models import Character, FaceTrack
from curation.people.split import propose_split
from curation.people_selectors import access_cast_videos
from curation.track_vectors import TrackVectors, load_track_vectors, main_encoder, tracks_together

FACES_A_SIDE = 6
MOST_COMPARED = 400
"""Telling more tracks apart takes longer than anybody waits for a page."""


@dataclass(frozen=True, slots=True)
class SplitProposal:
    """Two people in one character: those who stay, the more, and those who would become a new one."""

    staying: list[TrackCard]
    """The clearest of them, as are `leaving`."""
    leaving: list[TrackCard]
    staying_count: int
    leaving_tracks: list[int]

    @property
    def leaving_count(self) -> int:
        return len(self.leaving_tracks)

    @property
    def shown_tracks(self) -> list[int]:
        """What somebody has seen who says that all are one person."""
        return [card.pk for card in (*self.staying, *self.leaving)]


def find_split(user: User, title: Title, character: Character) -> SplitProposal | None:
    """Two people among a character's tracks as a title's page shows them; None where AVA sees one.

    A person who has said of faces on both sides that they are the character has answered.
    """
    tracks = character_tracks(user, character, videos=access_cast_videos(user, title))
    encoder = main_encoder(tracks)
    if encoder is None:
        return None
    rows = load_track_vectors(tracks, encoder)
    is_leaving = _propose(rows)
    if is_leaving is None or (rows.said[is_leaving].any() and rows.said[~is_leaving].any()):
        return None
    if _stays(is_leaving, said=rows.said):
        is_leaving = ~is_leaving
    return SplitProposal(
        staying=_clearest(tracks, rows.pk[~is_leaving], weights=rows.weights[~is_leaving]),
        leaving=_clearest(tracks, rows.pk[is_leaving], weights=rows.weights[is_leaving]),
        staying_count=int(np.count_nonzero(~is_leaving)),
        leaving_tracks=rows.pk[is_leaving].tolist(),
    )


def _propose(rows: TrackVectors) -> NDArray[np.bool_] | None:
    """Which tracks should leave; of very many the clearest are told apart, and the others go with the nearer half."""
    clear = np.sort(np.argsort(-rows.weights, kind="stable")[:MOST_COMPARED])
    place = {track: index for index, track in enumerate(rows.pk[clear].tolist())}
    apart = [(place[one], place[other]) for one, other in tracks_together(list(place))]
    vectors, weights = rows.vectors[clear], rows.weights[clear]
    leaving = propose_split(vectors, weights=weights, encoder=rows.encoder, apart=apart)
    if leaving is None:
        return None
    halves = [np.average(vectors[half], axis=0, weights=weights[half]) for half in (leaving, ~leaving)]
    to_leaving, to_staying = (np.linalg.norm(rows.vectors - middle, axis=1) for middle in halves)
    is_leaving = to_leaving < to_staying
    is_leaving[clear] = leaving
    return np.asarray(is_leaving)


def _stays(is_leaving: NDArray[np.bool_], *, said: NDArray[np.bool_]) -> bool:
    """Whether the others should leave: a person has spoken of these, or these are more."""
    if said.any():
        return bool(said[is_leaving].any())
    return 2 * np.count_nonzero(is_leaving) > len(is_leaving)


def _clearest(tracks: QuerySet[FaceTrack], pks: NDArray[np.int64], *, weights: NDArray[np.float32]) -> list[TrackCard]:
    best = pks[np.argsort(-weights, kind="stable")[:FACES_A_SIDE]].tolist()
    return track_cards(tracks.filter(pk__in=best), order="time", start=0, end=len(best), show_film=False)
