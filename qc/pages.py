"""The list of a title's flags: what was scanned, how far the review is, and the flags as thumbnails, page by page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.urls import reverse

from ava.media.timecode import film_timecode
from ava.models import Title, User, Video
from ava.video_facts import video_info
from qc.emptiness import Emptiness, ScanFacts, active_scans, explain_emptiness, scan_facts
from qc.models import PixelFlag
from qc.review_pages import ORDER_NAMES, Sitting
from qc.review_queue import ANY_STATE, Progress, of_title, progress, queue
from qc.scan_services import scan_state

FLAGS_A_PAGE = 60
MOST_SHOTS = 300
MOST_NOTED = 4
"""Films of which a list says what their scans say: of more, only of the one that is chosen."""
STATE_ORDER = ("confirmed", "rejected", "unsure", "disputed", "open")
CONFIDENCES = {"": "Any", "0.9": "At least 90 %", "0.7": "At least 70 %", "0.5": "At least 50 %"}


@dataclass(frozen=True, slots=True)
class FlagThumb:
    """A flag as the list shows it."""

    flag: PixelFlag
    timecode: str
    address: str

    @property
    def confidence_percent(self) -> int:
        return round(100 * self.flag.confidence)

    @property
    def alt(self) -> str:
        """What its picture shows, in words."""
        flag = self.flag
        return f"{flag.get_kind_display()} pixel at {flag.x:.0f}, {flag.y:.0f}, frame {flag.frame_index}"


@dataclass(frozen=True, slots=True)
class ShotBar:
    """How many flags lie in a shot; `percent` of the shot with the most."""

    label: str
    count: int
    open: int
    percent: float
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class StateShare:
    """How many flags of the title are in a state, and what share of the bar that is."""

    state: str
    label: str
    count: int
    percent: float
    address: str
    is_chosen: bool


class ScanNote(NamedTuple):
    """What a reader of flags should know of a film's scan."""

    film: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagsPage:
    sitting: Sitting
    flags: Page
    progress: Progress
    shares: tuple[StateShare, ...]
    shots: tuple[ShotBar, ...]
    videos: tuple[Video, ...]
    scan: ScanFacts
    notes: tuple[ScanNote, ...]
    jobs: tuple[dict[str, Any], ...]
    reviews: tuple[tuple[str, str], ...]
    """Orders by which to review what is filtered, and where."""
    empty: Emptiness | None

    @property
    def agreement_percent(self) -> int:
        """The share of flags that two people judged alike."""
        return round(100 * self.progress.agreement.raw_unit) if self.progress.agreement else 0

    @property
    def chosen_confidence(self) -> str:
        """The lowest confidence that is shown, as the form says it."""
        lowest = self.sitting.filters.min_confidence
        return "" if lowest is None else f"{lowest:g}"


def flags_page(title: Title, *, user: User, query: Mapping[str, str]) -> FlagsPage:
    """One page of a title's flags, of all states unless the address names one."""
    sitting = Sitting.read({"state": ANY_STATE} | dict(query.items()))
    flags = queue(title, user=user, order=sitting.order, filters=sitting.filters).select_related("shot")
    page = Paginator(flags, FLAGS_A_PAGE).get_page(query.get("page", "1"))
    page.object_list = _thumbs(page.object_list, title=title, sitting=sitting)
    found = progress(title, user=user)
    waiting = sitting.filters._replace(state="")
    videos = tuple(title.videos.defer("frame_pts", "keyframes"))
    return FlagsPage(
        sitting=sitting,
        flags=page,
        progress=found,
        shares=_shares(found, title=title, sitting=sitting),
        shots=_shot_bars(title, sitting=sitting),
        videos=videos,
        scan=scan_facts(title),
        notes=_notes(videos, chosen=sitting.filters.video),
        jobs=active_scans(title),
        reviews=tuple((label, Sitting(order, waiting).address(title)) for order, label in ORDER_NAMES.items()),
        empty=None if found.total else explain_emptiness(title, progress=found),
    )


def list_address(title: Title, sitting: Sitting, **changes: object) -> str:
    """The list's address with some filters changed."""
    filters = sitting.filters._replace(**changes)
    words = {"order": sitting.order, "state": filters.state} | filters.query()
    return f"{reverse('pixel-flags', args=[title.pk])}?{urlencode(words)}"


def _notes(videos: Sequence[Video], *, chosen: int | None) -> tuple[ScanNote, ...]:
    shown = [video for video in videos if chosen in (None, video.pk)]
    if len(shown) > MOST_NOTED:
        return ()
    notes = (ScanNote(video.original_name, scan_state(video).sentences) for video in shown)
    return tuple(note for note in notes if note.sentences)


def _thumbs(flags: Iterable[PixelFlag], *, title: Title, sitting: Sitting) -> list[FlagThumb]:
    shown = list(flags)
    infos = {video.pk: video_info(video) for video in Video.objects.filter(pk__in={flag.video_id for flag in shown})}
    thumbs = []
    for flag in shown:
        info = infos[flag.video_id]
        timecode = film_timecode(info, min(flag.frame_index, info.frame_count - 1))
        thumbs.append(FlagThumb(flag, timecode, sitting.address(title, flag=flag.pk)))
    return thumbs


def _shares(found: Progress, *, title: Title, sitting: Sitting) -> tuple[StateShare, ...]:
    labels = dict(PixelFlag.State.choices)
    counts = found._asdict()
    return tuple(
        StateShare(
            state, labels[state], counts[state], 100 * counts[state] / max(found.total, 1),
            list_address(title, sitting, state=state), is_chosen=sitting.filters.state == state,
        )
        for state in STATE_ORDER
    )  # fmt: skip


def _shot_bars(title: Title, *, sitting: Sitting) -> tuple[ShotBar, ...]:
    """Shots with flags in the order of the film; of a film with very many the first ones."""
    rows = of_title(title).filter(is_current=True).exclude(shot=None)
    if sitting.filters.video is not None:
        rows = rows.filter(video=sitting.filters.video)
    counted = rows.order_by("video_id", "shot__index").values_list("video__original_name", "shot__index", "shot_id")
    counted = counted.annotate(count=Count("pk"), open=Count("pk", filter=Q(state="open")))[:MOST_SHOTS]
    shots = list(counted)
    several = len({name for name, *_ in shots}) > 1
    most = max((count for *_, count, _ in shots), default=1)
    return tuple(
        ShotBar(
            label=(f"{name}, shot {index + 1}" if several else f"Shot {index + 1}"), count=count, open=waiting,
            percent=100 * count / most, address=list_address(title, sitting, shot=shot),
            is_chosen=sitting.filters.shot == shot,
        )
        for name, index, shot, count, waiting in shots
    )  # fmt: skip
