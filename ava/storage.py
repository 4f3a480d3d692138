"""Stored files as local paths, whatever the storage: decoders want to seek in a real file."""

import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.db.models.fields.files import FieldFile


def local_path(stored: FieldFile) -> Path:
    """A path on this machine with the file's content; from object storage it is fetched once into the cache.

    A fetched copy is complete or absent: it gets its name only when all of it has arrived.
    """
    try:
        return Path(stored.path)
    except NotImplementedError:
        pass
    target = Path(settings.AVA_CACHE_DIR) / "objects" / str(stored.name)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
        try:
            with os.fdopen(descriptor, "wb") as copy, stored.storage.open(stored.name, "rb") as source:
                shutil.copyfileobj(source, copy, 4 * 2**20)
            Path(partial).replace(target)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
    return target
