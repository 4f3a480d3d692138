"""Exports: made by a worker from the film itself, read back, cancelled, followed up, and gone in the end."""

import csv
import errno
import io
import json
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import tifffile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image

from ava.deletion import delete_titles
from ava.exclusive import exclusive
from ava.media.decode import decode_deep_frame_set, decode_frame
from ava.models import Title, User, Video
from ava.video_facts import video_info
from curation import export_archive, export_work
from curation.decisions import decide
from curation.export_request import InvalidExport, cancel_export, check_wanted, picked_frames, request_export
from curation.export_work import make_export, resend_lost_exports
from curation.models import Export
from curation.notes import write_note
from curation.pick_list_frames import FrameKey
from curation.pick_lists import create_list
from tests.export_films import films, title, user, video  # noqa: F401 (fixtures)
from tests.films import store_video

pytestmark = pytest.mark.django_db

State = Export.State


def keys(video: Video, *frames: int) -> list[FrameKey]:
    return [FrameKey(video.pk, frame) for frame in frames]


def opened(export: Export) -> zipfile.ZipFile:
    export.refresh_from_db()
    assert (export.state, export.error) == (State.DONE, "")
    return zipfile.ZipFile(io.BytesIO(export.file.read()))


def test_stills_arrive_in_full_resolution_under_their_timecodes(title: Title, video: Video, user: User) -> None:
    export = request_export(title, stills=keys(video, 20, 3), user=user, formats=["png"])
    make_export(export.pk)
    with opened(export) as archive:
        assert archive.namelist() == ["Zwölf_00-00-00-03_f000003.png", "Zwölf_00-00-00-20_f000020.png"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        picture = np.asarray(Image.open(archive.open(archive.namelist()[1])))
    path = Path(video.file.path)
    assert np.array_equal(picture, decode_frame(path, info=video_info(video), frame_index=20))


def test_every_format_and_document_stands_in_one_archive(title: Title, video: Video, user: User) -> None:
    decide(video, frame_index=5, user=user, verdict="pick", stars=4)
    write_note(video, frame_index=5, user=user, text="=lovely")
    create_list(title, name="Key art", user=user, frames=keys(video, 5))
    export = request_export(
        title, stills=keys(video, 9, 5), user=user, name="Key art", formats=["png", "jpeg", "webp", "tiff"],
        documents=["contact_sheet", "csv", "json", "xmp"],
    )  # fmt: skip
    make_export(export.pk)
    with opened(export) as archive:
        names = archive.namelist()
        for format, kind in (("png", "png"), ("jpeg", "jpg"), ("webp", "webp")):
            image = Image.open(archive.open(f"{format}/Zwölf_00-00-00-05_f000005.{kind}"))
            assert (image.format, image.size) == (format.upper(), (96, 64))
            assert image.info["icc_profile"]
        with archive.open("Zwölf Key art.csv") as table:
            rows = list(csv.DictReader(io.StringIO(table.read().decode("utf-8-sig"))))
        told = json.loads(archive.read("Zwölf Key art.json"))
        assert archive.read("Zwölf Key art contact sheet.pdf").startswith(b"%PDF-")
        assert b"<xmp:Rating>4</xmp:Rating>" in archive.read("tiff/Zwölf_00-00-00-05_f000005.xmp")
    assert len(names) == 2 * 4 * 2 + 3
    assert [row["frame_index"] for row in rows] == ["9", "5"], "in the order asked for"
    assert (rows[1]["stars"], rows[1]["lists"], rows[1]["notes"]) == ("4", "Key art", "anna: =lovely")
    assert set(told["stills"][1]["files"]) <= set(names)


def test_a_tiff_has_sixteen_bits_where_the_film_has_ten_and_eight_where_it_has_eight(
    title: Title, video: Video, user: User, films: dict[int, Path]
) -> None:
    deep = store_video(films[10], title=title)
    export = request_export(title, stills=[*keys(video, 7), *keys(deep, 7)], user=user, formats=["tiff"])
    make_export(export.pk)
    with opened(export) as archive:
        shallow, full = (tifffile.imread(io.BytesIO(archive.read(name))) for name in sorted(archive.namelist()))
    (expected,) = decode_deep_frame_set(films[10], info=video_info(deep), frame_indices=[7])
    assert (shallow.dtype, full.dtype) == (np.uint8, np.uint16)
    assert np.array_equal(full, expected.deep_rgb)


def test_one_frame_that_cannot_be_decoded_stays_out_and_is_named(
    title: Title, video: Video, user: User
) -> None:
    content = bytearray(Path(video.file.path).read_bytes())
    export = request_export(title, stills=keys(video, 2, 23), user=user, documents=["contact_sheet", "csv"])
    info = video_info(video)
    middle = content.index(b"mdat") + int(len(content) * 0.55)
    content[middle:] = bytes(len(content) - middle)
    video_file = Path(video.file.path)
    moov = video_file.read_bytes().rindex(b"moov")
    assert info.frame_count == 24
    content[moov - 4 :] = video_file.read_bytes()[moov - 4 :]
    video_file.write_bytes(content)
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == State.DONE
    assert export.error.startswith("1 still could not be decoded")
    assert "00:00:00:23" in export.error
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as archive:
        assert sum(name.endswith(".png") for name in archive.namelist()) == 1


def test_a_film_whose_file_is_gone_fails_with_a_sentence_and_can_be_asked_for_again(
    title: Title, video: Video, user: User
) -> None:
    path = Path(video.file.path)
    kept = path.rename(path.with_suffix(".away"))
    export = request_export(title, stills=keys(video, 2), user=user)
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert export.error.endswith(".")
    kept.rename(path)
    again = request_export(title, user=user, stills=[FrameKey(*key) for key in export.wanted["stills"]])
    make_export(again.pk)
    opened(again).close()


def test_a_full_disk_is_said_and_nothing_stays_behind(
    title: Title, video: Video, user: User, monkeypatch, media_folder: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export_archive.zipfile.ZipFile, "write", full)
    export = request_export(title, stills=keys(video, 2), user=user)
    make_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file.name) == (State.FAILED, "")
    assert "no room" in export.error
    assert not list((media_folder.parent / "uploads").rglob("*.png"))
    assert not list(media_folder.rglob("*.zip"))


def test_a_cancelled_export_stops_at_the_next_still_and_keeps_no_file(
    title: Title, video: Video, user: User, monkeypatch, media_folder: Path
) -> None:
    export = request_export(title, stills=keys(video, *range(20)), user=user)
    told: list[int] = []

    def after_three(export: Export) -> None:
        told.append(export.done_count)
        if export.done_count == 3 and export.state == State.WORKING:
            assert cancel_export(export)

    monkeypatch.setattr(export_work, "MAKING", export_work.MAKING._replace(publish=after_three))
    make_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done_count, export.file.name) == (State.CANCELLED, 3, "")
    assert max(told) == 3
    assert not list(media_folder.rglob("*.zip"))
    assert not cancel_export(export), "what is over cannot be cancelled"
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == State.CANCELLED


def test_the_janitor_sends_again_what_a_dead_worker_left(title: Title, video: Video, user: User, hints: list) -> None:
    export = request_export(title, stills=keys(video, 2), user=user)
    Export.objects.filter(pk=export.pk).update(
        state=State.WORKING, done_count=1, claimed_until=timezone.now() - timedelta(seconds=1)
    )
    resend_lost_exports()
    resend_lost_exports()
    make_export(export.pk)
    opened(export).close()


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_makes_it(title: Title, video: Video, user: User, hints: list) -> None:
    export = request_export(title, stills=keys(video, 2), user=user)
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    hints.clear()
    resend_lost_exports()
    assert [args[1:] for args in hints] == [(export.pk,)]

    def second() -> None:
        make_export(export.pk)
        connection.close()

    with exclusive(f"export {export.pk}") as is_held:
        assert is_held
        other = threading.Thread(target=second)
        other.start()
        other.join()
        export.refresh_from_db()
        assert export.state == State.WAITING


def test_a_week_later_an_export_and_its_file_are_gone(
    title: Title, video: Video, user: User, django_capture_on_commit_callbacks
) -> None:
    export = request_export(title, stills=keys(video, 2), user=user)
    make_export(export.pk)
    export.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        resend_lost_exports()
    assert default_storage.exists(export.file.name)
    Export.objects.filter(pk=export.pk).update(finished_at=timezone.now() - timedelta(days=7, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        resend_lost_exports()
    assert not Export.objects.filter(pk=export.pk).exists()
    assert not default_storage.exists(export.file.name)


def test_files_go_with_their_title(
    title: Title, video: Video, user: User, django_capture_on_commit_callbacks
) -> None:
    export = request_export(title, stills=keys(video, 2), user=user)
    make_export(export.pk)
    export.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        delete_titles(Title.objects.filter(pk=title.pk))
    assert not default_storage.exists(export.file.name)


def test_what_cannot_be_exported_is_refused_with_a_sentence(title: Title, video: Video) -> None:
    good = {"stills": keys(video, 1), "formats": ["png"]}
    for wrong in (
        {"stills": []}, {"stills": keys(video, 24)}, {"stills": [FrameKey(10**9, 0)]}, {"formats": ["gif"]},
        {"formats": [], "documents": []}, {"documents": ["edl"]}, {"pattern": "{nothing}"},
        {"stills": [FrameKey(1, frame) for frame in range(5001)]},
    ):  # fmt: skip
        with pytest.raises(InvalidExport, match=r"\.$"):
            check_wanted(title, **(good | wrong))
    assert check_wanted(title, **good)["stills"] == [[video.pk, 1]]


def test_picked_frames_are_those_that_stand_picked(title: Title, video: Video, user: User) -> None:
    for frame, verdict in ((9, "pick"), (3, "pick"), (5, "reject"), (7, "pick"), (7, "")):
        decide(video, frame_index=frame, user=user, verdict=verdict)
    assert picked_frames(title) == keys(video, 3, 9)
