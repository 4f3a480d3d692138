"""Telling the pages of a reel, and the list of reels, that something about it has changed."""

import logging

from asgiref.sync import async_to_sync
from django.db import transaction

from ava.models import Title
from search.models import Reel

logger = logging.getLogger(__name__)

LIST = "reels"
"""As the list of reels is called in messages."""


def live_name(reel_id: int) -> str:
    """As a reel is called in messages."""
    return f"reel-{reel_id}"


def publish_reel(reel: Reel) -> None:
    """Tell the reel's team, once the surrounding transaction is committed; what is new, its pages ask the server."""
    transaction.on_commit(lambda: _send(reel.pk, team_id=reel.team_id), robust=True)


def _send(reel_id: int, *, team_id: int) -> None:
    from channels.layers import get_channel_layer  # scripts may not need the channel layer

    from ava.progress import SUPERUSERS_GROUP, team_group

    # A message is passed on to those who see a title; whoever has left the team sees none that only it has.
    title_id = Title.objects.filter(teams=team_id).order_by("-pk").values_list("pk", flat=True).first()
    layer = get_channel_layer()
    try:
        for name in (live_name(reel_id), LIST):
            event = {"type": "live.message", "title_id": title_id, "message": {"type": "reel", "title_id": name}}
            for group in (team_group(team_id), SUPERUSERS_GROUP):
                async_to_sync(layer.group_send)(group, event)
    except OSError as error:
        # Work goes on without an audience; the pages read the database when they are opened or reconnect.
        logger.warning("Live message not delivered: %s", error)
