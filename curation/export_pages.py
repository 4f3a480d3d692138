"""Page-shaped reads of exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.http import QueryDict

from ava.models import Title, User
from curation.export_artworks import ALL, BadArtworks, all_artworks, read_artworks
from curation.export_request import (
    DOCUMENTS,
    FORMATS,
    board_frames,
    count_in_words,
    picked_frames,
)
from curation.exports.file_names import DEFAULT_PATTERN, TOKENS
from curation.frame_keys import BadFrames, read_frame_keys, write_frame_keys
from curation.layout.canvases import Canvas
from curation.models import Export
from curation.pick_list_frames import lists_with_frames
from curation.team_canvases import canvases_of

SHOWN = 20
NO_STILLS = "none"
FIRST_FORMATS = ("png",)
FIRST_DOCUMENTS = ("contact_sheet", "csv")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be exported: its value in the form, what it is, and how many pictures."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class ExportPage:
    """One export as its page shows it."""

    export: Export
    size_bytes: int | None

    @property
    def is_done(self) -> bool:
        return self.export.state == Export.State.DONE

    @property
    def name(self) -> str:
        return self.export.wanted.get("name") or "Stills"

    @property
    def counted(self) -> str:
        """How much is in it: "12 stills, 1 artwork"."""
        return count_in_words(self.export.wanted) or "0 stills"

    @property
    def contents(self) -> str:
        """What is in it: "PNG, TIFF, contact sheet"."""
        wanted = self.export.wanted
        formats = [each.upper() for each in wanted.get("formats", [])]
        names = {
            "contact_sheet": "contact sheet", "csv": "CSV", "json": "JSON", "xmp": "XMP", "timelines": "markers",
        }  # fmt: skip
        documents = [names[each] for each in wanted.get("documents", []) if each in names]
        return ", ".join(formats + self._canvases + documents)

    @property
    def _canvases(self) -> list[str]:
        count = len(self.export.wanted.get("canvases", []))
        if not count:
            return []
        also = "" if self.export.wanted.get("full_size", True) else "only "
        return [f"{also}{count} canvas{'' if count == 1 else 'es'}"]

    @property
    def again(self) -> Mapping[str, Any]:
        """The fields of a form that asks for the same once more."""
        wanted = self.export.wanted
        frames = ",".join(f"{video}:{frame}" for video, frame in wanted.get("stills", []))
        fields = {name: wanted.get(name, []) for name in ("formats", "documents", "canvases", "pattern")}
        fields["full_size"] = wanted.get("full_size", True)
        artworks = ",".join(map(str, wanted.get("artworks", [])))
        what = "frames" if frames else NO_STILLS if artworks else ""
        return {"what": what, "frames": frames, "artworks": artworks, **fields}


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """The form and the exports there are."""

    rows: Sequence[ExportPage]
    choices: Sequence[Choice]
    chosen: str
    artworks: Sequence[Choice]
    chosen_artworks: str
    frames: str
    query: str
    has_deep_film: bool
    has_shallow_film: bool
    canvases: Sequence[Canvas]
    formats: Mapping[str, str]
    documents: Mapping[str, str]
    pattern: str
    first_formats: Sequence[str] = FIRST_FORMATS
    first_documents: Sequence[str] = FIRST_DOCUMENTS

    @property
    def tokens(self) -> str:
        return ", ".join(f"{{{name}}}" for name in TOKENS)

    @property
    def is_waiting(self) -> bool:
        return any(row.export.is_open for row in self.rows)


def export_page(export: Export) -> ExportPage:
    """One export, with its file's size while there is one."""
    return ExportPage(export, _size(export))


def exports_page(title: Title, *, query: QueryDict, user: User) -> ExportsPage:
    """The newest exports of a title, and the form for what an address means.

    `frames` names stills; else with `video` the board's filters count; `what` chooses otherwise. `artworks` names
    artworks, or all; then no stills are chosen unless they are named, too.
    """
    bits = set(title.videos.values_list("bit_depth", flat=True))
    frames = _frames(query)
    choices = _choices(title, query=query, frames=frames, user=user)
    named = _named_artworks(title, query=query)
    artworks = _artwork_choices(title, named=named)
    asked = query.get("what", "")
    values = [choice.value for choice in choices]
    usual = next((choice.value for choice in choices if choice.count), values[0])
    if artworks:
        choices.append(Choice(NO_STILLS, "None", 0))
        usual = NO_STILLS if named and not frames else usual
    return ExportsPage(
        rows=[export_page(row) for row in title.exports.select_related("created_by")[:SHOWN]],
        choices=choices,
        chosen=asked if asked in values else usual,
        artworks=artworks,
        chosen_artworks=artworks[1].value if named else "",
        frames=frames,
        query=query.urlencode(),
        has_deep_film=any(each > 8 for each in bits),
        has_shallow_film=any(each <= 8 for each in bits),
        canvases=canvases_of(title),
        formats=FORMATS,
        documents=DOCUMENTS,
        pattern=DEFAULT_PATTERN,
    )


def _frames(query: QueryDict) -> str:
    try:
        return write_frame_keys(read_frame_keys(query))
    except BadFrames:
        return ""


def _named_artworks(title: Title, *, query: QueryDict) -> list[int]:
    """The artworks of the title that an address names."""
    try:
        named = read_artworks(query.getlist("artworks"), title=title)
    except BadArtworks:
        return []
    known = set(all_artworks(title)) if named else set()
    return [pk for pk in named if pk in known]


def _artwork_choices(title: Title, *, named: list[int]) -> list[Choice]:
    """None, those that are named, and all; empty where the title has none."""
    every = all_artworks(title)
    if not every:
        return []
    choices = [Choice("", "None", 0), Choice(ALL, "All artwork", len(every))]
    if named and set(named) != set(every):
        what = str(title.artworks.get(pk=named[0])) if len(named) == 1 else "The artworks chosen"
        choices.insert(1, Choice(",".join(map(str, named)), what, len(named)))
    return choices


def _choices(title: Title, *, query: QueryDict, frames: str, user: User) -> list[Choice]:
    choices = [Choice("frames", "The selection", frames.count(",") + 1)] if frames else []
    if "video" in query and not frames:
        shown = board_frames(title, query=query.urlencode(), user=user)
        choices.append(Choice("board", "What the board shows", len(shown)))
    choices.append(Choice("picks", "All picks", len(picked_frames(title))))
    choices += [Choice(f"list-{each.pk}", each.name, len(keys)) for each, keys in lists_with_frames(title)]
    return choices


def _size(export: Export) -> int | None:
    if not export.file:
        return None
    try:
        return default_storage.size(export.file.name)
    except OSError:
        return None
