"""Page-shaped reads of the list of reels: a constant number of queries, however many reels there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.core.paginator import Page, Paginator

from ava.models import Team, User
from ava.selectors import EDITING_ROLES, access_teams, access_videos, packed_fields
from search.models import Reel, ReelClip
from search.selectors import access_deleted_reels, access_reels

REELS_A_PAGE = 48
COVERS = 4
SHOWN_DELETED = 12


@dataclass(frozen=True, slots=True)
class ReelCard:
    """A reel among others: how much of it the reader sees, how long that is, and its first pictures."""

    reel: Reel
    count: int
    duration_s: float
    covers: Sequence[ReelClip]


def editing_teams(user: User) -> list[Team]:
    """The teams for which a person may make reels, by name."""
    return list(access_teams(user, roles=EDITING_ROLES).order_by("name"))


def reels_page(user: User, *, number: str) -> Page[ReelCard]:
    """The reels that a person sees, the newest first."""
    reels = access_reels(user).select_related("team", "created_by").order_by("-id")
    page = Paginator(reels, REELS_A_PAGE).get_page(number)
    page.object_list = _cards(list(page.object_list), user=user)
    return page


def deleted_reels(user: User) -> list[Reel]:
    """Reels that the person may bring back, those of the last ones."""
    found = access_deleted_reels(user, roles=EDITING_ROLES).select_related("team")
    return list(found.order_by("-id")[:SHOWN_DELETED])


def _cards(reels: Sequence[Reel], *, user: User) -> list[ReelCard]:
    clips: dict[int, list[ReelClip]] = {reel.pk: [] for reel in reels}
    for clip in ReelClip.objects.filter(reel__in=clips, is_in=True).order_by("position", "id"):
        clips[clip.reel_id].append(clip)
    wanted = {clip.video_id for each in clips.values() for clip in each}
    videos = access_videos(user).defer(*packed_fields()).in_bulk(wanted)
    cards = []
    for reel in reels:
        seen = [clip for clip in clips[reel.pk] if clip.video_id in videos]
        rates = {pk: Fraction(video.fps_num, video.fps_den) for pk, video in videos.items()}
        duration = sum(((clip.out_frame - clip.in_frame) / rates[clip.video_id] for clip in seen), Fraction(0))
        cards.append(ReelCard(reel, len(seen), float(duration), seen[:COVERS]))
    return cards
