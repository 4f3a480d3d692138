"""Watched folders: clips come in once they stand still, once each, and never from outside the roots."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ava.models import Job, Video
from qc import watch_folders
from qc.models import PixelModel, WatchedFile, WatchFolder
from qc.watch_folders import STILL_FOR_S, look_into, send_looks, take_in
from qc.watch_paths import UnfitFolder, find_clips, fitting_folder
from tests.films import make_title, store_video
from tests.footage import write_film

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("clips") / "clip.mp4", frames=12)


@pytest.fixture(autouse=True)
def a_model(monkeypatch):
    """Any version: nothing is scanned here, only queued."""
    model = PixelModel.objects.create(version=1, weights=b"", sha256="1" * 64, is_active=True)
    monkeypatch.setattr("qc.chunk_scanning.active_model", lambda: model)
    monkeypatch.setattr(watch_folders, "_sent_at", {})


@pytest.fixture
def root(settings, tmp_path):
    root = tmp_path / "shoot"
    root.mkdir()
    settings.AVA_WATCH_ROOTS = [str(root)]
    settings.AVA_HOME = tmp_path / "home"
    return root


@pytest.fixture
def folder(root, hints):
    (root / "day1").mkdir()
    return WatchFolder.objects.create(path=str(root / "day1"), title=make_title("Dailies"))


def let_stand_still() -> None:
    for file in WatchedFile.objects.filter(state="growing"):
        WatchedFile.objects.filter(pk=file.pk).update(seen_at=file.seen_at - timedelta(seconds=STILL_FOR_S + 1))


def work_off(hints: list[tuple]) -> None:
    """Be the workers for watched folders; jobs stay queued."""
    waiting, hints[:] = list(hints), []
    for name, *arguments in waiting:
        if name == watch_folders.LOOK_TASK:
            look_into(*arguments)
        elif name == watch_folders.TAKE_IN_TASK:
            take_in(*arguments)


def test_a_clip_is_taken_in_for_a_scan_once_it_has_stood_still_for_ten_seconds(folder, clip, hints):
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    send_looks()
    work_off(hints)
    send_looks()
    assert hints == []
    file = folder.files.get()
    assert (file.state, file.name) == ("growing", "A001.mp4")
    take_in(file.pk)
    assert not Video.objects.exists()
    let_stand_still()
    send_looks()
    assert hints == [(watch_folders.TAKE_IN_TASK, file.pk)]
    work_off(hints)
    file.refresh_from_db()
    assert (file.state, file.error) == ("taken", "")
    assert (file.video.original_name, file.video.title) == ("A001.mp4", folder.title)
    assert Job.objects.get().kind == "scan"
    assert (Path(folder.path) / "A001.mp4").exists()


def test_a_clip_that_is_still_being_copied_is_not_read(folder, clip, hints):
    copy = Path(folder.path) / "A001.mp4"
    copy.write_bytes(clip.read_bytes()[:2000])
    look_into(folder.pk)
    let_stand_still()
    shutil.copy(clip, copy)
    take_in(folder.files.get().pk)
    assert not Video.objects.exists()
    look_into(folder.pk)
    file = folder.files.get()
    assert (file.state, file.size_bytes) == ("growing", clip.stat().st_size)
    assert file.seen_at > timezone.now() - timedelta(seconds=5)
    let_stand_still()
    take_in(file.pk)
    assert Video.objects.count() == 1


def test_a_copy_of_a_clip_is_recognised_and_a_refused_one_is_tried_again_when_it_changes(folder, clip, hints):
    here = Path(folder.path)
    shutil.copy(clip, here / "A001.mp4")
    (here / "card2").mkdir()
    shutil.copy(clip, here / "card2" / "A001.mov")
    (here / "broken.mp4").write_bytes(b"no film at all")
    (here / "notes.txt").write_text("no clip")
    (here / "._A001.mp4").write_bytes(b"what another system leaves")
    look_into(folder.pk)
    let_stand_still()
    for file in folder.files.all():
        take_in(file.pk)
    states = dict(folder.files.values_list("name", "state"))
    assert states == {"A001.mp4": "taken", "card2/A001.mov": "taken", "broken.mp4": "refused"}
    assert set(folder.files.filter(state="taken").values_list("video", flat=True)) == {Video.objects.get().pk}
    refused = folder.files.get(state="refused")
    assert refused.error.startswith("broken.mp4 ")
    look_into(folder.pk)
    assert folder.files.get(pk=refused.pk).state == "refused"
    write_film(here / "broken.mp4", frames=14)
    look_into(folder.pk)
    let_stand_still()
    take_in(refused.pk)
    assert folder.files.get(pk=refused.pk).state == "taken"
    assert Video.objects.count() == 2


def test_with_analyses_too_a_clip_is_analysed(folder, clip, hints):
    WatchFolder.objects.filter(pk=folder.pk).update(analyses_too=True)
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    look_into(folder.pk)
    let_stand_still()
    take_in(folder.files.get().pk)
    assert Job.objects.get().kind == "analysis"


def test_a_clip_that_a_killed_worker_had_stored_is_not_stored_twice(folder, clip, hints):
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    look_into(folder.pk)
    let_stand_still()
    file = folder.files.get()
    take_in(file.pk)
    WatchedFile.objects.filter(pk=file.pk).update(state="growing", video=None)
    take_in(file.pk)
    file.refresh_from_db()
    assert (file.state, file.video) == ("taken", Video.objects.get())


def test_a_folder_that_vanished_says_so_and_is_looked_into_again_when_it_is_back(folder, clip, hints):
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    look_into(folder.pk)
    Path(folder.path).rename(f"{folder.path}-away")
    look_into(folder.pk)
    folder.refresh_from_db()
    assert folder.error == f"{folder.path} is no folder of this machine, or AVA may not see it."
    let_stand_still()
    take_in(folder.files.get().pk)
    assert not Video.objects.exists()
    Path(f"{folder.path}-away").rename(folder.path)
    look_into(folder.pk)
    folder.refresh_from_db()
    assert folder.error == ""


def test_a_paused_folder_is_left_alone(folder, clip, hints):
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    look_into(folder.pk)
    let_stand_still()
    WatchFolder.objects.update(is_active=False)
    send_looks()
    assert hints == []
    look_into(folder.pk)
    take_in(folder.files.get().pk)
    assert not Video.objects.exists()


def test_two_janitors_have_a_clip_taken_in_by_one_worker_only(folder, clip, hints, monkeypatch):
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    send_looks()
    monkeypatch.setattr(watch_folders, "_sent_at", {})  # the other janitor knows nothing of what the first has sent
    send_looks()
    assert hints == [(watch_folders.LOOK_TASK, folder.pk)] * 2
    work_off(hints)
    assert folder.files.count() == 1
    let_stand_still()
    key = folder.files.get().pk
    ingest = watch_folders.ingest_file
    calls = []

    def ingest_while_another_comes(path, **options):
        calls.append(path)
        monkeypatch.setattr(watch_folders, "exclusive", HeldByAnother)
        take_in(key)
        return ingest(path, **options)

    monkeypatch.setattr(watch_folders, "ingest_file", ingest_while_another_comes)
    take_in(key)
    assert len(calls) == 1
    assert Video.objects.count() == 1


class HeldByAnother:
    """A name that another process holds."""

    def __init__(self, name: str) -> None: ...

    def __enter__(self) -> bool:
        return False

    def __exit__(self, *_: object) -> None: ...


def test_a_message_that_nobody_heard_is_sent_again_after_a_minute_and_not_before(folder, hints, monkeypatch):
    send_looks()
    send_looks()
    assert len(hints) == 1
    sent = {key: at - timedelta(seconds=61) for key, at in watch_folders._sent_at.items()}
    monkeypatch.setattr(watch_folders, "_sent_at", sent)
    send_looks()
    assert len(hints) == 2


def test_only_folders_below_a_root_may_be_watched_links_resolved(root, settings, tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file.mp4").write_bytes(b"")
    (root / "day1").mkdir()
    (root / "again").symlink_to(root / "day1")
    assert fitting_folder(str(root / "again")) == root / "day1"
    refusals = {
        str(root / "link"): "is not below",
        f"{root}/../elsewhere": "is not below",
        str(outside): "is not below",
        str(root / "nothing"): "is no folder of this machine",
        str(root / "file.mp4"): "is no folder of this machine",
        "day1": "Give the whole path",
        f"{root}/day1\0": "Give the whole path",
        f"{root}/\ud800": "Give the whole path",
        str(root / ("x" * 300)): "is no folder of this machine",
        str(root) + "/x" * 400: "is longer than",
    }
    for path, sentence in refusals.items():
        with pytest.raises(UnfitFolder, match=sentence):
            fitting_folder(path)
    with pytest.raises(UnfitFolder, match="is watched already"):
        fitting_folder(str(root / "day1"), others=[str(root)])
    settings.AVA_HOME = root / "day1" / "var"
    with pytest.raises(UnfitFolder, match="AVA's own files"):
        fitting_folder(str(root / "day1"))
    settings.AVA_WATCH_ROOTS = []
    with pytest.raises(UnfitFolder, match="AVA_WATCH_ROOTS is not set"):
        fitting_folder(str(root / "day1"))


def test_links_to_clips_outside_and_to_folders_are_not_followed(root, clip, tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    shutil.copy(clip, outside / "secret.mp4")
    shutil.copy(clip, root / "own.mp4")
    (root / "link.mp4").symlink_to(outside / "secret.mp4")
    (root / "inside.mp4").symlink_to(root / "own.mp4")
    (root / "folder").symlink_to(outside)
    (root / "dangling.mp4").symlink_to(root / "nothing.mp4")
    os.mkfifo(root / "pipe.mp4")
    assert [found.name for found in find_clips(root)] == ["inside.mp4", "own.mp4"]


def test_a_clip_that_another_title_of_the_team_has_is_told_as_there_already(folder, clip, hints):
    from ava.models import Team

    team = Team.objects.create(name="Crew")
    folder.title.teams.add(team)
    other = store_video(clip, title=make_title("Other", team=team))
    import hashlib

    Video.objects.filter(pk=other.pk).update(sha256=hashlib.sha256(clip.read_bytes()).hexdigest())
    shutil.copy(clip, Path(folder.path) / "A001.mp4")
    look_into(folder.pk)
    let_stand_still()
    take_in(folder.files.get().pk)
    assert folder.files.get().video == other
    assert Video.objects.count() == 1
