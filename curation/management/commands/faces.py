"""`manage.py faces IMAGE [IMAGE…]`: where faces are in image files, and which of them are one person."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from numpy.typing import NDArray
from tqdm import tqdm

from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.base import Detector
from ava.annotate.compute_device import DeviceUnavailable
from ava.annotate.face_encoders import ENCODERS, FaceEncoder
from ava.annotate.face_mesh import FaceMesh
from ava.annotate.faces import Faces
from ava.annotate.network_errors import UnusableNetwork
from ava.media.picture_file import UnusablePicture, read_picture
from ava.weights.errors import WeightsError
from ava.weights.store import WeightsStore
from curation.people.picture_faces import PictureFace, find_people_in_pictures

EMBEDDED = "face-resnet"


class Command(BaseCommand):
    help = "Find the faces of image files and say which are one person."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, WebP, TIFF or BMP")
        parser.add_argument(
            "--json", action="store_true", dest="as_json",
            help="print JSON on standard output; boxes are x0, y0, x1, y1 in pixels of the upright picture",
        )  # fmt: skip

    def handle(self, *, images: list[Path], as_json: bool, **_: Any) -> None:
        for image in images:
            if not image.is_file():
                raise CommandError(f"There is no file {image}; check the path.")
        store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
        try:
            detectors, encoder = _load_detectors(store)
            faces = find_people_in_pictures(_read_all(images), detectors=detectors, encoder=encoder)
        except (UnusablePicture, WeightsError, UnusableNetwork, DeviceUnavailable) as error:
            raise CommandError(str(error)) from error
        reason = "" if encoder else store.reason_unavailable(EMBEDDED)
        if as_json:
            self.stdout.write(json.dumps(_as_json(faces, images, reason=reason), indent=1, ensure_ascii=False))
        else:
            self.stdout.write(_as_text(faces, images, reason=reason))


def _load_detectors(store: WeightsStore) -> tuple[list[Detector], FaceEncoder | None]:
    """Those that can be run of faces, landmarks and the best encoder, and that encoder."""
    available = {detector.name: detector for detector in available_detectors(store)}
    encoder = next((each for each in ENCODERS if each.detector in available), None)
    names = (Faces.name, FaceMesh.name, encoder.detector if encoder else "")
    wanted = [available[name] for name in names if name in available]
    return load_detectors(wanted, store=store, device=settings.AVA_DEVICE), encoder


def _read_all(images: Sequence[Path]) -> Iterator[NDArray[np.uint8]]:
    for image in tqdm(images, desc="faces", file=sys.stderr, unit=" images", disable=len(images) < 2):
        yield read_picture(image)


def _as_json(faces: Sequence[PictureFace], images: Sequence[Path], *, reason: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "faces": [
            {
                "image": str(images[face.picture]),
                "box": [round(value, 1) for value in face.box],
                "score": round(face.score, 4),
                "person": face.person,
            }
            for face in faces
        ]
    }
    return result | {"unavailable": [{"what": "person", "why": reason}]} if reason else result


def _as_text(faces: Sequence[PictureFace], images: Sequence[Path], *, reason: str) -> str:
    people = {face.person for face in faces if face.person is not None}
    counted = _count(len(people), "known person", "known people")
    lines = [f"{_count(len(faces), 'face')}, {counted}, {_count(len(images), 'image')}"]
    for face in faces:
        box = " ".join(f"{value:.0f}" for value in face.box)
        who = "person unknown" if face.person is None else f"person {face.person}"
        lines.append(f"{images[face.picture]}: {box}, score {face.score:.2f}, {who}")
    return "\n".join([*lines, *([f"Unavailable: person: {reason}"] if reason else [])])


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
