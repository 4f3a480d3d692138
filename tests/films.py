"""Titles, teams and stored videos for tests that need them in the database."""

from pathlib import Path

from django.core.files import File

from ava.media.probe import probe
from ava.models import Membership, Role, Team, Title, User, Video
from ava.video_facts import fields_from_info


def make_user(name: str, *, team: Team | None = None, role: str = Role.EDITOR, **fields: object) -> User:
    user = User.objects.create_user(name, password="a long password", **fields)
    if team is not None:
        Membership.objects.create(user=user, team=team, role=role)
    return user


def make_title(name: str = "A film", *, team: Team | None = None, **fields: object) -> Title:
    title = Title.objects.create(name=name, **fields)
    if team is not None:
        title.teams.add(team)
    return title


def store_video(path: Path, *, title: Title | None = None) -> Video:
    """Store a film file as ingest does, but without starting its analysis."""
    video = Video(
        title=title or make_title(),
        original_name=path.name,
        sha256=f"{path.stat().st_size:064d}",
        size_bytes=path.stat().st_size,
        **fields_from_info(probe(path)),
    )
    with path.open("rb") as file:
        video.file.save(path.name, File(file), save=True)
    return video
