"""Hints to the workers. A broker that is away costs time and no work: the janitor sends what is missing again."""

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from ava.celery import app

logger = logging.getLogger(__name__)


def send_units(count: int) -> None:
    """Wake workers for `count` waiting units, whichever they are, after the transaction."""
    for _ in range(count):
        send_task("ava.tasks.work_off_next_unit")


def send_advance(job_id: int) -> None:
    """Have the stages that follow a job's measured chunks run, after the transaction."""
    send_task("ava.tasks.advance_job", job_id)


def send_upload(upload_id: str) -> None:
    """Have a complete upload turned into a video, after the transaction."""
    send_task("ava.tasks.finish_upload", upload_id)


def send_proxy(video_id: int) -> None:
    """Have a proxy rendered for a video that browsers cannot play, after the transaction."""
    send_task("ava.tasks.render_proxy", video_id)


def send_task(task: str, *arguments: object) -> None:
    """Have a worker run a task by its name, after the transaction."""

    def deliver() -> None:
        try:
            app.send_task(task, args=arguments)
        except (OperationalError, OSError) as error:
            logger.warning("The broker did not take a message, it will be sent again: %s", error)

    transaction.on_commit(deliver)
