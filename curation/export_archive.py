"""Writing stills and documents into a ZIP, still by still: neither memory nor scratch space grows with their number."""

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ava.decoder_process import DecoderDied, DecoderProcess
from ava.info_json import info_to_json
from ava.media.still_file import SUFFIXES, StillMetadata
from ava.models import Title
from ava.storage import local_path
from ava.video_facts import video_info
from curation.export_records import FilmRecords, describe_stills, in_order
from curation.exports.contact_sheet import LONGEST_SIDE_PX, SheetStill, write_contact_sheet
from curation.exports.file_names import name_stills, safe_name
from curation.exports.record import StillRecord
from curation.exports.tables import csv_text, json_text
from curation.exports.xmp import sidecar
from curation.pick_list_frames import FrameKey

AT_ONCE = 8
"""Frames asked of the decoder at a time: enough to share a group of pictures, few enough to be lost together."""

_BOM = "\ufeff"


def write_archive(
    target: Path, *, title: Title, wanted: Mapping[str, Any], scratch: Path, on_done: Callable[[int], None]
) -> list[str]:
    """Write the ZIP that an export's `wanted` asks for; return the timecodes of stills that cannot be decoded.

    Files are stored as they are, for pictures do not shrink. `on_done(count)` is called after every still, and what
    it raises ends the work. Raises UnusableVideo, DecoderError and OSError.
    """
    films = describe_stills(title, stills=[FrameKey(*key) for key in wanted["stills"]])
    names = _names(in_order(films), pattern=wanted["pattern"])
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
        _Pictures(archive, wanted=wanted, names=names, scratch=scratch, on_done=on_done) as pictures,
    ):
        for film in films:
            pictures.add(film)
        records = [_with_files(record, wanted=wanted, pictures=pictures) for record in in_order(films)]
        _write_documents(archive, records, title=title, wanted=wanted, pictures=pictures)
    return [f"{record.timecode} of {record.video}" for record in records if not pictures.has(record)]




def _names(records: Sequence[StillRecord], *, pattern: str) -> dict[int, str]:
    """Place → name without suffix."""
    names = name_stills(records, pattern=pattern)
    return {record.place: name for record, name in zip(records, names, strict=True)}


class _Pictures:
    """Puts the pictures of films into an archive, and keeps small ones for the contact sheet."""

    def __init__(
        self, archive: zipfile.ZipFile, *, wanted: Mapping[str, Any], names: Mapping[int, str], scratch: Path,
        on_done: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.archive, self.names, self.scratch, self.on_done = archive, names, scratch, on_done
        self.formats: list[str] = wanted["formats"]
        self.has_sheet = "contact_sheet" in wanted["documents"]
        self.done: set[int] = set()
        self.process: DecoderProcess | None = None

    def __enter__(self) -> "_Pictures":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.close()

    def has(self, record: StillRecord) -> bool:
        return record.place in self.done or not (self.formats or self.has_sheet)

    def thumbnail(self, place: int) -> Path:
        return self.scratch / f"small-{place}.jpg"

    def add(self, film: FilmRecords) -> None:
        """Decode a film's stills and put them in; those that cannot be decoded are left out."""
        if not (self.formats or self.has_sheet):
            self.done |= {record.place for record in film.records}
            self.on_done(len(self.done))
            return
        for first in range(0, len(film.records), AT_ONCE):
            records = film.records[first : first + AT_ONCE]
            try:
                self._decode(film, records)
            except DecoderDied:
                for record in records:
                    self._decode_alone(film, record)

    def _decode_alone(self, film: FilmRecords, record: StillRecord) -> None:
        if record.place in self.done:
            return
        try:
            self._decode(film, [record])
        except DecoderDied:
            return  # it is told of in the end

    def _decode(self, film: FilmRecords, records: Sequence[StillRecord]) -> None:
        by_frame = {record.frame_index: record for record in records if record.place not in self.done}
        request = {
            "work": "stills",
            "path": str(local_path(film.video.file)),
            "info": info_to_json(video_info(film.video)),
            "stills": [self._order(record) for record in by_frame.values()],
            "thumbnail_px": LONGEST_SIDE_PX,
        }
        if self.process is None or not self.process.is_alive:
            self.process = DecoderProcess()
        self.process.ask(request, on_progress=lambda frame: self._put(by_frame[int(frame)]))

    def _order(self, record: StillRecord) -> dict[str, Any]:
        metadata = StillMetadata(film=record.title, timecode=record.timecode, frame_index=record.frame_index)
        return {
            "frame_index": record.frame_index,
            "metadata": metadata._asdict(),
            "files": {format: str(self._path(record, format)) for format in self.formats},
            "thumbnail": str(self.thumbnail(record.place)) if self.has_sheet else None,
        }

    def _path(self, record: StillRecord, format: str) -> Path:
        return self.scratch / f"{record.place}.{format}"

    def _put(self, record: StillRecord) -> None:
        for format, name in zip(self.formats, self.files(record), strict=True):
            path = self._path(record, format)
            self.archive.write(path, name)
            path.unlink()
        self.done.add(record.place)
        self.on_done(len(self.done))

    def files(self, record: StillRecord) -> list[str]:
        """The names of a still's pictures in the archive: in a folder a format where there are several."""
        folder = len(self.formats) > 1
        name = self.names[record.place]
        return [
            f"{format}/{name}{SUFFIXES[format]}" if folder else f"{name}{SUFFIXES[format]}"  # type: ignore[index]
            for format in self.formats
        ]


def _with_files(record: StillRecord, *, wanted: Mapping[str, Any], pictures: _Pictures) -> StillRecord:
    return replace(record, files=tuple(pictures.files(record)) if record.place in pictures.done else ())


def _write_documents(
    archive: zipfile.ZipFile, records: Sequence[StillRecord], *, title: Title, wanted: Mapping[str, Any],
    pictures: _Pictures,
) -> None:  # fmt: skip
    documents = wanted["documents"]
    base = safe_name(" ".join(part for part in (str(title), wanted["name"]) if part), otherwise="stills")
    if "csv" in documents:
        archive.writestr(f"{base}.csv", _BOM + csv_text(records), zipfile.ZIP_DEFLATED)
    if "json" in documents:
        text = json_text(records, about=about_export(title, wanted=wanted))
        archive.writestr(f"{base}.json", text, zipfile.ZIP_DEFLATED)
    if "xmp" in documents:
        for name, record in _sidecars(records, pictures):
            archive.writestr(name, sidecar(record), zipfile.ZIP_DEFLATED)
    if "contact_sheet" in documents:
        sheet = pictures.scratch / "sheet.pdf"
        count = f"{len(records):,} still{'s' if len(records) != 1 else ''}"
        about = ", ".join(part for part in (wanted["name"], count) if part)
        shown = [
            SheetStill(record, pictures.thumbnail(record.place) if record.place in pictures.done else None)
            for record in records
        ]
        write_contact_sheet(sheet, shown, title=str(title), about=about)
        archive.write(sheet, f"{base} contact sheet.pdf")


def _sidecars(records: Sequence[StillRecord], pictures: _Pictures) -> Iterator[tuple[str, StillRecord]]:
    """One beside every picture, under its name; one a still where there are no pictures."""
    for record in records:
        files = record.files or (f"{pictures.names[record.place]}.",)
        for name in sorted({f"{file.rpartition('.')[0]}.xmp" for file in files}):
            yield name, record


def about_export(title: Title, *, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What an export's JSON says beside its stills."""
    return {"title": {"id": title.pk, "name": str(title)}, "name": wanted["name"]}
