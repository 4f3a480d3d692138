"""`manage.py prepare`: bring the database and the served files up to date; make the first administrator."""

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from ava.models import Membership, Role, Team, User


class Command(BaseCommand):
    help = "Migrate, collect static files, and make the first administrator of an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the first login as one line of JSON")

    def handle(self, *, json: bool, **_: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        # The extensions of htmx import it by a name that only a bundler resolves; AVA uses none of them.
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["django_htmx/ext/*"])
        login = make_first_administrator()
        if json:
            self.stdout.write(_line(login))
        elif login:
            self.stdout.write(f"First administrator: {login['username']}, password {login['password']}")


def make_first_administrator() -> dict[str, str]:
    """Make the user `admin` with a random password and the first team; an empty answer when people exist."""
    if User.objects.exists():
        return {}
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser("admin", password=password)
    team, _ = Team.objects.get_or_create(name="Studio")
    Membership.objects.create(user=user, team=team, role=Role.ADMINISTRATOR)
    return {"username": user.username, "password": password}


def _line(login: dict[str, str]) -> str:
    return json.dumps(login)
