"""`manage.py export`: stills of a title from the shell."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ava.models import Title, Video
from curation.decisions import decide
from curation.pick_list_frames import FrameKey
from curation.pick_lists import create_list
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

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
        ("Nobody", "--format", "json"), ("Zwölf", "--format", "edl"), ("Zwölf", "--format", "otio"),
        ("Zwölf", "--format", "xls"), ("Zwölf", "--format", "json", "--list", "none"),
        ("Zwölf", "--format", "zip", "--pictures", "gif"),
        ("Zwölf", "--format", "json", "--list", "Posters", "--picks"),
        ("Zwölf", "--format", "json", "--out", "/nowhere/at/all.json"),
        ("Zwölf", "--format", "zip", "--out", "/nowhere/at/all.zip"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_a_sentence(title: Title, video: Video, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(*arguments)
