"""Visual elements of a film that have names: scales, light, colours, people, composition, parts of the story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.shots.shot_scale import SCALES
from curation.stills.table import StillTable
from curation.stills.vectors import (
    read_colours,
    read_compositions,
    read_light,
    read_people,
    read_scales,
    read_subjects,
)

DARK_BELOW, BRIGHT_FROM = 0.25, 0.55
FLAT_BELOW, CONTRASTY_FROM = 0.12, 0.26
"""Brightness and RMS contrast; about a fifth of the looked-at frames of six films lies outside either pair."""

COLOUR_FROM = 0.1
"""A still shows a colour that covers this share of it."""

SIDE_THIRD = 0.4
"""What draws the eye is on the left up to this share of the width, and as far from the other edge on the right."""

_WORDS_OF_SCALE = {
    "extreme_close_up": "extreme close-ups",
    "close_up": "close-ups",
    "medium": "medium shots",
    "cowboy": "cowboy shots",
    "full": "full shots",
    "long": "long shots",
    "extreme_long": "extreme long shots",
}
_COMPOSITION = {
    "symmetrical": ("composition.symmetry_left_right", 0.6),
    "subject on a third": ("composition.thirds", 0.5),
    "shallow focus": ("composition.depth_of_field", 0.7),
    "strong lines": ("composition.line_strength", 0.5),
    "diagonals": ("composition.diagonal_share", 0.4),
}
"""How a composition is called whose signal reaches a level."""


class Element(NamedTuple):
    """A visual element: the vector it belongs to (one of VECTOR_NAMES), a ``key`` that is unique, what people call it,
    and ``has`` ``bool (N,)``, the stills that have it; ``is_known`` ``bool (N,)``: those of which that can be told.

    ``lack`` says that there is none of it: "no close-ups", "nothing from the last third".
    """

    vector: str
    key: str
    label: str
    lack: str
    has: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


def list_elements(table: StillTable, *, names: Mapping[int, str]) -> list[Element]:
    """Say of every still which elements it has; ``names`` are what the characters of the table's cast are called.

    Characters without a name are left out. Elements that no still has are in the list all the same.
    """
    describers: Sequence[Callable[[StillTable], list[Element]]] = (
        _list_scales, _list_light, _list_colours, _list_compositions, _list_places,
    )  # fmt: skip
    return [*_list_people(table, names), *(element for describe in describers for element in describe(table))]


def _element(
    vector: str, label: str, has: Any, is_known: NDArray[np.bool_], *, key: str = "", lack: str = ""
) -> Element:
    """``has``: what NumPy makes of comparing ``(N,)``."""
    whole_key = f"{vector}:{key or label.replace(' ', '_')}"
    return Element(vector, whole_key, label, lack or f"no {label}", np.asarray(has & is_known), is_known)


def _list_scales(table: StillTable) -> list[Element]:
    scales, is_known = read_scales(table), table.is_known("scale")
    return [
        _element("scale", _WORDS_OF_SCALE[kind], scales == place, is_known, key=kind)
        for place, kind in enumerate(SCALES)
    ]


def _list_light(table: StillTable) -> list[Element]:
    (brightness, contrast), is_known = read_light(table).T, table.is_known("light")
    return [
        _element("light", "dark", brightness < DARK_BELOW, is_known, lack="nothing dark"),
        _element("light", "bright", brightness >= BRIGHT_FROM, is_known, lack="nothing bright"),
        _element("light", "low contrast", contrast < FLAT_BELOW, is_known, lack="nothing of low contrast"),
        _element("light", "high contrast", contrast >= CONTRASTY_FROM, is_known, lack="nothing of high contrast"),
    ]


def _list_colours(table: StillTable) -> list[Element]:
    shares, is_known = read_colours(table), table.is_known("palette")
    return [
        _element("palette", term, share >= COLOUR_FROM, is_known)
        for term, share in zip(COLOUR_TERMS, shares.T, strict=True)
    ]


def _list_people(table: StillTable, names: Mapping[int, str]) -> list[Element]:
    shown, is_known = read_people(table), table.is_known("characters")
    people = [
        _element("characters", names[key], shown[:, column], is_known, key=str(key), lack=f"nothing with {names[key]}")
        for column, key in enumerate(table.cast)
        if key in names
    ]
    nobody = _element(
        "characters", "nobody known", ~shown.any(axis=1), is_known, key="nobody", lack="nothing without known faces"
    )
    return [*people, nobody] if people else []


def _list_compositions(table: StillTable) -> list[Element]:
    measured, is_known = read_compositions(table), table.is_known("composition")
    named = [
        _element("composition", label, measured[signal] >= level, is_known, lack=f"nothing with {label}")
        if label != "symmetrical"
        else _element("composition", label, measured[signal] >= level, is_known, lack="nothing symmetrical")
        for label, (signal, level) in _COMPOSITION.items()
    ]
    (x, _, calm), seen = read_subjects(table).T, table.is_known("saliency")
    return [
        *named,
        _element("saliency", "subject left", x < SIDE_THIRD, seen, lack="no subject on the left"),
        _element("saliency", "subject right", x > 1 - SIDE_THIRD, seen, lack="no subject on the right"),
        _element("saliency", "much calm ground", calm >= 0.6, seen, lack="nothing with much calm ground"),
    ]


def _list_places(table: StillTable) -> list[Element]:
    third = np.minimum(table.frames * 3 // max(table.frame_count, 1), 2)
    known = np.ones(len(table), dtype=np.bool_)
    return [
        _element("place", f"{name} third", third == place, known, lack=f"nothing from the {name} third")
        for place, name in enumerate(("first", "middle", "last"))
    ]
