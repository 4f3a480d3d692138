"""Hits as the page shows them: a span of a film with its place, its words and why it matched."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from ava.models import Shot, User, Video
from ava.selectors import access_videos, packed_fields
from search.embed.hits import Hit, Reason
from search.film_clocks import FilmClock, film_clocks
from search.models import Encoder, ShotDescription
from search.shot_lookup import at_places
from search.strong_hits import is_strong
from search.words_page import LabelShown

SOURCES = {
    "description": "Description",
    "dialogue": "Dialogue",
    "label": "Label",
    "picture": "Picture",
    "attribute": "Attribute",
}
"""What sources of reasons are called."""
ENCODERS = {
    Encoder.Kind.DESCRIPTION: "Meaning",
    Encoder.Kind.VISION_LANGUAGE: "Picture and words",
    Encoder.Kind.TRAINED: "Learned here",
}
"""What encoders are called, by their kind; their names stand beside that."""
MOST_REASON_LETTERS = 1000
MOST_LEAD_LETTERS = 60
"""Of a reason before its first match."""


class Piece(NamedTuple):
    """A stretch of a reason's text, and whether it is what matched."""

    text: str
    is_match: bool


class ShownReason(NamedTuple):
    """Why something matched, for people: `percent` is its strength within its source."""

    source: str
    label: str
    pieces: tuple[Piece, ...]
    percent: int
    place: str
    """The timecode of what was said, where it is narrower than the shot."""
    rank: int
    """Its place among what this source found of the same search; equals share theirs."""
    encoder: str = ""
    """Its name, where the source is one."""

    @property
    def has_match(self) -> bool:
        return any(piece.is_match for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Card:
    """One hit; frames are half-open, seconds are the player's."""

    video: Video
    number: int
    start_frame: int
    end_frame: int
    open_frame: int
    timecode: str
    start_s: float
    end_s: float
    labels: tuple[str, ...]
    reasons: tuple[ShownReason, ...]
    description: str
    address: str
    is_new: bool = False
    is_strong: bool = True
    """Whether it matches, and is not only the nearest of what does not."""
    written: tuple[LabelShown, ...] = ()
    """What people wrote about it, where the page has asked for that."""
    may_label: bool = False

    @property
    def key(self) -> str:
        """The span as forms name it."""
        return f"{self.video.pk}:{self.start_frame}:{self.end_frame}"

    @property
    def like(self) -> str:
        return f"shot:{self.video.pk}:{self.poster_frame}"

    @property
    def poster_frame(self) -> int:
        """What the card shows while nothing plays: where a line is said, else the middle."""
        return self.open_frame if self.open_frame != self.start_frame else (self.start_frame + self.end_frame - 1) // 2

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def play_from_s(self) -> float:
        """The middle of the first frame: at its very beginning players may still show the shot before."""
        return self.start_s + 0.5 / self.video.fps

    @property
    def best(self) -> ShownReason | None:
        """The one reason under the picture: the words that were said or written, then words that match, then any."""
        told = [reason for reason in self.reasons if reason.pieces]
        wanted = sorted(told, key=lambda reason: (reason.source not in ("dialogue", "label"), not reason.has_match))
        return wanted[0] if wanted else None

    @property
    def alt(self) -> str:
        words = self.description or ", ".join(self.labels).lower()
        return f"{self.video.title} at {self.timecode}{': ' if words else ''}{words}"


def make_cards(hits: Sequence[Hit], *, user: User, query: str, new: Collection[tuple[int, int]] = ()) -> list[Card]:
    """The cards of hits in their order; `query` is the search's query string, which its player's timeline marks.

    `new` are the (video, first frame) that a saved search has found since its person looked.
    """
    videos = _films(hits, user=user)
    told = _descriptions(hits)
    kinds = dict(Encoder.objects.filter(is_serving=True).values_list("name", "kind"))
    places, clocks = _places(hits), film_clocks(videos.values())
    cards = []
    for number, hit in enumerate((hit for hit in hits if hit.video_id in videos), start=1):
        video = videos[hit.video_id]
        clock, open_frame = clocks[video.pk], _open_frame(hit)
        facts, text = told.get((hit.video_id, hit.start_frame), ({}, ""))
        place = {"video": video.pk, "frame": open_frame, "found": query}
        reasons = [
            show_reason(reason, clock=clock, kinds=kinds, rank=places[reason.source, reason.strength_unit])
            for reason in hit.reasons
        ]
        cards.append(
            Card(
                video=video, number=number, start_frame=hit.start_frame, end_frame=hit.end_frame,
                open_frame=open_frame, timecode=clock.timecode(open_frame),
                start_s=clock.seconds(hit.start_frame), end_s=clock.seconds(hit.end_frame),
                labels=_labels(facts), reasons=tuple(told_reasons(reasons)), description=text,
                address=f"{reverse('title', args=[video.title_id])}?{urlencode(place)}",
                is_new=(hit.video_id, hit.start_frame) in new, is_strong=is_strong(hit),
            )
        )  # fmt: skip
    return cards


def told_reasons(reasons: list[ShownReason]) -> list[ShownReason]:
    """Those that say something for the hit; all, where none does."""
    return [reason for reason in reasons if reason.percent] or reasons


def _places(hits: Sequence[Hit]) -> dict[tuple[str, float], int]:
    """The place of each strength among all hits' reasons of its source; equals share theirs."""
    strengths: dict[str, list[float]] = {}
    for reason in (reason for hit in hits for reason in hit.reasons):
        strengths.setdefault(reason.source, []).append(reason.strength_unit)
    return {
        (source, strength): 1 + sum(other > strength for other in values)
        for source, values in strengths.items()
        for strength in set(values)
    }


def show_reason(reason: Reason, *, clock: FilmClock, kinds: Mapping[str, str], rank: int) -> ShownReason:
    """A reason with its matched words set apart; `kinds` are the encoders' by name, `rank` its place in its source."""
    kind = kinds.get(reason.source)
    place = "" if reason.frame is None else clock.timecode(min(reason.frame, clock.info.frame_count - 1))
    return ShownReason(
        source=reason.source,
        label=ENCODERS[Encoder.Kind(kind)] if kind else SOURCES.get(reason.source, reason.source),
        pieces=tuple(_around_first(mark_pieces(reason.text[:MOST_REASON_LETTERS], reason.marks))),
        percent=round(min(max(reason.strength_unit, 0.0), 1.0) * 100),
        place=place,
        rank=rank,
        encoder=reason.source if kind else "",
    )


def mark_pieces(text: str, marks: Iterable[tuple[int, int]]) -> list[Piece]:
    """Cut a text where half-open marks begin and end; marks that overlap or lie outside are cut to what is left."""
    pieces, at = [], 0
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start], is_match=False))
        pieces.append(Piece(text[start:end], is_match=True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:], is_match=False))
    return pieces


def _around_first(pieces: list[Piece]) -> list[Piece]:
    """Pieces with what leads to the first match cut short, so that cards show the match."""
    if len(pieces) < 2 or pieces[0].is_match or len(pieces[0].text) <= MOST_LEAD_LETTERS:
        return pieces
    lead = pieces[0].text[-MOST_LEAD_LETTERS:].partition(" ")[2]
    return [Piece(f"… {lead}", is_match=False), *pieces[1:]]


def _open_frame(hit: Hit) -> int:
    """Where the player is to begin: at the line that was said, else at the span's first frame."""
    frames = [reason.frame for reason in hit.reasons if reason.frame is not None]
    return min(max(frames[0], hit.start_frame), hit.end_frame - 1) if frames else hit.start_frame


def _films(hits: Sequence[Hit], *, user: User) -> dict[int, Video]:
    """The films of hits by number, as far as the person sees them."""
    wanted = {hit.video_id for hit in hits}
    films = access_videos(user).filter(pk__in=wanted).select_related("title").defer(*packed_fields())
    return {film.pk: film for film in films}


def _descriptions(hits: Sequence[Hit]) -> dict[tuple[int, int], tuple[dict[str, Any], str]]:
    """Facts and text of the shots that are hits, by film and first frame; the caller asks for visible films only."""
    rows = at_places(ShotDescription.objects.order_by(), ((hit.video_id, hit.start_frame) for hit in hits))
    told = rows.values_list("video_id", "start_frame", "facts", "text")
    return {(video, frame): (facts, text) for video, frame, facts, text in told}


def _labels(facts: dict[str, Any]) -> tuple[str, ...]:
    """The few words that stand on every card: shot scale and camera, where they are known."""
    scale, camera = facts.get("scale"), facts.get("camera")
    known = [
        str(Shot.Scale(scale).label) if scale in Shot.Scale.values else "",
        str(Shot.Camera(camera).label) if camera in Shot.Camera.values else "",
    ]
    return tuple(word for word in known if word)
