"""Page-shaped reads of the stills board: a constant number of queries, whether a film has 50 stills or 5,000."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, Literal, NamedTuple

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict

from ava.models import Title, Video
from ava.pages import frame_timecode
from ava.signal_names import SignalName, name_signals
from curation.decisions import UNDECIDED, DecisionState, current_decisions, current_state
from curation.models import Decision, Still
from curation.stills.parts import PART_WEIGHTS

STILLS_A_PAGE = 48
VERDICTS = {"": "All", "undecided": "Undecided", "pick": "Picked", "reject": "Rejected"}
PLAIN_SORTS = {"rank": "Rank", "time": "Time in the film", "stars": "Stars"}


@dataclass(frozen=True, slots=True)
class StillFilters:
    """What the board was asked for, cleaned: anything unknown is ignored.

    `shots` are 0-based inclusive spans; `ranges` map "annotator.column" to (lowest, highest).
    """

    verdict: str = ""
    least_stars: int = 0
    shots: tuple[tuple[int, int], ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sort: str = "rank"

    @classmethod
    def read(cls, query: Mapping[str, str], *, columns: Iterable[str]) -> "StillFilters":
        columns = list(columns)
        ranges = {
            name: (low, high)
            for name in columns
            if (low := _number(query.get(f"{name}.min", ""), -inf))
            < (high := _number(query.get(f"{name}.max", ""), inf))
            or low == high
        }
        stars, sort = query.get("stars", ""), query.get("sort", "")
        return cls(
            verdict=query.get("verdict", "") if query.get("verdict") in VERDICTS else "",
            least_stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else 0,
            shots=_shot_spans(query.get("shot", "")),
            ranges={name: span for name, span in ranges.items() if span != (-inf, inf)},
            sort=sort if sort in PLAIN_SORTS or sort.removeprefix("-") in columns else "rank",
        )


def _number(text: str, default: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return default
    return number if isfinite(number) else default


def _shot_spans(text: str) -> tuple[tuple[int, int], ...]:
    """ "3-9, 12" as people count shots, from 1, in 0-based spans."""
    found = re.findall(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?", text)
    spans = ((int(first) - 1, int(last or first) - 1) for first, last in found)
    return tuple((first, last) for first, last in spans if 0 <= first <= last)


@dataclass(frozen=True, slots=True)
class BoardPage:
    videos: list[Video]
    video: Video | None
    signals: list[SignalName]
    filters: StillFilters
    page: Page
    total: int
    counts: dict[str, int]
    is_provisional: bool

    @property
    def filters_more(self) -> bool:
        """Whether a signal that people seldom ask for is among the filters."""
        return any(name.column in self.filters.ranges for name in self.signals if not name.is_main)


def choose_video(title: Title, *, video_id: str) -> tuple[list[Video], Video | None]:
    """The title's videos and the one meant: by its id, else the newest that has stills, else the newest."""
    rank_one = Still.objects.filter(video=OuterRef("pk")).order_by("rank")
    videos = list(title.videos.defer("frame_pts", "keyframes").annotate(best_still=Subquery(rank_one.values("pk")[:1])))
    asked = (each for each in videos if str(each.pk) == video_id)
    with_stills = (each for each in videos if each.best_still is not None)
    return videos, next(asked, None) or next(with_stills, None) or next(iter(videos), None)


def board_page(title: Title, *, query: QueryDict, with_cards: bool = True) -> BoardPage:
    """One page of ranked stills with their decisions, as the board shows them before its script runs."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    stills = Still.objects.filter(video=video) if video else Still.objects.none()
    sample = stills.order_by("rank", "id").values("signals", "provisional").first() or {}
    signals = name_signals(sorted(sample.get("signals", {})))
    columns = [name.column for name in signals]
    filters = StillFilters.read(query, columns=columns)
    page = Paginator(_narrow(stills, filters).select_related("shot"), STILLS_A_PAGE).get_page(query.get("page", 1))
    decisions = current_decisions(video) if video else {}
    shown = page.object_list if with_cards else []
    page.object_list = [describe(still, decisions.get(still.frame_index, UNDECIDED)) for still in shown]
    picked = sum(state.verdict == Decision.Verdict.PICK for state in decisions.values())
    rejected = sum(state.verdict == Decision.Verdict.REJECT for state in decisions.values())
    total = stills.count()
    return BoardPage(
        videos=videos,
        video=video,
        signals=signals,
        filters=filters,
        page=page,
        total=total,
        counts={"pick": picked, "reject": rejected, "undecided": max(total - picked - rejected, 0)},
        is_provisional=bool(sample.get("provisional")),
    )


def _narrow(stills: QuerySet[Still], filters: StillFilters) -> QuerySet[Still]:
    newest = Decision.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index")).order_by("-id")
    if filters.verdict or filters.least_stars or filters.sort == "stars":
        stills = stills.annotate(
            verdict_now=Coalesce(Subquery(newest.values("verdict")[:1]), Value("")),
            stars_now=Coalesce(Subquery(newest.values("stars")[:1]), 0),
        )
    if filters.verdict:
        stills = stills.filter(verdict_now="" if filters.verdict == "undecided" else filters.verdict)
    if filters.least_stars:
        stills = stills.filter(stars_now__gte=filters.least_stars)
    if filters.shots:
        spans = Q()
        for first, last in filters.shots:
            spans |= Q(shot__index__range=(first, last))
        stills = stills.filter(spans)
    for name, (low, high) in filters.ranges.items():
        value = _signal(name)
        stills = stills.annotate(**{f"value_{_alias(name)}": value})
        if low > -inf:
            stills = stills.filter(**{f"value_{_alias(name)}__gte": low})
        if high < inf:
            stills = stills.filter(**{f"value_{_alias(name)}__lte": high})
    return stills.order_by(*_order(filters.sort))


def _alias(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _signal(name: str) -> Cast:
    return Cast(KeyTextTransform(name, "signals"), FloatField())


def _order(sort: str) -> list[Any]:
    if sort == "time":
        return ["frame_index"]
    if sort == "stars":
        return ["-stars_now", "rank", "id"]
    if sort == "rank":
        return ["rank", "id"]
    value = _signal(sort.removeprefix("-"))
    return [value.desc(nulls_last=True) if sort.startswith("-") else value.asc(nulls_last=True), "rank", "id"]


@dataclass(frozen=True, slots=True)
class StillCard:
    """A still, or a frame that is none yet, as a person sees it."""

    frame_index: int
    timecode: str
    still: Still | None
    shot_number: int | None
    verdict: str
    stars: int
    alt: str

    @property
    def is_picked(self) -> bool:
        return self.verdict == Decision.Verdict.PICK

    @property
    def is_rejected(self) -> bool:
        return self.verdict == Decision.Verdict.REJECT

    @property
    def mark(self) -> str:
        """What people have said about it, in a few characters: "✓ Picked ★★★"."""
        verdict = {"pick": "✓ Picked", "reject": "✕ Rejected"}.get(self.verdict, "")
        provisional = "Provisional" if self.still and self.still.provisional else ""
        return " ".join(part for part in (verdict, "★" * self.stars, provisional) if part)


def describe(still: Still, state: DecisionState) -> StillCard:
    shot_number = still.shot.index + 1 if still.shot else None
    return StillCard(
        frame_index=still.frame_index,
        timecode=still.timecode,
        still=still,
        shot_number=shot_number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(still.timecode, shot_number=shot_number, words=words_for(still.signals, still.explanation)),
    )


def alt_text(timecode: str, *, shot_number: int | None, words: str) -> str:
    """What a picture shows as far as it is measured: "Still at 00:00:12:05, shot 4, sharp, bright"."""
    shot = f"shot {shot_number}" if shot_number else ""
    return ", ".join(part for part in (f"Still at {timecode}", shot, words) if part)


class WordRule(NamedTuple):
    """When a measurement earns a still a word: below `low` the one, above `high` the other."""

    source: Literal["parts", "signals"]
    name: str
    low: float
    low_word: str
    high: float
    high_word: str


WORD_RULES = (
    WordRule("parts", "sharpness", 0.3, "soft", 0.7, "sharp"),
    WordRule("parts", "colour", 0.15, "muted", 0.7, "colourful"),
    WordRule("signals", "exposure.brightness", 0.22, "dark", 0.58, "bright"),
    WordRule("signals", "exposure.contrast", 0.1, "flat", 0.24, "contrasty"),
)


def words_for(signals: Mapping[str, float], parts: Mapping[str, float]) -> str:
    """The few words that the measurements allow about a still, such as "sharp, bright"."""
    words = []
    for rule in WORD_RULES:
        value = (parts if rule.source == "parts" else signals).get(rule.name)
        if value is not None:
            words += [rule.low_word] if value < rule.low else [rule.high_word] if value > rule.high else []
    return ", ".join(words)


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a still's score: its value, 0–1, and how much of the whole it can give."""

    label: str
    value: float
    weight_percent: int | None


@dataclass(frozen=True, slots=True)
class OpenStill:
    """The large view: a frame, what is known of it, its neighbours in the film and in the list."""

    card: StillCard
    parts: list[ScorePart]
    measured: list[tuple[SignalName, float]]
    before: int | None
    after: int | None
    previous_frame: int | None
    next_frame: int | None
    place: int | None
    of: int


def open_still(board: BoardPage, *, frame_index: int) -> OpenStill | None:
    """The frame as the large view shows it; None when the film has no such frame."""
    video = board.video
    if video is None or not 0 <= frame_index < video.frame_count:
        return None
    still = Still.objects.filter(video=video, frame_index=frame_index).select_related("shot").first()
    state = current_state(video, frame_index=frame_index)
    card = describe(still, state) if still else _bare_frame(video, frame_index, state)
    order = list(_narrow(Still.objects.filter(video=video), board.filters).values_list("frame_index", flat=True))
    place = order.index(frame_index) if frame_index in order else None
    signals = still.signals if still else {}
    return OpenStill(
        card=card,
        parts=score_parts(still.explanation) if still else [],
        measured=[(name, signals[name.column]) for name in board.signals if signals.get(name.column) is not None],
        before=frame_index - 1 if frame_index > 0 else None,
        after=frame_index + 1 if frame_index + 1 < video.frame_count else None,
        previous_frame=order[place - 1] if place else None,
        next_frame=order[place + 1] if place is not None and place + 1 < len(order) else None,
        place=place + 1 if place is not None else None,
        of=len(order),
    )


def _bare_frame(video: Video, frame_index: int, state: DecisionState) -> StillCard:
    shot = video.shots.filter(start_frame__lte=frame_index, end_frame__gt=frame_index).first()
    timecode, number = frame_timecode(video, frame_index), shot.index + 1 if shot else None
    return StillCard(
        frame_index=frame_index,
        timecode=timecode,
        still=None,
        shot_number=number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(timecode, shot_number=number, words="").replace("Still", "Frame", 1),
    )


def score_parts(explanation: Mapping[str, float]) -> list[ScorePart]:
    """The parts of a score, weightiest first."""
    parts = [
        ScorePart(
            label=name.replace("_", " ").capitalize(),
            value=value,
            weight_percent=round(PART_WEIGHTS[name] * 100) if name in PART_WEIGHTS else None,
        )
        for name, value in explanation.items()
    ]
    return sorted(parts, key=lambda part: -(part.weight_percent or 0))


_INDEX_COLUMNS = {
    "id": "id::text",
    "frame": "frame_index::text",
    "timecode": "to_json(timecode)::text",
    "rank": "rank::text",
    "score": "round(score::numeric, 4)::text",
    "provisional": "provisional::int::text",
    "shot": "coalesce((shot_index + 1)::text, 'null')",
    "verdict": "to_json(coalesce(verdict, ''))::text",
    "stars": "coalesce(stars, 0)::text",
}
_INDEX_ROWS = """
    SELECT still.id, still.frame_index, still.timecode, still.rank, still.score, still.provisional,
           still.signals, still.explanation, shot.index AS shot_index, said.verdict, said.stars
    FROM curation_still still
    LEFT JOIN ava_shot shot ON shot.id = still.shot_id
    LEFT JOIN (
        SELECT DISTINCT ON (frame_index) frame_index, verdict, stars
        FROM curation_decision WHERE video_id = %s ORDER BY frame_index, id DESC
    ) said ON said.frame_index = still.frame_index
    WHERE still.video_id = %s ORDER BY still.rank, still.id
"""


def stills_index(video: Video) -> str:
    """Every still of a film in columns, best first, as JSON: small and quick enough for 5,000 at once.

    Postgres writes the columns, since reading 5,000 rows into Python and writing them out again takes ten times
    as long. Read in two queries.
    """
    best = Still.objects.filter(video=video).order_by("rank", "id").values_list("signals", flat=True).first()
    signals = [name.column for name in name_signals(sorted(best or {}))]
    parts = [rule.name for rule in WORD_RULES if rule.source == "parts"]
    measured = ["coalesce(signals ->> %s, 'null')"] * len(signals) + ["coalesce(explanation ->> %s, 'null')"] * len(
        parts
    )
    columns = ", ".join(f"string_agg({each}, ',')" for each in [*_INDEX_COLUMNS.values(), *measured])
    query = f"SELECT {columns} FROM ({_INDEX_ROWS}) stills"  # noqa: S608 (made of the constants above)
    with connection.cursor() as cursor:
        cursor.execute(query, [*signals, *parts, video.pk, video.pk])
        written = [f"[{column or ''}]" for column in cursor.fetchone()]
    plain, measures = written[: len(_INDEX_COLUMNS)], written[len(_INDEX_COLUMNS) :]
    members = dict(zip(_INDEX_COLUMNS, plain, strict=True)) | {
        "video": str(video.pk),
        "signals": _json_object(dict(zip(signals, measures[: len(signals)], strict=True))),
        "parts": _json_object(dict(zip(parts, measures[len(signals) :], strict=True))),
        "word_rules": json.dumps([rule._asdict() for rule in WORD_RULES]),
    }
    return _json_object(members)


def _json_object(members: Mapping[str, str]) -> str:
    """A JSON object of members that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
