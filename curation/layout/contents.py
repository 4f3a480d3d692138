"""What is known to be in a picture that is laid out: faces, people, lettering, its subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from curation.layout.box import Box


class SeenFace(NamedTuple):
    """A face; what is not known of it is None. ``prominence`` 0–1 is its character's."""

    box: Box
    score: float = 1.0
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    eyes_open: float | None = None
    sharpness: float | None = None
    prominence: float | None = None


class SeenPerson(NamedTuple):
    """A person: the body's box, ``framing`` ("close-up", "upper body", "full body"), the place of the face among the
    picture's faces (None: unseen), and joints by name as ``(x, y)``, only those that are known."""

    box: Box
    framing: str
    face: int | None = None
    joints: Mapping[str, tuple[float, float]] = {}


class SeenText(NamedTuple):
    """A line of lettering, its probability 0–1 and what it says; "" where it was not read."""

    box: Box
    score: float = 1.0
    text: str = ""


@dataclass(frozen=True)
class PictureContents:
    """What was found in a picture of ``width`` × ``height`` pixels; all boxes are in these.

    ``area`` is the picture inside black bars. ``subject`` is where the eye goes, None where nothing stands out or
    nobody looked. ``looked`` names the detectors that looked: without "text" a picture may hold lettering that nobody
    has found.
    """

    width: int
    height: int
    area: Box
    faces: Sequence[SeenFace] = ()
    people: Sequence[SeenPerson] = ()
    text: Sequence[SeenText] = ()
    logos: Sequence[Box] = ()
    subject: Box | None = None
    looked: frozenset[str] = field(default_factory=frozenset)


def read_contents(
    found: Mapping[str, Any], *, size: tuple[int, int], area: Sequence[float] | None = None,
    looked: frozenset[str] = frozenset(),
) -> PictureContents:  # fmt: skip
    """Read what ``ava.annotate.describe.describe_findings`` tells of one frame or artwork of ``size`` (width, height).

    ``area`` is the picture inside bars, by default all of it. Things without a box, or with one that has no area
    within the picture, are left out.
    """
    raise NotImplementedError
