"""What a test left in the database and in the media folder, laid down again for tests that begin with the same."""

import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from tests.database import filled_tables, without_references


class KeptState(NamedTuple):
    rows: dict[str, bytes]
    """Table → all its rows, as Postgres writes them out."""
    files: Path


def keep_state(folder: Path) -> KeptState:
    """All rows there are, and the media files in a folder of their own."""
    rows = {}
    with connection.cursor() as cursor:
        for name in filled_tables(cursor):
            with cursor.copy(f"COPY {name} TO STDOUT (FORMAT binary)") as copy:
                rows[name] = b"".join(map(bytes, copy))
    shutil.copytree(settings.MEDIA_ROOT, folder, dirs_exist_ok=True)
    return KeptState(rows, folder)


def lay_down(state: KeptState) -> None:
    """Have the rows and files of a state, with the keys and names they had, where no rows are."""
    with transaction.atomic(), connection.cursor() as cursor, without_references(cursor):
        for name, rows in state.rows.items():
            with cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                copy.write(rows)
    shutil.copytree(state.files, settings.MEDIA_ROOT, dirs_exist_ok=True)
