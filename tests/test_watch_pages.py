"""Pages and API of watched folders and of starting scans: who may see, who may act, and what bad requests are told."""

import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Job
from qc.models import PixelModel, WatchedFile, WatchFolder
from tests.films import make_user
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints) -> World:
    return make_world("qq-a")


@pytest.fixture
def root(settings, tmp_path):
    root = tmp_path / "shoot"
    (root / "day1").mkdir(parents=True)
    settings.AVA_WATCH_ROOTS = [str(root)]
    settings.AVA_HOME = tmp_path / "home"
    return root


@pytest.fixture
def a_model(monkeypatch):
    model = PixelModel.objects.order_by("version").first()
    for name in ("qc.chunk_scanning.active_model", "qc.scan_services.active_model"):
        monkeypatch.setattr(name, lambda: model)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser():
    return make_user("root", is_superuser=True, is_staff=True)


def test_a_superuser_sets_up_changes_pauses_and_stops_watching_a_folder(world, root, superuser):
    client = client_of(superuser)
    asked = {"path": str(root / "day1") + "/", "title": world.title.pk}
    made = client.post("/qc/watch/new/", asked)
    folder = WatchFolder.objects.get(path=str(root / "day1"))
    assert made.headers["Location"] == f"/qc/watch/{folder.pk}/"
    assert (folder.title, folder.analyses_too, folder.is_active, folder.created_by) == (
        world.title, False, True, superuser,
    )  # fmt: skip
    client.post(f"/qc/watch/{folder.pk}/", asked | {"analyses_too": "on"})
    client.post(f"/qc/watch/{folder.pk}/", {"do": "pause"})
    folder.refresh_from_db()
    assert (folder.analyses_too, folder.is_active) == (True, False)
    assert "Stop watching this folder?" in client.get(f"/qc/watch/{folder.pk}/delete/").content.decode()
    client.post(f"/qc/watch/{folder.pk}/delete/")
    assert not WatchFolder.objects.filter(pk=folder.pk).exists()


def test_a_folder_that_may_not_be_watched_is_refused_beside_its_path(world, root, superuser):
    client = client_of(superuser)
    for path, sentence in {
        "/etc": "is not below",
        str(root / "nothing"): "is no folder of this machine",
        "day1": "Give the whole path",
        "": "Give the folder&#x27;s path.",
        f"{root}/day1\0": "Null characters are not allowed.",
    }.items():
        answer = client.post("/qc/watch/new/", {"path": path, "title": world.title.pk})
        assert answer.status_code == 422
        assert sentence in answer.content.decode(), path
    for title in ("", "x", "9" * 30, "0"):
        assert client.post("/qc/watch/new/", {"path": str(root / "day1"), "title": title}).status_code == 422
    assert WatchFolder.objects.count() == 1


def test_administrators_see_the_folders_of_their_titles_and_pause_them_but_choose_none(world, root):
    folder = world.watch_folder
    WatchedFile.objects.create(
        folder=folder, name="card/A001.mov", size_bytes=5_000_000, modified_ns=1, seen_at="2026-01-01T00:00Z",
        state="refused", error="A001.mov is no film.",
    )  # fmt: skip
    client = client_of(world.administrator)
    listed = client.get("/qc/watch/").content.decode()
    assert folder.path in listed
    assert "1 refused" in listed
    page = client.get(f"/qc/watch/{folder.pk}/").content.decode()
    assert "card/A001.mov" in page
    assert "A001.mov is no film." in page
    client.post(f"/qc/watch/{folder.pk}/", {"do": "pause"})
    folder.refresh_from_db()
    assert not folder.is_active
    for address in ("/qc/watch/new/", f"/qc/watch/{folder.pk}/?edit", f"/qc/watch/{folder.pk}/delete/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/qc/watch/{folder.pk}/", {"path": "/etc"}).status_code == 403


def test_editors_see_no_watched_folders_and_outsiders_do_not_know_of_them(world, root):
    stranger = make_world("qq-b")
    address = f"/qc/watch/{world.watch_folder.pk}/"
    for user in (world.editor, world.reviewer):
        assert client_of(user).get("/qc/watch/").status_code == 403
        assert client_of(user).get(address).status_code == 403
    outside = client_of(stranger.administrator)
    assert outside.get(address).status_code == 404
    assert outside.post(address, {"do": "pause"}).status_code == 404
    assert world.watch_folder.path not in outside.get("/qc/watch/").content.decode()


def test_where_no_root_is_set_the_page_says_how_to_enable_watching(world, settings, superuser):
    settings.AVA_WATCH_ROOTS = []
    page = client_of(superuser).get("/qc/watch/").content.decode()
    assert "AVA_WATCH_ROOTS=/mnt/dailies:/mnt/cards" in page
    assert "Watch a folder" not in page


def test_the_api_keeps_watched_folders_as_the_pages_do(world, root, superuser):
    client = client_of(superuser)
    kwargs = {"content_type": "application/json"}
    wanted = {"path": str(root / "day1"), "title": world.title.pk}
    made = client.post("/api/watch-folders/", wanted, **kwargs)
    assert made.status_code == 201
    assert made.json()["file_counts"] == {"growing": 0, "taken": 0, "refused": 0}
    again = client.post("/api/watch-folders/", wanted, **kwargs)
    assert again.status_code == 400
    assert "is watched already" in again.json()["path"][0]
    for bad in ({}, {"path": 5, "title": "x"}, {"path": "/etc\0", "title": 10**30}, {"path": [], "title": None}):
        assert client.post("/api/watch-folders/", bad, **kwargs).status_code == 400
    address = f"/api/watch-folders/{made.json()['id']}/"
    administrator = client_of(world.administrator)
    assert administrator.patch(address, {"is_active": False}, **kwargs).json()["is_active"] is False
    assert administrator.patch(address, {"path": "/etc"}, **kwargs).status_code == 403
    assert administrator.delete(address).status_code == 403
    assert client_of(world.editor).get(address).status_code == 404
    assert client.patch(address, {"path": "/etc"}, **kwargs).status_code == 400
    assert client.delete(address).status_code == 204


def test_editors_reviewers_and_administrators_start_scans_and_others_do_not(world, a_model):
    stranger = make_world("qq-b")
    address = f"/videos/{world.video.pk}/scan/"
    for user in (world.editor, world.reviewer, world.administrator):
        page = client_of(user).get(f"/titles/{world.title.pk}/").content.decode()
        assert "Scan for pixel errors" in page
        assert client_of(user).post(address).headers["Location"].startswith(f"/titles/{world.title.pk}/")
        job = Job.objects.filter(video=world.video).order_by("-id").first()
        assert (job.kind, job.created_by) == ("scan", user)
        Job.objects.filter(pk=job.pk).delete()
    assert client_of(stranger.editor).post(address).status_code == 404
    assert client_of(stranger.editor).post(f"/api{address}").status_code == 404
    assert not Job.objects.filter(video=world.video, kind="scan").exists()


def test_the_api_starts_a_scan_tells_how_far_it_is_and_refuses_a_second_one(world, a_model):
    client, address = client_of(world.reviewer), f"/api/videos/{world.video.pk}/scan/"
    started = client.post(address)
    assert (started.status_code, started.json()["kind"]) == (201, "scan")
    state = client.get(address).json()
    assert state == {
        "scanned_frames": world.video.frame_count, "frame_count": world.video.frame_count, "models": [1],
        "is_complete": False,
        "has_shots": True, "sentences": [], "job": started.json()["id"],
    }  # fmt: skip
    refused = client.post(address)
    assert refused.status_code == 409
    assert "is being scanned already" in refused.json()["detail"]
    told = client.post(f"/videos/{world.video.pk}/scan/", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["detail"]) == (409, refused.json()["detail"])


def test_a_title_whose_films_were_only_scanned_does_not_count_as_analysed(world):
    Job.objects.filter(video=world.video).delete()
    Job.objects.create(video=world.video, kind="scan", state="done")
    client = client_of(world.editor)
    assert "Scanned for pixel errors" in client.get(reverse("titles")).content.decode()
    assert world.title.name not in client.get(reverse("titles"), {"state": "done"}).content.decode()
    assert world.title.name in client.get(reverse("titles"), {"state": "scanned"}).content.decode()
    Job.objects.create(video=world.video, kind="analysis", state="done")
    Job.objects.create(video=world.video, kind="scan", state="done")
    assert world.title.name in client.get(reverse("titles"), {"state": "done"}).content.decode()
