"""The tests' database is emptied in no time after a test that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

MOST_TRIES = 5
_KEPT = {"django_content_type", "auth_permission"}  # what Django itself fills in once the tables are made


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - _KEPT)


def filled_tables(cursor: Any) -> list[str]:
    """Tables with rows."""
    cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in _tables()))
    return [name for name, is_filled in zip(_tables(), cursor.fetchone(), strict=True) if is_filled]


@contextmanager
def without_references(cursor: Any) -> Iterator[None]:
    """While whole tables go or come, references between their rows need no care; inside a transaction."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def empty_tables(*_: Any) -> None:
    """Delete all rows. Django truncates all tables, of which a test fills few, and that takes the longest by far.

    Whoever still writes is waited for: the next test would find their rows. A request that holds one table and comes
    for another may stand crosswise to that; Postgres then breaks off either, and what was broken off here is done anew.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            return _delete_rows()
        except OperationalError as error:
            if not tries_left or not isinstance(error.__cause__, DeadlockDetected):
                raise


def _delete_rows() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN SHARE ROW EXCLUSIVE MODE")
        with without_references(cursor):
            for name in filled_tables(cursor):
                cursor.execute(f"DELETE FROM {name}")
