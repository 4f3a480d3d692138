"""What is known to be in a picture that is laid out: faces, people, lettering, its subject."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from curation.layout.box import Box

FACE_MESH = "face_mesh"
"""The detector of landmarks, whose name is repeated here because its file loads networks."""

FILLING_UNIT, PROFILE_FROM_DEG = 0.75, 45.0
"""A face that is higher than this share of the picture, and turned by less than this, always has landmarks: one in
which they were looked for in vain is a whole scene that looks a little like a face."""


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
    has found. An area with a side that is no number is the whole picture.
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

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, self.area)):
            object.__setattr__(self, "area", Box(0, 0, self.width, self.height))


def read_contents(
    found: Mapping[str, Any], *, size: tuple[int, int], area: Sequence[float] | None = None,
    looked: frozenset[str] = frozenset(),
) -> PictureContents:  # fmt: skip
    """Read what ``ava.annotate.describe.describe_findings`` tells of one frame or artwork of ``size`` (width, height).

    ``area`` is the picture inside bars, by default all of it. Things without a box, or with one that has no area
    within the picture, are left out; boxes are cut at the picture's rim. Joints are taken from the rows of
    "body_pose" (one a detected face, in their order) or from "points" of a person, prominence from
    "prominence" of a face or of its "character"; "logos" are rows with a "box". Faces that somebody said are none are
    left out, as are those that fill the picture without landmarks (``FILLING_UNIT``), and pictures of faces have
    prominence 0.
    """
    whole = Box(0.0, 0.0, float(max(size[0], 1)), float(max(size[1], 1)))
    faces, places = _read_faces(_rows(found, "faces"), whole=whole, is_checked=FACE_MESH in looked)
    return PictureContents(
        width=int(whole.x1),
        height=int(whole.y1),
        area=_read_box(area, within=whole) or whole,
        faces=faces,
        people=_read_people(_rows(found, "people"), bodies=_rows(found, "body_pose"), places=places, whole=whole),
        text=tuple(
            SeenText(box, _unit(row.get("score"), unknown=1.0), str(row.get("text") or ""))
            for row in _rows(found, "text")
            if (box := _read_box(row.get("box"), within=whole))
        ),
        logos=tuple(box for row in _rows(found, "logos") if (box := _read_box(row.get("box"), within=whole))),
        subject=_read_subject(found.get("saliency"), whole=whole),
        looked=looked,
    )


def _read_faces(
    rows: Sequence[Mapping[str, Any]], *, whole: Box, is_checked: bool
) -> tuple[tuple[SeenFace, ...], dict[int, int]]:
    """The faces that count, and for the place of each among the rows its place among them; ``is_checked``: landmarks
    were looked for."""
    faces: list[SeenFace] = []
    places: dict[int, int] = {}
    for row_number, row in enumerate(rows):
        box = _read_box(row.get("box"), within=whole)
        if box is None or row.get("is_face") is False:
            continue
        if is_checked and box.height > FILLING_UNIT * whole.height and _is_doubtful(row):
            continue
        places[row_number] = len(faces)
        yaw_deg = _number(row.get("yaw_deg"))
        faces.append(
            SeenFace(
                box=box,
                score=_unit(row.get("score"), unknown=1.0),
                yaw_deg=_number(row.get("coarse_yaw_deg")) if yaw_deg is None else yaw_deg,
                pitch_deg=_number(row.get("pitch_deg")),
                eyes_open=_known_unit(row.get("eyes_open")),
                sharpness=_known_unit(row.get("sharpness")),
                prominence=0.0 if row.get("is_static") else _read_prominence(row),
            )
        )
    return tuple(faces), places


def _is_doubtful(row: Mapping[str, Any]) -> bool:
    """Whether a face that would look at the viewer was looked at for landmarks and has none; those that are followed
    to a frame were not looked at there."""
    is_turned = abs(_number(row.get("coarse_yaw_deg")) or 0.0) >= PROFILE_FROM_DEG
    return row.get("is_detected") is not False and _number(row.get("eyes_open")) is None and not is_turned


def _read_prominence(face: Mapping[str, Any]) -> float | None:
    character = face.get("character")
    of_character = character.get("prominence") if isinstance(character, Mapping) else None
    return _known_unit(face.get("prominence", of_character))


def _read_people(
    rows: Sequence[Mapping[str, Any]], *, bodies: Sequence[Mapping[str, Any]], places: Mapping[int, int], whole: Box
) -> tuple[SeenPerson, ...]:
    """The people, without those whose face is none."""
    people = []
    for row in rows:
        box, face = _read_box(row.get("box"), within=whole), _number(row.get("face"))
        row_number = -1 if face is None else round(face)
        if box is None or (face is not None and row_number not in places):
            continue
        points = row.get("points") or (bodies[row_number].get("points") if 0 <= row_number < len(bodies) else None)
        people.append(
            SeenPerson(box, str(row.get("framing") or ""), places.get(row_number), _read_joints(points, within=whole))
        )
    return tuple(people)


def _read_joints(points: Any, *, within: Box) -> dict[str, tuple[float, float]]:
    """Those of the named points that are known and lie within the picture."""
    joints = {}
    for name, point in points.items() if isinstance(points, Mapping) else ():
        x, y = (
            _number(value) for value in (point if isinstance(point, Sequence) and len(point) == 2 else (None, None))
        )
        if x is not None and y is not None and within.x0 <= x <= within.x1 and within.y0 <= y <= within.y1:
            joints[str(name)] = (x, y)
    return joints


def _read_subject(saliency: Any, *, whole: Box) -> Box | None:
    """Where the eye goes, unless nothing draws it."""
    if not isinstance(saliency, Mapping) or not _number(saliency.get("strength")):
        return None
    return _read_box(saliency.get("box"), within=whole)


def _rows(found: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A detector's rows; what is no row becomes an empty one, for others go by their places."""
    rows = found.get(name)
    return [row if isinstance(row, Mapping) else {} for row in rows] if isinstance(rows, Sequence) else []


def _read_box(sides: Any, *, within: Box) -> Box | None:
    """A box cut at the picture's rim; None where a side is unknown or nothing of it is within the picture."""
    if not isinstance(sides, Sequence) or len(sides) != 4:
        return None
    numbers = [number for side in sides if (number := _number(side)) is not None]
    if len(numbers) != 4:
        return None
    box = Box(*numbers).shared(within)
    return box if box.area > 0 else None


def _number(value: Any) -> float | None:
    """A finite number; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _known_unit(value: Any) -> float | None:
    """A number brought into 0–1; None where it is not known."""
    number = _number(value)
    return None if number is None else min(max(number, 0.0), 1.0)


def _unit(value: Any, *, unknown: float) -> float:
    number = _known_unit(value)
    return unknown if number is None else number
