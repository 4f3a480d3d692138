"""Finds work that nobody does any more and has it done: the answer to lost messages and killed workers."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from ava.leases import stale
from ava.messages import send_advance, send_units
from ava.models import ACTIVE_STATES, Chunk, Inspection, Job, WorkState, WorkUnit
from ava.units import claimable

logger = logging.getLogger(__name__)

TIDY_EVERY_S = 5.0
SILENT_UNIT_AFTER_S = 10.0
UNHEARD_HINT_AFTER_S = 60.0

ResendLost = Callable[[], None]
_registered: list[ResendLost] = []


def register(resend: ResendLost) -> None:
    """Have `resend()` called every few seconds to send lost messages of an app's own work again; called from
    `AppConfig.ready`."""
    _registered.append(resend)


def resend_registered() -> None:
    """Have the apps send again what was lost of their own work."""
    for resend in _registered:
        resend()


def resend_lost_work() -> int:
    """Send hints for everything that waits without a worker coming; return how many were sent.

    A hint too many is harmless (its worker finds nothing to do), one too few would leave work undone. So a
    unit whose worker fell silent gets one at once, and waiting units get theirs again when no worker
    anywhere is at work and none has answered for a minute.
    """
    kinds = (Chunk, Inspection)
    sent = sum(_resend_silent(kind) for kind in kinds) + _resend_stages()
    if any(kind._default_manager.filter(~stale(), state=WorkState.RUNNING).exists() for kind in kinds):
        return sent  # workers are alive and take one hint after the other
    return sent + sum(_resend_unheard(kind) for kind in kinds)


def _resend_silent(kind: type[WorkUnit]) -> int:
    long_ago = Now() - timedelta(seconds=SILENT_UNIT_AFTER_S)
    silent = claimable(kind).filter(
        stale(), Q(sent_at=None) | Q(sent_at__lt=long_ago), state=WorkState.RUNNING
    )
    return _send_again(kind, list(silent.values_list("pk", flat=True)))


def _resend_unheard(kind: type[WorkUnit]) -> int:
    unheard = claimable(kind).filter(
        sent_at__lt=Now() - timedelta(seconds=UNHEARD_HINT_AFTER_S), state=WorkState.QUEUED
    )
    return _send_again(kind, list(unheard.values_list("pk", flat=True)))


def _send_again(kind: type[WorkUnit], ids: list[int]) -> int:
    if ids:
        logger.info("Sending %d units of work to the workers again", len(ids))
        kind._default_manager.filter(pk__in=ids).update(sent_at=Now())
        send_units(len(ids))
    return len(ids)


def _resend_stages() -> int:
    """Jobs whose units are all done, or whose stage worker fell silent, and that nobody works on."""
    unmeasured = Chunk.objects.filter(video=OuterRef("video")).exclude(state=WorkState.DONE)
    uninspected = Inspection.objects.filter(video=OuterRef("video")).exclude(state=WorkState.DONE)
    abandoned = Job.objects.filter(
        Q(claim=None) & ~Exists(unmeasured) & ~Exists(uninspected) | Q(claim__isnull=False) & stale(),
        state__in=ACTIVE_STATES,
    ).filter(Q(sent_at=None) | Q(sent_at__lt=Now() - timedelta(seconds=SILENT_UNIT_AFTER_S)))
    job_ids = list(abandoned.values_list("pk", flat=True))
    Job.objects.filter(pk__in=job_ids).update(sent_at=Now())
    for job_id in job_ids:
        send_advance(job_id)
    return len(job_ids)
