"""What the review page shows: one flag, how far the review is, and what there is instead when no flag is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title, User
from qc.claims import claim_flag, claim_next, holder
from qc.decision_undo import may_undo_and_redo
from qc.flag_cards import FlagCard, describe_flag
from qc.models import PixelFlag
from qc.review_queue import ANY_STATE, Progress, QueueFilters, progress, queue, read_order

ORDER_NAMES = {
    "confidence": "Surest first", "film": "Through the film", "shot": "Shot by shot", "place": "Place on the sensor",
}  # fmt: skip
SHOWN_WITH = ("video__title", "shot", "patch", "raised_by", "last_raised_by", "added_by")


@dataclass(frozen=True, slots=True)
class Sitting:
    """In which order somebody reviews which of a title's flags."""

    order: str
    filters: QueueFilters

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> "Sitting":
        """What an address or a form says; anything unknown is ignored."""
        return cls(read_order(query), QueueFilters.read(query))

    def address(self, title: Title, **more: object) -> str:
        """The review page's address in this order with these filters."""
        words = ({"order": self.order} if self.order != "confidence" else {}) | self.filters.query()
        query = urlencode(words | {name: str(value) for name, value in more.items()})
        return reverse("pixel-review", args=[title.pk]) + (f"?{query}" if query else "")

    @property
    def fields(self) -> dict[str, str]:
        """What a form carries along, so that the next flag is the next of this sitting."""
        return {"order": self.order} | self.filters.query()


@dataclass(frozen=True, slots=True)
class ReviewPage:
    sitting: Sitting
    card: FlagCard | None
    held_by: str
    """The colleague who has the flag before them, empty if nobody else does."""
    progress: Progress
    may_undo: bool
    before: str
    after: str
    """Addresses of the flags before and after in the queue; empty where there is none."""


def review_page(title: Title, *, user: User, may_review: bool, query: Mapping[str, str]) -> ReviewPage:
    """The flag that an address names, or the next one of the queue, which a reviewer then has before them."""
    sitting = Sitting.read(query)
    flag = flag_of(title, query.get("flag", ""))
    held_by = ""
    if flag is None and may_review:
        flag = claim_next(title, user=user, order=sitting.order, filters=sitting.filters)
    elif flag is None:
        flag = queue(title, user=user, order=sitting.order, filters=sitting.filters).first()
    elif may_review and claim_flag(flag, user=user) is None:
        held_by = str(holder(flag, user=user) or "")
    shown = PixelFlag.objects.select_related(*SHOWN_WITH).get(pk=flag.pk) if flag else None
    return ReviewPage(
        sitting=sitting,
        card=describe_flag(shown, user=user) if shown else None,
        held_by=held_by,
        progress=progress(title, user=user),
        may_undo=may_review and may_undo_and_redo(title, user=user)[0],
        before=sitting.address(title, before=flag.pk) if flag else "",
        after=sitting.address(title, after=flag.pk) if flag else "",
    )


def flag_of(title: Title, text: str) -> PixelFlag | None:
    """The title's flag that an address names by its number, if there is one."""
    return PixelFlag.objects.filter(video__title=title, pk=read_number(text, digits=KEY_DIGITS)).first()


def neighbour(title: Title, *, user: User, sitting: Sitting, flag: PixelFlag, is_after: bool) -> int | None:
    """The flag next to one in the queue, which it itself need not be in any more; None at the queue's end.

    A queue is a hundred thousand flags at most: their numbers are read in order, which takes a fraction of a second.
    """
    waiting = set(_numbers(title, user=user, sitting=sitting))
    everything = Sitting(sitting.order, sitting.filters._replace(state=ANY_STATE))
    ordered = _numbers(title, user=user, sitting=everything)
    if flag.pk not in ordered:
        return None
    at = ordered.index(flag.pk)
    beyond = ordered[at + 1 :] if is_after else reversed(ordered[:at])
    return next((pk for pk in beyond if pk in waiting), None)


def _numbers(title: Title, *, user: User, sitting: Sitting) -> list[int]:
    flags = queue(title, user=user, order=sitting.order, filters=sitting.filters)
    return list(flags.values_list("pk", flat=True))


def progress_message(found: Progress) -> dict[str, Any]:
    """How far a review is, as scripts show it."""
    return {"settled": found.settled, "total": found.total, "disputed": found.disputed, "to_judge": found.to_judge}
