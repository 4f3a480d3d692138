"""What workers are called for in curation."""

from celery import shared_task

from ava.inspection import inspect_frame
from ava.models import Title, Video
from curation import artwork_annotation, logo_search, people_completion, picture_grouping, ranking, services
from curation.export_tasks import make_export  # noqa: F401
from curation.expression_tasks import renew_expressions, train_expression  # noqa: F401
from curation.models import Still
from curation.moment_tasks import train_moment_ranker  # noqa: F401
from curation.ranking_model_tasks import look_again_at_ranking, train_ranking  # noqa: F401
from curation.trailer_work import match_pair


@shared_task
def complete_still(still_id: int) -> None:
    """Judge a still that an editor made, and make its preview."""
    still = Still.objects.select_related("video", "shot").filter(pk=still_id).first()
    if still is not None:
        services.complete_still(still)


@shared_task
def look_at_still(still_id: int) -> None:
    """Look closely at a frame that an editor made a still, and judge it again by what was found."""
    still = Still.objects.select_related("video", "shot").filter(pk=still_id).first()
    if still is not None and inspect_frame(still.video, still.frame_index):
        people_completion.recognise_new_look(still.video)
        services.complete_still(still)


@shared_task
def rank_again(video_id: int) -> None:
    """Rank a film's stills anew after somebody has said who is in it, or how expressions are judged."""
    video = Video.objects.filter(pk=video_id).first()
    if video is not None:
        ranking.rank_again(video)


@shared_task
def complete_cast(scope_id: int) -> None:
    """Make what somebody's word about a cast has left to be made."""
    scope = Title.objects.filter(pk=scope_id).first()
    if scope is not None:
        people_completion.complete_cast(scope)


@shared_task
def look_for_logos(team_id: int) -> None:
    """Look for a team's logos in stills that were not searched for them yet."""
    logo_search.search_team(team_id)


@shared_task
def annotate_artworks() -> None:
    """Measure artwork that waits for it, or was measured by what is out of date."""
    artwork_annotation.annotate_artworks()


@shared_task
def match_trailer_pair(film_id: int, trailer_id: int) -> None:
    """Lay a trailer against its film, where that is due."""
    match_pair(film_id, trailer_id)


@shared_task
def group_pictures(title_id: int) -> None:
    """Compare a title's new stills and artwork with the others, and group those that are one picture."""
    title = Title.objects.filter(pk=title_id).first()
    if title is not None:
        picture_grouping.group_title(title)
