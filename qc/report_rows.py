"""A title's flags as the report that writers of files understand."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from ava.handoff.films import Film, Span, describe_film, describe_spans
from ava.models import Title, User, Video
from ava.video_facts import video_info
from qc.flag_places import keep_places
from qc.models import PixelDecision, PixelFlag
from qc.report_facts import report_facts
from qc.report_request import ReportRequest, reported
from qc.reports.marks import Mark, Report, Summary, Word
from qc.reviewing import visible_decisions

_COLUMNS = (
    "pk", "video_id", "kind", "state", "spans", "x", "y", "area_px", "amplitude", "confidence", "shot__index",
    "raised_by__version", "place",
)  # fmt: skip
_AT_ONCE = 5000


def make_report(title: Title, *, user: User, asked: ReportRequest) -> Report:
    """The report of a title's flags, as far as the user may know what was said; they may see the title.

    Reads flags in a constant number of queries, and one a film.
    """
    keep_places(title)
    rows = list(asked.flags(title).values(*_COLUMNS))
    wanted = {row["video_id"] for row in rows} if asked.video is None else {asked.video}
    videos = Video.objects.filter(title=title, pk__in=wanted).order_by("created_at", "id")
    infos = {video.pk: video_info(video) for video in videos}
    films = {video.pk: describe_film(infos[video.pk], name=video.original_name) for video in videos}
    words = _words([row["pk"] for row in rows], user=user)
    at_place = _counts_at_places(title)
    marks = [
        _mark(row, film=films[row["video_id"]], spans=describe_spans(infos[row["video_id"]], spans=row["spans"]),
              words=words.get(row["pk"], ()), at_place=at_place.get(row["place"], 1))
        for row in rows if row["video_id"] in films
    ]  # fmt: skip
    return Report(
        title=str(title),
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        states=asked.states,
        films=tuple(films.values()),
        marks=tuple(mark for mark in marks if mark.spans),
        summary=Summary(counts=count_flags(title, video=asked.video), facts=report_facts(title, user=user)),
    )


def count_flags(title: Title, *, video: int | None = None) -> dict[str, dict[str, int]]:
    """Kind → state → how many flags of a title, or of one of its films, that stand; every kind and state is there."""
    flags = reported(title) if video is None else reported(title).filter(video=video)
    counted = {
        (row["kind"], row["state"]): row["count"]
        for row in flags.order_by().values("kind", "state").annotate(count=Count("pk"))
    }
    return {
        kind: {state: counted.get((kind, state), 0) for state in PixelFlag.State.values}
        for kind in PixelFlag.Kind.values
    }


def _mark(row: dict[str, Any], *, film: Film, spans: tuple[Span, ...], words: Sequence[Word], at_place: int) -> Mark:
    index, version = row["shot__index"], row["raised_by__version"]
    return Mark(
        number=row["pk"], film=film, kind=row["kind"], state=row["state"], spans=spans, x=row["x"], y=row["y"],
        area_px=row["area_px"], amplitude=row["amplitude"], confidence=row["confidence"],
        shot=None if index is None else index + 1, model="" if version is None else str(version), at_place=at_place,
        words=tuple(words),
    )  # fmt: skip


def _words(flags: Sequence[int], *, user: User) -> dict[int, list[Word]]:
    """Flag → what everybody whose word the user may see says of it now, the newest of each."""
    newest: dict[int, dict[str, Word]] = defaultdict(dict)
    for start in range(0, len(flags), _AT_ONCE):
        said = PixelDecision.objects.filter(flag__in=flags[start : start + _AT_ONCE], stands=True)
        columns = ("flag_id", "user__username", "verdict", "created_at")
        for flag, who, verdict, at in visible_decisions(said, user=user).order_by("id").values_list(*columns):
            newest[flag][who] = Word(who, verdict, timezone.localtime(at).isoformat(timespec="seconds"))
    return {flag: sorted(words.values(), key=lambda word: word.said_at) for flag, words in newest.items()}


def _counts_at_places(title: Title) -> Counter[int]:
    counted = reported(title).exclude(place=None).order_by().values("place").annotate(count=Count("pk"))
    return Counter({row["place"]: row["count"] for row in counted})
