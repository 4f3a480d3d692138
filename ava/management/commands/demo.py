"""`manage.py demo`: on an empty installation, render the demo film, take it in and have it analysed."""

import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ava.ingest import ingest_file
from ava.models import Team, Title
from ava.render.demo import render_demo_film

NAME = "Demo film"


class Command(BaseCommand):
    help = "Render and analyse the demo film, unless there are titles already or it was made before."

    def handle(self, **_: Any) -> None:
        made = settings.AVA_HOME / "run" / "demo-made"
        if made.exists() or Title.objects.exists():
            return
        with tempfile.TemporaryDirectory(dir=settings.AVA_HOME) as folder:
            path = Path(folder) / "demo.mp4"
            self.stdout.write("Rendering the demo film …")
            began = time.monotonic()
            truth = render_demo_film(path, pictures_dir=settings.AVA_WEIGHTS_DIR)
            self.stdout.write(f"{len(truth.shots)} shots rendered in {time.monotonic() - began:.0f} s")
            team, _created = Team.objects.get_or_create(name="Studio")
            title = Title.objects.create(name=NAME, genre="Demonstration", language="en", content_format="other")
            title.teams.add(team)
            ingest_file(path, title=title, original_name="demo.mp4", user=None)
        made.touch()
