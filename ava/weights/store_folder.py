"""The store's folder: one worker a download at a time, and clear words for what a disk refuses."""

import errno
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ava.weights.errors import StoreBusy, StoreNotWritable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def locked(folder: Path, key: str, *, wait: bool = True) -> Iterator[Path]:
    """Hold the lock of one download and yield a working folder on the same disk.

    What lies in the working folder when the block ends stays there for the next holder. The kernel lets go of the
    lock when a process dies. Raises StoreBusy when it is held and not to be waited for, StoreNotWritable.
    """
    with disk_errors_said_clearly(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_path(folder, key).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise StoreBusy(f"{key} is being fetched or added already; wait until that is done.") from None
        work_dir = partial_folder(folder, key)
        with disk_errors_said_clearly(folder):
            work_dir.mkdir(exist_ok=True)
        try:
            yield work_dir
        finally:
            with suppress(OSError):  # only an empty one goes
                work_dir.rmdir()


def is_locked(folder: Path, key: str) -> bool:
    """True while some process holds the lock."""
    try:
        with _lock_path(folder, key).open("r") as lock:
            # A shared lock, so that two who ask at once do not take each other for the holder.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def partial_folder(folder: Path, key: str) -> Path:
    """Where the beginnings of a download lie."""
    return folder / f".{key}.partial"


def empty_folder(folder: Path) -> None:
    """Delete what a folder holds, which nobody else may be using."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def require_room(folder: Path, *, needed_bytes: int) -> None:
    """Raise StoreNotWritable unless the folder's disk has room for so many bytes more."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise StoreNotWritable(
            f"The disk of the weights store {folder} is too full: {needed_bytes / 1e6:,.0f} MB are needed and "
            f"{free_bytes / 1e6:,.0f} MB are free; make room and try again."
        )


@contextmanager
def disk_errors_said_clearly(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block into StoreNotWritable with a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreNotWritable(
                f"The disk of the weights store {folder} is full; make room and try again."
            ) from error
        raise StoreNotWritable(
            f"The weights store {folder} cannot be written: {error.strerror or error}; allow this user to."
        ) from error


def _lock_path(folder: Path, key: str) -> Path:
    return folder / f".{key}.lock"
