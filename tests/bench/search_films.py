"""Films brought into a benchmark's own database and made searchable as an installation does it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STAGES = ("shots", "inspect", "style", "embed")
"""Those that descriptions are made from: choosing stills, people without names and pixel errors add no word."""

SUBTITLES = (".en.srt", ".en.vtt")
PAUSE_S = 0.2


def use_model_files() -> None:
    """Have the checkout's model files used: the benchmark's own home has none."""
    from django.conf import settings

    settings.AVA_WEIGHTS_DIR = settings.BASE_DIR / "var" / "weights"


def make_films_searchable(paths: Sequence[Path], *, team: Any) -> dict[str, Any]:
    """Analyse films for a team on all cores; gives the stored videos by file name without extension.

    Subtitles that lie beside a film are brought as a person would bring them. Raises RuntimeError with the sentence of
    a job that does not come to its end.
    """
    from ava.models import Job, WorkState
    from ava.services import start_analysis
    from tests.films import make_title, store_video

    _do_without_broker()
    _leave_out_stages()
    videos = {path.stem: store_video(path, title=make_title(path.stem, team=team)) for path in paths}
    for path in paths:
        _bring_subtitles(videos[path.stem], path)
        start_analysis(videos[path.stem])
    command = [sys.executable, "-m", "tests.bench.search_films"]
    workers = [subprocess.Popen(command, stdout=sys.stderr) for _ in range(os.cpu_count() or 1)]
    for worker in workers:
        worker.wait()
    for job in Job.objects.exclude(state=WorkState.DONE):
        raise RuntimeError(f"{job.video.original_name}: {job.error or job.state}")
    return videos


def work_until_done() -> None:
    """One worker: do whatever can be done until every job has ended."""
    import django

    django.setup()
    from ava import pipeline
    from ava.models import ACTIVE_STATES, Job

    use_model_files()
    _do_without_broker()
    _leave_out_stages()
    while jobs := list(Job.objects.filter(state__in=ACTIVE_STATES).values_list("pk", flat=True)):
        if not pipeline.work_off_next_unit():
            for job in jobs:
                pipeline.advance_job(job)
            time.sleep(PAUSE_S)


def _bring_subtitles(video: Any, path: Path) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from search.dialogue_upload import bring_dialogue

    for extension in SUBTITLES:
        beside = path.with_name(path.stem + extension)
        if beside.is_file():
            bring_dialogue(video, SimpleUploadedFile(beside.name, beside.read_bytes()))


def _leave_out_stages() -> None:
    from ava import chunk_watches, stages

    stages._registered[:] = [stage for stage in stages._registered if stage.name in STAGES]
    chunk_watches._registered.clear()


def _do_without_broker() -> None:
    """The workers look for what is to be done themselves."""
    from ava import messages

    messages.app.send_task = lambda *_, **__: None  # type: ignore[method-assign]


if __name__ == "__main__":
    work_until_done()
