"""What the pages of a title's artwork show."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict

from ava.models import Title, User
from curation.artwork_facts import MeasuredValues, describe_artwork, describe_in_words, measured_values
from curation.artwork_filters import ArtworkFilters
from curation.frame_facts import FrameFacts, tell_facts
from curation.models import Artwork, TestResult
from curation.palette_facts import Swatch, read_palette
from curation.selectors import access_artworks

ARTWORKS_A_PAGE = 60


@dataclass(frozen=True, slots=True)
class ArtworkCard:
    """An artwork of the grid, and what it shows in a few words."""

    artwork: Artwork
    words: str


@dataclass(frozen=True, slots=True)
class Library:
    """A page of a title's artwork: `total` before it was narrowed, `waiting` of which are not measured yet."""

    page: Page[Artwork]
    cards: list[ArtworkCard]
    filters: ArtworkFilters
    languages: list[str]
    total: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class OpenArtwork:
    """One artwork with everything that is known of it; `group` is its pictures' group, `results` how many tests."""

    artwork: Artwork
    words: str
    facts: FrameFacts
    overlay: dict[str, Any]
    palette: list[Swatch]
    measured: list[MeasuredValues]
    group_size: int
    results: int
    previous: Artwork | None
    next: Artwork | None


def read_library(user: User, title: Title, *, query: QueryDict) -> Library:
    """The artwork of a title as an address asks for it; the queries are as many for any number of pictures."""
    filters = ArtworkFilters.read(query)
    artworks = access_artworks(user).filter(title=title)
    states = dict(artworks.order_by().values_list("state").annotate(count=Count("pk")))
    languages = artworks.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
    page = Paginator(filters.narrow(artworks).defer("findings"), ARTWORKS_A_PAGE).get_page(query.get("page", "1"))
    return Library(
        page=page,
        cards=[ArtworkCard(artwork, describe_in_words(artwork)) for artwork in page],
        filters=filters,
        languages=list(languages),
        total=sum(states.values()),
        waiting=states.get(Artwork.State.WAITING, 0),
        failed=states.get(Artwork.State.FAILED, 0),
    )


def open_artwork(user: User, artwork: Artwork) -> OpenArtwork:
    """One artwork as its page shows it."""
    found = describe_artwork(artwork)
    row = getattr(artwork, "picture_row", None)
    others = access_artworks(user).filter(title=artwork.title_id).only("original_name")
    return OpenArtwork(
        artwork=artwork,
        words=describe_in_words(artwork),
        facts=tell_facts(found),
        overlay=found,
        palette=read_palette(artwork.signals),
        measured=measured_values(artwork),
        group_size=row.group.members.count() if row is not None and row.group is not None else 0,
        results=results_of(artwork).count(),
        previous=others.filter(pk__gt=artwork.pk).order_by("id").first(),
        next=others.filter(pk__lt=artwork.pk).order_by("-id").first(),
    )


def results_of(artwork: Artwork) -> QuerySet[TestResult]:
    """Results of tests of an artwork, which go with it when it is deleted."""
    return TestResult.objects.filter(picture__artwork=artwork)
