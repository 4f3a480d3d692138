"""What workers are called for in curation."""

from celery import shared_task

from curation import logo_search, services
from curation.models import Still


@shared_task
def complete_still(still_id: int) -> None:
    """Judge a still that an editor made, and make its preview."""
    still = Still.objects.select_related("video", "shot").filter(pk=still_id).first()
    if still is not None:
        services.complete_still(still)


@shared_task
def look_for_logos(team_id: int) -> None:
    """Look for a team's logos in stills that were not searched for them yet."""
    logo_search.search_team(team_id)
