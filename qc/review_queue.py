"""In which order a title's flags come before reviewers, which of them, and how far the review is."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from django.db.models import Count, F, QuerySet
from django.db.models.expressions import OrderBy

from ava.models import Title, User, Video
from qc.flag_places import keep_places
from qc.models import PixelFlag
from qc.pixel.agreement import Agreement
from qc.reviewing import reviews_wanted, to_judge

ANY_STATE = "all"
QUEUE_STATES = [*PixelFlag.State.choices, (ANY_STATE, "All")]
"""What a queue can be narrowed to; without any it holds what still asks for the user's word."""
_LARGEST_KEY = 2**63 - 1

ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "confidence": ("-confidence", "id"),
    "film": ("video_id", "frame_index", "y", "x", "id"),
    "shot": ("video_id", F("shot__start_frame").asc(nulls_last=True), "-confidence", "id"),
    "place": ("place", "video_id", "frame_index", "id"),
}
"""Name → by what: the surest first; film by film, frame by frame; shot by shot, in each the surest first; place by
place on the sensor, the one with the most flags first."""


class QueueFilters(NamedTuple):
    """Which flags are wanted; what is left empty narrows nothing.

    ``state``: empty for those that still ask for the user's word, `ANY_STATE`, or a `PixelFlag.State`.
    """

    kind: str = ""
    state: str = ""
    video: int | None = None
    shot: int | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> Self:
        """The filters that the words of an address name; those that name nothing are as if they were not there."""
        kind, state = str(query.get("kind", "")), str(query.get("state", ""))
        return cls(
            kind=kind if kind in PixelFlag.Kind.values else "",
            state=state if state in {ANY_STATE, *PixelFlag.State.values} else "",
            video=_read_key(query.get("video")),
            shot=_read_key(query.get("shot")),
            min_confidence=_read_share(query.get("min_confidence")),
            max_confidence=_read_share(query.get("max_confidence")),
        )

    def query(self) -> dict[str, str]:
        """The words of an address that name these filters."""
        return {name: str(value) for name, value in self._asdict().items() if value not in {"", None}}


NO_FILTERS = QueueFilters()


class Progress(NamedTuple):
    """How many current flags of a title are in each state, how many ask for the user's word, how reviewers agree."""

    open: int
    confirmed: int
    rejected: int
    unsure: int
    disputed: int
    to_judge: int
    reviews_wanted: int
    agreement: Agreement | None

    @property
    def total(self) -> int:
        return self.open + self.confirmed + self.rejected + self.unsure + self.disputed

    @property
    def settled(self) -> int:
        return self.confirmed + self.rejected + self.unsure


def read_order(query: Mapping[str, Any]) -> str:
    """The order that the words of an address name; by confidence where they name none."""
    order = str(query.get("order", ""))
    return order if order in ORDERS else "confidence"


def queue(
    title: Title, *, user: User, order: str = "confidence", filters: QueueFilters = NO_FILTERS
) -> QuerySet[PixelFlag]:
    """A title's flags in an order of `ORDERS`, always the same one; the caller has checked that the user sees it."""
    flags = of_title(title)
    if filters.state == "":
        flags = to_judge(flags, user=user, wanted=reviews_wanted(title))
    elif filters.state != ANY_STATE:
        flags = flags.filter(state=filters.state)
    if order == "place":
        keep_places(title)
    return _narrow(flags, filters).order_by(*ORDERS[order])


def of_title(title: Title) -> QuerySet[PixelFlag]:
    """All flags of a title's videos."""
    videos = list(Video.objects.filter(title=title).order_by().values_list("pk", flat=True))
    return PixelFlag.objects.filter(video__in=videos)  # numbers, with which Postgres finds the right index


def count_states(title: Title) -> dict[str, int]:
    """State → how many current flags of a title are in it, each state there."""
    counted = of_title(title).filter(is_current=True).order_by().values("state").annotate(count=Count("pk"))
    return dict.fromkeys(PixelFlag.State.values, 0) | {row["state"]: row["count"] for row in counted}


def progress(title: Title, *, user: User) -> Progress:
    """How far a title's review is, as the user may know it."""
    from qc.audit import agreement_of

    wanted, states = reviews_wanted(title), count_states(title)
    mine = states["open"] if wanted == 1 else to_judge(of_title(title), user=user, wanted=wanted).count()
    return Progress(
        **states, to_judge=mine, reviews_wanted=wanted, agreement=agreement_of(title) if wanted == 2 else None
    )


def _narrow(flags: QuerySet[PixelFlag], filters: QueueFilters) -> QuerySet[PixelFlag]:
    if filters.kind:
        flags = flags.filter(kind=filters.kind)
    if filters.video is not None:
        flags = flags.filter(video=filters.video)
    if filters.shot is not None:
        flags = flags.filter(shot=filters.shot)
    if filters.min_confidence is not None:
        flags = flags.filter(confidence__gte=filters.min_confidence)
    if filters.max_confidence is not None:
        flags = flags.filter(confidence__lte=filters.max_confidence)
    return flags


def _read_key(value: Any) -> int | None:
    try:
        key = int(str(value))
    except ValueError:
        return None
    return key if 0 < key <= _LARGEST_KEY else None


def _read_share(value: Any) -> float | None:
    try:
        share = float(str(value))
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
