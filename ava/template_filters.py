"""Filters that say measured things the way people read them."""

from math import isinf
from typing import Any

from django import template

from ava.models import WorkState

register = template.Library()


@register.filter
def state_label(state: str) -> str:
    return WorkState(state).label


@register.filter
def duration(seconds: float) -> str:
    """73.4 → "1 min 13 s"."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@register.filter
def stage_facts(stage: dict[str, Any]) -> str:
    """What a stage has done: "1,200 of 4,800 frames, 96 frames/s, 38 s left"."""
    if stage["state"] == WorkState.DONE:
        speed = f", {stage['per_s']:,.0f} {stage['unit']}/s" if stage["per_s"] and stage["unit"] == "frames" else ""
        return f"{stage['total']:,} {stage['unit']}{speed}" if stage["unit"] == "frames" else "Done"
    if stage["state"] != WorkState.RUNNING:
        return WorkState(stage["state"]).label
    parts = [f"{stage['done']:,} of {stage['total']:,} {stage['unit']}"]
    if stage["per_s"]:
        parts.append(f"{stage['per_s']:,.0f} {stage['unit']}/s")
    if stage["seconds_left"] is not None:
        parts.append(f"{duration(stage['seconds_left'])} left")
    return ", ".join(parts)


@register.filter
def job_facts(job: dict[str, Any]) -> str:
    """What a finished job has done, in one line: "9,547 frames, 96 frames/s"."""
    return "; ".join(stage_facts(stage) for stage in job["stages"] if stage["unit"] == "frames")


@register.filter
def index(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.filter
def first_finite(span: tuple[float, float] | None) -> str:
    """The lower end of a range for a form; empty where it is open."""
    return "" if span is None or isinf(span[0]) else f"{span[0]:g}"


@register.filter
def last_finite(span: tuple[float, float] | None) -> str:
    """The upper end of a range for a form; empty where it is open."""
    return "" if span is None or isinf(span[1]) else f"{span[1]:g}"
