"""Trainings of encoders that wait or run, for pages that list what is at work."""

from typing import Any

from django import template

from ava.models import ACTIVE_STATES
from search.selectors import access_contrastive_trainings

register = template.Library()


@register.inclusion_tag("search/_training_jobs.html", takes_context=True)
def encoder_trainings(context: dict[str, Any]) -> dict[str, Any]:
    """Those that the user may see; nothing for people who administer nothing."""
    runs = access_contrastive_trainings(context["user"]).filter(state__in=ACTIVE_STATES)
    light = runs.defer("settings", "curve", "checkpoint", "parent__weights")
    return {"encoder_trainings": light.select_related("parent")}
