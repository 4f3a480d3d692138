"""Sentences on why something is laid where it is."""

from __future__ import annotations

from collections.abc import Sequence

from curation.layout.box import Box
from curation.layout.contrast import LEAST_LARGE, Reading

_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")


def name_place(box: Box, *, crop: Box) -> str:
    """Where in a crop the middle of a box is: "top left", "bottom", "the middle", …"""
    x, y = box.centre
    row = _ROWS[_third((y - crop.y0) / crop.height)]
    column = _COLUMNS[_third((x - crop.x0) / crop.width)]
    return " ".join(part for part in (row, column) if part) or "the middle"


def tell_place(
    box: Box, *, crop: Box, usual: Box, collides: Sequence[str], size_unit: float, reading: Reading
) -> str:  # fmt: skip
    """Why a place was proposed, and what it needs."""
    here, there = name_place(box, crop=crop), name_place(usual, crop=crop)
    if box == usual:
        told = f"At its usual place, {there}."
    elif collides:
        where = f"Moved within {there}" if here == there else f"Moved from {there} to {here}"
        told = f"{where}, because it would lie over {join_names(collides)}."
    elif here == there:
        told = f"At {here}, moved a little to calmer ground." if size_unit == 1 else f"At {here}."
    else:
        told = f"Moved from {there} to {here}, where the ground is calmer."
    if size_unit < 1:
        told += f" Made {size_unit:.0%} of its size, to fit."
    return told + tell_reading(reading)


def tell_chosen(*, collides: Sequence[str], is_moved: bool, reading: Reading) -> str:
    """What is to be said of a place that somebody chose."""
    told = "Chosen." if not collides else f"Chosen; it lies over {join_names(collides)}."
    if is_moved:
        told += " Moved into the crop, which it reached out of."
    return told + tell_reading(reading)


def tell_reading(reading: Reading) -> str:
    """That a shade is needed, where the better ink is hard to read; else nothing."""
    if reading.contrast >= LEAST_LARGE:
        return ""
    shade = "dark" if reading.ink == "light" else "light"
    ink, ratio = reading.ink.capitalize(), f"{reading.contrast:.1f}:1"
    return f" {ink} lettering reaches only {ratio} here: put a {shade} shade behind it."


def tell_none(names: Sequence[str], *, least_unit: float) -> str:
    """That no place is free, and what is in the way."""
    inside = f" It would lie over {join_names(names)} wherever it stood." if names else ""
    return f"No place is free for it on this canvas, even at {least_unit:.0%} of its size.{inside}"


def join_names(names: Sequence[str]) -> str:
    """Join names as a list is read: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _third(share: float) -> int:
    return min(max(int(3 * share), 0), 2)
