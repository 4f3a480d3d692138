"""Telling open pages that a trailer's map has changed."""

from ava.models import Video
from ava.progress import publish


def publish_map(film: Video, trailer: Video) -> None:
    """Tell those who see the trailer, on the film's page and on its own, once the transaction is over.

    Others, who may see the film, are not told that there is a trailer.
    """
    for title_id in (film.title_id, trailer.title_id):
        publish(title_id=trailer.title_id, message={"type": "trailer", "title_id": title_id})
