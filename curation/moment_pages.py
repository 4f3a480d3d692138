"""What the moments page shows: a film's shots ranked, one of them looked at, and all scores along the film."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.http import QueryDict
from django.utils.http import urlencode

from ava.media.timecode import film_timecode
from ava.models import Shot, Title, User, Video
from ava.pages import film_facts
from ava.selectors import access_videos, packed_fields
from ava.turns import Gone
from ava.video_facts import video_info
from curation.moment_cards import MomentCard, RankedFilm, make_cards
from curation.moment_choices import ranked
from curation.moment_facts import Fact, PriorLine, prior_table, tell_facts
from curation.moment_filters import chosen_shots, uses_of_shots
from curation.moment_query import MOST_SHOWN, SHOTS_SHOWN, InvalidMoments, MomentsQuery, read_moments_query
from curation.moment_scores import FilmMoments, film_moments
from curation.pages import choose_video
from curation.still_people import Person, cast_of_board

LENGTHS_S = (30, 60, 90)
"""Usual lengths of trailers and spots, offered for string-outs."""


class Curve(NamedTuple):
    """The scores as a picture of 1000 by 100: a path, and where what is kept back begins."""

    path: str
    kept_back: float


@dataclass
class MomentsPage:
    """A film's moments as an address asks for them; `film` is None where there is nothing to rank yet."""

    title: Title
    videos: list[Video]
    video: Video | None
    query: MomentsQuery
    error: str = ""
    film: RankedFilm | None = None
    cards: list[MomentCard] = field(default_factory=list)
    open: MomentCard | None = None
    facts: list[Fact] = field(default_factory=list)

    @property
    def moments(self) -> FilmMoments | None:
        return self.film.moments if self.film else None

    @property
    def ranked_count(self) -> int:
        """How many shots are in the order."""
        return len(self.film.ranked.order) if self.film else 0

    @property
    def kept_back_count(self) -> int:
        """How many shots lie in the part that is kept back."""
        if self.film is None:
            return 0
        return int((self.film.moments.shots.spans.sum(axis=1) >= 2 * self.film.ranked.guard_frame).sum())

    @property
    def guard_timecode(self) -> str:
        """Where the part that is kept back begins; empty where nothing is."""
        if self.film is None or self.film.ranked.guard_frame >= self.film.info.frame_count:
            return ""
        return film_timecode(self.film.info, self.film.ranked.guard_frame)

    @property
    def more(self) -> int:
        """How many shots the next larger page shows; 0 where these are all, or as many as there can be."""
        shown = min(self.query.shown + SHOTS_SHOWN, MOST_SHOWN, self.ranked_count)
        return shown if shown > len(self.cards) else 0

    @cached_property
    def people(self) -> list[Person]:
        """Who is offered as a filter: those seen in the film, and those asked for all the same."""
        cast = self.film.cast if self.film else []
        return [person for person in cast if person.is_seen or person.pk in self.query.characters]

    @cached_property
    def scales(self) -> list[tuple[str, str]]:
        """The scales that the film's shots have, and those asked for, from the widest."""
        known = {*(self.film.ranked.scales if self.film else ()), *self.query.scales}
        return [(value, str(label)) for value, label in Shot.Scale.choices if value in known]

    @property
    def is_in_trailers(self) -> bool:
        return self.film is not None and any(self.film.uses)

    @property
    def prior(self) -> list[PriorLine]:
        """The table that ranked, where no version did."""
        return prior_table() if self.moments and self.moments.model is None else []

    @property
    def picked_text(self) -> str:
        return ",".join(map(str, self.query.picked))

    @property
    def picked_s(self) -> float:
        """How long the picked shots are together."""
        if self.film is None:
            return 0.0
        shots, picked = self.film.moments.shots, set(self.query.picked)
        return float(sum(end - start for (start, end), (first, _) in zip(
            shots.times_s.tolist(), shots.spans.tolist(), strict=True) if first in picked))  # fmt: skip

    @property
    def lengths_s(self) -> tuple[int, ...]:
        return LENGTHS_S

    @property
    def unfiltered_query(self) -> str:
        """The address without filters and with nothing kept back, picks and variety as they are."""
        kept = [(name, value) for name, value in self.query.fields() if name in ("variety", "picked")]
        video = [("video", str(self.video.pk))] if self.video else []
        return urlencode([*video, *kept, ("spoiler", "0")])

    @property
    def film_facts(self) -> dict[str, Any] | None:
        """What player and timeline need to know."""
        return film_facts(self.video, shots=list(self.video.shots.all())) if self.video and self.film else None

    @property
    def line(self) -> dict[str, Any]:
        """The scores along the film, as the script draws them: by shot, and which shots are in the order."""
        if self.film is None:
            return {}
        return {
            "scores": [round(100 * float(score)) for score in self.film.moments.scores.score_unit],
            "order": self.film.ranked.order.tolist(),
            "guard_frame": self.film.ranked.guard_frame,
            "used": [index for index, uses in enumerate(self.film.uses) if uses],
        }

    @property
    def curve(self) -> Curve | None:
        """The scores as steps, for who sees the page without scripts."""
        if self.film is None:
            return None
        scale = 1000 / max(self.film.info.frame_count, 1)
        shots = zip(self.film.moments.shots.spans.tolist(), self.line["scores"], strict=True)
        steps = (f"M{start * scale:.1f} 100V{100 - score}H{end * scale:.1f}V100z" for (start, end), score in shots)
        return Curve("".join(steps), round(self.film.ranked.guard_frame * scale, 1))


def read_moments_page(title: Title, *, fields: QueryDict, user: User, with_cards: bool = True) -> MomentsPage:
    """The page of an address; what makes no sense in it is told as `error`, and the page is then as usual.

    Without cards there is the open shot alone.
    """
    error = ""
    try:
        query = read_moments_query(fields)
    except InvalidMoments as wrong:
        query, error = MomentsQuery(), str(wrong)
    videos, video = choose_video(title, video_id=fields.get("video", ""))
    page = MomentsPage(title, videos, video, query, error)
    if video is not None:
        page.film = rank_film(video, query=query, user=user)
    if page.film is not None:
        page.query = query = _settle_picks(query, page.film)
        first = page.film.ranked.order[: query.shown if with_cards else 0].tolist()
        page.cards = make_cards(page.film, first, query=query)
        _open_shot(page)
    return page


def rank_film(video: Video, *, query: MomentsQuery, user: User) -> RankedFilm | None:
    """The film's shots, scored and ordered as asked; None before it is analysed, or where it has been deleted."""
    try:
        moments = film_moments(video)
    except Gone:
        return None
    if moments is None or not len(moments.shots.spans):
        return None
    order = ranked(
        moments,
        video,
        variety_unit=query.variety / 100,
        spoiler_unit=query.spoiler / 100,
        only=chosen_shots(video, moments.shots, query, user=user),
    )
    uses = uses_of_shots(video, moments.shots, user=user)
    return RankedFilm(
        video=video, info=video_info(video), moments=moments, ranked=order, uses=uses, cast=cast_of_board(video),
        cameras=dict(video.shots.values_list("start_frame", "camera")),
        trailers=_trailer_names({use.trailer_id for each in uses for use in each}, user=user),
    )  # fmt: skip


def _settle_picks(query: MomentsQuery, film: RankedFilm) -> MomentsQuery:
    """Picks by the first frames of the shots that they lie in: a new analysis may have found other cuts."""
    spans = film.moments.shots.spans
    shots = [np.flatnonzero((spans[:, 0] <= frame) & (frame < spans[:, 1])) for frame in query.picked]
    return replace(query, picked=tuple(dict.fromkeys(int(spans[found[0], 0]) for found in shots if len(found))))


def _open_shot(page: MomentsPage) -> None:
    """The shot that the address names by any of its frames; else the best."""
    film, wanted = page.film, page.query.open_start
    assert film is not None
    spans = film.moments.shots.spans
    found = [] if wanted is None else ((spans[:, 0] <= wanted) & (wanted < spans[:, 1])).nonzero()[0].tolist()
    index = next(iter([*found, *film.ranked.order[:1].tolist()]), 0)
    [page.open] = make_cards(film, [index], query=page.query)
    page.facts = tell_facts(film.moments.scores, film.moments.shots, index)


def _trailer_names(trailers: set[int], *, user: User) -> dict[int, str]:
    videos: Sequence[Video] = (
        access_videos(user).filter(pk__in=trailers).select_related("title").defer(*packed_fields())
    )
    return {video.pk: str(video.title) for video in videos} if trailers else {}
