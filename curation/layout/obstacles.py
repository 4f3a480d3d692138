"""What may not be covered in a picture: faces and heads, lettering, logos, the middle of its subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box, enclose
from curation.layout.contents import PictureContents, SeenPerson
from curation.layout.text_map import SURE_TEXT, probability_of, spread_line

LEAST_FACE_SCORE = 0.3
MOST_WORDS = 30
"""Letters of a line that are told of it."""


class Air(NamedTuple):
    """What is left free above, below and beside a face, as shares of the sides of its box, which goes from brows to
    chin."""

    above: float
    below: float
    beside: float


AIR_UNITS, LEAST_AIR_UNITS = Air(above=0.5, below=0.35, beside=0.25), Air(above=0.3, below=0.08, beside=0.08)
"""What is kept free, and the least where no other place is: hair belongs to a head, the air under a chin does not."""

HEAD_UNITS = {"full body": 0.16, "upper body": 0.36, "close-up": 0.8}
"""How much of a body's box is head, from its top, where the face was not seen."""

FACE_JOINTS = ("nose", "eye", "ear", "mouth")
LOGO_MARGIN_UNIT = 0.15
LEAST_CORE_UNIT, MOST_CORE_UNIT = 0.5, 0.85
"""How much of each side of a subject's box is its core: the larger the box, the more of its rim is ground."""


MOST_SUBJECT_UNIT = 0.4
"""A subject that is more of the picture than this is no thing that could be kept free, but the scene."""


class Obstacle(NamedTuple):
    """Something that may not be covered: its box, the box with the margin that is kept from it, its name, and the box
    with the margin that is kept where no place is free else; None: the same."""

    box: Box
    clear: Box
    name: str
    least: Box | None = None


def find_obstacles(contents: PictureContents) -> tuple[Obstacle, ...]:
    """Everything in a picture that nothing may be laid over, in its pixels; boxes that are no numbers are left out."""
    faces = [face for face in contents.faces if not face.score < LEAST_FACE_SCORE]
    found = [
        Obstacle(face.box, _with_air(face.box, AIR_UNITS), "a face", _with_air(face.box, LEAST_AIR_UNITS))
        for face in faces
    ]
    heads = [head_of_person(person) for person in contents.people if person.face is None]
    found += [Obstacle(head, head, "a head") for head in heads]
    lines = [text for text in contents.text if probability_of(text) >= SURE_TEXT]
    found += [Obstacle(line.box, spread_line(line), _name_text(line.text)) for line in lines]
    found += [
        Obstacle(logo, logo.grown(LOGO_MARGIN_UNIT * min(logo.width, logo.height)), "a logo") for logo in contents.logos
    ]
    if contents.subject is not None and not faces and not contents.people:
        core = core_of_subject(contents.subject, contents.area)
        found += [] if core is None else [Obstacle(core, core, "the subject")]
    return tuple(each for each in found if np.isfinite(each.clear).all() and each.clear.area > 0)


def stack_boxes(boxes: Iterable[Box]) -> NDArray[np.float64]:
    """Boxes as ``float64 (N, 4)``, for what is asked of all of them at once."""
    return np.array(list(boxes), dtype=np.float64).reshape(-1, 4)


def overlapping(boxes: NDArray[np.float64], box: Box) -> NDArray[np.int64]:
    """Which of ``boxes (N, 4)`` share some area with a box: their places, rising."""
    x0, y0, x1, y1 = boxes.T
    meets = (x0 < box.x1) & (x1 > box.x0) & (y0 < box.y1) & (y1 > box.y0)
    return np.flatnonzero(meets & (x0 < x1) & (y0 < y1))


def _with_air(face: Box, air: Air) -> Box:
    """The head around a face, and some air beside and below it."""
    beside, height = air.beside * face.width, face.height
    return Box(face.x0 - beside, face.y0 - air.above * height, face.x1 + beside, face.y1 + air.below * height)


def head_of_person(person: SeenPerson) -> Box:
    """Where the head of a person is whose face was not seen: around what joints of it are known, else the top part
    of the body."""
    x0, y0, x1, _ = person.box
    height = HEAD_UNITS.get(person.framing, HEAD_UNITS["upper body"]) * person.box.height
    known = [point for name, point in person.joints.items() if any(part in name for part in FACE_JOINTS)]
    known = [point for point in known if np.isfinite(point).all()]
    if known:
        around = enclose([Box(x, y, x, y) for x, y in known])
        return around.grown(max(around.width, around.height, 0.5 * height))
    beside = 0.2 * person.box.width if person.framing != "close-up" else 0.0
    return Box(x0 + beside, y0, x1 - beside, y0 + height)


def core_of_subject(subject: Box, area: Box) -> Box | None:
    """The middle of a subject's box, which may not be covered: most of a small one, half of each side of a large one,
    around which there is more ground. None where it is no single thing."""
    share = subject.shared(area).area / area.area if area.area > 0 else 1.0
    if not share <= MOST_SUBJECT_UNIT:
        return None
    kept = max(MOST_CORE_UNIT - share, LEAST_CORE_UNIT)
    (x, y), across, down = subject.centre, kept * subject.width / 2, kept * subject.height / 2
    return Box(x - across, y - down, x + across, y + down)


def _name_text(words: str) -> str:
    words = " ".join(words.split())
    if not words:
        return "a line of text"
    return f"the text “{words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1].rstrip() + '…'}”"
