"""What the page of a string-out tells of its length, and by what another one is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.http import urlencode

from ava.handoff.cut_list import Layout
from ava.models import Shot, User, Video
from curation.still_people import cast_of_board, name_people
from search.models import Reel
from search.reel_lengths import missing_frames, tell_missing
from search.reels import InvalidReel
from search.string_out_wishes import LONGEST_S, MOST_SPOILER, ORDERS, SHORTEST_S, USUAL_LENGTHS_S, StringOutWish
from search.string_outs import film_of, wish_of


@dataclass(frozen=True, slots=True)
class StringOutPart:
    """A string-out beside its wish; ``film`` is None where its reader cannot propose from it any more."""

    wish: StringOutWish
    missing: int
    told: str
    film: Video | None
    taken_from: str
    """Which shots of the film, in words; empty: all."""
    orders: Mapping[str, str]
    usual_lengths_s: Sequence[int] = USUAL_LENGTHS_S
    shortest_s: int = int(SHORTEST_S)
    longest_s: int = int(LONGEST_S)
    most_spoiler: int = MOST_SPOILER

    @property
    def moments_query(self) -> str:
        """The address of the moments page as it was when the string-out was asked for."""
        return urlencode([("video", str(self.wish.video)), *self.wish.narrowing.fields()])


def string_out_part(reel: Reel, *, user: User, layout: Layout) -> StringOutPart | None:
    """None of a reel whose clips were collected by people."""
    if reel.proposal is None:
        return None
    wish = wish_of(reel)
    try:
        film = film_of(reel, user=user)
    except InvalidReel:
        film = None
    told = tell_missing(layout, wanted_s=wish.length_s)
    taken_from = _taken_from(wish, film) if film else ""
    return StringOutPart(wish, missing_frames(layout, wanted_s=wish.length_s), told, film, taken_from, ORDERS)


def _taken_from(wish: StringOutWish, film: Video) -> str:
    parts = []
    if wish.characters:
        names = name_people(cast_of_board(film), wish.characters)
        parts.append(f"with {names or 'people who are no longer told apart'}")
    if wish.scales:
        parts.append(" or ".join(str(Shot.Scale(scale).label).lower() for scale in wish.scales))
    if wish.is_unused:
        parts.append("in no trailer yet")
    return ", ".join(parts)
