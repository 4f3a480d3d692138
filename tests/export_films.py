"""Fixtures of a title with a film whose stills are exported, and of the person who does so."""

from pathlib import Path
from typing import Any

import pytest

from ava.models import Team, Title, User, Video
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

FRAMES = 24


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Films by their bits a channel."""
    folder = tmp_path_factory.mktemp("films")
    deep = {"codec": "ffv1", "pixel_format": "yuv420p10le", "frames": FRAMES}
    return {8: write_film(folder / "reel 1.mp4", frames=FRAMES), 10: write_film(folder / "reel 2.mkv", **deep)}


@pytest.fixture
def title(hints: Any) -> Title:
    return make_title("Zwölf", team=Team.objects.create(name="Team"))


@pytest.fixture
def user(title: Title) -> User:
    return make_user("anna", team=title.teams.get())


@pytest.fixture
def video(title: Title, films: dict[int, Path]) -> Video:
    return store_video(films[8], title=title)
