"""Asking for an export: which stills and artworks, in which formats, with which documents beside them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import QueryDict

from ava.file_making import cancel
from ava.messages import send_task
from ava.models import Title, User, Video
from ava.progress import publish
from curation.decisions import current_decisions
from curation.export_canvases import UnusableCanvas, find_canvases
from curation.exports.file_names import BadPattern, check_pattern
from curation.models import Artwork, Decision, Export
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
    "timelines": "Markers in the films: OTIO, EDL, FCPXML, Premiere XML, Resolve",
}
MOST_STILLS = 5000
MOST_FILES = 50_000
MAKE_TASK = "curation.export_tasks.make_export"

_WEBP_LONGEST_PX = 16383


class InvalidExport(ValueError):
    """What was asked for cannot be exported; the sentence says what can."""


@transaction.atomic
def request_export(
    title: Title,
    *,
    stills: Sequence[FrameKey] = (),
    artworks: Sequence[int] = (),
    user: User | None,
    formats: Collection[str] = ("png",),
    documents: Collection[str] = (),
    pattern: str = "",
    name: str = "",
    canvases: Collection[str] = (),
    full_size: bool = True,
) -> Export:
    """Have a worker make a ZIP of stills and artworks of a title, in this order; raises InvalidExport with a sentence.

    `name` says what they are, such as a list's name. Every picture comes in full size, if that is wanted or no canvas
    is, and on these canvases of the title's teams, by their keys.
    """
    wanted = check_wanted(
        title, stills=stills, artworks=artworks, formats=formats, documents=documents, pattern=pattern, name=name,
        canvases=canvases, full_size=full_size,
    )  # fmt: skip
    export = Export.objects.create(title=title, wanted=wanted, total_count=count_wanted(wanted), created_by=user)
    send_task(MAKE_TASK, export.pk)
    publish_export(export)
    return export


def check_wanted(
    title: Title,
    *,
    stills: Sequence[FrameKey] = (),
    artworks: Sequence[int] = (),
    formats: Collection[str] = ("png",),
    documents: Collection[str] = (),
    pattern: str = "",
    name: str = "",
    canvases: Collection[str] = (),
    full_size: bool = True,
) -> dict[str, Any]:
    """What an export is to hold, checked, as its row keeps it; raises InvalidExport."""
    asked, brought = list(dict.fromkeys(FrameKey(*key) for key in stills)), list(dict.fromkeys(artworks))
    count = len(asked) + len(brought)
    if not 1 <= count <= MOST_STILLS:
        raise InvalidExport("There is no still to export." if not count else f"Export at most {MOST_STILLS:,} at once.")
    if set(formats) - set(FORMATS) or set(documents) - set(DOCUMENTS):
        raise InvalidExport(f"Formats are {', '.join(FORMATS)}; documents are {', '.join(DOCUMENTS)}.")
    if not formats and not documents:
        raise InvalidExport("Choose a format of pictures, a document, or both.")
    longest_px = max(_longest_still_px(title, asked), _longest_artwork_px(title, brought))
    try:
        pattern = check_pattern(pattern.replace("\x00", ""))
    except BadPattern as error:
        raise InvalidExport(str(error)) from error
    try:
        chosen = find_canvases(title, list(dict.fromkeys(canvases))) if canvases else []
    except UnusableCanvas as error:
        raise InvalidExport(str(error)) from error
    full_size = bool(full_size) or not chosen
    if "webp" in formats and full_size and longest_px > _WEBP_LONGEST_PX:
        raise InvalidExport(f"WebP holds at most {_WEBP_LONGEST_PX:,} pixels a side; take PNG, JPEG or TIFF.")
    if count * (len(chosen) + full_size) * len(formats) > MOST_FILES:
        raise InvalidExport(f"That is more than {MOST_FILES:,} pictures; take fewer stills, canvases or formats.")
    return {
        "stills": [list(key) for key in asked],
        "artworks": brought,
        "formats": [each for each in FORMATS if each in formats],
        "documents": [each for each in DOCUMENTS if each in documents],
        "pattern": pattern,
        "canvases": [canvas.key for canvas in chosen],
        "full_size": full_size,
        "name": " ".join(name.replace("\x00", "").split())[:80],
    }


def count_wanted(wanted: Mapping[str, Any]) -> int:
    """How many pictures an export is to hold, each counted once for all its sizes and formats."""
    return len(wanted.get("stills", [])) + len(wanted.get("artworks", []))


def count_in_words(wanted: Mapping[str, Any]) -> str:
    """What `count_wanted` counts, as people say it: "12 stills, 1 artwork"."""
    counts = {"still": len(wanted.get("stills", [])), "artwork": len(wanted.get("artworks", []))}
    return ", ".join(f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in counts.items() if count)


def _longest_still_px(title: Title, stills: Sequence[FrameKey]) -> int:
    """The longest side of any film of the stills; 0 without any. Raises InvalidExport."""
    videos = Video.objects.filter(title=title).in_bulk({key.video_id for key in stills})
    for key in stills:
        video = videos.get(key.video_id)
        if video is None or not 0 <= key.frame_index < video.frame_count:
            raise InvalidExport("One of the stills is of no film of this title; choose the stills again.")
    return max((max(video.width, video.height) for video in videos.values()), default=0)


def _longest_artwork_px(title: Title, artworks: Sequence[int]) -> int:
    """The longest side of any of the artworks; 0 without any. Raises InvalidExport."""
    sizes = Artwork.objects.filter(title=title, pk__in=artworks).values_list("width", "height")
    if len(sizes) < len(artworks):
        raise InvalidExport("One of the artworks is none of this title, or not any more; choose the artworks again.")
    return max((max(size) for size in sizes), default=0)


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


def cancel_export(export: Export) -> bool:
    """Stop an export that is not over yet; False when it is."""
    return cancel(export, publish=publish_export)


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
