"""Who of the people in a picture is the most interesting, and what of each must stay visible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from curation.layout.box import Box, enclose
from curation.layout.contents import FACE_MESH, PictureContents, SeenFace, SeenPerson

CLOSE_UP, UPPER_BODY, FULL_BODY = "close-up", "upper body", "full body"
CLOSE_UP_UNIT = 0.3
"""Height of a face, as a share of the picture's, from which an unnamed framing is a close-up."""

HAIR, CHIN, SIDE = 0.35, 0.15, 0.2
"""Room about a face, in its heights, that belongs to the head: boxes go from the brow to the chin."""

SHOULDERS, CHEST = 1.1, 0.8
"""Half the width of shoulders, and how far below the chin they reach, in heights of the face."""

HEADS_HIGH = 7.5
"""Heights of a head in that of a standing body, as in the canon of figure drawing."""

EYE_LINE = 0.4
"""How far down a face its eyes are."""

LOSSES: Mapping[str, float] = {
    "prominence": 0.5,
    "sharpness": 0.35,
    "pose": 0.3,
    "eyes": 0.25,
    "position": 0.12,
}
"""Share of a person's interest that goes with the whole of each part, which are 0–1. Interest is as the root of the
face's height: who is drawn larger is nearer, and it is about them. So another face must be (1 / (1 - loss))² times as
high to make up for a lost part: 4 times for a main character, 2.4 for focus, 2 for a look at the viewer, 1.8 for open
eyes, but 1.3 for the middle, which only decides between faces of about the same size."""

UNKNOWN = 0.5
"""Of a part that was not measured."""

LARGE_FACE_UNIT = 0.25
"""Height of a face, as a share of the picture's shorter side, from which it cannot be larger for the eye."""

FROM_OUTLINE = 0.35
"""Sureness of somebody who was found by the outline of a body, without a face: half of such finds are trees."""

UNCONFIRMED = 0.75
"""Sureness of a face in which no landmarks were found: some are profiles, others smoke or leaves."""

PROFILE_DEG = 90.0
HIGH_OR_LOW = 0.3
"""What of its position a face loses at the upper or lower rim; at the left or right one it loses all."""

SOFT, SHARP = 0.45, 0.7
"""Sharpness of faces that are out of focus, and of those that are in focus; small ones reach more, for their edges are
steeper, but are no better for it."""

CLOSED, OPEN = 0.2, 0.5
"""Openness of eyes that are shut, and of those that are open, as ``ava.annotate.expression`` has it: how wide is
nobody's merit."""


class RatedPerson(NamedTuple):
    """``interest`` 0–1: the root of the face's height, as a share of the picture's, less the ``LOSSES`` of ``parts``,
    times ``sureness`` 0–1 that there is somebody.

    ``person`` is the place among the picture's people, None for a face without a body. ``head`` is the face with room
    for hair and chin; ``extent`` what must stay visible: the head of a close-up, head and shoulders of an upper body,
    all of a full body. ``(x, y)`` is where to look: between the eyes, or where they must be.
    """

    interest: float
    sureness: float
    framing: str
    head: Box
    extent: Box
    x: float
    y: float
    parts: Mapping[str, float]
    person: int | None = None
    has_face: bool = True


def rate_people(contents: PictureContents) -> list[RatedPerson]:
    """Rate everybody in a picture, the most interesting first; those outside its area, as in black bars, are nobody."""
    with_body = {person.face for person in contents.people}
    seen: list[tuple[int | None, SeenPerson | None, SeenFace | None]] = [
        (place, person, contents.faces[person.face] if person.face is not None else None)
        for place, person in enumerate(contents.people)
    ]
    seen += [(None, None, face) for place, face in enumerate(contents.faces) if place not in with_body]
    is_checked = FACE_MESH in contents.looked
    rated = [_rate(*each, area=contents.area, is_checked=is_checked) for each in seen]
    found = [each for each in rated if each is not None]
    # Of people alike the leftmost: the order of findings must not decide.
    return sorted(found, key=lambda each: (-each.interest, each.x, each.y))


def _rate(
    place: int | None, person: SeenPerson | None, face: SeenFace | None, *, area: Box, is_checked: bool
) -> RatedPerson | None:
    face_box = face.box if face else _guess_face(person) if person else None
    if face_box is None or face_box.shared(area).area <= 0:
        return None
    framing = (person.framing if person else "") or _framing_of(face_box, area=area)
    head = _head(face_box).shared(area)
    x, y = face_box.centre[0], face_box.y0 + EYE_LINE * face_box.height
    parts = _measure_parts(face, face_box=face_box, area=area)
    sureness = _sureness(face, is_checked=is_checked)
    return RatedPerson(
        interest=sureness * _interest(parts, height_unit=face_box.height / area.height),
        sureness=sureness,
        framing=framing,
        head=head,
        extent=_extent(framing, face_box=face_box, head=head, person=person).shared(area),
        x=min(max(x, area.x0), area.x1),
        y=min(max(y, area.y0), area.y1),
        parts=parts,
        person=place,
        has_face=face is not None,
    )


def _interest(parts: Mapping[str, float], *, height_unit: float) -> float:
    return math.sqrt(min(height_unit, 1.0)) * math.prod(1 - loss * (1 - parts[name]) for name, loss in LOSSES.items())


def _sureness(face: SeenFace | None, *, is_checked: bool) -> float:
    """That there is somebody; ``is_checked``: landmarks were looked for, so that a face without eyes has none."""
    if face is None:
        return FROM_OUTLINE
    return face.score * (UNCONFIRMED if is_checked and face.eyes_open is None else 1.0)


def _guess_face(person: SeenPerson) -> Box:
    """Where the face of a standing body must be."""
    height = person.box.height / HEADS_HIGH
    middle, top = person.box.centre[0], person.box.y0 + HAIR * height
    return Box(middle - 0.4 * height, top, middle + 0.4 * height, top + height)


def _framing_of(face: Box, *, area: Box) -> str:
    return CLOSE_UP if face.height >= CLOSE_UP_UNIT * area.height else UPPER_BODY


def _head(face: Box) -> Box:
    """A face with room for hair and chin."""
    height = face.height
    return Box(face.x0 - SIDE * height, face.y0 - HAIR * height, face.x1 + SIDE * height, face.y1 + CHIN * height)


def _extent(framing: str, *, face_box: Box, head: Box, person: SeenPerson | None) -> Box:
    if framing == FULL_BODY and person is not None:
        return enclose([person.box, head])
    if framing == CLOSE_UP:
        return head
    middle, reach = face_box.centre[0], SHOULDERS * face_box.height
    bust = Box(middle - reach, head.y0, middle + reach, face_box.y1 + CHEST * face_box.height)
    shoulders = [point for name, point in person.joints.items() if name.endswith("_shoulder")] if person else []
    return enclose([head, bust, *(Box(x, y, x, y) for x, y in shoulders)])


def _measure_parts(face: SeenFace | None, *, face_box: Box, area: Box) -> dict[str, float]:
    across, down = face_box.centre
    off_x = abs(across - area.centre[0]) / max(area.width / 2, 1e-9)
    off_y = abs(down - area.centre[1]) / max(area.height / 2, 1e-9)
    large = face_box.height / max(LARGE_FACE_UNIT * min(area.width, area.height), 1e-9)
    inside = face_box.shared(area).area / face_box.area
    return {
        "size": math.sqrt(min(large, 1.0)),
        "sharpness": _rise(face.sharpness, SOFT, SHARP) if face else 0.0,
        "prominence": UNKNOWN if face is None or face.prominence is None else face.prominence,
        "pose": _frontality(face) if face else 0.0,
        "eyes": _rise(face.eyes_open, CLOSED, OPEN) if face else UNKNOWN,
        # The middle draws the eye, the thirds nearly as much; whom the rim cuts it is not about. Heads may be high.
        "position": inside * (1 - min(off_x, 1.0) ** 2) * (1 - HIGH_OR_LOW * min(off_y, 1.0) ** 2),
    }


def _frontality(face: SeenFace) -> float:
    """1 for a face that looks at the viewer, 0 for a profile."""
    if face.yaw_deg is None:
        return UNKNOWN
    turned = math.hypot(face.yaw_deg, face.pitch_deg or 0.0)
    return 1 - min(turned / PROFILE_DEG, 1.0)


def _rise(value: float | None, low: float, high: float) -> float:
    return UNKNOWN if value is None else min(max((value - low) / (high - low), 0.0), 1.0)
