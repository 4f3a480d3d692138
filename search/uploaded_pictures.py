"""Pictures that people bring to search by: kept for a day, for nobody but who brought them."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.core.cache import cache
from django.core.exceptions import TooManyFilesSent
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from PIL import Image

from ava.file_names import clean_name
from ava.media.picture_copies import shrink
from ava.media.picture_file import UnusablePicture
from ava.models import User
from ava.picture_process import PictureReader
from ava.workspaces import workspace
from search.embed.encoder import RgbPicture

MOST_BYTES = 32 * 2**20
MOST_BYTES_OF_A_FORM = 2**18
"""What a request may hold beside the picture."""
MOST_KEPT = 40
"""Of one person; a new one then takes the place of the oldest."""
KEPT_FOR = timedelta(days=1)
TIDIED_EVERY_S = 3600
WIDTH_PX = 1600
"""Enough that a marked region still has more pixels than encoders look at."""
FOLDER = "search-examples"

_TOKEN = re.compile(r"[0-9a-f]{32}")
_JPEG_QUALITY = 92


def sent_picture(request: HttpRequest) -> UploadedFile:
    """The file `picture` of a form; raises UnusablePicture, before anything is read of a form that is too large."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES + MOST_BYTES_OF_A_FORM:
        raise UnusablePicture(f"Send a picture of {MOST_BYTES // 2**20} MB at most.")
    try:
        files = request.FILES.getlist("picture")
    except (TooManyFilesSent, MultiPartParserError) as error:
        raise UnusablePicture("Send one picture, as a form does.") from error
    if len(files) != 1:
        raise UnusablePicture("Choose one picture.")
    return files[0]


def keep_picture(file: UploadedFile, *, user: User) -> str:
    """Keep a picture for its person and return its token.

    The file is decoded in a process of its own; raises UnusablePicture with a sentence for what is none, too large or
    damaged. Nothing but its pixels, made smaller, is kept.
    """
    name = clean_name(file.name or "picture")
    if file.size is None or file.size > MOST_BYTES:
        raise UnusablePicture(f"{name} is larger than {MOST_BYTES // 2**20} MB; save the picture smaller.")
    token = secrets.token_hex(16)
    with workspace(stores="") as scratch, TemporaryDirectory(dir=scratch) as folder, PictureReader() as reader:
        source = Path(folder) / "brought"
        with source.open("wb") as copy:
            for piece in file.chunks():
                copy.write(piece)
        read = reader.read(source, name=name, folder=Path(folder))
        shown = Path(folder) / "shown.jpg"
        with Image.open(read.picture) as image:
            shrink(image.convert("RGB"), width_px=WIDTH_PX).save(shown, "JPEG", quality=_JPEG_QUALITY)
        default_storage.save(_name(token, user=user), ContentFile(shown.read_bytes()))
    _forget_more_than(MOST_KEPT, user=user)
    return token


def tidy_pictures() -> None:
    """Forget old pictures, once an hour however often it is called: listing a remote storage takes time."""
    if cache.add("search-pictures-tidied", True, TIDIED_EVERY_S):
        forget_old_pictures()


def picture_name(token: str, *, user: User) -> str | None:
    """The name in the media storage of a person's own picture; None for another's, and when its day is over."""
    if not user.is_authenticated or not _TOKEN.fullmatch(token):
        return None
    name = _name(token, user=user)
    return name if default_storage.exists(name) and not _is_over(name) else None


def read_picture(token: str, *, user: User) -> RgbPicture | None:
    """The pixels of a person's own picture, ``uint8 (H, W, 3)`` RGB; None where `picture_name` tells none."""
    name = picture_name(token, user=user)
    if name is None:
        return None
    with default_storage.open(name) as stored, Image.open(stored, formats=["JPEG"]) as image:
        return np.asarray(image.convert("RGB"))


def forget_old_pictures() -> int:
    """Delete the pictures whose day is over, of everybody; return how many that were."""
    gone = 0
    for person in _listed(FOLDER)[0]:
        for file in _listed(f"{FOLDER}/{person}")[1]:
            name = f"{FOLDER}/{person}/{file}"
            if _is_over(name):
                default_storage.delete(name)
                gone += 1
    return gone


def _name(token: str, *, user: User) -> str:
    return f"{FOLDER}/{user.pk}/{token}.jpg"


def _is_over(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < datetime.now(UTC) - KEPT_FOR
    except FileNotFoundError:
        return True


def _forget_more_than(most: int, *, user: User) -> None:
    folder = f"{FOLDER}/{user.pk}"
    names = [f"{folder}/{file}" for file in _listed(folder)[1]]
    if len(names) > most:
        by_age = sorted(names, key=lambda name: default_storage.get_modified_time(name))
        for name in by_age[:-most]:
            default_storage.delete(name)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files of a folder of the storage; nothing where there is none yet."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
