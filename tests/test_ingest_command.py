"""`manage.py ingest`: a film from the shell."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ava.models import Job, Team, Title, Video, WorkState
from tests.films import make_title
from tests.footage import write_film

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=30)


def ingest(film: Path, *options: str) -> dict:
    out = io.StringIO()
    call_command("ingest", str(film), "--json", *options, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def end_jobs_as(state: str, *, error: str = "") -> threading.Thread:
    """Be the workers: end the first job that appears."""

    def work() -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if Job.objects.filter(state=WorkState.QUEUED).update(
                state=state, error=error, finished_at=timezone.now()
            ):
                break
            time.sleep(0.05)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_film_for_a_new_title_makes_the_title_in_the_first_team(film):
    first = Team.objects.create(name="B")
    Team.objects.create(name="A")
    told = ingest(film, "--title", "Heat")
    title = Title.objects.get()
    assert (title.name, title.kind, list(title.teams.all())) == ("Heat", "film", [first])
    video = Video.objects.get()
    assert told == {
        "video": video.pk, "title": title.pk, "title_name": "Heat", "is_new_title": True, "is_duplicate": False,
        "job": video.jobs.get().pk, "state": "queued", "url": f"/titles/{title.pk}/?video={video.pk}",
    }  # fmt: skip
    assert film.exists()


def test_a_film_for_a_known_title_joins_it(film):
    team = Team.objects.create(name="A")
    title = make_title("Heat", team=team)
    make_title("Heat", team=Team.objects.create(name="B"))
    assert ingest(film, "--title", "Heat", "--team", "A")["title"] == title.pk
    assert Title.objects.count() == 2


def test_the_same_film_again_is_told_and_no_empty_title_stays(film):
    Team.objects.create(name="A")
    first = ingest(film, "--title", "Heat")
    again = ingest(film, "--title", "Heat (copy)")
    assert again["is_duplicate"] and again["video"] == first["video"] and not again["is_new_title"]
    assert Title.objects.count() == 1


def test_waiting_ends_when_the_analysis_is_done(film):
    workers = end_jobs_as(WorkState.DONE)
    assert ingest(film, "--title", "Heat", "--wait")["state"] == "done"
    workers.join()


@pytest.mark.parametrize("state", [WorkState.FAILED, WorkState.CANCELLED])
def test_waiting_fails_when_the_analysis_does(state, film):
    workers = end_jobs_as(state, error="The disk is full.")
    with pytest.raises(CommandError, match=rf"ended as {state}\. The disk is full\."):
        ingest(film, "--title", "Heat", "--wait")
    workers.join()


def test_what_is_no_film_is_one_sentence_and_no_title(tmp_path):
    text = tmp_path / "poem.mp4"
    text.write_text("Shall I compare thee to a summer's day?\n" * 40)
    for path in (text, tmp_path / "missing.mp4", tmp_path):
        with pytest.raises(CommandError) as refusal:
            ingest(path, "--title", "Heat")
        assert path.name in str(refusal.value) and "\n" not in str(refusal.value)
    assert not Title.objects.exists()


def test_wrong_teams_kinds_and_names_are_one_sentence(film):
    team = Team.objects.create(name="Artwork")
    with pytest.raises(CommandError, match="no team named “Nobody”; the teams are: Artwork"):
        ingest(film, "--title", "Heat", "--team", "Nobody")
    with pytest.raises(CommandError, match="Choose the series"):
        ingest(film, "--title", "Pilot", "--kind", "episode")
    for _ in range(2):
        make_title("Twice", team=team)
    with pytest.raises(CommandError, match="Several titles"):
        ingest(film, "--title", "Twice")
    assert not Video.objects.exists()


def test_from_a_shell_errors_have_no_traceback_and_a_failing_exit_code(tmp_path):
    finished = subprocess.run(
        [sys.executable, "manage.py", "ingest", str(tmp_path / "missing.mp4"), "--title", "Heat"],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "AVA_NO_VENV": "1", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
    )  # fmt: skip
    assert finished.returncode == 1 and "Traceback" not in finished.stderr
    assert "manage.py up" in finished.stderr
