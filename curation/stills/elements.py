"""Visual elements of a film that have names: scales, light, colours, people, composition, parts of the story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.shots.shot_scale import SCALES, ScaleKind
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

CALM_FROM = 0.6
"""A still has much calm ground from this share of it on."""

NOBODY = "nobody"

_SCALES: Mapping[str, tuple[ScaleKind, ...]] = {
    "extreme close-ups": ("extreme_close_up",),
    "close-ups": ("close_up",),
    "medium shots": ("medium", "cowboy"),
    "wide shots": ("full", "long", "extreme_long"),
}

class _Composed(NamedTuple):
    """A composition: what it is called, the signal that tells it and the level from which on, and how it is missed."""

    label: str
    signal: str
    level: float
    lack: str
    phrase: str


_COMPOSITIONS = (
    _Composed("symmetrical", "composition.symmetry_left_right", 0.6, "nothing symmetrical", "symmetrical"),
    _Composed("subject on a third", "composition.thirds", 0.5, "no subject on a third", "composed by thirds"),
    _Composed("shallow focus", "composition.depth_of_field", 0.7, "no shallow focus", "of shallow focus"),
    _Composed("strong lines", "composition.line_strength", 0.5, "no strong lines", "built on strong lines"),
    _Composed("diagonals", "composition.diagonal_share", 0.4, "no diagonals", "built on diagonals"),
)


class Element(NamedTuple):
    """A visual element: the vector it belongs to (one of VECTOR_NAMES), a ``key`` that is unique, what people call it,
    and ``has`` ``bool (N,)``, the stills that have it; ``is_known`` ``bool (N,)``: those of which that can be told.

    ``lack`` says that there is none of it: "no close-ups", "nothing from the last third"; ``phrase`` what stills are
    that have it: "of Anna", "from the last third".
    """

    vector: str
    key: str
    label: str
    lack: str
    phrase: str
    has: NDArray[np.bool_]
    is_known: NDArray[np.bool_]

    @property
    def is_person(self) -> bool:
        """Whether it is a character."""
        return self.vector == "characters" and not self.key.endswith(f":{NOBODY}")

    @property
    def is_absence(self) -> bool:
        """Whether it is that nobody is there, which no picks lack."""
        return self.vector == "characters" and not self.is_person


def list_elements(table: StillTable, *, names: Mapping[int, str]) -> list[Element]:
    """Say of every still which elements it has; ``names`` are what the characters of the table's cast are called.

    Characters without a name are left out. Elements that no still has are in the list all the same.
    """
    describers: Sequence[Callable[[StillTable], list[Element]]] = (
        _list_scales, _list_light, _list_colours, _list_compositions, _list_places,
    )  # fmt: skip
    return [*_list_people(table, names), *(element for describe in describers for element in describe(table))]


def _element(
    vector: str, label: str, has: Any, is_known: NDArray[np.bool_], *, key: str = "", lack: str = "", phrase: str = ""
) -> Element:
    """``has``: what NumPy makes of comparing ``(N,)``."""
    whole_key = f"{vector}:{key or label.replace(' ', '_')}"
    return Element(vector, whole_key, label, lack or f"no {label}", phrase or label, has & is_known, is_known)


def _list_scales(table: StillTable) -> list[Element]:
    scales, is_known = read_scales(table), table.is_known("scale")
    return [
        _element("scale", label, np.isin(scales, [SCALES.index(kind) for kind in kinds]), is_known)
        for label, kinds in _SCALES.items()
    ]


def _list_light(table: StillTable) -> list[Element]:
    (brightness, contrast), is_known = read_light(table).T, table.is_known("light")
    flat, contrasty = contrast < FLAT_BELOW, contrast >= CONTRASTY_FROM
    return [
        _element("light", "dark", brightness < DARK_BELOW, is_known, lack="nothing dark"),
        _element("light", "bright", brightness >= BRIGHT_FROM, is_known, lack="nothing bright"),
        _element("light", "low contrast", flat, is_known, lack="nothing of low contrast", phrase="of low contrast"),
        _element(
            "light", "high contrast", contrasty, is_known, lack="nothing of high contrast", phrase="of high contrast"
        ),
    ]


def _list_colours(table: StillTable) -> list[Element]:
    shares, is_known = read_colours(table), table.is_known("palette")
    return [
        _element("palette", term, share >= COLOUR_FROM, is_known, phrase=f"partly {term}")
        for term, share in zip(COLOUR_TERMS, shares.T, strict=True)
    ]


def _list_people(table: StillTable, names: Mapping[int, str]) -> list[Element]:
    shown, is_known = read_people(table), table.is_known("characters")
    people = [
        _element(
            "characters", names[key], shown[:, column], is_known, key=str(key), lack=f"nothing with {names[key]}",
            phrase=f"of {names[key]}",
        )
        for column, key in enumerate(table.cast)
        if key in names
    ]  # fmt: skip
    nobody = _element(
        "characters", "nobody known", ~shown.any(axis=1), is_known, key=NOBODY, lack="nothing without known faces",
        phrase="without known faces",
    )  # fmt: skip
    return [*people, nobody] if people else []


def _list_compositions(table: StillTable) -> list[Element]:
    measured, is_known = read_compositions(table), table.is_known("composition")
    named = [
        _element(
            "composition", each.label, measured[each.signal] >= each.level, is_known, lack=each.lack,
            phrase=each.phrase,
        )
        for each in _COMPOSITIONS
    ]  # fmt: skip
    (x, _, calm), seen = read_subjects(table).T, table.is_known("saliency")
    sides = [
        _element("saliency", f"subject on the {side}", is_there, seen, phrase=f"with their subject on the {side}")
        for side, is_there in (("left", x < SIDE_THIRD), ("right", x > 1 - SIDE_THIRD))
    ]
    lack = "nothing with much calm ground"
    return [
        *named, *sides,
        _element("saliency", "calm ground", calm >= CALM_FROM, seen, lack=lack, phrase="of much calm ground"),
    ]  # fmt: skip


def _list_places(table: StillTable) -> list[Element]:
    third = np.minimum(table.frames * 3 // max(table.frame_count, 1), 2)
    known = np.ones(len(table), dtype=np.bool_)
    return [
        _element(
            "place", f"{name} third", third == place, known, lack=f"nothing from the {name} third",
            phrase=f"from the {name} third",
        )
        for place, name in enumerate(("first", "middle", "last"))
    ]  # fmt: skip
