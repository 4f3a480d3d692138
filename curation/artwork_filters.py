"""What an artwork library can be narrowed to and ordered by: read from an address, applied to artwork."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.db.models import ExpressionWrapper, F, FloatField, Q, QuerySet
from django.http import QueryDict

from curation.models import Artwork, Still
from curation.still_facts import FACETS, signal_value

LONGEST_WORDS = 100
NO_LANGUAGE = "none"
SORTS = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "name": "Name",
    "largest": "Most pixels",
    "faces": "Most faces",
    "sharpest": "Sharpest",
}
STATES = dict(Artwork.State.choices)
SIZES: Mapping[str, tuple[str, Q]] = {
    "small": ("Under 1 megapixel", Q(pixels__lt=1e6)),
    "medium": ("1 to 8 megapixels", Q(pixels__gte=1e6, pixels__lt=8e6)),
    "large": ("8 megapixels or more", Q(pixels__gte=8e6)),
}
SHAPES: Mapping[str, tuple[str, Q]] = {
    "wide": ("Wide", Q(aspect__gte=1.2)),
    "square": ("About square", Q(aspect__gt=1 / 1.2, aspect__lt=1.2)),
    "tall": ("Tall", Q(aspect__lte=1 / 1.2)),
}
ARTWORK_FACETS = tuple(facet for facet in FACETS if facet.name in {"faces", "text", "colour"})
"""Asked of artwork in the same words as of stills."""

_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "newest": ("-id",),
    "oldest": ("id",),
    "name": ("original_name", "id"),
    "largest": ("-pixels", "-id"),
    "faces": (signal_value("faces.count").desc(nulls_last=True), "-id"),
    "sharpest": (signal_value("sharpness.sharpness").desc(nulls_last=True), "-id"),
}


@dataclass(frozen=True, slots=True)
class ArtworkFilters:
    """What was asked for, cleaned: anything unknown is ignored. Empty is everything."""

    words: str = ""
    language: str = ""
    state: str = ""
    size: str = ""
    shape: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    sort: str = "newest"

    @classmethod
    def read(cls, query: QueryDict) -> "ArtworkFilters":
        asked = {facet.name: query.get(facet.name, "") for facet in ARTWORK_FACETS}
        return cls(
            words=query.get("q", "").replace("\x00", "")[:LONGEST_WORDS].strip(),
            language=query.get("language", "").replace("\x00", "")[:35],
            state=_known(query.get("state", ""), STATES),
            size=_known(query.get("size", ""), SIZES),
            shape=_known(query.get("shape", ""), SHAPES),
            facets={facet.name: asked[facet.name] for facet in ARTWORK_FACETS if asked[facet.name] in facet.values},
            sort=_known(query.get("sort", ""), SORTS) or "newest",
        )

    @property
    def is_narrowed(self) -> bool:
        return any((self.words, self.language, self.state, self.size, self.shape, self.facets))

    def narrow(self, artworks: QuerySet[Artwork]) -> QuerySet[Artwork]:
        """Those of the artworks that pass, in the order asked for."""
        aspect = ExpressionWrapper(F("width") * 1.0 / F("height"), output_field=FloatField())
        pixels = ExpressionWrapper(F("width") * 1.0 * F("height"), output_field=FloatField())
        artworks = artworks.alias(aspect=aspect, pixels=pixels)
        for word in self.words.split():
            artworks = artworks.filter(original_name__icontains=word)
        if self.language:
            artworks = artworks.filter(language="" if self.language == NO_LANGUAGE else self.language)
        if self.state:
            artworks = artworks.filter(state=self.state)
        if self.size:
            artworks = artworks.filter(SIZES[self.size][1])
        if self.shape:
            artworks = artworks.filter(SHAPES[self.shape][1])
        for facet in ARTWORK_FACETS:
            if facet.name in self.facets:
                # A facet asks for signals alone here, which stills and artwork keep alike.
                narrowed = facet.narrow(cast("QuerySet[Still]", artworks), [self.facets[facet.name]])
                artworks = cast("QuerySet[Artwork]", narrowed)
        return artworks.order_by(*_ORDERS[self.sort])


def _known(value: str, choices: Mapping[str, Any]) -> str:
    return value if value in choices else ""
