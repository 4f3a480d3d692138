"""`manage.py layout IMAGE`: focal point, crops and placements of picture files for every canvas."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence, Set
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.compute_device import DeviceUnavailable
from ava.annotate.network_errors import UnusableNetwork
from ava.file_names import printable
from ava.media.picture_file import UnusablePicture, open_picture
from ava.weights.errors import WeightsError
from ava.weights.store import WeightsStore
from curation.layout.canvases import DEFAULT_CANVASES, Canvas
from curation.layout.crop_files import write_crops
from curation.layout.picture import DETECTORS, lacking_detectors, lay_out_picture
from curation.layout.picture_told import tell_as_text, tell_picture


class Command(BaseCommand):
    help = "Say where the focal point of image files is, how to crop them for canvases, and where lettering may go."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, WebP, TIFF, AVIF or BMP")
        parser.add_argument(
            "--json", action="store_true", dest="as_json",
            help="print JSON on standard output; boxes are x0, y0, x1, y1 in pixels of the upright picture",
        )  # fmt: skip
        parser.add_argument(
            "--canvas", action="extend", nargs="+", metavar="KEY", dest="keys",
            help=f"only these of {', '.join(each.key for each in DEFAULT_CANVASES)}",
        )  # fmt: skip
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder to write crops into, in canvases' sizes")

    def handle(self, *, images: list[Path], as_json: bool, keys: list[str] | None, out: Path | None, **_: Any) -> None:
        canvases = _choose_canvases(keys)
        try:
            told = list(_lay_out_all(images, canvases))
            if out is not None:
                _write_all(told, canvases, out)
        except (UnusablePicture, WeightsError, UnusableNetwork, DeviceUnavailable) as error:
            raise CommandError(printable(str(error))) from error
        if as_json:
            result = told[0] if len(told) == 1 else {"pictures": told}
            self.stdout.write(printable(json.dumps(result, indent=1, ensure_ascii=False)))
        else:
            self.stdout.write(printable("\n".join(tell_as_text(each) for each in told)))


def _choose_canvases(keys: Sequence[str] | None) -> list[Canvas]:
    if keys is None:
        return list(DEFAULT_CANVASES)
    known = {canvas.key: canvas for canvas in DEFAULT_CANVASES}
    for key in keys:
        if key not in known:
            raise CommandError(f"There is no canvas {key}; choose of {', '.join(known)}. Name images before --canvas.")
    return [known[key] for key in dict.fromkeys(keys)]


def _write_all(told: Sequence[dict[str, Any]], canvases: Sequence[Canvas], out: Path) -> None:
    """Write every crop; pictures of one name, from several folders, are counted."""
    taken: set[str] = set()
    for one in tqdm(told, desc="crops", file=sys.stderr, unit=" images", disable=len(told) < 2):
        path = Path(one["image"])
        name = _free_name(path.stem, taken)
        taken.add(name.casefold())
        try:
            one["files"] = write_crops(path, crops=one["crops"], canvases=canvases, folder=out, name=name)
        except OSError as error:
            raise CommandError(f"{out} cannot be written to: {error.strerror}. Choose another folder.") from error


def _free_name(stem: str, taken: Set[str]) -> str:
    """The name, or with the first number that nobody has behind it, also where capitals do not count."""
    numbered = (f"{stem} ({number})" for number in count(2))
    return next(name for name in chain([stem], numbered) if name.casefold() not in taken)


def _is_file(image: Path) -> bool:
    try:
        return image.is_file()
    except OSError:  # such as a name that is too long
        return False


def _lay_out_all(images: Sequence[Path], canvases: Sequence[Canvas]) -> Iterator[dict[str, Any]]:
    """Every picture as JSON knows it. All are laid out before anything is written, so that a bad one leaves nothing."""
    for image in images:
        if not _is_file(image):
            raise UnusablePicture(f"There is no file {image}; check the path and name pictures, not folders.")
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    wanted = [detector for detector in available_detectors(store) if detector.name in DETECTORS]
    detectors = load_detectors(wanted, store=store, device=settings.AVA_DEVICE)
    unavailable = lacking_detectors(store)
    for image in tqdm(images, desc="layout", file=sys.stderr, unit=" images", disable=len(images) < 2):
        read = open_picture(image)
        laid_out = lay_out_picture(read.rgb, detectors=detectors, canvases=canvases)
        yield tell_picture(laid_out, name=str(image), remarks=read.remarks, unavailable=unavailable)
