"""Trainings of rankers of moments that wait or run, for pages that list what is at work."""

from typing import Any

from django import template

from curation.moment_model_pages import active_runs

register = template.Library()


@register.inclusion_tag("curation/_moment_training_jobs.html", takes_context=True)
def moment_trainings(context: dict[str, Any]) -> dict[str, Any]:
    """Those that the user may see; nothing for people who administer nothing."""
    return {"moment_trainings": active_runs(context["user"])}
