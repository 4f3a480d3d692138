"""What the pages of logos show: each logo with how far it was looked for and how many stills show it."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from ava.models import Team, User, Video
from ava.selectors import EDITING_ROLES, access_teams, packed_fields
from curation.logo_search import current_looks, pending_frames
from curation.logos import access_logos, access_sightings, with_stills
from curation.models import Logo, LogoLook, Still

SIGHTINGS_A_PAGE = 48


@dataclass(frozen=True, slots=True)
class LogoCard:
    """A logo, how many stills show it, how many of its team's stills were searched for it, and how far."""

    logo: Logo
    stills: int
    shown_in: int
    searched: int
    unseen: int
    """Searched stills that told nothing: nobody read their text, or they cannot be decoded."""
    unread: int
    """Searched stills in which brand words could not be looked for, since nobody read their text."""

    @property
    def is_searched(self) -> bool:
        return self.searched >= self.stills

    @property
    def seen(self) -> int:
        return self.searched - self.unseen


@dataclass(frozen=True, slots=True)
class TitleSearch:
    """A title that is being searched, and how much is left: searches of one still for one logo."""

    name: str
    left: int


@dataclass(frozen=True, slots=True)
class TeamLogos:
    team: Team
    may_edit: bool
    cards: list[LogoCard]
    searching: list[TitleSearch]


def logos_by_team(user: User) -> list[TeamLogos]:
    """The teams of a user with their logos; without a membership, as superusers are, those that have any."""
    edits = set(access_teams(user, roles=EDITING_ROLES).values_list("pk", flat=True))
    cards: dict[int, list[LogoCard]] = {}
    for card in logo_cards(access_logos(user), user=user):
        cards.setdefault(card.logo.team_id, []).append(card)
    own = set(user.memberships.values_list("team", flat=True))
    return [
        TeamLogos(team, team.pk in edits, cards.get(team.pk, []), _searching(team, cards.get(team.pk, [])))
        for team in access_teams(user)
        if team.pk in cards or team.pk in own
    ]


def logo_cards(logos: QuerySet[Logo], *, user: User) -> list[LogoCard]:
    """Logos that the user sees, with what is known of each; the queries are as many for any number of them."""
    found = access_sightings(user).filter(logo__in=logos).order_by()
    shown_in = dict(found.values_list("logo").annotate(count=Count("pk")))
    looks = current_looks().filter(logo__in=logos).values_list("logo")
    unread = Count("pk", filter=Q(text_version=None) & ~Q(words=[]))
    counted = looks.annotate(all=Count("pk"), unseen=Count("pk", filter=Q(probability=None)), unread=unread)
    searched = {logo: counts for logo, *counts in counted}
    stills = Still.objects.filter(provisional=False, video__title__teams__in=logos.order_by().values("team"))
    in_team = dict(stills.order_by().values_list("video__title__teams").annotate(count=Count("pk")))
    return [
        LogoCard(logo, in_team.get(logo.team_id, 0), shown_in.get(logo.pk, 0), *searched.get(logo.pk, (0, 0, 0)))
        for logo in logos
    ]


def _searching(team: Team, cards: list[LogoCard]) -> list[TitleSearch]:
    if all(card.is_searched for card in cards):
        return []
    left = pending_frames(team.pk)
    videos = Video.objects.filter(pk__in=left).select_related("title").defer(*packed_fields())
    return [TitleSearch(str(video.title), left[video.pk]) for video in videos.order_by("pk")]


def sightings_page(user: User, logo: Logo, *, number: str) -> Page[LogoLook]:
    """The stills that show a logo, the surest first."""
    looks = with_stills(access_sightings(user).filter(logo=logo)).select_related("video__title")
    return Paginator(looks.defer(*packed_fields("video__")), SIGHTINGS_A_PAGE).get_page(number)
