"""Resumable uploads by the tus protocol 1.0.0 (tus.io): core, creation, termination and expiration.

A film comes in with `POST /uploads/` (`Upload-Length`; `Upload-Metadata` with `filename` and `title`, the title's
number) and any number of `PATCH` requests. When the last byte is there, a worker turns it into a video; `GET`
tells how that went: {"state": "receiving" | "checking" | "done" | "failed", "received", "size", "error", "video",
"is_duplicate", "title", "url"}. Sessions (with their CSRF token) and API tokens are taken alike.
"""

import base64
import binascii
import errno
import os
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ava.file_names import clean_name
from ava.form_numbers import KEY_DIGITS, read_number
from ava.messages import send_upload
from ava.models import Title, Upload
from ava.roles import require_editor
from ava.selectors import access_titles, access_uploads
from ava.upload_files import UNFINISHED_FOR, free_bytes, partial_path

TUS_VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
MOST_PARALLEL_UPLOADS = 20
ACTIVE_FOR = timedelta(hours=1)
SPARE_BYTES = 2**30  # of the disk, for everything else that lives on it
LONGEST_METADATA = 8192
_PIECE_BYTES = 2**20


class UploadRefused(APIException):
    """A request that tus or AVA's rules forbid, with its status and one sentence for people."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status_code = status
        super().__init__(sentence, code="upload")


class Unread(BaseParser):
    """Leaves bodies alone: what is in one are a film's bytes, and checking a CSRF token must not look for it there."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return {}


class TusView(APIView):
    """What every tus answer has in common."""

    parser_classes = [Unread]
    renderer_classes = [JSONRenderer]
    http_method_names = ["options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        speaks_tus = request.method in {"OPTIONS", "GET"}
        if not speaks_tus and request.headers.get("Tus-Resumable") != TUS_VERSION:
            raise UploadRefused(412, f"Send the header Tus-Resumable: {TUS_VERSION}; AVA speaks that version of tus.")

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Tus-Resumable"] = TUS_VERSION
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == 412:
            response.headers["Tus-Version"] = TUS_VERSION
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        headers = {
            "Tus-Version": TUS_VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.AVA_MAX_UPLOAD_BYTES),
        }
        return HttpResponse(status=204, headers=headers)


@extend_schema(exclude=True)
class UploadsView(TusView):
    """Where uploads begin."""

    http_method_names = ["post", "options"]

    def post(self, request: Request) -> HttpResponse:
        metadata = _metadata(request.headers.get("Upload-Metadata", ""))
        title = _title(request, metadata.get("title", ""))
        name = clean_name(metadata.get("filename") or metadata.get("name") or "")
        size = _size(request, name=name)
        active_since = timezone.now() - ACTIVE_FOR
        active = Upload.objects.filter(user=request.user, video=None, error="", updated_at__gt=active_since)
        if active.count() >= MOST_PARALLEL_UPLOADS:
            raise UploadRefused(
                429, f"You have {MOST_PARALLEL_UPLOADS} uploads on their way; let one finish or cancel one first."
            )
        if size + SPARE_BYTES > free_bytes():
            raise UploadRefused(507, f"The server's disk has no room for {name}; ask your administrator to free some.")
        upload = Upload.objects.create(
            id=uuid.uuid4(), title=title, user=request.user, original_name=name, size_bytes=size
        )
        location = reverse("upload", args=[upload.pk])
        return HttpResponse(status=201, headers={"Location": location, **_progress_headers(upload)})


@extend_schema(exclude=True)
class UploadView(TusView):
    """One upload, which only the person who began it can see."""

    http_method_names = ["get", "head", "patch", "delete", "options"]

    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(upload_state(_upload(request, pk)))

    def head(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        upload = _upload(request, pk)
        if upload.error:
            raise UploadRefused(410, upload.error)
        return HttpResponse(status=200, headers=_progress_headers(upload))

    def patch(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        if request.content_type != "application/offset+octet-stream":
            raise UploadRefused(415, "Send the bytes as Content-Type: application/offset+octet-stream.")
        offset = _whole_number(request, "Upload-Offset")
        with transaction.atomic():
            upload = _upload(request, pk, for_change=True)
            if upload.error:
                raise UploadRefused(410, upload.error)
            if offset != upload.received_bytes:
                raise UploadRefused(409, f"This upload has {upload.received_bytes} bytes; go on from there.")
            if upload.received_bytes < upload.size_bytes:
                _receive(request, upload)
        return HttpResponse(status=204, headers=_progress_headers(upload))

    def delete(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        with transaction.atomic():
            upload = _upload(request, pk, for_change=True)
            if _state(upload) == "checking":
                raise UploadRefused(409, f"{upload.original_name} is complete and being checked; wait for the outcome.")
            upload.delete()
            transaction.on_commit(lambda: partial_path(pk).unlink(missing_ok=True))
        return HttpResponse(status=204)


def upload_state(upload: Upload) -> dict[str, Any]:
    """How an upload stands, for pages and pipelines."""
    video = upload.video
    return {
        "state": _state(upload),
        "received": upload.received_bytes,
        "size": upload.size_bytes,
        "error": upload.error,
        "video": upload.video_id,
        "is_duplicate": upload.is_duplicate,
        "title": video.title_id if video else upload.title_id,
        "url": f"{reverse('title', args=[video.title_id])}?video={video.pk}" if video else None,
    }


def _state(upload: Upload) -> str:
    if upload.error:
        return "failed"
    if upload.video_id is not None:
        return "done"
    return "checking" if upload.received_bytes == upload.size_bytes else "receiving"


def _receive(request: Request, upload: Upload) -> None:
    """Append the request's body to the file in pieces; the row, locked by the caller, follows when the bytes are safe.

    The server has spooled the body to disk before, so a broken connection never gets here.
    """
    try:
        received = _append(request, upload)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise UploadRefused(
            507, f"The server's disk is full; {upload.original_name} can go on when there is room again."
        ) from error
    upload.received_bytes = received
    upload.save(update_fields=["received_bytes", "updated_at"])
    if received == upload.size_bytes:
        send_upload(str(upload.pk))


def _append(request: Request, upload: Upload) -> int:
    """Write the body behind what is there and return the new length; on any error the file is as long as before."""
    position = upload.received_bytes
    descriptor = os.open(partial_path(upload.pk), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        # What a process wrote before it died, without living to say so, is written again.
        if os.fstat(descriptor).st_size < position:
            raise UploadRefused(410, f"Bytes of {upload.original_name} were lost on the server; upload it again.")
        try:
            while piece := request.read(_PIECE_BYTES):
                if position + len(piece) > upload.size_bytes:
                    raise UploadRefused(413, f"These are more bytes than the {upload.size_bytes} that were announced.")
                _write_all(descriptor, piece, position=position)
                position += len(piece)
            os.ftruncate(descriptor, position)
            os.fdatasync(descriptor)
        except BaseException:
            os.ftruncate(descriptor, upload.received_bytes)
            raise
    finally:
        os.close(descriptor)
    return position


def _write_all(descriptor: int, piece: bytes, *, position: int) -> None:
    view = memoryview(piece)
    while view:
        written = os.pwrite(descriptor, view, position)
        view, position = view[written:], position + written


def _upload(request: Request, pk: uuid.UUID, *, for_change: bool = False) -> Upload:
    uploads = access_uploads(request.user).select_related(None if for_change else "video")
    if for_change:
        uploads = uploads.select_for_update(nowait=True, of=("self",))
    try:
        upload = uploads.filter(pk=pk).first()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":  # lock_not_available
            raise
        raise UploadRefused(423, "Another request is writing to this upload; wait for it to end.") from error
    if upload is None:
        raise Http404("There is no such upload.")
    return upload


def _title(request: Request, text: str) -> Title:
    title = access_titles(request.user).filter(pk=read_number(text, digits=KEY_DIGITS)).first()
    if title is None:
        raise Http404("There is no such title; name it by its number in Upload-Metadata.")
    try:
        require_editor(request.user, title_id=title.pk, action="add films to it")
    except PermissionDenied as error:
        raise UploadRefused(403, str(error)) from error
    return title


def _size(request: Request, *, name: str) -> int:
    if "Upload-Defer-Length" in request.headers:
        raise UploadRefused(400, "Say with Upload-Length how long the file is; AVA does not take it later.")
    size = _whole_number(request, "Upload-Length")
    if size == 0:
        raise UploadRefused(400, f"{name} is empty (0 bytes); choose the film itself.")
    if size > settings.AVA_MAX_UPLOAD_BYTES:
        most_gb = settings.AVA_MAX_UPLOAD_BYTES / 1e9
        raise UploadRefused(413, f"{name} is larger than the {most_gb:.4g} GB that AVA takes.")
    return size


def _whole_number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    number = read_number(text, digits=19)
    if number is None:
        raise UploadRefused(400, f"The header {header} must be a whole number of bytes.")
    return number


def _metadata(header: str) -> dict[str, str]:
    """Keys and values of Upload-Metadata: pairs separated by commas, values in base64."""
    if len(header) > LONGEST_METADATA:
        raise UploadRefused(400, f"Upload-Metadata may be {LONGEST_METADATA} characters long at most.")
    pairs: dict[str, str] = {}
    for part in header.split(","):
        key, _, value = part.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode("utf-8", errors="replace")
        except (binascii.Error, ValueError) as error:
            raise UploadRefused(400, f"The value of {key!r} in Upload-Metadata is not base64.") from error
    return pairs


def _progress_headers(upload: Upload) -> dict[str, str]:
    headers = {"Upload-Offset": str(upload.received_bytes), "Upload-Length": str(upload.size_bytes)}
    if upload.received_bytes < upload.size_bytes:
        headers["Upload-Expires"] = http_date((upload.updated_at + UNFINISHED_FOR).timestamp())
    return headers


urlpatterns = [
    path("uploads/", UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", UploadView.as_view(), name="upload"),
]
