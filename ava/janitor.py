"""Finds work that nobody does any more and has it done: the answer to lost messages and killed workers."""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from ava.leases import stale
from ava.messages import send_advance, send_chunks
from ava.models import ACTIVE_STATES, Chunk, Job, WorkState
from ava.pipeline import claimable_chunks

logger = logging.getLogger(__name__)

TIDY_EVERY_S = 5.0
SILENT_CHUNK_AFTER_S = 10.0
UNHEARD_HINT_AFTER_S = 60.0


def resend_lost_work() -> int:
    """Send hints for everything that waits without a worker coming; return how many were sent.

    A hint too many is harmless (its worker finds nothing to do), one too few would leave work undone. So a
    chunk whose worker fell silent gets one at once, and waiting chunks get theirs again when no worker
    anywhere is measuring and none has answered for a minute.
    """
    return _resend_silent_chunks() + _resend_unheard_chunks() + _resend_stages()


def _resend_silent_chunks() -> int:
    long_ago = Now() - timedelta(seconds=SILENT_CHUNK_AFTER_S)
    silent = claimable_chunks().filter(
        stale(), Q(sent_at=None) | Q(sent_at__lt=long_ago), state=WorkState.RUNNING
    )
    return _send_again(list(silent.values_list("pk", flat=True)))


def _resend_unheard_chunks() -> int:
    if Chunk.objects.filter(~stale(), state=WorkState.RUNNING).exists():
        return 0  # workers are alive and take one hint after the other
    unheard = claimable_chunks().filter(
        sent_at__lt=Now() - timedelta(seconds=UNHEARD_HINT_AFTER_S), state=WorkState.QUEUED
    )
    return _send_again(list(unheard.values_list("pk", flat=True)))


def _send_again(chunk_ids: list[int]) -> int:
    if chunk_ids:
        logger.info("Sending %d chunks to the workers again", len(chunk_ids))
        Chunk.objects.filter(pk__in=chunk_ids).update(sent_at=Now())
        send_chunks(len(chunk_ids))
    return len(chunk_ids)


def _resend_stages() -> int:
    """Jobs whose frames are all measured, or whose stage worker fell silent, and that nobody works on."""
    unmeasured = Chunk.objects.filter(video=OuterRef("video")).exclude(state=WorkState.DONE)
    abandoned = Job.objects.filter(
        Q(claim=None) & ~Exists(unmeasured) | Q(claim__isnull=False) & stale(), state__in=ACTIVE_STATES
    ).filter(Q(sent_at=None) | Q(sent_at__lt=Now() - timedelta(seconds=SILENT_CHUNK_AFTER_S)))
    job_ids = list(abandoned.values_list("pk", flat=True))
    Job.objects.filter(pk__in=job_ids).update(sent_at=Now())
    for job_id in job_ids:
        send_advance(job_id)
    return len(job_ids)
