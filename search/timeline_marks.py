"""Where the results of a search lie in one film, for the timeline of its player."""

from dataclasses import replace
from typing import Any

from ava.models import User, Video
from search.engine import search
from search.film_clocks import film_clock
from search.query import Query
from search.result_cards import Card, make_cards
from search.strong_hits import strong_hits

MOST_MARKS = 200
FEW = 5
"""Of hits that are only near, where nothing matches well."""


def timeline_marks(video: Video, *, query: Query, user: User) -> dict[str, Any]:
    """The hits in a film that the person sees, in its order: spans in frames, half-open, and why each matched.

    A query that leaves the film's title out is asked of this title all the same: its player is open.
    """
    results = search(replace(query, titles=(video.title_id,)), user=user, limit=MOST_MARKS)
    hits = [hit for hit in strong_hits(results) or results.hits[:FEW] if hit.video_id == video.pk]
    cards = make_cards(hits, user=user, query="")
    by_place = sorted(cards, key=lambda card: (card.start_frame, card.end_frame))
    clock = film_clock(video)
    return {
        "marks": [
            {
                "start_frame": card.start_frame, "end_frame": card.end_frame, "frame": card.open_frame,
                "place": card.number, "text": f"{clock.timecode(card.open_frame)} {_why(card)}".strip(),
            }
            for card in by_place
        ],
        "is_weak": results.is_weak,
    }  # fmt: skip


def _why(card: Card) -> str:
    return "".join(piece.text for piece in card.best.pieces) if card.best else ", ".join(card.labels)
