"""Local files as HTTP answers: by ranges, in small pieces, never a whole file in memory."""

import asyncio
import os
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

from ava.byte_ranges import ByteRange, UnsatisfiableRange, parse_range

PIECE_BYTES = 256 * 1024


def serve_file(
    request: HttpRequest,
    path: Path,
    *,
    content_type: str,
    cache_control: str,
    etag: str | None = None,
    download_name: str | None = None,
    delete: bool = False,
) -> HttpResponseBase:
    """Answer with a file: 200, 206, 304, 412 or 416, as the request's headers ask.

    `etag` (in quotes) changes with the content; without it the file's time and size stand for it. `delete`
    takes the file's name away at once; its content goes when the answer is sent. Raises Http404 without a file.
    """
    try:
        file = path.open("rb", buffering=0)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Http404("This file is not here any more.") from error
    if delete:
        path.unlink(missing_ok=True)
    status = os.fstat(file.fileno())
    etag = etag or f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    modified = int(status.st_mtime)
    response: HttpResponseBase = get_conditional_response(request, etag=etag, last_modified=modified) or _content(
        request, file, size=status.st_size, etag=etag, modified=modified
    )
    if not response.streaming:
        file.close()
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = cache_control
    response.headers["Content-Type"] = content_type
    if download_name is not None:
        response.headers["Content-Disposition"] = str(content_disposition_header(True, download_name))
    return guard(response)


def guard(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a browser from ever taking what people uploaded for a page or a script."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _content(request: HttpRequest, file: BinaryIO, *, size: int, etag: str, modified: int) -> HttpResponseBase:
    try:
        part = _asked_range(request, size=size, etag=etag, modified=modified)
    except UnsatisfiableRange:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"},
        )
    first, end = part or (0, size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - first)}
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    code = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return HttpResponse(status=code, headers=headers)
    # Under ASGI a plain iterator would be read whole before the first byte leaves; under WSGI an async one would.
    pieces = _AsyncPieces if isinstance(request, ASGIRequest) else _Pieces
    return StreamingHttpResponse(pieces(file, first=first, end=end), status=code, headers=headers)


def _asked_range(request: HttpRequest, *, size: int, etag: str, modified: int) -> ByteRange | None:
    """The part that a GET asks for; None for the whole file, also when If-Range says that it has changed."""
    header = request.headers.get("Range", "")
    if request.method != "GET" or not header:
        return None
    condition = request.headers.get("If-Range", "").strip()
    if condition and condition != etag and parse_http_date_safe(condition) != modified:
        return None
    return parse_range(header, size=size)


class _FilePart:
    """Bytes first … end − 1 of an open file, piece by piece; closes the file in the end."""

    def __init__(self, file: BinaryIO, *, first: int, end: int) -> None:
        self._file, self._position, self._end = file, first, end

    def read(self) -> bytes:
        """The next piece; empty at the end."""
        wanted = min(PIECE_BYTES, self._end - self._position)
        piece = os.pread(self._file.fileno(), wanted, self._position) if wanted > 0 else b""
        self._position += len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


class _Pieces(_FilePart):
    def __iter__(self) -> "_Pieces":
        return self

    def __next__(self) -> bytes:
        if piece := self.read():
            return piece
        raise StopIteration


class _AsyncPieces(_FilePart):
    def __aiter__(self) -> "_AsyncPieces":
        return self

    async def __anext__(self) -> bytes:
        if piece := await asyncio.to_thread(self.read):
            return piece
        raise StopAsyncIteration
