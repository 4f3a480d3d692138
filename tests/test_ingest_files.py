"""Films that come in as files: stored once, under a name of ours, or refused with a sentence and without a trace."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from ava import ingest, services, workspaces
from ava.decoder_process import DecoderDied, DecoderProcess, probe_apart
from ava.file_names import FILM_SUFFIXES, clean_name, safe_suffix
from ava.info_json import info_from_json, info_to_json
from ava.ingest import Ingested, NotStored, UnusableVideo, ingest_file
from ava.media.probe import probe
from ava.models import Job, Team, Video
from ava.video_facts import video_info
from ava.workspaces import remove_abandoned_workspaces, workspace
from tests.films import make_title, make_user, store_video
from tests.footage import cut_off, write_film

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.usefixtures("hints")


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=30)


@pytest.fixture
def team(db) -> Team:
    return Team.objects.create(name="Artwork")


def copy_of(path: Path, *, folder: Path, name: str = "incoming.part") -> Path:
    target = folder / name
    target.write_bytes(path.read_bytes())
    return target


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]


def media_files() -> list[Path]:
    return files_below(settings.MEDIA_ROOT, settings.AVA_UPLOAD_DIR)


@pytest.mark.django_db(transaction=True)
def test_a_film_is_stored_whole_probed_and_sent_to_be_analysed(film, tmp_path, hints, team):
    title, source = make_title(team=team), copy_of(film, folder=tmp_path)
    user = make_user("eve", team=team)
    video, is_duplicate = ingest_file(source, title=title, original_name="The Film.mp4", user=user)
    assert not is_duplicate and not source.exists()
    stored = Path(video.file.path)
    assert stored.read_bytes() == film.read_bytes() and stored.suffix == ".mp4" and "Film" not in stored.name
    video = Video.objects.get(pk=video.pk)
    assert video.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()
    assert (video.original_name, video.size_bytes, video.created_by) == ("The Film.mp4", film.stat().st_size, user)
    known, stored_info = info_to_json(probe(film)), info_to_json(video_info(video))
    assert stored_info == known
    assert Job.objects.get().video == video
    assert "ava.tasks.work_off_next_unit" in {hint[0] for hint in hints}
    assert media_files() == [stored]


@pytest.mark.django_db(transaction=True)
def test_a_film_from_the_shell_stays_where_it_is(film, tmp_path):
    source = copy_of(film, folder=tmp_path)
    video = ingest_file(source, title=make_title(), original_name="a.mp4", user=None, keep_source=True).video
    assert source.exists() and Path(video.file.path).read_bytes() == source.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_a_film_that_browsers_cannot_play_asks_for_a_proxy(tmp_path, hints):
    source = write_film(tmp_path / "film.mkv", frames=12)
    video = ingest_file(source, title=make_title(), original_name="film.mkv", user=None).video
    assert "matroska" in video.proxy_reason
    assert ("ava.tasks.render_proxy", video.pk) in hints


@pytest.mark.django_db(transaction=True)
def test_the_same_file_in_the_same_title_is_stored_once(film, tmp_path):
    title = make_title()
    first = ingest_file(copy_of(film, folder=tmp_path), title=title, original_name="a.mp4", user=None).video
    again = copy_of(film, folder=tmp_path, name="again")
    assert ingest_file(again, title=title, original_name="b.mp4", user=None) == Ingested(first, is_duplicate=True)
    assert not again.exists() and len(media_files()) == 1 and Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_of_another_title_is_offered_only_to_those_who_see_that_title(film, tmp_path, team):
    colleague, stranger = make_user("colleague", team=team), make_user("stranger", team=Team.objects.create(name="B"))
    there = ingest_file(
        copy_of(film, folder=tmp_path), title=make_title("One", team=team), original_name="a.mp4", user=None
    ).video

    offered = ingest_file(
        copy_of(film, folder=tmp_path), title=make_title("Two", team=team), original_name="a.mp4", user=colleague
    )
    assert offered == Ingested(there, is_duplicate=True)

    own_title = make_title("Three", team=stranger.teams.get())
    stored = ingest_file(copy_of(film, folder=tmp_path), title=own_title, original_name="a.mp4", user=stranger)
    assert not stored.is_duplicate and stored.video.title == own_title
    assert len(media_files()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_file_that_comes_in_twice_at_the_same_time_is_stored_once(film, tmp_path, monkeypatch):
    title = make_title()
    first = ingest_file(copy_of(film, folder=tmp_path), title=title, original_name="a.mp4", user=None).video
    monkeypatch.setattr(ingest, "_existing", lambda *args, **kwargs: None)  # both looked before either stored
    again = ingest_file(copy_of(film, folder=tmp_path), title=title, original_name="a.mp4", user=None)
    assert again == Ingested(first, is_duplicate=True)
    assert media_files() == [Path(first.file.path)]


def write_text(folder: Path) -> Path:
    path = folder / "poem.mp4"
    path.write_text("Shall I compare thee to a summer's day?\n" * 40)
    return path


def write_nothing(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def write_truncated(folder: Path) -> Path:
    whole = write_film(folder / "whole.mp4", frames=30)
    return cut_off(whole, keep=0.3, target=folder / "cut.mp4")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", [write_text, write_nothing, write_truncated])
@pytest.mark.parametrize("keep_source", [True, False])
def test_what_is_no_film_is_refused_by_its_own_name_and_leaves_nothing(write, keep_source, tmp_path, hints):
    source = write(tmp_path).rename(tmp_path / f"{uuid.uuid4()}.part")
    with pytest.raises(UnusableVideo, match=r"Résumé\.mp4") as refusal:
        ingest_file(source, title=make_title(), original_name="Résumé.mp4", user=None, keep_source=keep_source)
    assert source.name not in str(refusal.value)
    assert source.exists() == keep_source
    assert media_files() == [] and not Video.objects.exists() and not Job.objects.exists() and hints == []


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_gets_a_sentence_and_leaves_nothing(film, tmp_path, monkeypatch, hints):
    def save(storage: FileSystemStorage, name: str, content: object) -> str:
        half = Path(storage.path(name))
        half.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", save)
    with pytest.raises(NotStored, match=r"no room left for a\.mp4"):
        ingest_file(copy_of(film, folder=tmp_path), title=make_title(), original_name="a.mp4", user=None)
    assert media_files() == [] and not Video.objects.exists() and hints == []


@pytest.mark.django_db(transaction=True)
def test_a_failing_transaction_takes_the_stored_file_along_and_keeps_the_source(film, tmp_path, monkeypatch, hints):
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(services, "start_analysis", fail)
    source = copy_of(film, folder=tmp_path)
    with pytest.raises(OperationalError):
        ingest_file(source, title=make_title(), original_name="a.mp4", user=None)
    assert source.exists() and media_files() == [] and not Video.objects.exists() and hints == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_grows_while_it_is_copied_is_refused(film, tmp_path, monkeypatch):
    source = copy_of(film, folder=tmp_path)
    save = FileSystemStorage.save

    def append_and_save(storage: FileSystemStorage, name: str, content: object) -> str:
        with source.open("ab") as file:
            file.write(b"more")
        return save(storage, name, content)

    monkeypatch.setattr(FileSystemStorage, "save", append_and_save)
    with pytest.raises(NotStored, match="changed while it was read"):
        ingest_file(source, title=make_title(), original_name="a.mp4", user=None, keep_source=True)
    assert source.exists() and media_files() == [] and not Video.objects.exists()


@pytest.mark.django_db
def test_what_a_killed_process_had_begun_goes_with_the_next_clean_up_and_work_in_progress_stays(settings):
    program = (
        "import django; django.setup()\n"
        "from django.conf import settings; import os, signal, sys\n"
        "settings.AVA_UPLOAD_DIR, settings.MEDIA_ROOT = sys.argv[1:3]\n"
        "from django.core.files.base import ContentFile\n"
        "from django.core.files.storage import default_storage\n"
        "from ava.workspaces import workspace\n"
        "with workspace(stores='videos/half.mp4') as scratch:\n"
        "    (scratch / 'part').write_bytes(b'scratch')\n"
        "    default_storage.save('videos/half.mp4', ContentFile(b'half'))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, str(settings.AVA_UPLOAD_DIR), str(settings.MEDIA_ROOT)],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "ava.settings"}, capture_output=True,
    )  # fmt: skip
    assert finished.returncode == -signal.SIGKILL, finished.stderr
    assert default_storage.exists("videos/half.mp4")
    with workspace(stores="videos/living.mp4") as scratch:
        (scratch / "part").write_bytes(b"scratch")
        assert remove_abandoned_workspaces() == 1
        assert (scratch / "part").exists()
    assert media_files() == []


@pytest.mark.django_db
def test_the_clean_up_spares_a_file_that_a_video_refers_to(film, settings):
    video = store_video(film)
    note = Path(settings.AVA_UPLOAD_DIR) / "making" / "0.name"  # its process died after the commit
    note.parent.mkdir(parents=True)
    note.write_text(video.file.name)
    assert remove_abandoned_workspaces() == 1
    assert Path(video.file.path).exists() and not note.exists()


def test_probing_apart_tells_the_same_as_probing_here(film):
    assert info_to_json(probe_apart(film)) == info_to_json(probe(film))


def test_facts_with_every_field_survive_the_way_to_another_process(film):
    info = replace(probe(film), seek_stamps=np.array([-5, 2**40]), start_timecode=None, audio_codecs=("aac", "mp3"))
    back = info_from_json(info_to_json(info))
    assert info_to_json(back) == info_to_json(info)
    np.testing.assert_array_equal(back.seek_stamps, [-5, 2**40])
    assert back.frames_by is info.frames_by and back.fps == info.fps and back.audio_codecs == ("aac", "mp3")


class Saboteur(DecoderProcess):
    """A decoder process that runs this in place of probing."""

    program = ""

    def __init__(self, **limits: object) -> None:
        super().__init__(**limits)
        self._process.kill()
        self._process.wait()
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "signal 11"),
        ("import sys; sys.exit(3)", "exit status 3"),
        ("import time; time.sleep(600)", "said nothing"),
    ],
)
def test_a_decoder_that_crashes_or_hangs_costs_only_the_film(program, said, film, monkeypatch):
    monkeypatch.setattr(Saboteur, "program", program)
    monkeypatch.setattr("ava.decoder_process.DecoderProcess", Saboteur)
    monkeypatch.setattr("ava.decoder_process.SILENCE_S", 0.5 if said == "said nothing" else 120)
    with pytest.raises(UnusableVideo, match=f"film.mp4 cannot be read: .*{said}.*export it again"):
        probe_apart(film)


def test_a_decoder_process_may_not_take_more_memory_than_it_is_given(tmp_path):
    large = write_film(tmp_path / "large.mp4", frames=3, width=2560, height=1440)
    info = probe(large)
    request = {
        "work": "frames", "path": str(large), "info": info_to_json(info), "start_frame": 0, "end_frame": 3,
        "max_side_px": 2560, "threads": 1, "folder": str(tmp_path / "frames"),
    }  # fmt: skip
    with DecoderProcess() as generous:
        assert generous.ask(request) == [0, 1, 2]
    with DecoderProcess(memory_bytes=420 * 2**20) as poor, pytest.raises(Exception) as refusal:
        poor.ask(request)
    assert isinstance(refusal.value, DecoderDied) or "memory" in str(refusal.value).lower()


def test_a_decoder_process_ends_with_its_parent():
    program = (
        "import os; from ava.decoder_process import DecoderProcess\n"
        "process = DecoderProcess(); print(process._process.pid, flush=True); os._exit(0)"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=200)
    pid = int(finished.stdout)
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    pytest.fail("the decoder process outlived its parent")


def test_a_decoder_process_gets_none_of_the_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    with DecoderProcess() as process:
        assert "hush" not in Path(f"/proc/{process._process.pid}/environ").read_text()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\Heat.mov", "Heat.mov"),
        ("a\x00b\r\n.mp4", "ab .mp4"),
        ("\u202egpj.4pm", "gpj.4pm"),
        ("  ..  ", "film"),
        ("", "film"),
        ("/", "film"),
        ("Amélie 映画.mkv", "Amélie 映画.mkv"),
    ],
)
def test_hostile_names_become_harmless_ones(name, shown):
    assert clean_name(name) == shown


def test_a_long_name_is_cut_and_keeps_its_ending():
    assert clean_name("x" * 300 + ".mp4") == "x" * 250 + "….mp4"


@given(st.text(max_size=600))
def test_no_name_gets_past_the_cleaning(name):
    shown = clean_name(name)
    assert 0 < len(shown) <= 255 and not set(shown) & set("/\\\x00\n\r\u202e\u200b")
    assert clean_name(shown) == shown
    assert safe_suffix(name) in FILM_SUFFIXES | {""}


def test_a_workspace_forgets_what_failed_inside_it(settings, db):
    with pytest.raises(RuntimeError), workspace(stores="videos/x.mp4") as scratch:
        (scratch / "part").write_bytes(b"x")
        raise RuntimeError
    assert files_below(workspaces._folder()) == []
