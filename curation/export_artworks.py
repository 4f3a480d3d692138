"""The artworks of an export: which they are, and what it says of them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ava.models import Title
from curation.artwork_facts import describe_in_words
from curation.exports.record import StillRecord
from curation.frame_keys import whole_number
from curation.models import Artwork

ALL = "all"
"""What stands for every artwork of a title in forms and addresses."""


class BadArtworks(ValueError):
    """A text that names no artworks; the sentence says how they are named."""


class ArtworkInExport(NamedTuple):
    """An artwork with its record."""

    artwork: Artwork
    record: StillRecord


def read_artworks(values: Iterable[str], *, title: Title) -> list[int]:
    """The artworks that texts name: numbers with commas between them, or "all"; raises BadArtworks."""
    asked = [text.strip() for value in values for text in value.split(",") if text.strip()]
    if ALL in asked:
        return all_artworks(title)
    numbers = [whole_number(text) for text in asked]
    if min(numbers, default=1) < 1:
        raise BadArtworks("Name artworks by their numbers, with commas between them, or all of them: all.")
    return list(dict.fromkeys(numbers))


def name_export(stills: str, *, has_artworks: bool) -> str:
    """What an export is called whose stills, if it has any, are called so: "Picks and artwork"."""
    if not has_artworks:
        return stills
    return f"{stills} and artwork" if stills else "Artwork"


def all_artworks(title: Title) -> list[int]:
    """The numbers of all artworks of a title, in the order in which they were brought in."""
    return list(Artwork.objects.filter(title=title).order_by("id").values_list("pk", flat=True))


def describe_artworks(title: Title, *, artworks: Sequence[int], first_place: int) -> list[ArtworkInExport]:
    """The artworks of a title in this order, with places from the first on; those that are gone are left out."""
    found = Artwork.objects.filter(title=title).in_bulk(artworks)
    return [
        ArtworkInExport(found[pk], _describe(found[pk], place=place))
        for place, pk in enumerate(artworks, start=first_place)
        if pk in found
    ]


def _describe(artwork: Artwork, *, place: int) -> StillRecord:
    return StillRecord(
        place=place,
        title=str(artwork.title),
        video="",
        frame_index=None,
        timecode="",
        time_s=None,
        fps="",
        width=artwork.width,
        height=artwork.height,
        bits=8,
        alt=describe_in_words(artwork),
        artwork=artwork.original_name.rpartition("/")[2] or f"Artwork {artwork.pk}",
    )
