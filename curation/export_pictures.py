"""The pictures of an export: decoded in a process of their own, one by one, whole and on canvases."""

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ava.decoder_process import DecoderDied, DecoderProcess
from ava.info_json import info_to_json
from ava.media.picture_file import UnusablePicture
from ava.media.still_file import SUFFIXES, ArtworkMetadata, Metadata, StillFormat, StillMetadata
from ava.storage import local_path
from ava.video_facts import video_info
from curation.export_artworks import ArtworkInExport
from curation.export_canvases import lay_out_artwork, lay_out_still
from curation.export_records import FilmRecords
from curation.exports.contact_sheet import LONGEST_SIDE_PX
from curation.exports.file_names import name_pictures
from curation.exports.picture_regions import LaidOutPicture, describe_places
from curation.exports.record import StillRecord
from curation.layout.canvases import Canvas
from curation.layout_sources import UnreadableSource

AT_ONCE = 8
"""Frames asked of the decoder at a time: enough to share a group of pictures, few enough to be lost together."""


class Sizes(NamedTuple):
    """What every picture is exported as: all of it, or not, and canvases."""

    has_full_size: bool
    canvases: Sequence[Canvas]

    @property
    def keys(self) -> list[str]:
        """The canvases' keys, after "" for the whole frame."""
        return [*([""] if self.has_full_size else []), *(canvas.key for canvas in self.canvases)]


def name_sizes(records: Iterable[StillRecord], *, sizes: Sizes, pattern: str) -> dict[tuple[int, str], str]:
    """Place and key of a canvas, "" for the whole frame → the picture's name without suffix."""
    pictures = [(record, key) for record in records for key in sizes.keys]
    names = name_pictures(pictures, pattern=pattern)
    return {(record.place, key): name for (record, key), name in zip(pictures, names, strict=True)}


class Pictures:
    """Puts the pictures of films, and artworks, into an archive, and keeps small ones for the contact sheet.

    `names` are those of `name_sizes`; `laid_out` is what became known of them, by place. Raises UnusableCanvas.
    """

    def __init__(
        self, archive: zipfile.ZipFile, *, wanted: Mapping[str, Any], sizes: Sizes,
        names: Mapping[tuple[int, str], str], scratch: Path, on_done: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.archive, self.sizes, self.names, self.scratch, self.on_done = archive, sizes, names, scratch, on_done
        self.formats: list[StillFormat] = wanted["formats"]
        self.has_sheet = "contact_sheet" in wanted["documents"]
        self.says_places = bool(self.formats) or bool({"xmp", "json"} & set(wanted["documents"]))
        self.done: set[int] = set()
        self.laid_out: dict[int, LaidOutPicture] = {}
        self.process: DecoderProcess | None = None

    def __enter__(self) -> "Pictures":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.close()

    @property
    def is_decoding(self) -> bool:
        return bool(self.formats or self.has_sheet)

    def thumbnail(self, place: int) -> Path:
        return self.scratch / f"small-{place}.jpg"

    def add(self, film: FilmRecords) -> None:
        """Decode a film's stills and put them in; those that cannot be decoded are left out."""
        for first in range(0, len(film.records), AT_ONCE):
            records = [each for each in film.records[first : first + AT_ONCE] if self._lay_out(film, each)]
            if not self.is_decoding:
                self.done |= {record.place for record in records}
                self.on_done(len(self.done))
                continue
            try:
                self._decode(film, records)
            except DecoderDied:
                for record in records:
                    self._decode_alone(film, record)

    def add_artwork(self, each: ArtworkInExport) -> None:
        """Put an artwork in, from the copy of its picture that AVA keeps; one that cannot be read is left out."""
        artwork, record = each
        try:
            if self.says_places:
                self.laid_out[record.place] = lay_out_artwork(artwork, canvases=self.sizes.canvases)
            if self.is_decoding:
                metadata = ArtworkMetadata(film=record.title, name=record.artwork)
                order = {"work": "artwork", "path": str(local_path(artwork.picture)), "thumbnail_px": LONGEST_SIDE_PX}
                self._ask(order | self._order(record, metadata=metadata))
        except (UnreadableSource, UnusablePicture, DecoderDied, FileNotFoundError, ValueError):
            return  # it is told of in the end
        self._put(record)

    def files(self, record: StillRecord, key: str) -> list[str]:
        """The names of a picture's files in the archive: in a folder a format where there are several."""
        name, has_folders = self.names[record.place, key], len(self.formats) > 1
        return [
            f"{format}/{name}{SUFFIXES[format]}" if has_folders else f"{name}{SUFFIXES[format]}"
            for format in self.formats
        ]

    def places(self, record: StillRecord, key: str) -> str:
        """What XMP says of a picture's places; empty where nothing is known of them."""
        laid_out = self.laid_out.get(record.place)
        if laid_out is None:
            return ""
        canvases = laid_out.layout.canvases if laid_out.layout else ()
        canvas = next((each for each in canvases if each.canvas.key == key), None) if key else None
        return describe_places(laid_out, canvas=canvas)

    def _lay_out(self, film: FilmRecords, record: StillRecord) -> bool:
        """Whether the still can be exported; one that cannot even be laid out is told of in the end."""
        if self.says_places:
            try:
                laid_out = lay_out_still(film.video, record.frame_index, canvases=self.sizes.canvases)
            except UnreadableSource:
                return False
            self.laid_out[record.place] = laid_out
        return True

    def _decode_alone(self, film: FilmRecords, record: StillRecord) -> None:
        if record.place in self.done:
            return
        try:
            self._decode(film, [record])
        except DecoderDied:
            return  # it is told of in the end

    def _decode(self, film: FilmRecords, records: Sequence[StillRecord]) -> None:
        by_frame = {record.frame_index: record for record in records if record.place not in self.done}
        if not by_frame:
            return
        request = {
            "work": "stills",
            "path": str(local_path(film.video.file)),
            "info": info_to_json(video_info(film.video)),
            "stills": [self._order_frame(frame, record) for frame, record in by_frame.items()],
            "thumbnail_px": LONGEST_SIDE_PX,
        }
        self._ask(request, on_progress=lambda frame: self._put(by_frame.get(int(frame))))

    def _ask(self, request: dict[str, Any], *, on_progress: Callable[[float], None] | None = None) -> None:
        if self.process is None or not self.process.is_alive:
            self.process = DecoderProcess()
        self.process.ask(request, on_progress=on_progress)

    def _order_frame(self, frame_index: int, record: StillRecord) -> dict[str, Any]:
        metadata = StillMetadata(film=record.title, timecode=record.timecode, frame_index=frame_index)
        return {"frame_index": frame_index, **self._order(record, metadata=metadata)}

    def _order(self, record: StillRecord, *, metadata: Metadata) -> dict[str, Any]:
        return {
            "metadata": metadata._asdict(),
            "pictures": [self._picture(record, key) for key in self.sizes.keys] if self.formats else [],
            "thumbnail": str(self.thumbnail(record.place)) if self.has_sheet else None,
        }

    def _picture(self, record: StillRecord, key: str) -> dict[str, Any]:
        layout = self.laid_out[record.place].layout
        on_canvas = next((each for each in layout.canvases if each.canvas.key == key), None) if layout else None
        return {
            "box": list(on_canvas.crop.box) if on_canvas else None,
            "size": [on_canvas.canvas.width_px, on_canvas.canvas.height_px] if on_canvas else None,
            "xmp": self.places(record, key),
            "files": {format: str(self._path(record, key, format)) for format in self.formats},
        }

    def _path(self, record: StillRecord, key: str, format: str) -> Path:
        return self.scratch / f"{record.place}-{key}.{format}"

    def _put(self, record: StillRecord | None) -> None:
        if record is None:
            return  # the process is still at one
        for key in self.sizes.keys:
            for format, name in zip(self.formats, self.files(record, key), strict=True):
                path = self._path(record, key, format)
                self.archive.write(path, name)
                path.unlink()
        self.done.add(record.place)
        self.on_done(len(self.done))
