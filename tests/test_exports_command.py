"""`manage.py export`: stills of a title from the shell."""

import csv
import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ava.models import Title, Video
from curation.decisions import decide
from curation.pick_list_frames import FrameKey
from curation.pick_lists import create_list
from tests.films import make_title, make_user, store_video
from tests.footage import write_film
from tests.handoff_reading import read_edl, read_kind, read_otio, read_resolve_markers

pytestmark = pytest.mark.django_db


@pytest.fixture
def title(hints, tmp_path: Path) -> Title:
    title = make_title("Zwölf")
    store_video(write_film(tmp_path / "reel.mp4", frames=24), title=title)
    return title


@pytest.fixture
def video(title: Title) -> Video:
    video, user = title.videos.get(), make_user("anna")
    for frame in (4, 8):
        decide(video, frame_index=frame, user=user, verdict="pick")
    decide(video, frame_index=12, user=user, verdict="reject")
    create_list(title, name="Posters", user=user, frames=[FrameKey(video.pk, 12), FrameKey(video.pk, 4)])
    return video


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("export", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_json_of_all_stills_goes_to_standard_output(title: Title, video: Video) -> None:
    told = json.loads(run("Zwölf", "--format", "json"))
    assert [still["frame_index"] for still in told["stills"]] == [4, 8, 12]
    assert told["title"] == {"id": title.pk, "name": "Zwölf"}


def test_csv_of_the_picks_goes_to_a_file(title: Title, video: Video, tmp_path: Path) -> None:
    target = tmp_path / "picks.csv"
    outcome = json.loads(run(title.pk, "--format", "csv", "--picks", "--out", target, "--json"))
    assert outcome == {"file": str(target), "stills": 2, "missing": []}
    rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode("utf-8-sig"), newline="")))
    assert [(row["frame_index"], row["verdict"]) for row in rows] == [("4", "pick"), ("8", "pick")]


def test_a_zip_of_a_list_keeps_its_order_and_leaves_no_scratch(title: Title, video: Video, tmp_path: Path) -> None:
    target = tmp_path / "out" / "posters.zip"
    target.parent.mkdir()
    options = ("--list", "posters", "--pattern", "{place}", "--documents", "csv")
    said = run("Zwölf", "--format", "zip", "--out", target, *options)
    assert said == f"Wrote 2 stills to {target}.\n"
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == ["0001.png", "0002.png", "Zwölf Posters.csv"]
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    "arguments",
    [
        ("Nobody", "--format", "json"), ("Zwölf", "--format", "xls"), ("Zwölf", "--format", "json", "--list", "none"),
        ("Zwölf", "--format", "zip", "--pictures", "gif"),
        ("Zwölf", "--format", "json", "--list", "Posters", "--picks"),
        ("Zwölf", "--format", "json", "--out", "/nowhere/at/all.json"),
        ("Zwölf", "--format", "zip", "--out", "/nowhere/at/all.zip"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_a_sentence(title: Title, video: Video, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(*arguments)


def test_picks_are_marked_in_their_films_for_editing_programs(title: Title, video: Video, tmp_path: Path) -> None:
    for kind in ("otio", "fcpxml", "xml"):
        text = run(title.pk, "--format", kind, "--picks")
        (clip,) = read_kind(kind, text, rate=Fraction(25), film_start=0, list_start=0)
        assert (clip.file, clip.source_in, clip.source_out) == ("reel.mp4", 0, 24)
        assert [(mark.start, mark.end, mark.name) for mark in clip.marks] == [(4, 5, "Still 1"), (8, 9, "Still 2")]
    assert [mark.colour for mark in read_otio(run(title.pk, "--format", "otio")).pop().marks] == [
        "GREEN", "GREEN", "RED"
    ]  # fmt: skip
    target = tmp_path / "posters.edl"
    assert "Wrote 2 stills" in run(title.pk, "--format", "edl", "--list", "posters", "--out", target)
    (clip,) = read_edl(target.read_bytes().decode(), rate=Fraction(25), film_start=0, list_start=0)
    assert [mark.start for mark in clip.marks] == [4, 12]


def test_a_zip_holds_markers_for_every_program_an_edl_a_film_where_films_are_of_several_rates(
    title: Title, video: Video, tmp_path: Path
) -> None:
    other = store_video(write_film(tmp_path / "b.mp4", frames=12, fps=Fraction(30000, 1001)), title=title)
    decide(other, frame_index=3, user=make_user("b"), verdict="pick")
    target = tmp_path / "picks.zip"
    run(title.pk, "--format", "zip", "--picks", "--pictures", "jpeg", "--documents", "timelines", "--out", target)
    with zipfile.ZipFile(target) as archive:
        names = {name for name in archive.namelist() if not name.endswith(".jpg")}
        ends = (" 1.edl", " 2.edl", ".fcpxml", ".otio", ".xml", " markers.edl")
        assert names == {f"Zwölf Picks{ending}" for ending in ends}
        read = [read_edl(archive.read(f"Zwölf Picks {number}.edl").decode(), rate=rate, film_start=0, list_start=0)
                for number, rate in ((1, Fraction(25)), (2, Fraction(30000, 1001)))]  # fmt: skip
        assert [[mark.start for mark in clip.marks] for (clip,) in read] == [[4, 8], [3]]
        timeline = read_otio(archive.read("Zwölf Picks.otio").decode())
        assert [[mark.start for mark in clip.marks] for clip in timeline] == [[4, 8], [3]]
        markers = read_resolve_markers(
            archive.read("Zwölf Picks markers.edl").decode(), rate=Fraction(25), list_start=0
        )
        assert [mark.start for mark in markers] == [4, 8, 24 + 3], "3 frames of 29.97 a second are 2.5025 of 25"
    with pytest.raises(CommandError, match="hold several"):
        run(title.pk, "--format", "edl", "--picks")
