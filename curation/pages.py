"""Page-shaped reads of the stills board: a constant number of queries, whether a film has 50 stills or 5,000."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import QueryDict

from ava.models import Title, Video
from ava.pages import frame_timecode
from ava.signal_names import LIGHT, SignalGroup, SignalName, group_signals, name_signals
from curation.active_filters import ActiveFilter, active_filters
from curation.decisions import UNDECIDED, DecisionState, current_decisions, current_state
from curation.frame_facts import FrameFacts, frame_facts
from curation.models import Decision, Still
from curation.palette_facts import Swatch, read_palette
from curation.people_filters import MODE_WORDS, MODES
from curation.still_facts import FACETS, Facet, facets_json, word_rules_json, words_for
from curation.still_filters import StillFilters
from curation.still_people import MANY, Person, cast_json, cast_of_board, name_people, people_in_frames
from curation.stills.parts import PART_WEIGHTS

STILLS_A_PAGE = 48
OVERLAYS = (
    ("F", "faces", "Faces"),
    ("G", "grid", "Thirds"),
    ("S", "saliency", "Saliency"),
    ("T", "text", "Text"),
    ("M", "motion", "Motion"),
    ("B", "bodies", "Bodies"),
)
"""What can be laid over a large still: its key, its name in addresses and scripts, its label."""

_COLUMN = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class BoardPage:
    videos: list[Video]
    video: Video | None
    signals: list[SignalName]
    facets: list[Facet]
    cast: list[Person]
    filters: StillFilters
    active: list[ActiveFilter]
    page: Page
    total: int
    counts: dict[str, int]
    is_provisional: bool

    @property
    def signal_groups(self) -> list[SignalGroup]:
        return group_signals(self.signals)

    @property
    def people(self) -> list[Person]:
        """Who is offered as a filter: those who are seen in this film, and those who are asked for all the same."""
        return [person for person in self.cast if person.is_seen or person.pk in self.filters.people]

    @property
    def are_people_many(self) -> bool:
        return len(self.people) >= MANY

    @property
    def people_modes(self) -> Mapping[str, str]:
        return MODES

    @property
    def people_mode_words(self) -> Mapping[str, str]:
        return MODE_WORDS

    @property
    def open_groups(self) -> set[str]:
        """Groups of signals that are shown unfolded: those with a filter in force and, at first, the light's."""
        return {name.group for name in self.signals if name.column in self.filters.ranges} or {LIGHT}


def choose_video(title: Title, *, video_id: str) -> tuple[list[Video], Video | None]:
    """The title's videos and the one meant: by its id, else the newest that has stills, else the newest.

    Each carries `is_provisional`, whether its best still is; None without stills.
    """
    best = Still.objects.filter(video=OuterRef("pk")).order_by("rank", "id").values("provisional")[:1]
    videos = list(title.videos.defer("frame_pts", "keyframes").annotate(is_provisional=Subquery(best)))
    asked = (each for each in videos if str(each.pk) == video_id)
    with_stills = (each for each in videos if each.is_provisional is not None)
    return videos, next(asked, None) or next(with_stills, None) or next(iter(videos), None)


def board_page(title: Title, *, query: QueryDict, with_cards: bool = True) -> BoardPage:
    """One page of ranked stills with their decisions, as the board shows them before its script runs."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    stills = Still.objects.filter(video=video) if video else Still.objects.none()
    columns = measured_columns(video) if video else []
    signals = name_signals(columns)
    cast = cast_of_board(video) if video else []
    filters = StillFilters.read(
        query, columns=[name.column for name in signals], people=[person.pk for person in cast]
    )
    page = Paginator(filters.narrow(stills).select_related("shot"), STILLS_A_PAGE).get_page(query.get("page", 1))
    decisions = current_decisions(video) if video else {}
    shown = page.object_list if with_cards else []
    page.object_list = _describe_all(shown, video=video, decisions=decisions, cast=cast)
    picked = sum(state.verdict == Decision.Verdict.PICK for state in decisions.values())
    rejected = sum(state.verdict == Decision.Verdict.REJECT for state in decisions.values())
    total = stills.count()
    return BoardPage(
        videos=videos,
        video=video,
        signals=signals,
        facets=known_facets(video, columns=columns, chosen=filters.facets) if video else [],
        cast=cast,
        filters=filters,
        active=active_filters(filters, query=query, signals=signals, cast=cast),
        page=page,
        total=total,
        counts={"pick": picked, "reject": rejected, "undecided": max(total - picked - rejected, 0)},
        is_provisional=bool(video and video.is_provisional),
    )


def _describe_all(
    stills: Iterable[Still], *, video: Video | None, decisions: Mapping[int, DecisionState], cast: Sequence[Person]
) -> list["StillCard"]:
    stills = list(stills)
    seen = people_in_frames(video, [still.frame_index for still in stills]) if video and stills else {}
    return [
        describe(
            still,
            decisions.get(still.frame_index, UNDECIDED),
            people=name_people(cast, seen.get(still.frame_index, ())),
        )
        for still in stills
    ]


def measured_columns(video: Video) -> list[str]:
    """Every "annotator.column" that any still of a film has a value of; one still may lack what another has."""
    query = "SELECT DISTINCT key FROM curation_still, jsonb_object_keys(signals) key WHERE video_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [video.pk])
        return sorted(key for (key,) in cursor.fetchall() if _COLUMN.fullmatch(key))


def known_facets(video: Video, *, columns: Collection[str], chosen: Collection[str]) -> list[Facet]:
    """The facets that something is known for, of the stills' measurements or of the shots, and those in force."""
    named = video.shots.aggregate(scale=Count("pk", filter=~Q(scale="")), camera=Count("pk", filter=~Q(camera="")))
    have = {("shot", name) for name, count in named.items() if count} | {("signals", name) for name in columns}
    return [
        facet
        for facet in FACETS
        if facet.name in chosen or any((choice.test.source, choice.test.name) in have for choice in facet.choices)
    ]


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


def describe(still: Still, state: DecisionState, *, people: str) -> StillCard:
    """A still as a person sees it; `people` are the names of those who are in it."""
    shot_number = still.shot.index + 1 if still.shot else None
    return StillCard(
        frame_index=still.frame_index,
        timecode=still.timecode,
        still=still,
        shot_number=shot_number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(still.timecode, shot_number=shot_number, people=people, words=words_for(_facts_of(still))),
    )


def _facts_of(still: Still) -> dict[str, Mapping[str, Any]]:
    """A still's facts by source and name, as their tests ask for them."""
    shot = {"scale": still.shot.scale, "camera": still.shot.camera} if still.shot else {}
    return {"signals": still.signals, "parts": still.explanation, "shot": shot}


def alt_text(timecode: str, *, shot_number: int | None, people: str, words: str) -> str:
    """What a picture shows as far as it is known: "Still at 00:00:12:05, shot 4, Anna and Ben, two faces, bright"."""
    shot = f"shot {shot_number}" if shot_number else ""
    return ", ".join(part for part in (f"Still at {timecode}", shot, people, words) if part)


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a still's score: its value, 0–1, and how much of the whole it can give."""

    label: str
    value: float
    weight_percent: int | None


@dataclass(frozen=True, slots=True)
class MeasuredGroup:
    """What was measured of one thing, such as light: signals and their values as people read them."""

    label: str
    values: list[tuple[SignalName, str]]


@dataclass(frozen=True, slots=True)
class OpenStill:
    """The large view: a frame, what is known of it, its neighbours in the film and in the list."""

    card: StillCard
    parts: list[ScorePart]
    measured: list[MeasuredGroup]
    facts: FrameFacts
    palette: list[Swatch]
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
    people = name_people(board.cast, people_in_frames(video, [frame_index]).get(frame_index, ()))
    card = describe(still, state, people=people) if still else _bare_frame(video, frame_index, state, people=people)
    order = list(board.filters.narrow(Still.objects.filter(video=video)).values_list("frame_index", flat=True))
    place = order.index(frame_index) if frame_index in order else None
    signals = still.signals if still else {}
    return OpenStill(
        card=card,
        parts=score_parts(still.explanation) if still else [],
        measured=[
            MeasuredGroup(group.label, [(name, name.write(signals[name.column])) for name in group.signals])
            for group in group_signals(name_signals(sorted(signals)))
        ],
        facts=frame_facts(video, frame_index),
        palette=read_palette(signals),
        before=frame_index - 1 if frame_index > 0 else None,
        after=frame_index + 1 if frame_index + 1 < video.frame_count else None,
        previous_frame=order[place - 1] if place else None,
        next_frame=order[place + 1] if place is not None and place + 1 < len(order) else None,
        place=place + 1 if place is not None else None,
        of=len(order),
    )


def _bare_frame(video: Video, frame_index: int, state: DecisionState, *, people: str) -> StillCard:
    shot = video.shot_at(frame_index)
    timecode, number = frame_timecode(video, frame_index), shot.index + 1 if shot else None
    return StillCard(
        frame_index=frame_index,
        timecode=timecode,
        still=None,
        shot_number=number,
        verdict=state.verdict,
        stars=state.stars,
        alt=alt_text(timecode, shot_number=number, people=people, words="").replace("Still", "Frame", 1),
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
    "scale": "to_json(coalesce(scale, ''))::text",
    "camera": "to_json(coalesce(camera, ''))::text",
    "verdict": "to_json(coalesce(verdict, ''))::text",
    "stars": "coalesce(stars, 0)::text",
    "people": "'[' || coalesce(people, '') || ']'",
}
_INDEX_ROWS = """
    SELECT still.id, still.frame_index, still.timecode, still.rank, still.score, still.provisional,
           still.signals, still.explanation, shot.index AS shot_index, shot.scale, shot.camera,
           said.verdict, said.stars, seen.people
    FROM curation_still still
    LEFT JOIN ava_shot shot ON shot.id = still.shot_id
    LEFT JOIN (
        SELECT DISTINCT ON (frame_index) frame_index, verdict, stars
        FROM curation_decision WHERE video_id = %s ORDER BY frame_index, id DESC
    ) said ON said.frame_index = still.frame_index
    LEFT JOIN (
        SELECT face.frame_index, string_agg(DISTINCT coalesce(track.character_id, 0)::text, ',') AS people
        FROM curation_facetrack track JOIN curation_face face ON face.track_id = track.id
        WHERE track.video_id = %s AND track.is_face AND NOT track.is_static GROUP BY face.frame_index
    ) seen ON seen.frame_index = still.frame_index
    WHERE still.video_id = %s ORDER BY still.rank, still.id
"""


def stills_index(video: Video) -> str:
    """Every still of a film in columns, best first, as JSON: small and quick enough for 5,000 at once.

    Postgres writes the columns, since reading 5,000 rows into Python and writing them out again takes ten times
    as long. Read in a constant number of queries. "people" holds the characters of each still, and 0 for a face that
    nobody has recognised.
    """
    signals = [name.column for name in name_signals(measured_columns(video))]
    parts = sorted({rule["test"]["name"] for rule in word_rules_json() if rule["test"]["source"] == "parts"})
    columns = [*_INDEX_COLUMNS.values(), *_taken("measured", signals), *_taken("judged", parts)]
    sums = ", ".join(f"string_agg({column}, ',')" for column in columns)
    rows = f"({_INDEX_ROWS}) stills {_record('signals', 'measured', signals)} {_record('explanation', 'judged', parts)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM {rows}", [video.pk] * 3)  # noqa: S608 (of _COLUMN and constants)
        written = [f"[{column or ''}]" for column in cursor.fetchone()]
    plain, measures = written[: len(_INDEX_COLUMNS)], written[len(_INDEX_COLUMNS) :]
    members = dict(zip(_INDEX_COLUMNS, plain, strict=True)) | {
        "video": str(video.pk),
        "cast": json.dumps(cast_json(video)),
        "signals": _json_object(dict(zip(signals, measures[: len(signals)], strict=True))),
        "parts": _json_object(dict(zip(parts, measures[len(signals) :], strict=True))),
        "facets": json.dumps(facets_json()),
        "word_rules": json.dumps(word_rules_json()),
    }
    return _json_object(members)


def _record(field: str, alias: str, names: list[str]) -> str:
    """A join that takes members out of a JSON field all at once: one by one, each would unpack the field again."""
    if not names:
        return ""
    columns = ", ".join(f"{connection.ops.quote_name(name)} text" for name in names)
    return f"CROSS JOIN LATERAL jsonb_to_record({field}) AS {alias}({columns})"


def _taken(alias: str, names: list[str]) -> list[str]:
    return [f"coalesce({alias}.{connection.ops.quote_name(name)}, 'null')" for name in names]


def _json_object(members: Mapping[str, str]) -> str:
    """A JSON object of members that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
