"""Which of a title's flags a report is about, as an address says it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict

from ava.form_numbers import read_number
from ava.models import Title
from qc.models import PixelFlag
from qc.review_queue import of_title

DEFAULT_STATES = (PixelFlag.State.CONFIRMED.value,)
_LONGEST_NUMBER = 18


class InvalidReport(ValueError):
    """What was asked for cannot be told; the sentence says what can."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Which flags are wanted: of these states, of one film or of all, of one kind or of both."""

    states: tuple[str, ...] = DEFAULT_STATES
    video: int | None = None
    kind: str = ""

    def flags(self, title: Title) -> QuerySet[PixelFlag]:
        """The title's flags that are meant, film by film and frame by frame."""
        flags = reported(title).filter(state__in=self.states)
        if self.video is not None:
            flags = flags.filter(video=self.video)
        if self.kind:
            flags = flags.filter(kind=self.kind)
        return flags.order_by("video__created_at", "video_id", "frame_index", "y", "x", "id")


def reported(title: Title) -> QuerySet[PixelFlag]:
    """The flags of a title that stand: those of the newest scan, and those that somebody has judged."""
    return of_title(title).filter(Q(is_current=True) | ~Q(state=PixelFlag.State.OPEN))


def read_report_request(query: QueryDict, *, title: Title) -> ReportRequest:
    """Read ``states`` (with commas or several times, or "all"), ``video`` and ``kind``. Raises InvalidReport."""
    return ReportRequest(
        states=_read_states([word for text in query.getlist("states") for word in text.split(",")]),
        video=_read_video(query.get("video", ""), title=title),
        kind=_read_kind(query.get("kind", "")),
    )


def _read_states(words: Sequence[str]) -> tuple[str, ...]:
    asked = {word.strip() for word in words} - {""}
    known = PixelFlag.State.values
    if asked == {"all"}:
        return tuple(known)
    if not asked <= set(known):
        raise InvalidReport(f"states must be of {', '.join(known)}, with commas between them, or all.")
    return tuple(state for state in known if state in asked) or DEFAULT_STATES


def _read_video(text: str, *, title: Title) -> int | None:
    if not text:
        return None
    number = read_number(text, digits=_LONGEST_NUMBER)
    if number is None or not title.videos.filter(pk=number).exists():
        raise InvalidReport("This title has no such film; leave video out for all of its films.")
    return number


def _read_kind(text: str) -> str:
    if text and text not in PixelFlag.Kind.values:
        raise InvalidReport(f"kind must be {' or '.join(PixelFlag.Kind.values)}, or left out for both.")
    return text
