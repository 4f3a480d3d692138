"""Having a team's logos looked for in all of its titles, a while at a time, until no search is due any more."""

import logging
import time
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from ava.exclusive import exclusive
from ava.media.source import UnusableVideo
from ava.models import Team, Title, Video
from curation.logo_looks import MATCHER_VERSION, look_for_logos
from curation.logo_signals import note_logo_signals
from curation.logos import send_search
from curation.models import Logo, LogoLook, Still

logger = logging.getLogger(__name__)

SEARCH_FOR_S = 20.0
"""After so long a search of a team's titles lets other work pass and goes on in a message of its own."""

CURRENT = Q(version=MATCHER_VERSION, picture=F("logo__picture"), words=F("logo__brand_words"))
"""Looks that were made with the matcher and the logo as they are now."""


def search_team(team_id: int) -> None:
    """Look for a team's logos in its titles for a while; what is left then is asked for again.

    One process at a time searches for a team, others return at once.
    """
    ends = time.monotonic() + SEARCH_FOR_S
    with exclusive(f"logos of team {team_id}") as is_mine:
        if not is_mine:
            return
        searched = 0
        for video_id in pending_frames(team_id):
            video = Video.objects.filter(pk=video_id).first()
            if video is None:
                continue
            if searched and time.monotonic() > ends:
                break
            try:
                searched += look_for_logos(video, is_late=lambda: time.monotonic() > ends)
            except (UnusableVideo, OSError) as error:
                logger.warning("%s could not be searched for logos: %s", video, error)
    if searched and pending_frames(team_id):
        send_search(team_id)


def title_teams_changed(instance: object, action: str, pk_set: set[int] | None, **_: object) -> None:
    """When a title changes hands, what was found of a team's logos is told, or no longer told, accordingly."""
    if action in {"post_add", "post_remove", "post_clear"}:
        titles = {instance.pk} if isinstance(instance, Title) else pk_set or set()
        note_logo_signals(Video.objects.filter(title__in=titles))
        search_again_where_due(Team.objects.filter(titles__in=titles).values_list("pk", flat=True).distinct())


def search_again_where_due(team_ids: Iterable[int]) -> None:
    """Send a search for the teams that have one due: a message may have been lost, or its worker killed."""
    for team_id in team_ids:
        if pending_frames(team_id):
            send_search(team_id)


def pending_frames(team_id: int) -> dict[int, int]:
    """How many searches of one still for one logo are due, by the video's number; videos without any are left out."""
    logos = Logo.objects.filter(team=team_id).count()
    if not logos:
        return {}
    stills = Still.objects.filter(video__title__teams=team_id, provisional=False).order_by()
    wanted = dict(stills.values_list("video").annotate(count=Count("pk")))
    looks = current_looks().filter(logo__team=team_id)
    searched = dict(looks.values_list("video").annotate(count=Count("pk")))
    return {
        video_id: count * logos - searched.get(video_id, 0)
        for video_id, count in sorted(wanted.items())
        if count * logos > searched.get(video_id, 0)
    }


def current_looks() -> QuerySet[LogoLook]:
    """Looks at the finished stills of the titles of a logo's team that were made with the logo as it is now."""
    stills = Still.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"), provisional=False)
    looks = LogoLook.objects.filter(CURRENT, video__title__teams=F("logo__team"))
    return looks.filter(Exists(stills)).order_by()
