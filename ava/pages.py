"""Page-shaped reads of titles, films and jobs: a constant number of queries however much there is to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from ava.filmstrip import TILE_WIDTH_PX, TILES_A_ROW, tile_height_px, tile_step
from ava.media.timecode import film_timecode
from ava.models import ACTIVE_STATES, Chunk, Job, Shot, Title, Upload, User, Video, WorkState
from ava.progress import job_message
from ava.selectors import access_jobs, access_titles, access_uploads
from ava.signal_names import SignalGroup, group_signals, name_signals
from ava.signals import known_columns
from ava.video_facts import video_info

TITLES_A_PAGE = 48
JOBS_A_PAGE = 25

FIRST_SIGNALS = ("exposure.brightness", "sharpness.sharpness", "motion.flow_magnitude")
"""The curves a title page begins with."""

SCALE_MARKS = {
    "extreme_close_up": "ECU", "close_up": "CU", "medium": "MS", "cowboy": "CS", "full": "FS", "long": "LS",
    "extreme_long": "ELS",
}  # fmt: skip
"""The abbreviations of shot lists."""

CAMERA_MARKS = {"static": "", "pan": "↔", "tilt": "↕", "zoom": "⊕", "handheld": "≈", "tracking": "⇉"}

TITLE_STATES = {
    "done": "Analysed",
    "running": "Being analysed",
    "queued": "Waiting",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "scanned": "Scanned for pixel errors",
    "new": "Not analysed",
    "no-film": "No film yet",
}
TITLE_SORTS = {"name": "Name", "newest": "Newest first", "analysed": "Last analysed"}


@dataclass(frozen=True, slots=True)
class TitleFilters:
    """What the titles page was asked for, cleaned: anything unknown is ignored."""

    words: str = ""
    kind: str = ""
    state: str = ""
    sort: str = "name"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "TitleFilters":
        return cls(
            words=query.get("q", "").replace("\x00", "").strip(),
            kind=query.get("kind", "") if query.get("kind") in Title.Kind.values else "",
            state=query.get("state", "") if query.get("state") in TITLE_STATES else "",
            sort=query.get("sort", "") if query.get("sort") in TITLE_SORTS else "name",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.kind or self.state)


def titles_page(user: User, *, filters: TitleFilters, number: str | int = 1) -> Page:
    """One page of title cards; each carries `state`, `state_label`, `poster_id`, `poster_timecode` and active `job`."""
    titles = _with_state(access_titles(user).select_related("parent"))
    for word in filters.words.split():
        titles = titles.filter(Q(name__icontains=word) | Q(parent__name__icontains=word))
    if filters.kind:
        titles = titles.filter(kind=filters.kind)
    if filters.state:
        titles = titles.filter(state=filters.state)
    page = Paginator(titles.order_by(*_title_order(filters.sort)), TITLES_A_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    shown = [title.pk for title in page.object_list]
    jobs, posters = _active_jobs(shown), _posters(shown)
    for title in page.object_list:
        title.job = jobs.get(title.pk)
        title.poster_id, title.poster_timecode = posters.get(title.pk, (None, ""))
        title.state_label = TITLE_STATES[title.state]
    return page


def _with_state(titles: QuerySet[Title]) -> QuerySet[Title]:
    """Annotate how far the newest analysis of any of a title's videos is; scans that ended do not tell."""
    jobs = Job.objects.filter(video__title=OuterRef("pk")).order_by("-created_at", "-id")
    ended_scans = Q(kind=Job.Kind.SCAN, state__in=[WorkState.DONE, WorkState.CANCELLED])
    is_scanned = Exists(jobs.filter(kind=Job.Kind.SCAN, state=WorkState.DONE))
    has_film = Exists(Video.objects.filter(title=OuterRef("pk")))
    return titles.annotate(
        state=Coalesce(
            Subquery(jobs.exclude(ended_scans).values("state")[:1]),
            Case(
                When(is_scanned, then=Value("scanned")),
                When(has_film, then=Value("new")),
                default=Value("no-film"),
                output_field=CharField(),
            ),
        )
    )


def _title_order(sort: str) -> tuple[Any, ...]:
    if sort == "newest":
        return ("-created_at", "-id")
    if sort == "analysed":
        analyses = Job.objects.filter(video__title=OuterRef("pk"), kind=Job.Kind.ANALYSIS)
        done = analyses.filter(state=WorkState.DONE).order_by("-finished_at")
        return (Subquery(done.values("finished_at")[:1]).desc(nulls_last=True), "-id")
    return ("name", "season", "episode", "id")


def _posters(titles: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Title → id and timecode of the best still of its newest film that has one."""
    best = Video.objects.filter(title__in=list(titles), stills__rank=1).exclude(stills__image="")
    rows = best.order_by("title_id", "-created_at", "-id", "stills__id").distinct("title_id")
    return {
        title: (still, timecode)
        for title, still, timecode in rows.values_list("title_id", "stills__id", "stills__timecode")
    }


def _active_jobs(titles: Iterable[int]) -> dict[int, dict[str, Any]]:
    jobs = Job.objects.filter(video__title__in=list(titles), state__in=ACTIVE_STATES)
    return {message["title_id"]: message for message in job_messages(jobs)}


def job_messages(jobs: QuerySet[Job]) -> list[dict[str, Any]]:
    """Jobs as the websocket tells them, in their order, in three queries."""
    rows = list(jobs.select_related("video__title").defer(*_packed("video__")).prefetch_related("stages"))
    measured = Chunk.objects.filter(video__in={job.video_id for job in rows if job.is_active})
    frames = dict(measured.values_list("video").annotate(Sum("frames_done")).order_by())
    return [job_message(job, frames_done=frames.get(job.video_id, 0)) for job in rows]


def _packed(prefix: str = "") -> tuple[str, ...]:
    """Frame times are long and no list shows them."""
    return (f"{prefix}frame_pts", f"{prefix}keyframes")


def titles_among(user: User, titles: Iterable[int], *, roles: Iterable[str]) -> set[int]:
    """Those of the titles for which the user holds one of the roles."""
    return set(access_titles(user, roles=roles).filter(pk__in=list(titles)).values_list("pk", flat=True))


def jobs_page(user: User, *, state: str, number: str | int = 1) -> tuple[Page, dict[str, int]]:
    """One page of jobs the user may see, those at work first, and how many there are in each state."""
    jobs = access_jobs(user)
    counts = dict(jobs.order_by().values_list("state").annotate(Count("pk")))
    if state in WorkState.values:
        jobs = jobs.filter(state=state)
    at_work = Case(When(state__in=ACTIVE_STATES, then=0), default=1)
    page = Paginator(jobs.order_by(at_work, "-created_at", "-id"), JOBS_A_PAGE).get_page(number)
    page.object_list = job_messages(page.object_list)
    return page, counts


@dataclass(frozen=True, slots=True)
class TitlePage:
    title: Title
    videos: list[Video]
    video: Video | None
    film: dict[str, Any] | None
    shots: list[Shot]
    job: dict[str, Any] | None
    uploads: list[Upload]
    relatives: list[Title]
    stills: list[Any]
    still_count: int
    signal_groups: list[SignalGroup]
    shown_signals: list[str]

    @property
    def job_pattern(self) -> str:
        return url_pattern("job")

    @property
    def first_shots(self) -> list[Shot]:
        """As many as a page without scripts shows; the timeline draws them all."""
        return self.shots[:60]


def title_page(user: User, title: Title, *, query: Mapping[str, str]) -> TitlePage:
    """Everything the title page shows about one title and one of its videos (by default the newest)."""
    video_id = query.get("video", "")
    known = known_columns()
    asked = query.get("signals", ",".join(FIRST_SIGNALS)).split(",")
    videos = list(title.videos.defer(*_packed()))
    video = next((each for each in videos if str(each.pk) == video_id), videos[0] if videos else None)
    shots = list(video.shots.all()) if video else []
    jobs = job_messages(video.jobs.order_by("-created_at", "-id")[:1]) if video else []
    stills = video.stills.exclude(image="").select_related("shot").order_by("rank", "id")[:12] if video else []
    return TitlePage(
        title=title,
        videos=videos,
        video=video,
        film=film_facts(video, shots=shots) if video else None,
        shots=shots,
        job=jobs[0] if jobs else None,
        uploads=list(access_uploads(user).filter(title=title, video=None)),
        relatives=list(access_titles(user).filter(parent=title).select_related("parent")[:200]),
        stills=list(stills),
        still_count=video.stills.count() if video else 0,
        signal_groups=group_signals(name_signals(known)),
        shown_signals=[name for name in known if name in asked],
    )


def film_facts(video: Video, *, shots: list[Shot]) -> dict[str, Any]:
    """What the player and the timeline need to know of a film, ready for JSON."""
    info = video_info(video)
    return {
        "video_id": video.pk,
        "frame_count": video.frame_count,
        "fps": [video.fps_num, video.fps_den],
        "start_timecode": video.start_timecode,
        "width": video.width,
        "height": video.height,
        "first_s": info.time_s(0),
        "is_vfr": video.is_vfr,
        "shots": [[shot.start_frame, shot.end_frame, shot.transition, shot.scale, shot.camera] for shot in shots],
        "words": {
            "scale": _short_and_long(SCALE_MARKS, Shot.Scale),
            "camera": _short_and_long(CAMERA_MARKS, Shot.Camera),
        },
        "transitions": list(map(list, video.transitions.values_list("kind", "start_frame", "end_frame"))),
        "strip": {
            "chunks": list(map(list, video.chunks.values_list("index", "start_frame", "end_frame"))),
            "step": tile_step(video),
            "tile": [TILE_WIDTH_PX, tile_height_px(video)],
            "tiles_a_row": TILES_A_ROW,
        },
        "urls": {
            "film": reverse("film", args=[video.pk]),
            "signals": reverse("signals", args=[video.pk]),
            "annotations": reverse("api-video-annotations", args=[video.pk]),
            "frame": url_pattern("video-frame", video.pk),
            "strip": url_pattern("video-filmstrip", video.pk),
        },
    }


def _short_and_long(marks: Mapping[str, str], names: type[TextChoices]) -> dict[str, list[str]]:
    """Value → its mark for narrow places and its word."""
    return {value: [marks[value], str(label)] for value, label in names.choices}


def frame_times_s(video: Video) -> list[float]:
    """When a player shows each frame: a film of variable rate has to tell them one by one."""
    info = video_info(video)
    seconds = info.frame_pts * float(info.time_base) - float(info.time_origin_s)
    times: list[float] = seconds.round(6).tolist()
    return times


_PLACE = 987654321


def url_pattern(name: str, *owners: int) -> str:
    """The address of any frame, chunk or job, with `{n}` where its number goes."""
    return reverse(name, args=[*owners, _PLACE]).replace(str(_PLACE), "{n}")


def frame_timecode(video: Video, frame_index: int) -> str:
    """A frame's timecode as the film counts it."""
    return film_timecode(video_info(video), frame_index)
