"""What the pages of logos show: each logo with how far it was looked for and how many stills show it."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from ava.models import Team, User, Video
from ava.selectors import EDITING_ROLES, access_teams, packed_fields
from curation.logo_search import current_looks, pending_frames
from curation.logos import access_logos, access_sightings, with_stills
from curation.models import Logo, LogoLook, Still

SIGHTINGS_A_PAGE = 48


@dataclass(frozen=True, slots=True)
class LogoCard:
    """A logo, how many stills show it, and how many of its team's stills were searched for it."""

    logo: Logo
    shown_in: int
    searched: int
    stills: int

    @property
    def is_searched(self) -> bool:
        return self.searched >= self.stills


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
    for card in logo_cards(user):
        cards.setdefault(card.logo.team_id, []).append(card)
    own = set(user.memberships.values_list("team", flat=True))
    return [
        TeamLogos(team, team.pk in edits, cards.get(team.pk, []), _searching(team, cards.get(team.pk, [])))
        for team in access_teams(user)
        if team.pk in cards or team.pk in own
    ]


def logo_cards(user: User) -> list[LogoCard]:
    """Every logo that the user sees."""
    logos = access_logos(user)
    shown_in = dict(access_sightings(user).order_by().values_list("logo").annotate(count=Count("pk")))
    searched = dict(current_looks().filter(logo__in=logos).values_list("logo").annotate(count=Count("pk")))
    stills = Still.objects.filter(provisional=False, video__title__teams__in=logos.order_by().values("team"))
    in_team = dict(stills.order_by().values_list("video__title__teams").annotate(count=Count("pk")))
    return [
        LogoCard(logo, shown_in.get(logo.pk, 0), searched.get(logo.pk, 0), in_team.get(logo.team_id, 0))
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
