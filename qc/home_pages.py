"""The first page of quality control: titles whose flags wait, scans at work, models, watched folders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.urls import reverse

from ava.models import ACTIVE_STATES, JobStage, Title, User
from ava.pages import job_messages
from ava.selectors import REVIEWING_ROLES, access_jobs, access_titles
from qc.models import PixelFlag, PixelModel, PixelReview
from qc.pixel_stage import PIXEL_STAGE
from qc.review_queue import of_title
from qc.reviewing import to_judge
from qc.selectors import access_pixel_flags, access_pixel_models, access_watch_folders

TITLES_A_PAGE = 30
MOST_JOBS = 8
STATE_ORDER = ("confirmed", "rejected", "unsure", "disputed", "open")


class StateCount(NamedTuple):
    state: str
    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A title with flags. `waiting`: how many ask for the user's word; None for those who do not review it."""

    title: Title
    states: tuple[StateCount, ...]
    waiting: int | None

    @property
    def total(self) -> int:
        return sum(each.count for each in self.states)

    @property
    def settled(self) -> int:
        return sum(each.count for each in self.states if each.state not in {"open", "disputed"})

    @property
    def percent(self) -> int:
        """How much of it is settled, rounded down, so that 100 is all."""
        return 100 * self.settled // self.total if self.total else 0


class WatchedFolders(NamedTuple):
    count: int
    failing: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class HomePage:
    rows: Page
    waiting: int
    jobs: tuple[dict[str, Any], ...]
    more_jobs: int
    model: PixelModel | None
    folders: WatchedFolders


def home_page(user: User, *, query: Mapping[str, str]) -> HomePage:
    """What a reviewer or an administrator finds first; those titles first that have most waiting for the user."""
    counts = _counts_by_title(user)
    reviewed = set(access_titles(user, roles=REVIEWING_ROLES).filter(pk__in=counts).values_list("pk", flat=True))
    waiting = {pk: n for pk, n in _waiting(user, titles=reviewed, counts=counts).items() if pk in reviewed}
    order = sorted(counts, key=lambda pk: (-waiting.get(pk, 0), -counts[pk].get("open", 0), pk))
    page = Paginator(order, TITLES_A_PAGE).get_page(query.get("page", "1"))
    titles = access_titles(user).select_related("parent").in_bulk(list(page.object_list))
    page.object_list = [_row(titles[pk], counts[pk], waiting.get(pk)) for pk in page.object_list if pk in titles]
    jobs, more = _scans(user)
    return HomePage(
        rows=page,
        waiting=sum(waiting.values()),
        jobs=jobs,
        more_jobs=more,
        model=access_pixel_models(user).filter(is_active=True).first(),
        folders=_folders(user),
    )


def _counts_by_title(user: User) -> dict[int, dict[str, int]]:
    """Title → state → current flags, of every title that the user sees and that has any."""
    counts: dict[int, dict[str, int]] = {}
    grouped = access_pixel_flags(user).filter(is_current=True).order_by().values_list("video__title", "state")
    for title, state, count in grouped.annotate(Count("pk")):
        counts.setdefault(title, {})[state] = count
    return counts


def _waiting(user: User, *, titles: set[int], counts: dict[int, dict[str, int]]) -> dict[int, int]:
    """Title → how many flags ask for the user's word; where two people judge, not those that they have judged."""
    doubled = PixelReview.objects.filter(title__in=titles, reviews_wanted=2).select_related("title")
    found = {pk: counts[pk].get("open", 0) for pk in titles}
    return found | {
        review.title_id: to_judge(of_title(review.title), user=user, wanted=2).count() for review in doubled
    }


def _row(title: Title, counts: dict[str, int], waiting: int | None) -> TitleRow:
    labels = dict(PixelFlag.State.choices)
    flags = reverse("pixel-flags", args=[title.pk])
    states = tuple(
        StateCount(state, labels[state], counts.get(state, 0), f"{flags}?{urlencode({'state': state})}")
        for state in STATE_ORDER
    )
    return TitleRow(title, states, waiting)


def _scans(user: User) -> tuple[tuple[dict[str, Any], ...], int]:
    """Jobs at work that scan for pixel errors, as the websocket tells them, and how many more there are."""
    scanning = JobStage.objects.filter(name=PIXEL_STAGE.name).values("job")
    jobs = access_jobs(user).filter(state__in=ACTIVE_STATES, pk__in=scanning).order_by("id")
    count = jobs.count()
    return tuple(job_messages(jobs[:MOST_JOBS])), max(count - MOST_JOBS, 0)


def _folders(user: User) -> WatchedFolders:
    folders = list(access_watch_folders(user).filter(is_active=True).values_list("error", "looked_at"))
    times = [looked_at for _, looked_at in folders if looked_at]
    return WatchedFolders(len(folders), sum(bool(error) for error, _ in folders), max(times, default=None))
