"""A focal point that somebody chose, and what must stay visible around it."""

from __future__ import annotations

from collections.abc import Iterator

from curation.layout.box import Box
from curation.layout.contents import PictureContents
from curation.layout.layouts import FocalPoint

_AROUND_UNIT = 0.2
"""Where nothing known lies under the point, so much of the shorter side around it must stay visible."""


def choose_point(point: tuple[float, float], *, contents: PictureContents, proposed: FocalPoint) -> FocalPoint:
    """Make a focal point of ``(x, y)``, finite and in pixels of the picture; beside it it is moved to the rim.

    Its extent is the smallest of the faces, people and subject, and the extent that was ``proposed``, that hold it;
    else a square around it.
    """
    x = min(max(point[0], 0.0), float(contents.width))
    y = min(max(point[1], 0.0), float(contents.height))
    person = next((place for place, each in enumerate(contents.people) if _covers(each.box, x, y)), None)
    return FocalPoint(x, y, _extent(x, y, contents, proposed), 1.0, "chosen", person, "Somebody chose this point.")


def _extent(x: float, y: float, contents: PictureContents, proposed: FocalPoint) -> Box:
    known = [box for box in _known(contents, proposed) if _covers(box, x, y)]
    if known:
        return min(known, key=lambda box: box.area)
    half = _AROUND_UNIT * min(contents.width, contents.height) / 2
    return Box(x, y, x, y).grown(half).shared(Box(0, 0, contents.width, contents.height))


def _known(contents: PictureContents, proposed: FocalPoint) -> Iterator[Box]:
    yield from (face.box for face in contents.faces)
    yield from (person.box for person in contents.people)
    if contents.subject is not None:
        yield contents.subject
    yield proposed.extent


def _covers(box: Box, x: float, y: float) -> bool:
    return box.holds(Box(x, y, x, y))
