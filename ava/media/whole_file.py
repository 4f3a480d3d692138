"""Writing a file so that nobody ever sees half of it."""

import uuid
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, in place of the one that is there; its folder must exist.

    Raises OSError, and leaves nothing half-made then.
    """
    partial = path.with_name(f".{uuid.uuid4().hex}")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
