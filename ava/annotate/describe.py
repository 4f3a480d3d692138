"""What detectors found in one frame, told as names and values."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ava.annotate.base import Detections
from ava.annotate.expression import name_expression
from ava.annotate.nudity import PART_NAMES
from ava.annotate.objects import OBJECT_NAMES
from ava.annotate.people import FRAMING_NAMES
from ava.annotate.shot_inspection import FACE_TRACKS, FACES, columns_of
from ava.annotate.text_kinds import TextKind

Row = dict[str, Any]
FACE_MESH = "face_mesh"
LISTED = ("people", "body_pose", "text", "objects", "nudity")
SINGLE = ("composition", "saliency")
_BOX = ("x0", "y0", "x1", "y1")
_POINT = re.compile(r"(?P<name>.+?)(?:_(?P<place>\d+))?_(?P<axis>[xy])")
_CODE_NAMES: Mapping[tuple[str, str], Mapping[int, str]] = {
    ("people", "framing"): dict(enumerate(FRAMING_NAMES)),
    ("text", "kind"): {kind.value: kind.name.lower() for kind in TextKind},
    ("objects", "kind"): OBJECT_NAMES,
    ("nudity", "part"): PART_NAMES,
}
_EXPRESSION = ("eyes_open", "mouth_open", "smile", "brows_raised")


def describe_findings(found: Mapping[str, Detections], frame_index: int) -> dict[str, Any]:
    """Tell what was found in one frame: "faces", the lists of ``LISTED``, and the rows of ``SINGLE``.

    ``found`` holds tables by detector, and ``FACE_TRACKS``; coordinates stay as they are. A thing has its ``box``
    ``[x0, y0, x1, y1]``, named ``points`` ``[x, y]``, ``contours`` of points, and its other columns by name; codes are
    words, what is not known is None. A detector that did not look gives an empty list.
    """
    rows = {name: _rows_at(name, table, frame_index) for name, table in found.items()}
    return {
        "faces": _join_faces(rows.get(FACES, []), rows.get(FACE_MESH, []), rows.get(FACE_TRACKS, [])),
        **{name: [_shape(row) for row in rows.get(name, [])] for name in LISTED},
        **{name: next(map(_shape, rows.get(name, [])), {}) for name in SINGLE},
    }


def _rows_at(name: str, table: Detections, frame_index: int) -> list[Row]:
    """A detector's rows of one frame as column → value, codes as words, unknown values as None."""
    columns = columns_of(name)
    rows = []
    for place in np.flatnonzero(table.frame_index == frame_index):
        values = {
            column: None if np.isnan(value) else _name_code(name, column, round(float(value), 4))
            for column, value in zip(columns, table.values[place], strict=True)
        }
        rows.append(values | ({"text": table.words[place]} if table.words else {}))
    return rows


def _shape(row: Row) -> Row:
    """A row with its box as one list, its points as [x, y] and its rows of points as lists of them."""
    shaped: Row = {"box": [row.get(side) for side in _BOX]} if _BOX[0] in row else {}
    points: dict[str, list[list[float | None]]] = {}
    contours: dict[str, list[list[float | None]]] = {}
    for column, value in row.items():
        match = _POINT.fullmatch(column)
        if column in _BOX or (match and match["axis"] == "y"):
            continue
        if match is None:
            shaped[column] = value
            continue
        point = [value, row[column[:-1] + "y"]]
        (contours if match["place"] else points).setdefault(match["name"], []).append(point)
    shaped |= {"points": {name: point for name, (point,) in points.items()}} if points else {}
    return shaped | ({"contours": contours} if contours else {})


def _join_faces(faces: Sequence[Row], meshes: Sequence[Row], tracks: Sequence[Row]) -> list[Row]:
    """Faces of one frame: found ones with their mesh and their track, and those that were only followed to here."""
    by_row = {int(track["row"]): track for track in tracks if track["row"] is not None and track["row"] >= 0}
    joined = []
    for place, face in enumerate(faces):
        mesh = _shape(meshes[place]) if place < len(meshes) else {}
        track = by_row.get(place, {}).get("track")
        # The mesh is last: its angles are better than those from a few points.
        joined.append(_shape(face) | mesh | {"expression": _express(mesh), "track": track, "is_detected": True})
    followed = [track for track in tracks if not track["is_detected"]]
    return joined + [{**_shape(track), "is_detected": False} for track in followed]


def _express(mesh: Row) -> str | None:
    """The word for a face's expression, None where it is not known."""
    values = [mesh.get(name) for name in _EXPRESSION]
    if any(value is None for value in values):
        return None
    return name_expression(**{name: float(mesh[name]) for name in _EXPRESSION})


def _name_code(detector: str, column: str, value: float) -> float | str:
    names = _CODE_NAMES.get((detector, column))
    return names.get(int(value), value) if names else value
