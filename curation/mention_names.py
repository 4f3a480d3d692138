"""Who is named in a note: "@name", where the name is that of somebody who sees the title."""

import re
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ava.models import Title, User

_NAMED = re.compile(r"(?<![\w.@+-])@([\w.@+-]{1,150})")
_MAY_FOLLOW = ".+-@_"
"""What a user name may hold and a sentence may put behind one."""


def people_who_see(title: Title) -> QuerySet[User]:
    """Everybody who sees a title and may sign in, by name."""
    of_teams = Q(pk__in=User.objects.filter(memberships__team__titles=title).values("pk"))
    return User.objects.filter(of_teams | Q(is_superuser=True), is_active=True).order_by("username")


def find_named(text: str, people: Iterable[User]) -> list[User]:
    """Those of the people whom a text names, each once, in its order; case does not matter.

    Of "@anna.", "anna." is meant where somebody is called that, and else "anna".
    """
    by_name = {person.username.casefold(): person for person in people}
    named: dict[int, User] = {}
    for match in _NAMED.finditer(text):
        person = _longest(match[1].casefold(), by_name)
        if person is not None:
            named.setdefault(person.pk, person)
    return list(named.values())


def _longest(name: str, by_name: dict[str, User]) -> User | None:
    while name:
        if name in by_name:
            return by_name[name]
        if name[-1] not in _MAY_FOLLOW:
            return None
        name = name[:-1]
    return None
