"""What at most one process does at a time, by Postgres's advisory locks: a dead process frees its own."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection


@contextmanager
def exclusive(name: str) -> Iterator[bool]:
    """Yield True to the one process that holds the name until the block ends, and False to every other."""
    key = _key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_held,) = cursor.fetchone()
    try:
        yield is_held
    finally:
        if is_held:
            _release(key)


def wait_for_turn(name: str) -> None:
    """Wait until no other transaction holds the name, and hold it until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(name)])


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _release(key: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    except (OperationalError, InterfaceError):
        pass  # the connection is gone, and the lock with it
