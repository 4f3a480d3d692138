"""Adding a whole vision–language model to the installation, and removing one; nothing of it is trusted beforehand."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from ava.annotate.compute_device import pick_device
from ava.weights.fingerprint import read_fingerprint
from ava.weights.store_folder import disk_errors_said_clearly
from search.embed.encoder import UnusableEncoder
from search.embed.encoder_folder import load_folder, take_encoder, try_towers
from search.encoders import register
from search.installed_encoders import RECORD, added_folder, find_installed
from search.models import Encoder

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


def add_encoder(source: Path, *, name: str) -> Encoder:
    """Add the model of a ZIP or a folder under a name of its own, and give its row, which is not put to use by that.

    It appears by one rename, after its towers were tried on a word and a picture. Raises UnusableEncoder with a
    sentence for anything that is no whole model or a name that is taken, and StoreNotWritable.
    """
    if not _NAME.fullmatch(name):
        raise UnusableEncoder("Name the encoder with small letters, digits and hyphens, 60 at most.")
    if find_installed(name) is not None:
        raise UnusableEncoder(f"There is an encoder called {name} already; remove it first, or choose another name.")
    if not source.exists():
        raise UnusableEncoder(f"{source} is not there; give the path of a ZIP archive or of a folder.")
    with disk_errors_said_clearly(added_folder()):
        added_folder().mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".adding-", dir=added_folder()))
        try:
            take_encoder(source, folder=fresh)
            _write_record(fresh, dimension=try_towers(load_folder(fresh, device=pick_device("cpu"))))
            fresh.chmod(0o755)
            _put_in_place(fresh, name=name)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    installed = find_installed(name)
    assert installed is not None
    return register(installed)


def remove_encoder(name: str) -> None:
    """Delete an added model's files. Its row and its vectors stay, and are of use again when it is added again.

    Raises UnusableEncoder where no such model was added.
    """
    folder = added_folder() / name
    if not _NAME.fullmatch(name) or not (folder / RECORD).is_file():
        raise UnusableEncoder(f"No encoder called {name} was added; those of the catalogue are removed as model files.")
    with disk_errors_said_clearly(added_folder()):
        (folder / RECORD).unlink()  # from here on it is no encoder, however far the rest gets
        shutil.rmtree(folder)


def _write_record(folder: Path, *, dimension: int) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): read_fingerprint(path) for path in paths}
    (folder / RECORD).write_text(json.dumps({"dimension": dimension, "files": files}, indent=1))


def _put_in_place(fresh: Path, *, name: str) -> None:
    target = added_folder() / name
    if target.is_dir() and not (target / RECORD).exists():
        shutil.rmtree(target)  # what a removal that was cut off has left
    try:
        fresh.rename(target)
    except OSError as error:
        if target.exists():
            raise UnusableEncoder(f"An encoder called {name} was added meanwhile; choose another name.") from error
        raise
