"""What the page of a title's people shows: the graph as drawn, the cast list, and what is true when it is empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.urls import reverse

from ava.form_numbers import read_number
from ava.models import Title, User, Video
from ava.pages import url_pattern
from ava.selectors import packed_fields
from ava.template_filters import duration
from curation.cast import Cast, CastEdge, CastMember, load_cast
from curation.film_strips import AxisMark, FilmSegment, film_segments, mark_axis, strip_path
from curation.models import Character
from curation.people.graph_drawing import WIDEST_EDGE_PX, View, draw_graph, edge_widths_px
from curation.people_emptiness import Emptiness, explain_emptiness
from curation.people_selectors import access_cast_videos

GRAPH_PEOPLE = 80
"""The graph draws no more than these, the most prominent; the cast list has everybody."""
FACES_A_ROW = 4
FOLDED_FROM = 9
"""So many extras are folded together; fewer stand with the others."""

TOGETHER = {"frame": "In a frame", "shot": "In a shot", "scene": "In a scene"}
"""What an edge's width can go by."""
VIEWS = {"graph": "Graph", "table": "Table"}


@dataclass(frozen=True, slots=True)
class PeopleView:
    """What the address of the page asks for, cleaned: anything unknown is ignored."""

    together: str = "frame"
    view: str = "graph"
    shown: int | None = None
    """How many people the graph shows; None: all but extras."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PeopleView":
        together, view = query.get("together", ""), query.get("view", "")
        shown = read_number(query.get("shown", ""), digits=5)
        return cls(
            together=together if together in TOGETHER else "frame",
            view=view if view in VIEWS else "graph",
            shown=None if shown is None else max(shown, 1),
        )


@dataclass(frozen=True, slots=True)
class CastRow:
    """One person of the list."""

    member: CastMember
    rank: int
    """Place in the list, from 0: main, secondary, extra, and within them by prominence."""
    films: Sequence[FilmSegment]
    character_url: str
    stills_url: str

    @property
    def character(self) -> Character:
        return self.member.character

    @property
    def portrait_urls(self) -> list[str]:
        pattern = url_pattern("track-portrait")
        return [pattern.replace("{n}", str(track)) for track in self.member.portraits[:FACES_A_ROW]]

    @property
    def first_portrait_url(self) -> str:
        return next(iter(self.portrait_urls), "")

    @property
    def strip(self) -> str:
        """Where they are seen, as an SVG path over 0–1000 by 0–10."""
        return strip_path(self.member.spans, films=self.films)

    @property
    def first_seen(self) -> str:
        """The address of the first frame that shows them."""
        seen = ((film, self.member.spans.get(film.video.pk)) for film in self.films)
        return next((f"{film.frame_url}{spans[0][0]}" for film, spans in seen if spans), "")

    @property
    def importance_label(self) -> str:
        return Character.Importance(self.member.importance).label


@dataclass(frozen=True, slots=True)
class GraphNode:
    row: CastRow
    x: float
    y: float
    radius: float
    name_side: int
    """1: the name stands under the node, −1: over it, 0: there is no room for it."""
    name_side_narrow: int
    is_shown: bool
    description: str

    @property
    def diameter(self) -> float:
        return round(2 * self.radius, 1)

    @property
    def name_classes(self) -> str:
        wide = {1: "named", -1: "named above"}.get(self.name_side, "")
        narrow = {1: "named-narrow", -1: "named-narrow above-narrow"}.get(self.name_side_narrow, "")
        return f"{wide} {narrow}".strip()


@dataclass(frozen=True, slots=True)
class GraphEdge:
    first: GraphNode
    second: GraphNode
    width_px: float
    words: str
    """How long together: "2 min 10 s in one frame, 14 shots, 5 scenes"."""
    together: str
    """The same in short, by what the width goes by: "2 min 10 s", "14 shots"."""
    facts: CastEdge
    stills_url: str

    @property
    def rank(self) -> int:
        """The edge is there when as many people as this, and one more, are shown."""
        return max(self.first.row.rank, self.second.row.rank)

    @property
    def is_shown(self) -> bool:
        return self.first.is_shown and self.second.is_shown

    @property
    def line(self) -> str:
        """From middle to middle, as an SVG path."""
        return f"M{self.first.x} {self.first.y}L{self.second.x} {self.second.y}"

    @property
    def stroke(self) -> dict[str, str]:
        """Texts, since writing a thousand numbers the way a country does takes longer than drawing them."""
        return {"width": f"{self.width_px}", "opacity": f"{0.22 + 0.5 * self.width_px / WIDEST_EDGE_PX:.2f}"}

    @property
    def keys(self) -> dict[str, str]:
        return {"first": str(self.facts.first), "second": str(self.facts.second), "rank": str(self.rank)}


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    view: View
    shown: int
    left_out: int

    @property
    def view_box(self) -> str:
        return " ".join(f"{value:.1f}" for value in self.view)

    @property
    def zoom(self) -> str:
        return f"{self.view.zoom:.3f}"

    @property
    def by_time(self) -> list[GraphEdge]:
        """The edges, the widest first."""
        return sorted(self.edges, key=lambda edge: (-edge.width_px, edge.rank))


@dataclass(frozen=True, slots=True)
class PeoplePage:
    title: Title
    scope: Title
    videos: list[Video]
    video: Video | None
    """The one film that the page is narrowed to."""
    view: PeopleView
    people: list[CastRow]
    extras: list[CastRow]
    """Folded ones; few extras stand among the people."""
    walls: list[CastRow]
    """Faces of pictures, as on posters."""
    graph: Graph
    films: list[FilmSegment]
    emptiness: Emptiness | None

    @property
    def count(self) -> int:
        return len(self.people) + len(self.extras)

    @property
    def films_json(self) -> list[dict[str, Any]]:
        return [film.as_json for film in self.films]

    @property
    def duration_s(self) -> float:
        return sum(film.video.duration_s for film in self.films)

    @property
    def title_ids(self) -> list[int]:
        """Whose news are this page's: the title's, those of its films, and the one that all characters belong to."""
        return sorted({self.title.pk, self.scope.pk, *(video.title_id for video in self.videos)})

    @property
    def stills_url(self) -> str:
        """The stills of the film, or of a series' first."""
        if not self.films:
            return ""
        video = self.films[0].video
        return f"{reverse('stills', args=[video.title_id])}?video={video.pk}"

    @property
    def axis(self) -> list[AxisMark]:
        """What stands over the strips: films where there are several, else times."""
        return mark_axis(self.films, title=self.title)

    @property
    def kept_fields(self) -> list[tuple[str, str]]:
        """What a form that changes how many are shown must keep of the address."""
        kept = [("together", self.view.together), ("view", self.view.view)]
        return kept + ([("video", str(self.video.pk))] if self.video else [])


def people_page(user: User, title: Title, *, query: Mapping[str, str]) -> PeoplePage:
    """The page of a film's, an episode's or a series' people, narrowed to one film by `video`."""
    videos = list(access_cast_videos(user, title).select_related("title").defer(*packed_fields()))
    videos.sort(key=lambda video: (video.title.season or 0, video.title.episode or 0, video.title_id, video.pk))
    video = next((each for each in videos if str(each.pk) == query.get("video", "")), None)
    cast = load_cast(user, title, video=video)
    view = PeopleView.read(query)
    shown_films = [video] if video else videos
    films = film_segments(shown_films)
    stills = _Stills(cast.members, films=films)
    rows = _rows(title, cast, films=films, stills=stills)
    walls = [row for row in rows if row.member.is_static]
    moving = [row for row in rows if not row.member.is_static]
    extras = [row for row in moving if row.member.importance == Character.Importance.EXTRA]
    folded = extras if len(extras) >= FOLDED_FROM else []
    return PeoplePage(
        title=title,
        scope=cast.scope,
        videos=videos,
        video=video,
        view=view,
        people=moving[: len(moving) - len(folded)],
        extras=folded,
        walls=walls,
        graph=_graph(moving, cast.edges, view=view, stills=stills),
        films=films,
        emptiness=None if rows else explain_emptiness(shown_films),
    )


def _frames_of(member: CastMember, video: Video) -> int:
    return sum(end - start for start, end in member.spans.get(video.pk, ()))


class _Stills:
    """Addresses of the stills that show some people, in the film in which the rarest of them is seen longest."""

    def __init__(self, members: Sequence[CastMember], *, films: Sequence[FilmSegment]) -> None:
        videos = [film.video for film in films]
        self.boards = [f"{reverse('stills', args=[video.title_id])}?video={video.pk}" for video in videos]
        self.seen_s = {
            member.character.pk: [
                sum(end - start for start, end in member.spans.get(video.pk, ())) / video.fps for video in videos
            ]
            for member in members
        }

    def address(self, *characters: int) -> str:
        if not self.boards:
            return ""
        rarest_s = [min(seconds) for seconds in zip(*(self.seen_s[pk] for pk in characters), strict=True)]
        board = self.boards[rarest_s.index(max(rarest_s))]
        mode = "&people_mode=all" if len(characters) > 1 else ""
        return board + "".join(f"&people={pk}" for pk in characters) + mode


_ORDER = {importance: place for place, importance in enumerate(Character.Importance)}


def _rows(title: Title, cast: Cast, *, films: list[FilmSegment], stills: _Stills) -> list[CastRow]:
    def weight(member: CastMember) -> tuple[Any, ...]:
        return (member.is_static, _ORDER[member.importance], -member.prominence, member.character.number)

    pages = url_pattern("character", title.pk)
    return [
        CastRow(
            member=member,
            rank=rank,
            films=films,
            character_url=pages.replace("{n}", str(member.character.pk)),
            stills_url=stills.address(member.character.pk),
        )
        for rank, member in enumerate(sorted(cast.members, key=weight))
    ]


def _graph(rows: Sequence[CastRow], edges: Sequence[CastEdge], *, view: PeopleView, stills: _Stills) -> Graph:
    drawn = rows[:GRAPH_PEOPLE]
    at_first = sum(row.member.importance != Character.Importance.EXTRA for row in drawn)
    shown = min(view.shown or (at_first if at_first > 1 else len(drawn)), len(drawn))
    drawing = draw_graph(
        np.array([row.member.place for row in drawn], dtype=np.float64).reshape(-1, 2),
        prominence=np.array([row.member.prominence for row in drawn], dtype=np.float64),
        name_lengths=np.array([len(row.character.label) for row in drawn], dtype=np.int64),
        shown=shown,
    )
    nodes = {
        row.character.pk: GraphNode(
            row=row,
            x=round(float(drawing.places[index, 0]), 1),
            y=round(float(drawing.places[index, 1]), 1),
            radius=round(float(drawing.radii[index]), 1),
            name_side=int(drawing.names[index]),
            name_side_narrow=int(drawing.names_narrow[index]),
            is_shown=index < shown,
            description=_describe(row),
        )
        for index, row in enumerate(drawn)
    }
    met = _edges(nodes, edges, view=view, stills=stills)
    return Graph(list(nodes.values()), met, drawing.view, shown, len(rows) - len(drawn))


def _describe(row: CastRow) -> str:
    return f"{row.character.label}, {row.importance_label.lower()}, {duration(row.member.screen_time_s)} on screen"


def _edges(
    nodes: Mapping[int, GraphNode], edges: Sequence[CastEdge], *, view: PeopleView, stills: _Stills
) -> list[GraphEdge]:
    between = [edge for edge in edges if edge.first in nodes and edge.second in nodes]
    weights = {"frame": "together_s", "shot": "shots", "scene": "scenes"}[view.together]
    widths = edge_widths_px(np.array([getattr(edge, weights) for edge in between], dtype=np.float64))
    return [
        GraphEdge(
            first=nodes[edge.first],
            second=nodes[edge.second],
            width_px=round(float(width), 2),
            words=together_words(edge),
            together=_weight_words(edge)[view.together],
            facts=edge,
            stills_url=stills.address(edge.first, edge.second),
        )
        for edge, width in zip(between, widths, strict=True)
        if width > 0
    ]


def together_words(edge: CastEdge) -> str:
    """How much two people are together: "2 min 10 s in one frame, 14 shots, 5 scenes"."""
    words = _weight_words(edge)
    in_frame = f"{words['frame']} in one frame" if edge.together_s else "never in one frame"
    # Scenes are not known for every film; whoever shares a shot shares a scene, so without one nothing is known.
    return ", ".join([in_frame, words["shot"], *([words["scene"]] if edge.scenes else [])])


def _weight_words(edge: CastEdge) -> dict[str, str]:
    return {
        "frame": duration(edge.together_s),
        "shot": f"{edge.shots} shot{'' if edge.shots == 1 else 's'}",
        "scene": f"{edge.scenes} scene{'' if edge.scenes == 1 else 's'}",
    }
