"""Results put into reels from the search page."""

from typing import NamedTuple

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import User
from ava.selectors import EDITING_ROLES, access_teams
from search.models import Reel
from search.reel_forms import read_spans
from search.reels import LONGEST_NAME, add_clips, create_reel
from search.selectors import access_reels

NEW_REEL = "new"


class InvalidCollection(ValueError):
    """What was sent names no reel or no results; the sentence says what to do."""


class Collected(NamedTuple):
    """Where results went."""

    reel: Reel
    count: int

    @property
    def address(self) -> str:
        return reverse("reel", args=[self.reel.pk])

    @property
    def sentence(self) -> str:
        return f"{'A shot is' if self.count == 1 else f'{self.count} shots are'} in the reel “{self.reel.name}”."


@transaction.atomic
def collect(form: QueryDict, *, user: User) -> Collected:
    """Add the spans `clip` ("VIDEO:START:END") to the reel `reel`: its number, or "new:TEAM" with an optional `name`.

    Raises InvalidCollection and InvalidReel with sentences.
    """
    spans = read_spans(form.getlist("clip"))
    if not spans:
        raise InvalidCollection("Choose a result to collect.")
    reel = _read_reel(form.get("reel", ""), name=form.get("name", ""), user=user)
    add_clips(reel, spans, user=user)
    return Collected(reel, len(spans))


def _read_reel(text: str, *, name: str, user: User) -> Reel:
    kind, _, number = text.partition(":")
    team_id = read_number(number, digits=KEY_DIGITS)
    if kind == NEW_REEL and team_id is not None:
        team = access_teams(user, roles=EDITING_ROLES).filter(pk=team_id).first()
        if team is None:
            raise InvalidCollection("Only editors of a team make reels for it.")
        return create_reel(team, name=name.replace("\0", "").strip()[:LONGEST_NAME] or "Collected", user=user)
    reel = access_reels(user, roles=EDITING_ROLES).filter(pk=read_number(text, digits=KEY_DIGITS)).first()
    if reel is None:
        raise InvalidCollection("Choose the reel to collect into; it has been deleted, or you may not change it.")
    return reel
