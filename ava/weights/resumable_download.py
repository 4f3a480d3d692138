"""Download one file from a web address so that what has come stays, whatever happens to the connection."""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ava.weights.errors import FetchFailed, WeightsCorrupt

OnDownload = Callable[[int, int | None], None]
_BLOCK_BYTES = 1 << 20
_TIMEOUT_S = 30.0
_FRUITLESS_TRIES = 4
_WAIT_S = 1.0
_PASSING_TROUBLES = {408, 429, 500, 502, 503, 504}


class _Cut(Exception):
    """The connection ended too early; another try may bring the rest."""


@dataclass(frozen=True, slots=True)
class _Notes:
    """What the server said of the file that a partial download is the beginning of."""

    address: str
    validator: str
    total_bytes: int | None


def download(
    address: str, *, target: Path, size_bytes: int | None, most_bytes: int, on_bytes: OnDownload
) -> None:
    """Bring the whole content of `address` into `target`, going on where an earlier try stopped.

    A partial `target` is kept whenever this ends early, with a note of the server's ETag or date beside it
    (RFC 9110, sections 13.1.5 and 14: Range with If-Range), so that a changed file, or a server without
    ranges, makes it begin anew. `on_bytes` is told the bytes so far and the total, None while nobody knows it.
    Raises FetchFailed when the address refuses or several tries in a row bring nothing, WeightsCorrupt when
    more than `most_bytes` come or the server announces another size than `size_bytes`, and OSError when
    `target` cannot be written.
    """
    fruitless = 0
    while True:
        before = _bytes_of(target)
        try:
            _go_on(address, target=target, size_bytes=size_bytes, most_bytes=most_bytes, on_bytes=on_bytes)
            _notes_path(target).unlink(missing_ok=True)
            return
        except _Cut as cut:
            fruitless = 0 if _bytes_of(target) > before else fruitless + 1
            if fruitless >= _FRUITLESS_TRIES:
                kept = _bytes_of(target)
                rest = f"; what has come, {kept / 1e6:,.1f} MB, is kept for the next try" if kept else ""
                raise FetchFailed(f"{_host(address)} did not send the whole file ({cut}){rest}.") from cut
            time.sleep(_WAIT_S * 2**fruitless)


def _go_on(
    address: str, *, target: Path, size_bytes: int | None, most_bytes: int, on_bytes: OnDownload
) -> None:
    notes = _read_notes(target, address=address)
    start = _bytes_of(target) if notes is not None else 0
    if notes is not None and start and start == notes.total_bytes:
        return
    with _open(address, start=start, validator=notes.validator if notes else "", target=target) as response:
        if response.status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            _forget(target)
            raise _Cut("the server sent another part of the file than the one asked for")
        done = start if response.status == 206 else 0
        total = None if response.length is None else done + response.length
        if total is not None and (total > most_bytes or size_bytes not in (None, total)):
            _forget(target)
            raise WeightsCorrupt(
                f"The file at {_host(address)} is not the one in the catalogue: it has {total:,} bytes, "
                f"not {most_bytes:,}."
            )
        if done == 0:
            _write_notes(target, address=address, response=response, total_bytes=total)
        with target.open("r+b" if done else "wb") as file:
            file.seek(done)
            file.truncate()
            while block := _read(response):
                done += len(block)
                if done > most_bytes:
                    raise WeightsCorrupt(f"More than the expected {most_bytes:,} bytes came from {_host(address)}.")
                file.write(block)
                on_bytes(done, total or size_bytes)
    wanted = total or size_bytes
    if wanted is not None and done < wanted:
        raise _Cut(f"the connection was cut after {done / 1e6:,.1f} of {wanted / 1e6:,.1f} MB")


def _open(address: str, *, start: int, validator: str, target: Path) -> http.client.HTTPResponse:
    headers = {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
    # The address is the catalogue's own, and what comes is checked against a sha-256.
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the file is shorter now than what has come of it
            _forget(target)
            raise _Cut("the server has another file now") from error
        if error.code in _PASSING_TROUBLES:
            raise _Cut(f"it answered {error.code}") from error
        raise FetchFailed(f"{_host(address)} does not give the file out (it answered {error.code}).") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise _Cut(f"it cannot be reached: {getattr(reason, 'strerror', None) or reason}") from error
    return response


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(_BLOCK_BYTES)
    except (http.client.HTTPException, OSError) as error:
        raise _Cut(f"the connection was cut: {error}") from error


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).hostname or address


def _read_notes(target: Path, *, address: str) -> _Notes | None:
    """Notes on a partial file that can be gone on with; None where it has to begin anew."""
    try:
        notes = _Notes(**json.loads(_notes_path(target).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return notes if notes.address == address and notes.validator else None


def _write_notes(
    target: Path, *, address: str, response: http.client.HTTPResponse, total_bytes: int | None
) -> None:
    etag = response.headers.get("ETag", "")
    # A weak ETag may stand for other bytes; RFC 9110 forbids it in If-Range.
    validator = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")
    content = {"address": address, "validator": validator, "total_bytes": total_bytes}
    target.unlink(missing_ok=True)  # so that these notes never stand beside the beginning of another file
    _notes_path(target).write_text(json.dumps(content))


def _forget(target: Path) -> None:
    target.unlink(missing_ok=True)
    _notes_path(target).unlink(missing_ok=True)


def _notes_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _bytes_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
