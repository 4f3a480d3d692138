"""Uploads by the tus protocol: in pieces, interrupted, resumed, refused, expired; only for those who may."""

import base64
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from ava import ingest, upload_files, uploads
from ava.ingest import finish_upload, remove_stale_uploads, resend_complete_uploads
from ava.models import Membership, Role, Team, Title, Upload, User, Video
from ava.upload_files import partial_path
from tests.films import make_title, make_user
from tests.footage import write_film

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 2000


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=30).read_bytes()


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Artwork")


@pytest.fixture
def title(team) -> Title:
    return make_title(team=team)


@pytest.fixture
def editor(team) -> User:
    return make_user("editor", team=team)


@pytest.fixture
def browser(editor) -> Client:
    return signed_in(editor)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begin(client: Client, title: Title | int | str, *, size: int | str, name: str = "film.mp4", **headers: str):
    pairs = {"filename": name, "title": str(getattr(title, "pk", title)), "filetype": "video/mp4"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return client.post(
        "/uploads/",
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata, **headers},
    )


def send(client: Client, url: str, content: bytes, *, offset: int | str, **headers: str):
    return client.patch(
        url,
        data=content,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": str(offset), **headers},
    )


def upload_whole(client: Client, title: Title, content: bytes, *, name: str = "film.mp4") -> str:
    url = begin(client, title, size=len(content), name=name)["Location"]
    for offset in range(0, len(content), PIECE):
        assert send(client, url, content[offset : offset + PIECE], offset=offset).status_code == 204
    return url


def work_off(hints: list[tuple]) -> None:
    for name, *arguments in list(hints):
        if name == "ava.tasks.finish_upload":
            finish_upload(*arguments)
    hints.clear()


def left_over() -> list[Path]:
    return [path for path in Path(settings.AVA_UPLOAD_DIR).rglob("*") if path.is_file()]


def detail(response) -> str:
    return response.json()["detail"]


def test_a_film_uploaded_in_pieces_becomes_a_video(browser, title, film, hints):
    created = begin(browser, title, size=len(film), name="../../The Film.mp4")
    assert created.status_code == 201 and created["Upload-Offset"] == "0" and "GMT" in created["Upload-Expires"]
    url = created["Location"]
    for offset in range(0, len(film), PIECE):
        state = browser.get(url).json()
        assert (state["state"], state["received"], state["size"]) == ("receiving", offset, len(film))
        answer = send(browser, url, film[offset : offset + PIECE], offset=offset)
        assert int(answer["Upload-Offset"]) == min(offset + PIECE, len(film))
    assert browser.get(url).json()["state"] == "checking"
    work_off(hints)
    state, video = browser.get(url).json(), Video.objects.get()
    assert state == {
        "state": "done", "received": len(film), "size": len(film), "error": "", "video": video.pk,
        "is_duplicate": False, "title": title.pk, "url": f"/titles/{title.pk}/?video={video.pk}",
    }  # fmt: skip
    assert Path(video.file.path).read_bytes() == film and video.original_name == "The Film.mp4"
    assert left_over() == []


def test_an_interrupted_upload_goes_on_where_it_stopped(browser, title, film, hints):
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)
    # A server that died after writing and before saying so: the bytes behind the offset do not count.
    with partial_path(uuid.UUID(url.split("/")[2])).open("ab") as file:
        file.write(b"half a piece")
    resumed = browser.head(url, headers=TUS)
    assert resumed.status_code == 200 and resumed["Cache-Control"] == "no-store"
    assert (int(resumed["Upload-Offset"]), int(resumed["Upload-Length"])) == (PIECE, len(film))
    assert send(browser, url, film[PIECE:], offset=PIECE).status_code == 204
    work_off(hints)
    assert Path(Video.objects.get().file.path).read_bytes() == film


@pytest.mark.parametrize("offset", [0, PIECE - 1, PIECE + 1, 10**15])
def test_a_wrong_offset_is_a_conflict_and_changes_nothing(offset, browser, title, film):
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)
    refused = send(browser, url, b"x" * 10, offset=offset)
    assert refused.status_code == 409 and str(PIECE) in detail(refused)
    assert partial_path(Upload.objects.get().pk).read_bytes() == film[:PIECE]


def test_more_bytes_than_announced_are_refused_and_not_kept(browser, title):
    url = begin(browser, title, size=100)["Location"]
    send(browser, url, b"x" * 60, offset=0)
    refused = send(browser, url, b"y" * 41, offset=60)
    assert refused.status_code == 413 and "100" in detail(refused)
    assert partial_path(Upload.objects.get().pk).read_bytes() == b"x" * 60
    assert browser.head(url, headers=TUS)["Upload-Offset"] == "60"


def test_a_full_disk_gets_a_sentence_and_the_upload_can_go_on_later(browser, title, film, monkeypatch, hints):
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)

    def write_half(descriptor: int, piece: bytes, *, position: int) -> None:
        write_all(descriptor, piece[:10], position=position)
        raise OSError(28, "No space left on device")

    write_all = uploads._write_all
    monkeypatch.setattr(uploads, "_write_all", write_half)
    refused = send(browser, url, film[PIECE:], offset=PIECE)
    assert refused.status_code == 507 and "disk is full" in detail(refused)
    assert partial_path(Upload.objects.get().pk).read_bytes() == film[:PIECE]
    monkeypatch.setattr(uploads, "_write_all", write_all)
    assert send(browser, url, film[PIECE:], offset=PIECE).status_code == 204
    work_off(hints)
    assert Video.objects.count() == 1


def test_no_upload_begins_that_the_disk_has_no_room_for(browser, title, monkeypatch):
    monkeypatch.setattr(uploads, "free_bytes", lambda: uploads.SPARE_BYTES + 99)
    assert begin(browser, title, size=99).status_code == 201
    refused = begin(browser, title, size=100)
    assert refused.status_code == 507 and "no room for film.mp4" in detail(refused)


@pytest.mark.parametrize(
    ("size", "status", "said"),
    [(0, 400, "empty"), (1001, 413, "larger than"), ("-1", 400, "whole number"), ("", 400, "whole number"),
     ("1e3", 400, "whole number"), ("٣", 400, "whole number"), ("9" * 400, 400, "whole number")],
)  # fmt: skip
def test_a_size_that_cannot_be_is_refused_before_a_byte_is_sent(size, status, said, browser, title, settings):
    settings.AVA_MAX_UPLOAD_BYTES = 1000
    refused = begin(browser, title, size=size.encode().decode("latin1") if isinstance(size, str) else size)
    assert refused.status_code == status and said in detail(refused)
    assert not Upload.objects.exists()


def test_a_request_of_another_tus_version_is_told_which_one_is_spoken(browser, title):
    refused = browser.post("/uploads/", headers={"Tus-Resumable": "0.2.2", "Upload-Length": "5"})
    assert refused.status_code == 412 and refused["Tus-Version"] == "1.0.0"
    spoken = browser.options("/uploads/")
    assert spoken.status_code == 204 and spoken["Tus-Extension"] == "creation,termination,expiration"
    assert spoken["Tus-Max-Size"] == str(settings.AVA_MAX_UPLOAD_BYTES)


def test_bytes_of_another_type_are_refused(browser, title):
    url = begin(browser, title, size=9)["Location"]
    refused = browser.patch(url, data=b"x", content_type="video/mp4", headers={**TUS, "Upload-Offset": "0"})
    assert refused.status_code == 415


def test_metadata_that_is_not_base64_or_names_no_title_is_refused(browser, title):
    headers = {**TUS, "Upload-Length": "5"}
    assert browser.post("/uploads/", headers={**headers, "Upload-Metadata": "filename ???"}).status_code == 400
    assert browser.post("/uploads/", headers=headers).status_code == 404
    for number in ("", "x", "-1", "9" * 30, str(title.pk + 1)):
        assert begin(browser, number, size=5).status_code == 404


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../../etc/passwd", "passwd"), ("a\x00\x1b[31mb.mp4", "a[31mb.mp4"), ("x" * 300 + ".mov", "x" * 250 + "….mov"),
     ("Amélie – 映画 🎬.mkv", "Amélie – 映画 🎬.mkv"), ("..\\..\\boot.ini", "boot.ini")],
)  # fmt: skip
def test_hostile_names_are_shown_harmless_and_never_used_on_disk(name, shown, browser, title, film, hints):
    upload_whole(browser, title, film, name=name)
    assert [path.name for path in left_over()] == [f"{Upload.objects.get().pk}.part"]
    work_off(hints)
    video = Video.objects.get()
    assert video.original_name == shown
    stem = Path(video.file.name).stem
    assert stem == str(Upload.objects.get().pk) and Path(video.file.path).is_relative_to(settings.MEDIA_ROOT)


def test_a_text_with_a_films_name_is_refused_with_a_sentence_and_nothing_is_kept(browser, title, hints):
    url = upload_whole(browser, title, b"Shall I compare thee to a summer's day?\n" * 100, name="Sonnet.mp4")
    work_off(hints)
    state = browser.get(url).json()
    assert (state["state"], state["video"]) == ("failed", None)
    assert state["error"].startswith("Sonnet.mp4 ") and ".part" not in state["error"]
    assert left_over() == [] and not Video.objects.exists()
    assert browser.head(url, headers=TUS).status_code == 410  # so that a client begins anew


def test_the_same_film_uploaded_twice_leads_to_the_video_that_is_there(browser, title, film, hints):
    upload_whole(browser, title, film)
    work_off(hints)
    url = upload_whole(browser, title, film, name="copy.mp4")
    work_off(hints)
    state = browser.get(url).json()
    assert state["is_duplicate"] and state["video"] == Video.objects.get().pk and left_over() == []


def test_the_same_film_in_a_colleagues_title_is_offered_by_its_own_address(browser, editor, team, title, film, hints):
    upload_whole(browser, title, film)
    work_off(hints)
    url = upload_whole(browser, make_title("Second", team=team), film)
    work_off(hints)
    state = browser.get(url).json()
    assert state["is_duplicate"] and state["url"].startswith(f"/titles/{title.pk}/")


def test_an_upload_can_be_cancelled_and_is_gone_then(browser, title, film):
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)
    assert browser.delete(url, headers=TUS).status_code == 204
    assert browser.head(url, headers=TUS).status_code == 404 and left_over() == []


def test_an_upload_being_checked_cannot_be_cancelled(browser, title, film):
    url = upload_whole(browser, title, film)
    assert browser.delete(url, headers=TUS).status_code == 409


def test_signed_out_reviewers_and_outsiders_cannot_upload(browser, title, team, film):
    url = begin(browser, title, size=len(film))["Location"]
    outsider = signed_in(make_user("outsider", team=Team.objects.create(name="Other")))
    reviewer = signed_in(make_user("reviewer", team=team, role=Role.REVIEWER))
    colleague = signed_in(make_user("colleague", team=team))
    assert begin(Client(), title, size=5).status_code == 401
    assert begin(outsider, title, size=5).status_code == 404
    refused = begin(reviewer, title, size=5)
    assert refused.status_code == 403 and "editors and administrators" in detail(refused)
    for other, status in ((Client(), 401), (outsider, 404), (reviewer, 404), (colleague, 404)):
        assert other.get(url).status_code == status
        assert other.head(url, headers=TUS).status_code == status
        assert send(other, url, film[:10], offset=0).status_code == status
        assert other.delete(url, headers=TUS).status_code == status
    assert Upload.objects.get().received_bytes == 0


def test_who_loses_the_role_while_uploading_adds_no_film(browser, editor, title, film, hints):
    upload_whole(browser, title, film)
    Membership.objects.filter(user=editor).update(role=Role.REVIEWER)
    work_off(hints)
    upload = Upload.objects.get()
    assert "may no longer add films" in upload.error and not Video.objects.exists() and left_over() == []


def test_a_session_needs_its_csrf_token_and_an_api_token_does_not(editor, title):
    session = Client(enforce_csrf_checks=True)
    session.force_login(editor)
    assert begin(session, title, size=5).status_code == 403
    session.cookies["csrftoken"] = "a" * 32
    url = begin(session, title, size=5, **{"X-CSRFToken": "a" * 32})["Location"]
    assert send(session, url, b"12345", offset=0).status_code == 403
    token = {"Authorization": f"Bearer {Token.objects.create(user=editor).key}"}
    assert begin(Client(enforce_csrf_checks=True), title, size=5, **token).status_code == 201
    assert send(Client(enforce_csrf_checks=True), url, b"12345", offset=0, **token).status_code == 204


def test_only_so_many_uploads_go_at_the_same_time(browser, title, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PARALLEL_UPLOADS", 2)
    assert [begin(browser, title, size=5).status_code for _ in range(3)] == [201, 201, 429]
    Upload.objects.update(updated_at=timezone.now() - timedelta(hours=2))  # left alone for hours: they do not count
    assert begin(browser, title, size=5).status_code == 201


def test_two_requests_never_write_to_one_upload_at_once(browser, title, film):
    url = begin(browser, title, size=len(film))["Location"]
    statuses: list[int] = []

    def write() -> None:
        statuses.append(send(browser, url, film[:PIECE], offset=0).status_code)
        connection.close()

    with transaction.atomic():
        Upload.objects.select_for_update().get()
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert statuses == [423] and Upload.objects.get().received_bytes == 0


def test_uploads_given_up_and_files_of_nobody_are_removed_and_the_others_stay(browser, title, film):
    stale, fresh = (begin(browser, title, size=len(film))["Location"] for _ in range(2))
    for url in (stale, fresh):
        send(browser, url, film[:PIECE], offset=0)
    stale_id, fresh_id = (uuid.UUID(url.split("/")[2]) for url in (stale, fresh))
    Upload.objects.filter(pk=stale_id).update(updated_at=timezone.now() - timedelta(hours=25))
    nobodys = partial_path(uuid.uuid4())
    nobodys.write_bytes(b"x")
    assert remove_stale_uploads() == 3
    assert left_over() == [partial_path(fresh_id)]
    assert browser.head(stale, headers=TUS).status_code == 404
    assert browser.head(fresh, headers=TUS).status_code == 200
    assert remove_stale_uploads() == 0


def test_a_lost_message_about_a_complete_upload_is_sent_again(browser, title, film, hints):
    upload_whole(browser, title, film)
    hints.clear()
    assert resend_complete_uploads() == 0
    Upload.objects.update(updated_at=timezone.now() - timedelta(seconds=61))
    assert resend_complete_uploads() == 1
    assert resend_complete_uploads() == 0
    work_off(hints)
    assert Video.objects.count() == 1


def test_a_message_that_comes_twice_or_too_early_changes_nothing(browser, title, film, hints):
    finish_upload(str(uuid.uuid4()))
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)
    finish_upload(url.split("/")[2])
    assert Upload.objects.get().error == ""
    send(browser, url, film[PIECE:], offset=PIECE)
    finish_upload(url.split("/")[2])
    finish_upload(url.split("/")[2])
    assert Video.objects.count() == 1 and not Upload.objects.get().is_duplicate


def test_a_worker_that_dies_after_storing_leaves_a_finished_upload_to_the_next(browser, title, film, monkeypatch):
    url = upload_whole(browser, title, film)
    ingest._take_in(Upload.objects.get())  # and dead, before the upload says so
    finish_upload(url.split("/")[2])
    state = browser.get(url).json()
    assert state["state"] == "done" and state["video"] == Video.objects.get().pk and not state["is_duplicate"]


def test_an_error_of_ava_itself_is_told_and_not_silently_tried_for_ever(browser, title, film, monkeypatch):
    url = upload_whole(browser, title, film)
    monkeypatch.setattr(ingest, "ingest_file", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        finish_upload(url.split("/")[2])
    assert "error in AVA" in browser.get(url).json()["error"] and left_over() == []


def test_deleting_a_title_leaves_no_bytes_of_its_uploads_behind(browser, title, film):
    url = begin(browser, title, size=len(film))["Location"]
    send(browser, url, film[:PIECE], offset=0)
    title.delete()
    assert upload_files.remove_stale_uploads() == 1 and left_over() == []


def test_addresses_have_the_agreed_names(title):
    assert reverse("uploads") == "/uploads/"
    assert reverse("upload", args=[uuid.UUID(int=1)]) == f"/uploads/{uuid.UUID(int=1)}/"
