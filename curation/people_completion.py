"""What somebody's word about a cast leaves to be made: portraits and vectors of cut tracks, places in the graph."""

from ava.models import Title, Video
from curation.graph_places import settle_places
from curation.people_portraits import render_portraits
from curation.people_selectors import titles_in_scope
from curation.people_stage import choose_encoder
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
