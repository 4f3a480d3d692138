"""Tables are emptied between tests although somebody may still be at work with them."""

import threading
import time

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from ava.models import Team
from tests.database import empty_tables


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_although_a_late_request_stands_crosswise_to_that() -> None:
    begun = threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                Session.objects.create(session_key="late", session_data="", expire_date=timezone.now())
                begun.set()
                wait_for_a_waiting_lock()
                Team.objects.create(name="late")
        except OperationalError:
            pass  # either may be broken off
        finally:
            connection.close()

    late = threading.Thread(target=write)
    late.start()
    begun.wait()
    empty_tables()
    late.join()
    assert not Team.objects.exists() and not Session.objects.exists()


def wait_for_a_waiting_lock() -> None:
    """Until whoever empties tables waits for this thread's one, having locked those before it."""
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'ShareRowExclusiveLock'")
            if cursor.fetchone():
                return
            time.sleep(0.02)
