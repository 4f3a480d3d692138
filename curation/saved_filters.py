"""Views of the board that people keep under a name, for themselves or for everybody who sees the title."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import QueryDict

from ava.models import Title, User
from curation.models import SavedFilter
from curation.selectors import access_saved_filters

MOST_NAME, MOST_QUERY = 60, 2000
_OF_THE_MOMENT = ("still", "page", "from", "view", "compare", "overlay")
"""What of an address is no part of what is looked for."""


class InvalidFilter(ValueError):
    """The view cannot be kept; the sentence says why."""


@dataclass(frozen=True, slots=True)
class OfferedFilter:
    """A saved view as the board's menu shows it."""

    saved: SavedFilter
    is_own: bool
    is_in_force: bool


def save_filter(title: Title, *, user: User, name: str, query: str, is_shared: bool) -> SavedFilter:
    """Keep a view under a name; the user's own one of that name on this title is replaced.

    Raises InvalidFilter for a name that is empty or too long, or an address that is too long.
    """
    name = " ".join(name.replace("\0", "").split())
    kept = clean_query(query)
    if not name:
        raise InvalidFilter("Give the view a name.")
    if len(name) > MOST_NAME:
        raise InvalidFilter(f"A name has at most {MOST_NAME} characters.")
    if len(kept) > MOST_QUERY:
        raise InvalidFilter("These are too many filters to keep; take some away.")
    own = SavedFilter.objects.filter(user=user, title=title, name__iexact=name)
    fields = {"name": name, "query": kept, "is_shared": is_shared}
    with transaction.atomic():
        saved = own.select_for_update().first() or SavedFilter(user=user, title=title)
        for field, value in fields.items():
            setattr(saved, field, value)
        try:
            with transaction.atomic():
                saved.save()
        except IntegrityError:  # the same person has just saved one of this name elsewhere
            own.update(**fields)
            saved = own.get()
    return saved


def clean_query(query: str) -> str:
    """The part of a board's address that says which stills, in which order; each name in its place once."""
    read = QueryDict(query.replace("\0", "").lstrip("?")[: 4 * MOST_QUERY], mutable=True)
    for name in _OF_THE_MOMENT:
        read.pop(name, None)
    for name in list(read):
        if not any(read.getlist(name)):
            read.pop(name)
    return read.urlencode()


def offered_filters(title: Title, *, user: User, query: str) -> list[OfferedFilter]:
    """The user's own views of a title and those that colleagues share, by name."""
    here = _as_set(clean_query(query))
    saved: Iterable[SavedFilter] = access_saved_filters(user).filter(title=title).select_related("user")
    return [OfferedFilter(each, each.user_id == user.pk, _as_set(each.query) == here) for each in saved]


def _as_set(query: str) -> frozenset[tuple[str, str]]:
    read = QueryDict(query)
    return frozenset((name, value) for name in read for value in read.getlist(name))
