"""Comparing pictures that are sent along with a request: how like every two of them are, and which are one."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from ava.file_names import clean_name
from ava.media.picture_file import UnusablePicture, open_picture
from curation.artwork_uploads import as_given_files
from curation.picture_comparing import parts_of
from curation.similarity.descriptor import PictureDescriptor, describe_picture
from curation.similarity.index import PARTS
from curation.similarity.picture_set import compare_set

MOST_PICTURES = 20
MOST_BYTES_EACH = 32 * 2**20
MOST_BYTES = 128 * 2**20


class UnusablePictures(ValueError):
    """The pictures cannot be compared; `problems` are sentences, one for each that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def refuse_too_large(request: HttpRequest) -> None:
    """Raise UnusablePictures before anything of a request is read that is larger than all that may be sent."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise UnusablePictures([f"Send {MOST_BYTES // 2**20} MB at once at most."])


def compare_uploads(files: Sequence[UploadedFile]) -> dict[str, Any]:
    """Every pair of the pictures with the index and its parts, and groups of those that are one, by file names.

    Names that come twice are counted. Raises UnusablePictures; of the pictures nothing is kept.
    """
    names = _tell_apart([clean_name(file.name or "picture") for file in files])
    described = _describe(files, names)
    compared = compare_set(described)
    pairs = []
    for (one, other), found in compared.pairs.items():
        values = {name: round(value, 4) for name, value in parts_of(found).items()}
        parts = {name: values[name] for name in PARTS}
        pairs.append({"a": names[one], "b": names[other], "index": values["index"], "parts": parts})
    return {"pairs": pairs, "groups": [[names[place] for place in group] for group in compared.groups]}


def _describe(files: Sequence[UploadedFile], names: Sequence[str]) -> dict[int, PictureDescriptor]:
    problems: list[str] = []
    described: dict[int, PictureDescriptor] = {}
    with as_given_files(files) as given:
        for place, (file, name) in enumerate(zip(given, names, strict=True)):
            if files[place].size and files[place].size > MOST_BYTES_EACH:
                problems.append(f"{name} is larger than {MOST_BYTES_EACH // 2**20} MB; save the picture smaller.")
                continue
            try:
                described[place] = describe_picture(open_picture(file.file, name=name).rgb)
            except UnusablePicture as error:
                problems.append(str(error))
    if problems:
        raise UnusablePictures(problems)
    return described


def _tell_apart(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told
