"""What the filters of the search page offer, of what a person may see."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.models import Shot, User
from ava.selectors import access_titles
from curation.people_selectors import access_characters
from search.attributes import usable_attributes
from search.filter_chips import Names
from search.models import ShotDescription
from search.query import Query

MOST_TITLES = 500
MOST_CHARACTERS = 300


class FilterForm(NamedTuple):
    """The choices of each filter: pairs of value and label, or plain values."""

    titles: list[tuple[int, str]]
    characters: list[str]
    scales: list[tuple[str, str]]
    cameras: list[tuple[str, str]]
    colours: tuple[str, ...]
    attributes: list[tuple[int, str]]

    @property
    def names(self) -> Names:
        return Names(dict(self.titles), dict(self.attributes))


def filter_form(user: User, *, query: Query) -> FilterForm:
    """The choices for a person; what the query has chosen is among them, as far as the person sees it."""
    return FilterForm(
        titles=_titles(user, chosen=query.titles),
        characters=_characters(user, chosen=query.characters),
        scales=[(value, str(label)) for value, label in Shot.Scale.choices],
        cameras=[(value, str(label)) for value, label in Shot.Camera.choices],
        colours=tuple(COLOUR_TERMS),
        attributes=list(usable_attributes(user).order_by("name", "pk").values_list("pk", "name")),
    )


def _titles(user: User, *, chosen: tuple[int, ...]) -> list[tuple[int, str]]:
    """Titles that can be searched, by name, the chosen ones among them."""
    visible = access_titles(user).order_by("name", "pk").values_list("pk", "name")
    searchable = visible.filter(Exists(ShotDescription.objects.filter(video__title=OuterRef("pk"))))
    offered = dict(searchable[:MOST_TITLES]) | dict(visible.filter(pk__in=chosen))
    return sorted(offered.items(), key=lambda pair: (pair[1].casefold(), pair[0]))


def _characters(user: User, *, chosen: tuple[str, ...]) -> list[str]:
    """Names of characters, once each, the chosen ones among them as they were typed."""
    named = access_characters(user).filter(merged_into=None).exclude(name="").order_by("name")
    names = named.values_list("name", flat=True).distinct()
    offered = dict.fromkeys([*names[:MOST_CHARACTERS], *chosen])
    return sorted(offered, key=str.casefold)
