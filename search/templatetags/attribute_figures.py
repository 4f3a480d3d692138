"""Shares as people read them, with the interval in which they lie nine times in ten."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """ "92 %"; a dash for what is not known."""
    return "–" if value is None else f"{100 * value:.0f} %"


@register.filter
def percent_share(share: Mapping[str, Any] | None) -> str:
    """ "92 % (80–97)"; a dash for what is not known."""
    if not share or share.get("value") is None:
        return "–"
    return f"{percent(share['value'])} ({100 * share['low']:.0f}–{100 * share['high']:.0f})"
