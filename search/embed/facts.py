"""What is known of one shot, as values: only what was measured, and nothing where it was not."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

FACTS_VERSION = 2
"""Counts up when facts are gathered differently; all descriptions are then made anew."""


class ScreenText(NamedTuple):
    """Words that can be read in the picture; ``kind`` is "scene", "caption", "title" or "credits"."""

    kind: str
    text: str


class Thing(NamedTuple):
    """A kind of object, by its English name, and how many are seen at once."""

    name: str
    amount: int


class ShotFacts(NamedTuple):
    """One shot's measured facts; frames are half-open, None and empty stand for what is not known.

    ``scale`` and ``camera`` are the kinds of ``ava.shots``; ``scale_by`` is what the scale was judged by;
    ``camera_way`` is "left", "right", "up", "down", "in" or "out". ``names`` are those of named characters in the
    shot, the longest on screen first, and ``characters`` the ids of all characters, named or not. ``people`` is how
    many are seen at once, 0 where detectors looked and found nobody. ``expressions`` are words of
    ``ava.annotate.expression``. ``brightness_unit``, ``saturation_unit`` and ``depth_of_field_unit`` 0–1,
    ``temperature_k`` in kelvin; ``colours`` the basic colour terms that stand out, the largest first;
    ``motion_unit_s`` how far the picture moves in a second, as a share of its longer side, and
    ``subject_motion_unit_s`` how far things move on their own; ``transition`` is how the shot begins.
    """

    start_frame: int
    end_frame: int
    duration_s: float
    scale: str | None = None
    scale_by: str | None = None
    camera: str | None = None
    camera_way: str | None = None
    names: tuple[str, ...] = ()
    characters: tuple[int, ...] = ()
    people: int | None = None
    expressions: tuple[str, ...] = ()
    brightness_unit: float | None = None
    saturation_unit: float | None = None
    temperature_k: float | None = None
    colours: tuple[str, ...] = ()
    motion_unit_s: float | None = None
    subject_motion_unit_s: float | None = None
    depth_of_field_unit: float | None = None
    transition: str | None = None
    text: tuple[ScreenText, ...] = ()
    objects: tuple[Thing, ...] = ()


def tell_facts(facts: ShotFacts) -> dict[str, Any]:
    """The known facts by name, ready for JSON: texts as ``{"kind", "text"}``, objects as ``{"name", "count"}``."""
    told: dict[str, Any] = {
        name: value for name, value in facts._asdict().items() if value is not None and value != ()
    }
    told["text"] = [each._asdict() for each in facts.text]
    told["objects"] = [{"name": each.name, "count": each.amount} for each in facts.objects]
    told = {name: value for name, value in told.items() if value != []}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def digest_facts(told: dict[str, Any], *, versions: tuple[int, ...]) -> str:
    """The sha-256, as hex digits, of told facts and of the versions of the code that gathers and describes."""
    packed = json.dumps([list(versions), told], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(packed.encode()).hexdigest()
