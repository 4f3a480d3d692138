"""Versions of encoders: adding a trained one, releasing it, going back, and switching others on and off.

A released version is made wanted: every film gets vectors of it in the background, while the one before it serves. It
serves as soon as no shot lacks its vector, and only then does the one before it step down, whose vectors stay, so that
going back is quick. Every switch stands in Django's log of what administrators did.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from ava.exclusive import wait_for_turn
from ava.models import User, WorkState
from ava.switch_log import log_version, logged_switches
from search import encoders
from search.film_making import current_kit
from search.models import Encoder, FilmRenewal, ShotDescription, ShotVector
from search.train.towers_file import read_towers

_TURN = "versions of encoders"


class NotReleasable(ValueError):
    """An encoder may not be switched so; the sentence says why and what to do."""


def add_trained(
    packed: bytes, *, parent: Encoder, recipe: Mapping[str, Any], measures: Mapping[str, Any], user: User | None
) -> Encoder:
    """Keep trained heads as the next version of their parent's name, without putting it to use.

    Raises UnusableEncoder for bytes that are none, or are of another dimension.
    """
    from search.train.heads import read_heads

    read_heads(packed, dimension=parent.dimension, name="The trained version")
    with transaction.atomic():
        wait_for_turn(_TURN)
        newest = Encoder.objects.filter(name=parent.name).aggregate(newest=Max("version"))["newest"] or 0
        encoder = Encoder.objects.create(
            name=parent.name,
            version=newest + 1,
            kind=Encoder.Kind.TRAINED,
            dimension=parent.dimension,
            weights=packed,
            recipe={**recipe, "sha256": read_towers(packed).sha256},
            measures=dict(measures),
            parent=parent,
            created_by=user,
        )
        log_version(Encoder, user=user, version=encoder, name=str(encoder), message="Trained.", flag=ADDITION)
    return encoder


def why_not_releasable(encoder: Encoder) -> str:
    """Why an encoder cannot be put to use, in a sentence; empty where it can.

    What serves, or served before, can be gone back to at any time.
    """
    if reason := encoders.why_unusable(encoder):
        return reason
    if encoder.is_serving or encoder.kind != Encoder.Kind.TRAINED:
        return ""
    if switches().filter(object_id=str(encoder.pk)).exists():
        return ""
    if not encoder.measures:
        return "It has not been measured on held-out pairs; train it again."
    return "" if encoder.measures.get("is_fit") else str(encoder.measures.get("verdict", "It finds fewer shots."))


def release(encoder: Encoder, *, user: User) -> Encoder:
    """Have searches use this encoder as soon as every shot has its vector; returns it as it is now.

    Raises NotReleasable with a sentence.
    """
    with transaction.atomic():
        wait_for_turn(_TURN)
        if reason := why_not_releasable(encoder):
            raise NotReleasable(reason)
        others = Encoder.objects.filter(name=encoder.name, is_serving=False).exclude(pk=encoder.pk)
        others.update(is_wanted=False)  # of one name, one is on its way at a time
        Encoder.objects.filter(pk=encoder.pk).update(is_wanted=True)
        log_version(Encoder, user=user, version=encoder, name=str(encoder), message="Released.")
        if not count_missing(encoder):
            _serve(encoder)
    return Encoder.objects.defer("weights").get(pk=encoder.pk)


def serves_alone(encoder: Encoder) -> bool:
    """Whether searches would have no encoder left without this one; others whose files are gone are none."""
    return encoder.is_serving and [row.pk for row in encoders.serving()] == [encoder.pk]


def withdraw(encoder: Encoder, *, user: User) -> None:
    """Have searches do without this encoder, or give up its release. Raises NotReleasable for the last that serves."""
    with transaction.atomic():
        wait_for_turn(_TURN)
        row = Encoder.objects.defer("weights").get(pk=encoder.pk)
        if serves_alone(row):
            raise NotReleasable(f"{row} is the only encoder that serves; release another one instead.")
        if not row.is_wanted and not row.is_serving:
            raise NotReleasable(f"{row} is not in use.")
        Encoder.objects.filter(pk=row.pk).update(is_wanted=False, is_serving=False)
        log_version(Encoder, user=user, version=row, name=str(row), message="Withdrawn.")


def serve_ready() -> None:
    """Have released encoders serve whose vectors are all there; called by the janitor every few seconds."""
    for encoder in Encoder.objects.filter(is_wanted=True, is_serving=False).defer("weights").order_by("pk"):
        if not encoders.why_unusable(encoder) and is_embedded(encoder):
            with transaction.atomic():
                wait_for_turn(_TURN)
                if Encoder.objects.filter(pk=encoder.pk, is_wanted=True, is_serving=False).exists():
                    _serve(encoder)


def is_embedded(encoder: Encoder) -> bool:
    """Whether every shot that can have a vector of this encoder has one.

    Frames that cannot be decoded give none: a film whose renewal with this encoder is over, or failed, is not waited
    for, unless there is no vector at all.
    """
    missing = _missing(encoder)
    if not missing.exists():
        return True
    over = FilmRenewal.objects.filter(
        Q(kit=current_kit(), state=WorkState.DONE) | Q(state=WorkState.FAILED), video=OuterRef("video")
    )
    return not missing.filter(~Exists(over)).exists() and ShotVector.objects.filter(encoder=encoder).exists()


def count_missing(encoder: Encoder) -> int:
    """How many described shots have no vector of this encoder."""
    return _missing(encoder).count()


def _missing(encoder: Encoder) -> QuerySet[ShotDescription]:
    made = ShotVector.objects.filter(
        encoder=encoder, video=OuterRef("video"), start_frame=OuterRef("start_frame"), end_frame=OuterRef("end_frame")
    )
    return ShotDescription.objects.filter(~Exists(made))


def switches() -> QuerySet[LogEntry]:
    """Who released or withdrew which encoder and when, newest first."""
    return logged_switches(Encoder)


def _serve(encoder: Encoder) -> None:
    former = Encoder.objects.filter(name=encoder.name).exclude(pk=encoder.pk)
    former.update(is_serving=False, is_wanted=False)
    Encoder.objects.filter(pk=encoder.pk).update(is_serving=True, is_wanted=True)
