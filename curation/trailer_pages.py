"""What the trailer map shows: a trailer's shots, each beside its place in the film, or why it has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ava.media.video_info import VideoInfo
from ava.models import Shot, Title, User, Video
from ava.pages import frame_timecode
from ava.selectors import access_videos, packed_fields
from ava.video_facts import video_info
from curation.models import TrailerMatching
from curation.moments.trailer_passages import Reason
from curation.trailer_pairs import due_pairs, due_pairs_of, films_of_title, own_trailers
from curation.trailer_reading import MapPart, access_matchings, read_parts

REASONS = {
    Reason.BLACK: "Black",
    Reason.PLAIN: "A plain picture",
    Reason.CARD: "A card: lettering on a plain ground",
    Reason.SHORT: "Too short to tell",
    Reason.ANOTHER_TAKE: "Another take: the set-up is in the film, but what moves differs",
    Reason.NOT_FOUND: "Nothing in the film looks like it",
}
SHOWN_SPEED = 0.06


class MapRow(NamedTuple):
    """A part of the trailer as the page shows it; `frame` and `film_frame` are the frames of its two pictures."""

    number: int
    part: MapPart
    shot_number: int | None
    frame: int
    film_frame: int | None
    timecode: str
    film_timecode: str
    film_shot: int | None
    length: str
    notes: tuple[str, ...]
    left: float
    width: float
    film_left: float | None
    film_width: float | None
    why: str

    @property
    def headline(self) -> str:
        """In a few words whether it is in the film."""
        if self.part.is_used:
            return "In the film"
        return "Not in the film" if self.part.film_start is None else "Called wrong: not in the film"

    @property
    def last_frame(self) -> int | None:
        return None if self.part.film_end is None else self.part.film_end - 1

    @property
    def confidence_percent(self) -> float:
        return 100 * (self.part.confidence or 0.0)

    @property
    def is_still(self) -> bool:
        """Whether hardly anything moves, so that only the picture itself could tell."""
        return self.part.film_start is not None and self.part.motion_agreement is None


@dataclass(frozen=True)
class TrailerPage:
    """`matchings`: the pairs that can be looked at; `matching`: the one that is, None where there is none (yet);
    `waiting`: it is still to be matched, or any pair where there is none; `is_of_trailer`: the title is itself a
    trailer."""

    title: Title
    matchings: list[TrailerMatching]
    matching: TrailerMatching | None
    rows: list[MapRow]
    trailers: list[Video]
    films: list[Video]
    waiting: bool
    is_of_trailer: bool

    @property
    def compared_percent(self) -> float | None:
        """How much of the trailer is compared, while that is being done for the first time."""
        if self.matching is None or not self.waiting or not self.matching.frames_done:
            return None
        return min(100 * self.matching.frames_done / max(self.matching.trailer.frame_count, 1), 100.0)

    @property
    def used(self) -> list[MapRow]:
        return [row for row in self.rows if row.part.is_used]

    @property
    def missing(self) -> list[MapRow]:
        return [row for row in self.rows if not row.part.is_used]

    @property
    def share_percent(self) -> float:
        """How much of the trailer's pictures is in the film, as far as found."""
        return 100 * self.matching.share_unit if self.matching else 0.0

    @property
    def film_percent(self) -> float:
        """How much of the film the trailer shows, each frame counted once."""
        if self.matching is None:
            return 0.0
        shown: set[int] = set()
        for row in self.used:
            shown.update(range(row.part.film_start or 0, row.part.film_end or 0))
        return 100 * len(shown) / max(self.matching.film.frame_count, 1)


def read_trailer_page(title: Title, *, query: Mapping[str, str], user: User) -> TrailerPage:
    """The map of the pair that the address names (`film`, `trailer`), else of the first; only of what the user sees."""
    seen = access_videos(user)
    films = list(films_of_title(title).filter(pk__in=seen).defer(*packed_fields()).order_by("pk"))
    trailers = list(own_trailers(title).filter(pk__in=seen).defer(*packed_fields()).order_by("pk"))
    matchings = list(title_matchings(title, user=user).select_related("film__title", "trailer__title"))
    matching = _choose(matchings, query)
    return TrailerPage(
        title=title,
        matchings=matchings,
        matching=matching,
        rows=read_rows(matching) if matching and matching.made_at else [],
        trailers=trailers,
        films=films,
        waiting=bool(
            due_pairs([(matching.film_id, matching.trailer_id)]) if matching else due_pairs_of(films, trailers)
        ),
        is_of_trailer=title.kind == Title.Kind.TRAILER,
    )


def title_matchings(title: Title, *, user: User) -> QuerySet[TrailerMatching]:
    """Pairs of a title's films and trailers that the user may both see."""
    rows = access_matchings(user).filter(film__in=films_of_title(title), trailer__in=own_trailers(title))
    return rows.order_by("trailer", "film")


def _choose(matchings: list[TrailerMatching], query: Mapping[str, str]) -> TrailerMatching | None:
    named = [
        each
        for each in matchings
        if query.get("film", str(each.film_id)) == str(each.film_id)
        and query.get("trailer", str(each.trailer_id)) == str(each.trailer_id)
    ]
    made = [each for each in named if each.made_at]
    return next(iter(made or named), None)


def read_rows(matching: TrailerMatching) -> list[MapRow]:
    """Every part of a pair's map, in the trailer's order."""
    film, trailer = matching.film, matching.trailer
    teller = _Teller(film, trailer)
    return [teller.row(number, part) for number, part in enumerate(read_parts(matching), start=1)]


class _Teller:
    """Says of parts what people read; what it needs of both videos is read once."""

    def __init__(self, film: Video, trailer: Video) -> None:
        self.film, self.trailer = film, trailer
        self.infos: dict[int, VideoInfo] = {video.pk: video_info(video) for video in (film, trailer)}
        self.shots = {video.pk: list(video.shots.order_by("start_frame")) for video in (film, trailer)}

    def row(self, number: int, part: MapPart) -> MapRow:
        frame = (part.trailer_start + part.trailer_end) // 2
        film_frame = part.film_frame(frame) if part.film_start is not None else part.first_frame
        has_place = part.film_start is not None and part.film_end is not None
        return MapRow(
            number=number,
            part=part,
            shot_number=self._shot_at(self.trailer, frame),
            frame=frame,
            film_frame=film_frame,
            timecode=frame_timecode(self.trailer, part.trailer_start),
            film_timecode="" if film_frame is None else frame_timecode(self.film, part.film_start or film_frame),
            film_shot=None if film_frame is None else self._shot_at(self.film, film_frame),
            length=f"{(part.trailer_end - part.trailer_start) / self.trailer.fps:.1f} s",
            notes=_notes(part),
            left=_percent(part.trailer_start, self.trailer),
            width=_percent(part.trailer_end - part.trailer_start, self.trailer),
            film_left=_percent(part.film_start or 0, self.film) if has_place else None,
            film_width=_percent((part.film_end or 0) - (part.film_start or 0), self.film) if has_place else None,
            why=REASONS.get(Reason(part.reason), "") if part.reason else "",
        )

    def _shot_at(self, video: Video, frame: int) -> int | None:
        shots: list[Shot] = self.shots[video.pk]
        return next((shot.index + 1 for shot in shots if shot.start_frame <= frame < shot.end_frame), None)


def _percent(frames: int, video: Video) -> float:
    return round(100 * frames / max(video.frame_count, 1), 4)


def _notes(part: MapPart) -> tuple[str, ...]:
    """How the trailer shows the film's frames, where it does not show them as they are."""
    notes = []
    if part.speed is not None:
        if abs(part.speed) < SHOWN_SPEED:
            notes.append("a frozen frame")
        elif part.speed < 0:
            notes.append("backwards")
        if abs(abs(part.speed) - 1) > SHOWN_SPEED and abs(part.speed) >= SHOWN_SPEED:
            notes.append(f"{abs(part.speed):.2g}× speed")
    if part.mirrored:
        notes.append("mirrored")
    if part.window is not None:
        share = max(part.window[2] - part.window[0], part.window[3] - part.window[1])
        narrow = min(part.window[2] - part.window[0], part.window[3] - part.window[1])
        if share < 0.95:
            notes.append(f"enlarged {1 / share:.2f}×")
        elif narrow < 0.95:
            notes.append("cropped to another shape")
    return tuple(notes)


def describe_row(row: MapRow) -> dict[str, Any]:
    """A row as JSON and CSV tell it; frames are half-open spans, times are of players."""
    part = row.part
    return {
        "trailer_shot": row.shot_number,
        "trailer_start_frame": part.trailer_start,
        "trailer_end_frame": part.trailer_end,
        "trailer_timecode": row.timecode,
        "in_film": part.is_used,
        "film_shot": row.film_shot if part.film_start is not None else None,
        "film_start_frame": part.film_start,
        "film_end_frame": part.film_end,
        "film_timecode": row.film_timecode if part.film_start is not None else "",
        "first_frame": part.first_frame if part.film_start is not None else None,
        "speed": part.speed,
        "mirrored": part.mirrored,
        "window": list(part.window) if part.window else None,
        "confidence": None if part.confidence is None else round(part.confidence, 3),
        "reason": part.reason,
        "nearest_frame": part.first_frame if part.film_start is None else None,
        "verdict": part.verdict,
        "said_by": part.said_by,
    }
