"""A title's artwork: storing pictures that were read, changing what is said of them, and deleting them."""

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from ava.messages import send_task
from ava.models import Title, User
from ava.picture_process import PictureCopies
from ava.progress import publish
from ava.roles import require_editor
from ava.stored_content import MovableFile
from curation.artwork_names import BCP_47, distinct_name, guess_language
from curation.models import Artwork

LONGEST_LANGUAGE = 35
MOST_MESSAGES = 4
"""Messages for new artwork: as many workers as that take it up at once, each one picture after the other."""


class ReadArtwork(NamedTuple):
    """A picture that was brought and could be read: the path it came by, its file, and what was made of it."""

    path: str
    file: Path
    sha256: str
    size_bytes: int
    copies: PictureCopies


class Stored(NamedTuple):
    """Where a picture is in the title now, and whether it had been there before."""

    artwork: Artwork
    is_duplicate: bool


def require_artwork_editor(user: User, *, title_id: int) -> None:
    """Raise PermissionDenied with a sentence unless the user is editor or administrator of the title's team."""
    require_editor(user, title_id=title_id, action="change its artwork")


def store_artworks(title: Title, pictures: Sequence[ReadArtwork], *, user: User | None) -> list[Stored]:
    """Make artwork of pictures that were read, all of them or none; their files are moved away.

    The same file twice in a title is one artwork. Names are kept, and told apart where two pictures share one.
    Raises Title.DoesNotExist when the title was deleted meanwhile.
    """
    names: list[str] = []
    try:
        with transaction.atomic():
            Title.objects.select_for_update(no_key=True).get(pk=title.pk)  # names are given out one at a time
            stored = _store(title, pictures, user=user, names=names)
            added = sum(not each.is_duplicate for each in stored)
            send_annotation(added)
            if added:
                publish_artwork(title.pk)
    except BaseException:
        _delete_files(names)
        raise
    return stored


def _store(title: Title, pictures: Sequence[ReadArtwork], *, user: User | None, names: list[str]) -> list[Stored]:
    digests = {picture.sha256 for picture in pictures}
    known = {each.sha256: each for each in Artwork.objects.filter(title=title, sha256__in=digests)}
    taken = set(Artwork.objects.filter(title=title).values_list("original_name", flat=True))
    stored = []
    for picture in pictures:
        if picture.sha256 in known:
            stored.append(Stored(known[picture.sha256], is_duplicate=True))
            continue
        artwork = Artwork(title=title, original_name=distinct_name(picture.path, taken=taken), created_by=user)
        taken.add(artwork.original_name)
        _fill(artwork, picture, names=names)
        artwork.save()
        known[picture.sha256] = artwork
        stored.append(Stored(artwork, is_duplicate=False))
    return stored


def _fill(artwork: Artwork, picture: ReadArtwork, *, names: list[str]) -> None:
    """Put the files into the media storage, `names` being told of each, and describe them in the row."""
    key = f"artwork/{artwork.title_id}/{uuid.uuid4().hex}"
    ways = (("file", picture.file, "-original"), ("picture", picture.copies.picture, ".png"),
            ("preview", picture.copies.preview, ".jpg"))  # fmt: skip
    for field, path, ending in ways:
        with path.open("rb") as source:
            content: File[bytes] = MovableFile(source, path=path)
            name = default_storage.save(key + ending, content)
        names.append(name)
        setattr(artwork, field, name)
    artwork.sha256, artwork.size_bytes = picture.sha256, picture.size_bytes
    artwork.width, artwork.height = picture.copies.width, picture.copies.height
    artwork.remarks = picture.copies.remarks
    artwork.language = guess_language(picture.path)


def set_language(artwork: Artwork, language: str, *, user: User) -> None:
    """Say in which language an artwork's lettering is, as a BCP 47 tag; empty for none. Raises ValidationError."""
    require_artwork_editor(user, title_id=artwork.title_id)
    tag = language.strip().replace("_", "-")
    if tag and (len(tag) > LONGEST_LANGUAGE or not BCP_47.fullmatch(tag)):
        raise ValidationError({"language": "Give a language as its tag, such as fr or pt-BR, or leave it empty."})
    artwork.language = tag
    artwork.save(update_fields=["language"])
    publish_artwork(artwork.title_id)


def annotate_again(artwork: Artwork, *, user: User) -> None:
    """Have an artwork measured again whose measuring failed."""
    require_artwork_editor(user, title_id=artwork.title_id)
    with transaction.atomic():
        failed = Artwork.objects.filter(pk=artwork.pk, state=Artwork.State.FAILED)
        if failed.update(state=Artwork.State.WAITING, error=""):
            send_annotation(1)
            publish_artwork(artwork.title_id)


@transaction.atomic
def delete_artwork(artwork: Artwork, *, user: User) -> None:
    """Delete an artwork with its files, its place in a group and its test results; raises PermissionDenied."""
    require_artwork_editor(user, title_id=artwork.title_id)
    title_id = artwork.title_id
    artwork.delete()
    publish_artwork(title_id)


def delete_artwork_files(sender: type[Artwork], instance: Artwork, **_: object) -> None:
    """After an artwork's row, by whatever way it went, such as its title's end, its files go too."""
    names = [stored.name for stored in (instance.file, instance.picture, instance.preview) if stored.name]
    transaction.on_commit(lambda: _delete_files(names))


def send_annotation(count: int) -> None:
    """Have workers measure artwork that waits for it; a message too many finds nothing to do."""
    for _ in range(min(count, MOST_MESSAGES)):
        send_task("curation.tasks.annotate_artworks")


def publish_artwork(title_id: int, *, artwork_id: int | None = None) -> None:
    """Tell the pages that the artwork of a title has changed; with `artwork_id` that one alone."""
    publish(title_id=title_id, message={"type": "artwork", "title_id": title_id, "artwork": artwork_id})


def _delete_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
