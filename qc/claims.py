"""Claims: who has a flag before them, so that no two reviewers are given the same one; they run out by themselves."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ava.models import Title, User
from qc.models import FlagClaim, PixelFlag
from qc.review_queue import NO_FILTERS, ORDERS, QueueFilters, queue

CLAIM_S = 120


def claim_next(
    title: Title,
    *,
    user: User,
    order: str = "confidence",
    filters: QueueFilters = NO_FILTERS,
    skip: Collection[int] = (),
) -> PixelFlag | None:
    """The first flag of the queue that nobody else has before them, claimed for the user; None when there is none.

    ``skip``: flags that the user has before them or has passed. A flag that somebody is claiming at this moment is
    passed over without waiting. The caller has checked that the user may review the title.
    """
    wanted = queue(title, user=user, order=order, filters=filters).exclude(pk__in=skip)
    with transaction.atomic():
        # A claim that was made between reading and locking a row shows only in the next look.
        while (flag := _lock(_front(held_by_others(wanted, user=user, held=False), order=order)).first()) is not None:
            if _hold(flag, user=user).user_id == user.pk:
                return flag
    return None


@transaction.atomic
def claim_flag(flag: PixelFlag, *, user: User) -> FlagClaim | None:
    """Claim the flag that the user has opened, when it is free. Returns their claim; None when a colleague has it."""
    if PixelFlag.objects.select_for_update(no_key=True).filter(pk=flag.pk).first() is None:
        return None
    claim = _hold(flag, user=user)
    return claim if claim.user_id == user.pk else None


def holder(flag: PixelFlag, *, user: User) -> User | None:
    """The colleague who has a flag before them now, if anybody but the user does."""
    claim = _live_claims().filter(flag=flag).exclude(user=user).select_related("user").first()
    return claim.user if claim else None


def renew(user: User, flags: Collection[int]) -> set[int]:
    """Hold on to flags whose pages are still open; returns those that the user holds, a claim that nobody took over
    being one's own although it ran out."""
    own = FlagClaim.objects.filter(user=user, flag__in=flags)
    own.update(expires_at=_expiry())
    return set(own.values_list("flag", flat=True))


def release(user: User, flags: Collection[int]) -> None:
    """Let go of flags of the user's, so that others are given them at once."""
    FlagClaim.objects.filter(user=user, flag__in=flags).delete()


def held_by_others(flags: QuerySet[PixelFlag], *, user: User, held: bool = True) -> QuerySet[PixelFlag]:
    """Those that somebody else has before them now; with ``held`` false those that nobody else has."""
    others = Exists(_live_claims().filter(flag=OuterRef("pk")).exclude(user=user))
    return flags.filter(Q(others) if held else ~others)


def _live_claims() -> QuerySet[FlagClaim]:
    return FlagClaim.objects.filter(expires_at__gt=timezone.now())


def _front(flags: QuerySet[PixelFlag], *, order: str) -> QuerySet[PixelFlag]:
    """The part of a queue that begins it; of one by shots the first shot, so that the others are not sorted."""
    if order != "shot":
        return flags
    first = flags.filter(shot__isnull=False).order_by(*ORDERS["film"]).values_list("shot", flat=True).first()
    return flags if first is None else flags.filter(shot=first).order_by("-confidence", "id")


def _lock(flags: QuerySet[PixelFlag]) -> QuerySet[PixelFlag]:
    return flags.select_for_update(no_key=True, skip_locked=True, of=("self",))


def _hold(flag: PixelFlag, *, user: User) -> FlagClaim:
    """The claim on a flag whose row is locked: the user's, unless somebody else's has not run out."""
    claim = FlagClaim.objects.filter(flag=flag).first()
    if claim is not None and claim.user_id != user.pk and claim.expires_at > timezone.now():
        return claim
    claim, _ = FlagClaim.objects.update_or_create(flag=flag, defaults={"user": user, "expires_at": _expiry()})
    return claim


def _expiry() -> datetime:
    return timezone.now() + timedelta(seconds=CLAIM_S)
