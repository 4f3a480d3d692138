"""What a crop of a picture has to heed, laid out as arrays: faces, lettering, joints, interest, who looks where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.contents import PictureContents, SeenFace, SeenPerson
from curation.layout.crop_interest import SummedInterest, sum_up
from curation.layout.crop_windows import whole_area
from curation.layout.interest import InterestMap
from curation.layout.layouts import FocalPoint
from curation.layout.people_interest import CHIN, EYE_LINE, HAIR, SIDE

MOST_FACES, MOST_LINES, MOST_JOINTS = 64, 32, 48
"""The largest of each; of more, none can be told from a texture."""

JOINT_REACH = 0.45
"""In heights of the face: so near to a joint a cut looks as if it went through it."""

ALIKE = 0.8
"""Of a group, somebody whose face is at least so high as the highest may be its main one."""

JOINTS = ("elbow", "wrist", "knee", "ankle")
BODY_IN_FACES = 7.5
LOGO_WEIGHT = 1.5

Boxes = NDArray[np.float32]
"""``float32 (N, 4)``: left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class CropScene:
    """One picture as its crops see it; all in its pixels and within ``area``, which is whole pixels.

    ``heads`` are the ``faces`` with hair and chin, ``chests`` what is below them, of no area where that is outside;
    ``face_weights`` 0–1, the largest sure face being 1. ``main`` is the place of the face that it is about.
    ``lettering`` holds lines and logos. ``joints`` are rows of x, y, how near a cut spoils them, and weight.
    ``yaw_deg`` is where the main face looks, 0 when unknown or one of several; ``eye_y`` how high its eyes are,
    ``highest_eye_y`` the highest ones within the extent. ``is_group``: several belong together.
    """

    area: Box
    focal_point: FocalPoint
    extent: Box
    faces: Boxes
    heads: Boxes
    chests: Boxes
    face_weights: NDArray[np.float32]
    main: int | None
    lettering: Boxes
    lettering_weights: NDArray[np.float32]
    joints: NDArray[np.float32]
    interest: SummedInterest
    yaw_deg: float
    eye_y: float
    highest_eye_y: float
    is_group: bool

    @property
    def main_head(self) -> Box | None:
        """The main face with hair and chin."""
        return None if self.main is None else Box(*self.heads[self.main].tolist())

    @property
    def main_face(self) -> Box | None:
        """The main face as it was found."""
        return None if self.main is None else Box(*self.faces[self.main].tolist())


def set_scene(contents: PictureContents, *, focal_point: FocalPoint, interest: InterestMap) -> CropScene:
    """Lay out what crops of a picture heed; what lies outside its area is nowhere."""
    area = whole_area(contents.area, width=contents.width, height=contents.height)
    extent = _within(focal_point.extent, area) or _pixel_at(focal_point, area)
    inside = [(place, face) for place, face in enumerate(contents.faces) if _within(face.box, area)]
    seen = sorted(inside, key=lambda each: (-each[1].box.area, each[1].box))[:MOST_FACES]
    faces = _stack(_within(face.box, area) for _, face in seen)
    main = _find_main(focal_point, contents=contents, places=[place for place, _ in seen], faces=faces)
    main_seen = None if main is None else seen[main][1]
    is_group = focal_point.by == "group"
    lettering, lettering_weights = _list_lettering(contents, area=area)
    return CropScene(
        area=area,
        focal_point=focal_point,
        extent=extent,
        faces=faces,
        heads=_stack(_within(_head(face.box), area) for _, face in seen),
        chests=_stack(_within(_chest(face.box), area) or Box(0, 0, 0, 0) for _, face in seen),
        face_weights=_weigh_faces([face for _, face in seen]),
        main=main,
        lettering=lettering,
        lettering_weights=lettering_weights,
        joints=_list_joints(contents, main_person=focal_point.person, area=area),
        interest=sum_up(interest, area=area),
        yaw_deg=0.0 if is_group or main_seen is None else _finite(main_seen.yaw_deg),
        eye_y=extent.centre[1] if main_seen is None else _eye_y(main_seen.box),
        highest_eye_y=min((_eye_y(face.box) for _, face in seen if extent.holds(face.box)), default=extent.y0),
        is_group=is_group,
    )


def _list_lettering(contents: PictureContents, *, area: Box) -> tuple[Boxes, NDArray[np.float32]]:
    """Boxes and weights of the largest lines, and of logos."""
    inside = [line for line in contents.text if _within(line.box, area)]
    lines = sorted(inside, key=lambda line: (-line.box.area, line.box))[:MOST_LINES]
    logos = sorted(box for box in contents.logos if _within(box, area))
    weights = [min(max(_finite(line.score, 1.0), 0.0), 1.0) for line in lines] + [LOGO_WEIGHT] * len(logos)
    boxes = _stack(_within(box, area) for box in [*(line.box for line in lines), *logos])
    return boxes, np.array(weights, dtype=np.float32)


def _head(face: Box) -> Box:
    """A face with room for hair and chin: boxes of faces go from the brow to the chin."""
    height = face.height
    return Box(face.x0 - SIDE * height, face.y0 - HAIR * height, face.x1 + SIDE * height, face.y1 + CHIN * height)


def _chest(face: Box) -> Box:
    """What is below a face."""
    height, middle = face.height, face.centre[0]
    return Box(middle - height, face.y1 + 0.3 * height, middle + height, face.y1 + 2 * height)


def _eye_y(face: Box) -> float:
    return face.y0 + EYE_LINE * face.height


def _within(box: Box, area: Box) -> Box | None:
    """The part of a box that lies in the area; None where that is nothing, or the box no box."""
    if not np.isfinite(box).all():
        return None
    shared = box.shared(area)
    return shared if shared.area > 0 else None


def _pixel_at(point: FocalPoint, area: Box) -> Box:
    """The pixel at a focal point, or the nearest one of the area; its middle for a point without numbers."""
    x, y = (_finite(value, middle) for value, middle in zip((point.x, point.y), area.centre, strict=True))
    x0 = min(max(x - 0.5, area.x0), area.x1 - 1)
    y0 = min(max(y - 0.5, area.y0), area.y1 - 1)
    return Box(x0, y0, x0 + 1, y0 + 1)


def _finite(value: float | None, otherwise: float = 0.0) -> float:
    return value if value is not None and np.isfinite(value) else otherwise


def _stack(boxes: Iterable[Box | None]) -> Boxes:
    return np.array([box for box in boxes if box is not None], dtype=np.float32).reshape(-1, 4)


def _find_main(
    focal_point: FocalPoint, *, contents: PictureContents, places: Sequence[int], faces: Boxes
) -> int | None:
    """The face that a picture is about: that of the focal point's person, else one that the point lies on or in whose
    extent it is, and for a group the largest."""
    person = focal_point.person
    face = contents.people[person].face if person is not None and 0 <= person < len(contents.people) else None
    if face is not None and face in places:
        main = places.index(face)
        heights = faces[:, 3] - faces[:, 1]
        return main if focal_point.by != "group" or heights[main] >= ALIKE * heights[0] else 0
    if not len(faces) or focal_point.by in ("edges", "middle"):
        return None
    x, y = focal_point.x, focal_point.y
    reach = 0.5 * (faces[:, 3] - faces[:, 1])
    off_x = np.maximum(np.maximum(faces[:, 0] - x, x - faces[:, 2]), 0)
    off_y = np.maximum(np.maximum(faces[:, 1] - y, y - faces[:, 3]), 0)
    away = np.hypot(off_x, off_y)
    nearest = int(np.argmin(away))
    if away[nearest] <= reach[nearest]:
        return nearest
    return 0 if focal_point.by == "group" else None


def _weigh_faces(faces: Sequence[SeenFace]) -> NDArray[np.float32]:
    if not faces:
        return np.zeros(0, np.float32)
    sides = np.sqrt([face.box.area for face in faces])
    sure = [min(max(_finite(face.score, 1.0), 0.0), 1.0) for face in faces]
    return np.asarray(sides / sides.max() * sure, dtype=np.float32)


def _list_joints(contents: PictureContents, *, main_person: int | None, area: Box) -> NDArray[np.float32]:
    rows = []
    for place, person in enumerate(contents.people):
        weight = 1.0 if place == main_person else 0.35
        reach = JOINT_REACH * _height_of_face(person, contents.faces)
        rows += [
            (x, y, reach, weight)
            for name, (x, y) in _known(person.joints)
            if name.endswith(JOINTS) and area.x0 <= x <= area.x1 and area.y0 <= y <= area.y1
        ]
    weightiest = sorted(rows, key=lambda row: (-row[3], -row[2], row[:2]))[:MOST_JOINTS]
    return np.array(weightiest, dtype=np.float32).reshape(-1, 4)


def _known(joints: Mapping[str, tuple[float, float]]) -> list[tuple[str, tuple[float, float]]]:
    return sorted((name, point) for name, point in joints.items() if np.isfinite(point).all())


def _height_of_face(person: SeenPerson, faces: Sequence[SeenFace]) -> float:
    if person.face is not None and 0 <= person.face < len(faces):
        return faces[person.face].box.height
    return person.box.height / BODY_IN_FACES
