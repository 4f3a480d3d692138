"""Trainings of the pixel network that wait or run, for pages that list what is at work."""

from typing import Any

from django import template

from qc.model_pages import active_runs

register = template.Library()


@register.inclusion_tag("qc/_training_jobs.html", takes_context=True)
def pixel_trainings(context: dict[str, Any]) -> dict[str, Any]:
    """Those that the user may see; nothing for people who administer nothing."""
    return {"pixel_trainings": active_runs(context["user"])}
