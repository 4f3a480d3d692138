"""Plates: the pictures that layers of a scene are made of."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ava.render.truth import Box

Rgb = NDArray[np.uint8]
"""``uint8 (H, W, 3)``."""
Matte = NDArray[np.uint8]
"""``uint8 (H, W)``: 0 where a plate is transparent, 255 where it covers what lies behind it."""


@dataclass(frozen=True, slots=True)
class Face:
    """A known face in a plate: who it is and where, in pixels of the plate."""

    person: str
    box: Box


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture ``uint8 (H, W, 3)``, optionally with a matte ``uint8 (H, W)`` and known faces."""

    rgb: Rgb
    matte: Matte | None = None
    faces: tuple[Face, ...] = ()

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.rgb.shape[0])


def load_plate(path: Path, *, faces: tuple[Face, ...] = ()) -> Plate:
    """Read an image file as an opaque plate; raises OSError when it is none."""
    with Image.open(path) as image:
        return Plate(np.asarray(image.convert("RGB"), dtype=np.uint8), faces=faces)


def crop_plate(plate: Plate, *, x0: int, y0: int, x1: int, y1: int) -> Plate:
    """Cut a rectangle out of a plate; faces keep their place in the picture."""
    matte = None if plate.matte is None else np.ascontiguousarray(plate.matte[y0:y1, x0:x1])
    faces = _move_faces(plate.faces, factor=1.0, dx=-x0, dy=-y0)
    return Plate(np.ascontiguousarray(plate.rgb[y0:y1, x0:x1]), matte, faces)


def scale_plate(plate: Plate, *, factor: float, sharpen_unit: float = 0.0) -> Plate:
    """Resize a plate; enlarged ones can be sharpened by an unsharp mask so that they hold up on screen."""
    size = (round(plate.width * factor), round(plate.height * factor))
    method = cv2.INTER_LANCZOS4 if factor > 1 else cv2.INTER_AREA
    rgb = cv2.resize(plate.rgb, size, interpolation=method)
    if sharpen_unit:
        soft = cv2.GaussianBlur(rgb, (0, 0), max(1.0, 0.8 * factor))
        rgb = cv2.addWeighted(rgb, 1 + sharpen_unit, soft, -sharpen_unit, 0)
    matte = None if plate.matte is None else cv2.resize(plate.matte, size, interpolation=cv2.INTER_LINEAR)
    return Plate(
        np.asarray(rgb, dtype=np.uint8),
        None if matte is None else np.asarray(matte, dtype=np.uint8),
        _move_faces(plate.faces, factor=factor, dx=0, dy=0),
    )


def mirror_plate(plate: Plate) -> Plate:
    """Swap left and right."""
    faces = tuple(
        Face(face.person, (plate.width - face.box[2], face.box[1], plate.width - face.box[0], face.box[3]))
        for face in plate.faces
    )
    matte = None if plate.matte is None else np.ascontiguousarray(plate.matte[:, ::-1])
    return Plate(np.ascontiguousarray(plate.rgb[:, ::-1]), matte, faces)


def defocus_plate(plate: Plate, *, sigma_px: float) -> Plate:
    """Put an opaque plate out of focus."""
    return replace(plate, rgb=np.asarray(cv2.GaussianBlur(plate.rgb, (0, 0), sigma_px), dtype=np.uint8))


def _move_faces(faces: tuple[Face, ...], *, factor: float, dx: float, dy: float) -> tuple[Face, ...]:
    return tuple(
        Face(
            face.person,
            (
                face.box[0] * factor + dx,
                face.box[1] * factor + dy,
                face.box[2] * factor + dx,
                face.box[3] * factor + dy,
            ),
        )
        for face in faces
    )
