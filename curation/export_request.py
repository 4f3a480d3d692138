"""Asking for an export: which stills, in which formats, with which documents beside them."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from ava.messages import send_task
from ava.models import Title, User, Video
from ava.progress import publish
from curation.decisions import current_decisions
from curation.export_canvases import UnusableCanvas, find_canvases
from curation.exports.file_names import BadPattern, check_pattern
from curation.models import Decision, Export
from curation.pages import read_board
from curation.pick_list_frames import FrameKey

FORMATS = {
    "png": "PNG, every pixel as decoded",
    "jpeg": "JPEG, quality 95",
    "webp": "WebP, quality 92",
    "avif": "AVIF, quality 85",
    "tiff": "TIFF, 16 bits where the film has 10 or more",
}
DOCUMENTS = {
    "contact_sheet": "Contact sheet, PDF",
    "csv": "Table, CSV",
    "json": "JSON",
    "xmp": "XMP sidecars",
}
MOST_STILLS = 5000
MOST_FILES = 50_000
KEPT_DAYS = 7
MAKE_TASK = "curation.export_tasks.make_export"
OPEN_STATES = (Export.State.WAITING, Export.State.WORKING)

_WEBP_LONGEST_PX = 16383


class InvalidExport(ValueError):
    """What was asked for cannot be exported; the sentence says what can."""


@transaction.atomic
def request_export(
    title: Title,
    *,
    stills: Sequence[FrameKey],
    user: User | None,
    formats: Collection[str] = ("png",),
    documents: Collection[str] = (),
    pattern: str = "",
    name: str = "",
    canvases: Collection[str] = (),
    full_size: bool = True,
) -> Export:
    """Have a worker make a ZIP of stills of a title, in this order; raises InvalidExport with a sentence.

    `name` says what the stills are, such as a list's name. Every still comes in full size, if that is wanted or no
    canvas is, and on these canvases of the title's teams, by their keys.
    """
    wanted = check_wanted(
        title, stills=stills, formats=formats, documents=documents, pattern=pattern, name=name, canvases=canvases,
        full_size=full_size,
    )  # fmt: skip
    export = Export.objects.create(title=title, wanted=wanted, total_count=len(wanted["stills"]), created_by=user)
    send_task(MAKE_TASK, export.pk)
    publish_export(export)
    return export


def check_wanted(
    title: Title,
    *,
    stills: Sequence[FrameKey],
    formats: Collection[str] = ("png",),
    documents: Collection[str] = (),
    pattern: str = "",
    name: str = "",
    canvases: Collection[str] = (),
    full_size: bool = True,
) -> dict[str, object]:
    """What an export is to hold, checked, as its row keeps it; raises InvalidExport."""
    asked = list(dict.fromkeys(FrameKey(*key) for key in stills))
    if not 1 <= len(asked) <= MOST_STILLS:
        raise InvalidExport("There is no still to export." if not asked else f"Export at most {MOST_STILLS:,} at once.")
    if set(formats) - set(FORMATS) or set(documents) - set(DOCUMENTS):
        raise InvalidExport(f"Formats are {', '.join(FORMATS)}; documents are {', '.join(DOCUMENTS)}.")
    if not formats and not documents:
        raise InvalidExport("Choose a format of pictures, a document, or both.")
    videos = Video.objects.filter(title=title).in_bulk({key.video_id for key in asked})
    for key in asked:
        video = videos.get(key.video_id)
        if video is None or not 0 <= key.frame_index < video.frame_count:
            raise InvalidExport("One of the stills is of no film of this title; choose the stills again.")
    if "webp" in formats and any(max(video.width, video.height) > _WEBP_LONGEST_PX for video in videos.values()):
        raise InvalidExport(f"WebP holds at most {_WEBP_LONGEST_PX:,} pixels a side; take PNG, JPEG or TIFF.")
    try:
        pattern = check_pattern(pattern.replace("\x00", ""))
    except BadPattern as error:
        raise InvalidExport(str(error)) from error
    try:
        chosen = find_canvases(title, list(dict.fromkeys(canvases))) if canvases else []
    except UnusableCanvas as error:
        raise InvalidExport(str(error)) from error
    full_size = bool(full_size) or not chosen
    if len(asked) * (len(chosen) + full_size) * len(formats) > MOST_FILES:
        raise InvalidExport(f"That is more than {MOST_FILES:,} pictures; take fewer stills, canvases or formats.")
    return {
        "stills": [list(key) for key in asked],
        "formats": [each for each in FORMATS if each in formats],
        "documents": [each for each in DOCUMENTS if each in documents],
        "pattern": pattern,
        "canvases": [canvas.key for canvas in chosen],
        "full_size": full_size,
        "name": " ".join(name.replace("\x00", "").split())[:80],
    }


def picked_frames(title: Title) -> list[FrameKey]:
    """Every frame of the title's films that stands picked, film by film in their order."""
    picked = []
    for video in title.videos.order_by("created_at", "id"):
        states = current_decisions(video)
        picked += [FrameKey(video.pk, at) for at in sorted(states) if states[at].verdict == Decision.Verdict.PICK]
    return picked


def board_frames(title: Title, *, query: str, user: User) -> list[FrameKey]:
    """The frames that the board shows at an address's query, in its order."""
    board = read_board(title, query=QueryDict(query), user=user)
    return [FrameKey(board.video.pk, frame) for frame in board.listed] if board.video else []


@transaction.atomic
def cancel_export(export: Export) -> bool:
    """Stop an export that is not over yet; False when it is."""
    stopped = Export.objects.filter(pk=export.pk, state__in=OPEN_STATES).update(
        state=Export.State.CANCELLED, claimed_until=None, finished_at=timezone.now()
    )
    if stopped:
        publish_export(Export.objects.get(pk=export.pk))
    return bool(stopped)


def publish_export(export: Export) -> None:
    """Tell every page of the title how an export stands."""
    message = {
        "type": "export",
        "title_id": export.title_id,
        "export": export.pk,
        "state": export.state,
        "done": export.done_count,
        "total": export.total_count,
    }
    publish(title_id=export.title_id, message=message)
