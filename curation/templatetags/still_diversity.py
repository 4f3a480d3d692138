"""What the large still says of its place among the others."""

from typing import Any

from django import template

from curation.still_unlikeness import StillUnlikeness, read_unlikeness

register = template.Library()


@register.simple_tag(takes_context=True)
def unlikeness(context: dict[str, Any], board: Any, opened: Any) -> StillUnlikeness | None:
    """How unlike the open still is to the others, under the weights of the address."""
    if board.video is None or opened is None:
        return None
    query = context["request"].GET
    return read_unlikeness(board.video, opened.card.frame_index, query=query, cast=board.cast)
