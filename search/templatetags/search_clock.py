"""How long a search took, whole and step by step, as people read it."""

from collections.abc import Mapping

from django import template

register = template.Library()

STEPS = {
    "scope": "Films that you see",
    "filter": "Filters",
    "encode": "Words into vectors",
    "vectors": "Near vectors",
    "words": "Words of descriptions and labels",
    "dialogue": "Dialogue",
    "fuse": "Ranks of all sources",
    "why": "Reasons",
    "notes": "Notes",
}
"""Steps of a search by their names in its clock, in the order in which they are told."""


@register.filter
def seconds(milliseconds: float) -> str:
    """ "0.08 s"; what rounds to nothing is told as less than the least that is told."""
    return f"{milliseconds / 1000:.2f} s" if milliseconds >= 5 else "under 0.01 s"


@register.filter
def steps(took_ms: Mapping[str, float]) -> list[tuple[str, str]]:
    """Each step that was taken with its milliseconds; steps without a name of their own go by the clock's."""
    order = [*STEPS, *(name for name in took_ms if name not in STEPS and name != "total")]
    return [(STEPS.get(name, name.capitalize()), f"{took_ms[name]:.1f}") for name in order if name in took_ms]
