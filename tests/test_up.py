"""`manage.py up` as a person uses it: started, stopped, killed, started again; real broker, real workers."""

import random
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.db import connection

from ava.render.sample_film import render_test_film
from tests.installation import Installation, installation, reachable_folder

pytestmark = pytest.mark.timeout(1200)

OPTIONS = ("--no-demo", "--offline")


SCHEMA = """
WITH ours AS (
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^(ava|curation|qc|search)_'
)
SELECT 'column', relname::text, attname::text, format_type(atttypid, atttypmod), attnotnull::text, attidentity::text,
       pg_get_expr(adbin, adrelid)
FROM ours JOIN pg_attribute ON attrelid = oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', relname, pg_get_constraintdef(pg_constraint.oid), NULL, NULL, NULL, NULL
FROM ours JOIN pg_constraint ON conrelid = ours.oid
UNION ALL
SELECT 'index', relname, regexp_replace(indexdef, 'INDEX \\S+', 'INDEX'), NULL, NULL, NULL, NULL
FROM ours JOIN pg_indexes ON tablename = relname
"""
"""Columns, constraints and indexes, the latter two without their names."""


@pytest.fixture(scope="module")
def first() -> Iterator[Installation]:
    """An installation that was started in an empty folder and stopped with Ctrl-C; in between, a team was made."""
    with reachable_folder() as folder:
        with installation(folder / "home", *OPTIONS) as first:
            first.query("INSERT INTO ava_team (name) VALUES ('Kept') RETURNING id")
            assert first.stop() == 0
        assert first.processes() == []
        yield first


@pytest.fixture
def home(first: Installation) -> Path:
    """A folder in which AVA is not started for the first time, which is much quicker."""
    return first.home


def processor_time_s(process: psutil.Process) -> float:
    """How long it and its former children have worked, which other programs on the machine hardly change."""
    return sum(process.cpu_times()[:4])


def digest(running: Installation, title: str) -> dict[str, list[tuple]]:
    """Everything an analysis wrote, without row numbers and times."""
    of_title = "JOIN ava_title t ON t.id = v.title_id WHERE t.name = %s"
    return {
        "detections": running.query(
            "SELECT i.index, d.detector, d.version, md5(d.frames), md5(d.values), d.words::text FROM ava_detection d "
            f"JOIN ava_inspection i ON i.id = d.inspection_id JOIN ava_video v ON v.id = i.video_id {of_title} "
            "ORDER BY 1, 2",
            title,
        ),
        "annotations": running.query(
            "SELECT c.index, a.annotator, a.version, a.columns::text, md5(a.values) FROM ava_annotation a "
            f"JOIN ava_chunk c ON c.id = a.chunk_id JOIN ava_video v ON v.id = c.video_id {of_title} ORDER BY 1, 2",
            title,
        ),
        "shots": running.query(
            "SELECT s.index, s.start_frame, s.end_frame, s.transition, s.scale, s.camera, s.provisional "
            "FROM ava_shot s "
            f"JOIN ava_video v ON v.id = s.video_id {of_title} ORDER BY 1",
            title,
        ),
        "stills": running.query(
            "SELECT s.rank, s.frame_index, s.score, s.explanation::text, s.provisional FROM curation_still s "
            f"JOIN ava_video v ON v.id = s.video_id {of_title} ORDER BY 1",
            title,
        ),
    }


def render_twice(folder: Path) -> tuple[Path, Path]:
    """Two files of one film whose bytes differ, so that the second does not count as a duplicate."""
    calm, wild = folder / "calm.mp4", folder / "wild.mp4"
    render_test_film(calm, seconds=75, cuts=range(60, 1780, 60), width=320, height=180)
    wild.write_bytes(calm.read_bytes() + (16).to_bytes(4, "big") + b"free" + bytes(8))
    return calm, wild


def test_killed_workers_change_nothing_but_the_time_it_takes(home: Path, tmp_path: Path):
    calm, wild = render_twice(tmp_path)
    chance = random.Random(7)
    with installation(home, *OPTIONS) as running:
        finished = running.command("ingest", str(calm), "--title", "Calm", "--wait")
        assert finished.returncode == 0, finished.stdout + finished.stderr
        waiting = running.start_command("ingest", str(wild), "--title", "Wild", "--wait")
        kills = dict.fromkeys(("ava_chunk", "ava_inspection"), 0)
        deadline = time.monotonic() + 300
        for units in kills:
            while waiting.poll() is None and kills[units] < 4 and time.monotonic() < deadline:
                time.sleep(chance.uniform(0.1, 0.9))
                workers = running.workers()
                if workers and running.query(f"SELECT 1 FROM {units} WHERE state = 'running'"):
                    chance.choice(workers).kill()
                    kills[units] += 1
        output, errors = waiting.communicate(timeout=400)
        assert waiting.returncode == 0, output + errors + running.say()
        assert all(count >= 2 for count in kills.values()), kills
        undisturbed, disturbed = digest(running, "Calm"), digest(running, "Wild")
    assert len(undisturbed["annotations"]) > 10
    assert len(undisturbed["detections"]) >= 5
    assert len(undisturbed["stills"]) > 3
    assert disturbed == undisturbed


@pytest.mark.django_db
def test_what_was_there_is_there_after_a_second_start_in_the_tables_of_the_models(first: Installation):
    assert re.findall(r"Sign in as (\S+) with the password \S+", first.say()) == ["admin"]
    with installation(first.home, *OPTIONS) as second:
        assert sum(map(processor_time_s, second.processes())) < 60  # half a minute of two cores
        assert "password" not in second.say()
        assert ("Kept",) in second.query("SELECT name FROM ava_team")
        migrated = second.query(SCHEMA)
    with connection.cursor() as cursor:  # the tests' own tables are made without migrations
        cursor.execute(SCHEMA)
        made = cursor.fetchall()
    assert len(made) > 500
    assert sorted(map(repr, set(migrated) ^ set(made))) == []


def test_a_supervisor_that_is_killed_takes_everything_with_it(home: Path):
    with installation(home, *OPTIONS) as running:
        assert len(running.processes()) > 5
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        deadline = time.monotonic() + 30
        while running.processes() and time.monotonic() < deadline:
            time.sleep(0.3)
        assert running.processes() == []


def test_a_child_that_dies_is_started_again_and_said_so(home: Path):
    with installation(home, *OPTIONS) as running:
        janitor = next(p for p in running.processes() if "janitor" in " ".join(p.cmdline()))
        janitor.kill()
        running.wait_until_said(r"janitor was killed by SIGKILL; starting it again in 1 s")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            again = [p for p in running.processes() if "janitor" in " ".join(p.cmdline())]
            if again and again[0].pid != janitor.pid:
                break
            time.sleep(0.2)
        else:
            pytest.fail("the janitor did not come back")
        assert psutil.pid_exists(again[0].pid)


def test_a_taken_port_and_a_second_start_get_a_clear_sentence(home: Path):
    with installation(home, *OPTIONS) as running:
        second = running.command("up", *OPTIONS)
        assert second.returncode != 0
        assert "AVA is running already from this folder" in second.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = running.command("up", *OPTIONS, "--port", str(port))
    assert refused.returncode != 0
    assert f"Port {port} on 127.0.0.1 is not free" in refused.stderr
    assert f"--port {port + 1}" in refused.stderr
