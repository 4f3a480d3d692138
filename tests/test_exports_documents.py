"""Documents of an export, read back as others would read them: names, tables, sidecars, contact sheets."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from curation.exports.contact_sheet import STILLS_A_PAGE, SheetStill, write_contact_sheet
from curation.exports.file_names import BadPattern, check_pattern, name_stills
from curation.exports.letters import fit_line, fit_lines, font_for, has_letters
from curation.exports.record import StillRecord
from curation.exports.tables import COLUMNS, csv_text, json_text
from curation.exports.xmp import sidecar

STILL = StillRecord(
    place=1, title="Zwölf & <Eins>", video="reel 1.mov", frame_index=89_324, timecode="01:02:03:04", time_s=3723.16,
    fps="25", width=1920, height=1080, bits=10, rank=7, score=0.81, shot=12, verdict="pick", stars=4,
    alt="Still at 01:02:03:04, two faces", notes=("anna: the hat?", "bo: =1+1"), lists=("Key art",),
)  # fmt: skip
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/", "dm": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "iptc": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "still": "urn:ava:still",
}  # fmt: skip


# --- names ---------------------------------------------------------------------------------------------------------


def test_stills_are_named_by_film_timecode_and_frame() -> None:
    assert name_stills([STILL]) == ["Zwölf _ _Eins__01-02-03-04_f089324"]


def test_no_two_names_are_alike_even_where_capitals_do_not_count() -> None:
    stills = [replace(STILL, title=title, frame_index=0) for title in ("Film", "FILM", "film", "Film")]
    names = name_stills(stills, pattern="{title}")
    assert names == ["Film", "FILM_2", "film_3", "Film_4"]
    assert len({name.casefold() for name in names}) == 4


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{place}_{rank}_{video}", "0001_0007_reel 1"),
        ("", "Zwölf _ _Eins__01-02-03-04_f089324"),
        ("  a   b ", "a b"),
        ("../../{frame}/x", "089324_x"),
        ("con", "_con"),
        ("...", "f089324"),
    ],
)
def test_patterns_name_stills(pattern: str, name: str) -> None:
    assert name_stills([STILL], pattern=pattern) == [name]


@pytest.mark.parametrize("pattern", ["{film}", "{", "a}", "{{frame}}", "x" * 121, "{frame!r}", "{frame:9999999999}"])
def test_patterns_that_cannot_be_are_refused_with_a_sentence(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\.$"):
        check_pattern(pattern)


def test_a_long_title_does_not_cut_off_what_tells_its_stills_apart() -> None:
    names = name_stills([replace(STILL, title="x" * 400, frame_index=frame) for frame in (1, 2)])
    assert [name[-7:] for name in names] == ["f000001", "f000002"]
    assert max(map(len, names)) <= 150


# --- tables --------------------------------------------------------------------------------------------------------


def test_a_table_is_read_back_as_it_was_written() -> None:
    header, row = csv.reader(io.StringIO(csv_text([STILL])))
    assert tuple(header) == COLUMNS
    read = dict(zip(header, row, strict=True))
    assert (read["title"], read["frame_index"], read["timecode"]) == ("Zwölf & <Eins>", "89324", "01:02:03:04")
    assert read["notes"] == "anna: the hat?\nbo: =1+1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", "  =", "＝"])
def test_no_text_begins_a_formula_in_a_spreadsheet(start: str) -> None:
    still = replace(STILL, title=f"{start}cmd|' /C calc'!A0", notes=(f"{start}1+1",), alt=f"{start}x")
    _, row = csv.reader(io.StringIO(csv_text([still]), newline=""))
    for cell in row:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝")) or cell.startswith("'")
    assert row[COLUMNS.index("title")].startswith("'")


def test_numbers_stay_numbers_and_what_is_unknown_stays_empty() -> None:
    _, row = csv.reader(io.StringIO(csv_text([replace(STILL, time_s=-0.04, rank=None, score=None)])))
    read = dict(zip(COLUMNS, row, strict=True))
    assert (read["time_s"], read["rank"], read["score"]) == ("-0.04", "", "")


def test_json_holds_every_still_with_every_field() -> None:
    read = json.loads(json_text([STILL, replace(STILL, place=2)], about={"name": "Key art"}))
    assert (read["schema"], read["name"], len(read["stills"])) == (1, "Key art", 2)
    assert set(COLUMNS) - {"artwork"} == set(read["stills"][0])
    assert read["artworks"] == []


# --- sidecars ------------------------------------------------------------------------------------------------------


def read_sidecar(record: StillRecord) -> dict[str, str | None]:
    root = ElementTree.fromstring(sidecar(record))
    (about,) = root.iter(f"{{{NAMES['rdf']}}}Description")
    places = {
        "title": "dc:title/rdf:Alt/rdf:li", "description": "dc:description/rdf:Alt/rdf:li", "rating": "xmp:Rating",
        "label": "xmp:Label", "list": "dc:subject/rdf:Bag/rdf:li", "timecode": "dm:startTimecode/dm:timeValue",
        "format": "dm:startTimecode/dm:timeFormat", "alt": "iptc:AltTextAccessibility/rdf:Alt/rdf:li",
        "frame": "still:frame", "notes": "dm:logComment",
    }  # fmt: skip
    return {name: about.findtext(path, namespaces=NAMES) for name, path in places.items()}


def test_a_sidecar_says_what_was_decided_and_where_the_still_is_from() -> None:
    assert read_sidecar(STILL) == {
        "title": "Zwölf & <Eins>", "description": "Zwölf & <Eins>, 01:02:03:04, frame 89324", "rating": "4",
        "label": "Picked", "list": "Key art", "timecode": "01:02:03:04", "format": "25Timecode",
        "alt": "Still at 01:02:03:04, two faces", "frame": "89324", "notes": "anna: the hat?\nbo: =1+1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "stars", "rating", "label"), [("reject", 3, "-1", "Rejected"), ("", 0, "0", None), ("", 5, "5", None)]
)
def test_a_rejected_still_is_rated_minus_one(verdict: str, stars: int, rating: str, label: str | None) -> None:
    read = read_sidecar(replace(STILL, verdict=verdict, stars=stars))
    assert (read["rating"], read["label"]) == (rating, label)


@pytest.mark.parametrize(
    ("fps", "timecode", "name"),
    [
        ("30000/1001", "00:01:00;02", "2997DropTimecode"), ("30000/1001", "00:01:00:02", "2997NonDropTimecode"),
        ("24000/1001", "00:00:00:00", "23976Timecode"), ("25/2", "00:00:00:00", None), ("25", "00:00:00.120", None),
    ],
)  # fmt: skip
def test_timecodes_name_their_format_where_it_has_a_name(fps: str, timecode: str, name: str | None) -> None:
    assert read_sidecar(replace(STILL, fps=fps, timecode=timecode))["format"] == name


def test_what_xml_cannot_hold_breaks_no_sidecar() -> None:
    odd = replace(STILL, title="a\x00b\x07\ufffe", notes=("]]> <x/> \ud800",))
    assert read_sidecar(odd)["title"] == "ab"


# --- contact sheets ------------------------------------------------------------------------------------------------


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "small.jpg"
    Image.new("RGB", (384, 216), (180, 40, 40)).save(path)
    return path


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (STILLS_A_PAGE, 1), (STILLS_A_PAGE + 1, 2)])
def test_a_contact_sheet_is_a_pdf_with_twelve_stills_a_page(
    tmp_path: Path, picture: Path, count: int, pages: int
) -> None:
    target = tmp_path / "sheet.pdf"
    stills = [SheetStill(STILL, picture)] * count
    assert write_contact_sheet(target, stills, title="Zwölf & Мастер", about="Key art") == pages
    content = target.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert int(re.findall(rb"/Count (\d+)", content)[-1]) == pages
    assert b"/MediaBox [ 0 0 841.92 595.2 ]" in content, "A4 across"


def test_a_page_shows_its_pictures_and_a_grey_field_for_what_cannot_be_decoded(tmp_path: Path, picture: Path) -> None:
    target = tmp_path / "sheet.pdf"
    write_contact_sheet(target, [SheetStill(STILL, picture), SheetStill(STILL, None)], title="T", about="")
    content = target.read_bytes()
    start = content.index(b"\xff\xd8")
    page = Image.open(io.BytesIO(content[start : content.rindex(b"\xff\xd9") + 2])).convert("RGB")
    assert page.getpixel((250, 240))[0] > 150 > page.getpixel((250, 240))[1]
    red, green, blue = page.getpixel((560, 150))
    assert max(red, green, blue) - min(red, green, blue) < 8
    assert 200 < red < 235


@pytest.mark.parametrize("text", ["Zwölf Männer", "Мастер и Маргарита", "Η γλώσσα", "שלום", "مرحبا", "★★★ …"])
def test_names_in_many_scripts_have_letters(text: str) -> None:
    assert has_letters(font_for(text, size_px=17), text)


def test_texts_are_cut_to_their_room_and_never_beyond() -> None:
    font = font_for("x", size_px=17)
    assert fit_line("short", font=font, width_px=500) == "short"
    assert fit_line("", font=font, width_px=0) == ""
    assert fit_line("x" * 400, font=font, width_px=100).endswith("…")
    for text in ("word " * 100, "x" * 500, "a"):
        lines = fit_lines(text, font=font, width_px=200, most=2)
        assert len(lines) <= 2
        assert all(font.getlength(line) <= 200 for line in lines)
