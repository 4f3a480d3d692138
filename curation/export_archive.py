"""Writing pictures and documents into a ZIP, one by one: neither memory nor scratch space grows with their number."""

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ava.models import Title
from curation.export_artworks import describe_artworks
from curation.export_canvases import find_canvases
from curation.export_pictures import Pictures, Sizes, name_sizes
from curation.export_records import describe_stills, in_order
from curation.export_request import count_in_words
from curation.export_timelines import stills_list, write_timelines
from curation.exports.contact_sheet import SheetStill, write_contact_sheet
from curation.exports.file_names import safe_name
from curation.exports.picture_regions import LaidOutPicture
from curation.exports.record import StillRecord
from curation.exports.tables import csv_text, json_text
from curation.exports.xmp import sidecar
from curation.layout.described import describe_layout, write_box
from curation.pick_list_frames import FrameKey

_BOM = "\ufeff"


def write_archive(
    target: Path, *, title: Title, wanted: Mapping[str, Any], scratch: Path, on_done: Callable[[int], None]
) -> list[str]:
    """Write the ZIP that an export's `wanted` asks for; return what the pictures are called that cannot be read.

    Files are stored as they are, for pictures do not shrink. `on_done(count)` is called after every picture, and what
    it raises ends the work. Raises UnusableCanvas, UnusableVideo, DecoderError and OSError.
    """
    sizes = Sizes(wanted.get("full_size", True), find_canvases(title, wanted.get("canvases", [])))
    films = describe_stills(title, stills=[FrameKey(*key) for key in wanted["stills"]])
    asked = wanted.get("artworks", [])
    artworks = describe_artworks(title, artworks=asked, first_place=len(wanted["stills"]) + 1)
    records = [*in_order(films), *(each.record for each in artworks)]
    names = name_sizes(records, sizes=sizes, pattern=wanted["pattern"])
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
        Pictures(archive, wanted=wanted, sizes=sizes, names=names, scratch=scratch, on_done=on_done) as pictures,
    ):
        for film in films:
            pictures.add(film)
        for each in artworks:
            pictures.add_artwork(each)
        records = [_with_results(record, pictures=pictures) for record in records]
        _write_documents(archive, records, title=title, wanted=wanted, pictures=pictures)
        if "timelines" in wanted["documents"] and films:
            cuts = stills_list(title, films, name=wanted["name"])
            write_timelines(archive, cuts, base=_base_name(title, wanted=wanted))
    gone = ["An artwork that was deleted"] * (len(asked) - len(artworks))
    return [*(record.label for record in records if record.place not in pictures.done), *gone]


def _with_results(record: StillRecord, *, pictures: Pictures) -> StillRecord:
    """With the names of its files and how it was laid out."""
    if record.place not in pictures.done:
        return record
    files = {key: pictures.files(record, key) for key in pictures.sizes.keys}
    laid_out = pictures.laid_out.get(record.place)
    told = _tell_layout(laid_out, files=files) if laid_out is not None and laid_out.layout is not None else None
    return replace(record, files=tuple(name for names in files.values() for name in names), layout=told)


def _tell_layout(laid_out: LaidOutPicture, *, files: Mapping[str, list[str]]) -> dict[str, Any]:
    assert laid_out.layout is not None
    told = describe_layout(laid_out.layout)
    for key, canvas in told["canvases"].items():
        canvas["files"] = files[key]
    told["faces"] = [{"box": write_box(face.box), "name": face.name} for face in laid_out.faces]
    return told


def _write_documents(
    archive: zipfile.ZipFile, records: Sequence[StillRecord], *, title: Title, wanted: Mapping[str, Any],
    pictures: Pictures,
) -> None:  # fmt: skip
    documents = wanted["documents"]
    base = _base_name(title, wanted=wanted)
    if "csv" in documents:
        archive.writestr(f"{base}.csv", _BOM + csv_text(records), zipfile.ZIP_DEFLATED)
    if "json" in documents:
        text = json_text(records, about=about_export(title, wanted=wanted))
        archive.writestr(f"{base}.json", text, zipfile.ZIP_DEFLATED)
    if "xmp" in documents:
        for record in records:
            for name, places in _sidecars(record, pictures):
                archive.writestr(name, sidecar(record, places=places), zipfile.ZIP_DEFLATED)
    if "contact_sheet" in documents:
        sheet = pictures.scratch / "sheet.pdf"
        about = ", ".join(part for part in (wanted["name"], count_in_words(wanted)) if part)
        shown = [
            SheetStill(record, pictures.thumbnail(record.place) if record.place in pictures.done else None)
            for record in records
        ]
        write_contact_sheet(sheet, shown, title=str(title), about=about)
        archive.write(sheet, f"{base} contact sheet.pdf")


def _base_name(title: Title, *, wanted: Mapping[str, Any]) -> str:
    """How the names of documents about all of the pictures begin."""
    return safe_name(" ".join(part for part in (str(title), wanted["name"]) if part), otherwise="stills")


def _sidecars(record: StillRecord, pictures: Pictures) -> Iterator[tuple[str, str]]:
    """Names and what they say of places: one beside every picture, under its name; one a size where there are none."""
    for key in pictures.sizes.keys:
        files = pictures.files(record, key) if record.files else [f"{pictures.names[record.place, key]}."]
        for name in sorted({f"{file.rpartition('.')[0]}.xmp" for file in files}):
            yield name, pictures.places(record, key)


def about_export(title: Title, *, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What an export's JSON says beside its stills."""
    return {"title": {"id": title.pk, "name": str(title)}, "name": wanted["name"]}
