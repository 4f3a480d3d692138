"""Everything that the search page shows of one address."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Team, User
from ava.selectors import EDITING_ROLES, access_videos, packed_fields
from curation.selectors import access_stills
from search.card_labels import with_labels
from search.embed.describe import CANNOT_KNOW
from search.engine import Results, search
from search.film_clocks import film_clock
from search.filter_chips import Part, example_parts, filter_parts
from search.filter_form import FilterForm, filter_form
from search.models import Reel, SavedSearch
from search.query import InvalidQuery, Like, Query, read_query, write_query
from search.query_examples import Example, example_queries, similar_look
from search.reel_list_page import editing_teams
from search.result_cards import Card, make_cards
from search.saved_searches import saved_with_news
from search.selectors import access_reels, access_saved_searches
from search.suggestions import Respelling, Wider, drop_each, respell
from search.uploaded_pictures import picture_name

PAGE, MOST_SHOWN = 60, 240
FEW = 4
"""Hits, from which number on nothing else need be suggested."""
MOST_REELS = 50


REGIONS = (
    ("Left half", "0,0,0.5,1"),
    ("Right half", "0.5,0,1,1"),
    ("Upper half", "0,0,1,0.5"),
    ("Lower half", "0,0.5,1,1"),
    ("Middle", "0.25,0.25,0.75,0.75"),
)
"""Parts of an example picture that are marked without drawing, as they are named and as an address has them."""


class ShownExample(NamedTuple):
    """The picture that others are looked for like: where it is fetched, and what it is; no address where it is gone."""

    address: str
    alt: str


@dataclass
class SearchPage:
    """A search and all around it."""

    query: Query
    written: str
    query_string: str
    form: FilterForm
    error: str = ""
    results: Results | None = None
    cards: list[Card] = field(default_factory=list)
    chips: list[Part] = field(default_factory=list)
    example: ShownExample | None = None
    respellings: list[Respelling] = field(default_factory=list)
    wider: list[Wider] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    saved: list[tuple[SavedSearch, int]] = field(default_factory=list)
    saved_open: SavedSearch | None = None
    reels: list[Reel] = field(default_factory=list)
    reel_teams: list[Team] = field(default_factory=list)
    why: Card | None = None
    more: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something is asked for: else the page explains what can be."""
        return not self.query.is_empty and not self.error

    @property
    def strong(self) -> int:
        """How many results match, and are not only the nearest of what does not."""
        return 0 if self.results and self.results.is_weak else sum(card.is_strong for card in self.cards)

    @property
    def notes(self) -> list[str]:
        """What the search tells of itself; what descriptions can never know stands by itself."""
        return [note for note in self.results.notes if note != CANNOT_KNOW] if self.results else []

    @property
    def cannot_know(self) -> str:
        return CANNOT_KNOW

    @property
    def regions(self) -> list[tuple[str, str, bool]]:
        """Parts of the example to choose: name, region, and whether it is the one that counts now."""
        return [(name, region, region == str(self.query.region)) for name, region in REGIONS]


def read_page(user: User, address: QueryDict) -> SearchPage:
    """The page of an address; what makes no sense in it is told as `error`."""
    query, error = _read_query(address)
    page = SearchPage(
        query=query,
        written=address.get("q", "").replace("\0", ""),
        query_string=write_query(query),
        form=filter_form(user, query=query),
        error=error,
        saved=saved_with_news(user),
        reels=list(access_reels(user, roles=EDITING_ROLES).select_related("team")[:MOST_REELS]),
        reel_teams=editing_teams(user),
    )
    page.chips = [*example_parts(query), *filter_parts(query, names=page.form.names)]
    page.example = shown_example(query, user=user)
    if page.is_open:
        _fill(page, user=user, address=address)
    elif not error:
        page.examples = example_queries(user)
    return page


def _read_query(address: QueryDict) -> tuple[Query, str]:
    """The query and what is wrong with it; of a wrong region all else stays, so that it can be marked anew."""
    try:
        return read_query(address), ""
    except InvalidQuery as wrong:
        error = str(wrong)
    if "region" in address:
        address = address.copy()
        del address["region"]
        with suppress(InvalidQuery):
            return read_query(address), error
    return Query(), error


def query_like_upload(query: str, *, token: str) -> str:
    """A query string that asks for what is like an uploaded picture, and for all else that it asked for before."""
    try:
        asked = read_query(QueryDict(query))
    except InvalidQuery:
        asked = Query()
    return write_query(replace(asked, like=Like("upload", token=token), region=None))


def shown_example(query: Query, *, user: User) -> ShownExample | None:
    """The example picture of a query, as far as the person may see it."""
    like = query.like
    if like is None:
        return None
    if like.kind == "upload":
        known = picture_name(like.token, user=user) is not None
        return ShownExample(reverse("search-example", args=[like.token]) if known else "", "Your picture")
    if like.kind == "still":
        still = access_stills(user).filter(pk=like.key).first()
        return ShownExample(reverse("still-image", args=[still.pk]), f"A still at {still.timecode}") if still else _GONE
    videos = access_videos(user).select_related("title").defer(*packed_fields())
    video = videos.filter(pk=like.key, frame_count__gt=like.frame).first()
    if video is None:
        return _GONE
    address = f"{reverse('video-frame', args=[like.key, like.frame])}?w=480"
    return ShownExample(address, f"{video.title} at {film_clock(video).timecode(like.frame)}")


_GONE = ShownExample("", "")


def _fill(page: SearchPage, *, user: User, address: QueryDict) -> None:
    asked_for = read_number(address.get("shown", ""), digits=KEY_DIGITS)
    shown = PAGE if asked_for is None else min(asked_for, MOST_SHOWN)
    results = search(page.query, user=user, limit=shown)
    page.results = results
    page.saved_open, new = _saved_search(user, address)
    cards = make_cards(results.hits, user=user, query=page.query_string, new=new)
    page.cards = with_labels(cards, user=user)
    if len(results.hits) >= shown < MOST_SHOWN:
        page.more = min(shown + PAGE, MOST_SHOWN)
    asked = address.get("why", "")
    page.why = next((card for card in page.cards if card.key == asked), None)
    if not page.strong or len(results.hits) < FEW:
        page.respellings = respell(page.query, written=page.written, user=user)
        page.wider = drop_each(page.query, user=user, names=page.form.names) if len(results.hits) < FEW else []
        has_other = page.strong or page.respellings or page.wider or (results.hits and not page.query.words)
        page.examples = [] if has_other else similar_look(user)


def _saved_search(user: User, address: QueryDict) -> tuple[SavedSearch | None, set[tuple[int, int]]]:
    """The saved search that the address opens, and where what is new in it begins, from match number `new` on."""
    number = read_number(address.get("saved", ""), digits=KEY_DIGITS)
    saved = access_saved_searches(user).filter(pk=number).first() if number else None
    first_new = read_number(address.get("new", ""), digits=KEY_DIGITS)
    if saved is None or not first_new:
        return saved, set()
    return saved, set(saved.matches.filter(pk__gte=first_new).values_list("video", "start_frame"))
