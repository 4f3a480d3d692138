"""`manage.py janitor`: keeps work going that lost its worker or its message. One is enough, more do no harm."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from ava.ingest import remove_stale_uploads, resend_complete_uploads
from ava.janitor import TIDY_EVERY_S, resend_lost_work, resend_registered
from ava.model_files import resend_lost_fetches
from ava.proxies import resend_missing_proxies

logger = logging.getLogger(__name__)

UPLOADS_EVERY_S = 600.0


class Command(BaseCommand):
    help = (
        "Send lost work to the workers again, and remove uploads nobody finished; runs until it is stopped."
    )

    def handle(self, **_: Any) -> None:
        uploads_at = 0.0
        while True:
            try:
                resend_lost_work()
                resend_complete_uploads()
                resend_missing_proxies()
                resend_lost_fetches()
                resend_registered()
                if time.monotonic() - uploads_at > UPLOADS_EVERY_S:
                    remove_stale_uploads()
                    uploads_at = time.monotonic()
            except OperationalError as error:
                logger.warning("The database is away, trying again: %s", error)
                connection.close()
            time.sleep(TIDY_EVERY_S)
