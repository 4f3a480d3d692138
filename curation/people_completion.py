"""What people's words and choices leave to be made: who is in a new still, and what cut tracks and newcomers lack."""

from ava.models import ACTIVE_STATES, Job, Title, Video
from curation.graph_places import settle_places
from curation.people_portraits import render_portraits
from curation.people_selectors import titles_in_scope
from curation.people_stage import choose_encoder, recognise_film
from curation.people_vectors import renew_vectors


def complete_cast(scope: Title) -> None:
    """Give the pieces of cut tracks what an analysis would give them, and newcomers a place that they keep."""
    videos = Video.objects.filter(title__in=titles_in_scope(scope))
    for video in videos.filter(face_tracks__portrait=None).distinct().select_related("title"):
        encoder = choose_encoder(video)
        if encoder is not None:
            renew_vectors(video, encoder)
        render_portraits(video, report=lambda done, total: None)
    settle_places(scope)


def recognise_new_look(video: Video) -> None:
    """Recognise the people of a frame that has just been looked at, among those of its film.

    An analysis at work does so anyway, and what it has found so far is not yet all of the film.
    """
    if not video.jobs.filter(state__in=ACTIVE_STATES, kind=Job.Kind.ANALYSIS).exists():
        recognise_film(video)
