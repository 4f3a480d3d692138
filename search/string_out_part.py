"""What the page of a string-out tells of its length, and by what another one is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ava.handoff.cut_list import Layout
from ava.models import User, Video
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
    orders: Mapping[str, str]
    usual_lengths_s: Sequence[int] = USUAL_LENGTHS_S
    shortest_s: int = int(SHORTEST_S)
    longest_s: int = int(LONGEST_S)
    most_spoiler: int = MOST_SPOILER


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
    return StringOutPart(wish, missing_frames(layout, wanted_s=wish.length_s), told, film, ORDERS)
