"""What the panel of weights and the maturity of a still show, for the board's templates."""

from typing import Any

from django import template

from curation.ranking_panel import RankingPanel, StillMaturity
from curation.ranking_panel import ranking_panel as describe_panel
from curation.ranking_panel import still_maturity as describe_maturity

register = template.Library()


@register.simple_tag(takes_context=True)
def ranking_panel(context: dict[str, Any]) -> RankingPanel:
    """The weights by which the board is ordered."""
    request = context["request"]
    return describe_panel(context["title"], context["board"].video, query=request.GET, user=request.user)


@register.simple_tag(takes_context=True)
def still_maturity(context: dict[str, Any]) -> StillMaturity | None:
    """What the open still's maturity does to its score."""
    request, frame = context["request"], context["open"].card.frame_index
    return describe_maturity(context["board"].video, frame, query=request.GET, user=request.user)
