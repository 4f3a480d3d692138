"""Page-shaped reads of reels: a constant number of queries, however many clips there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse

from ava.handoff.cut_list import Event, Layout, mixed_remark, name_rate
from ava.handoff.edl import INSTEAD
from ava.handoff.edl_lines import UnfitForEdl, require_one_counting
from ava.media.timecode import format_timecode
from ava.models import Team, User
from ava.selectors import EDITING_ROLES, access_teams, access_videos, packed_fields
from search.models import Reel, ReelClip, ReelRender, ReelStep
from search.reel_exports import EXPORT_KINDS, OPEN_STATES, goes_at, newest_render
from search.reel_films import ReelCut, ReelFilm, cut_of, layout_of, seen_films, tell_gone, tell_hidden
from search.selectors import access_deleted_reels, access_reels

REELS_A_PAGE = 48
COVERS = 4
SHOWN_STEPS = 30
SHOWN_OUT = 30
SHOWN_DELETED = 12


@dataclass(frozen=True, slots=True)
class ReelCard:
    """A reel among others: how much of it the reader sees, how long that is, and its first pictures."""

    reel: Reel
    count: int
    duration_s: float
    covers: Sequence[ReelClip]


@dataclass(frozen=True, slots=True)
class ClipCard:
    """A clip at its place; without `cut` it is no longer the reader's to see, and nothing of its film is told.

    `before` and `after_next` are the numbers of the clips that forms move it before; None where there is none.
    """

    place: int
    clip: ReelClip
    cut: ReelCut | None
    event: Event | None
    layout: Layout
    before: int | None = None
    after_next: int | None = None
    is_last: bool = False

    @property
    def record_in(self) -> str:
        """Where in the reel it begins."""
        return format_timecode(self.event.record_in, fps=self.layout.rate, drop_frame=self.layout.is_drop_frame) if (
            self.event is not None
        ) else ""  # fmt: skip

    @property
    def length(self) -> str:
        """How long it is, in its own film's counting."""
        if self.event is None:
            return ""
        return format_timecode(self.event.source_out - self.event.source_in, fps=self.event.clock.rate)

    @property
    def address(self) -> str:
        """The place in the film's own player."""
        if self.cut is None:
            return ""
        video = self.cut.film.video
        return f"{video.title.get_absolute_url()}?video={video.pk}&frame={self.cut.span.start_frame}"


@dataclass(frozen=True, slots=True)
class RenderFacts:
    """The film of a reel that was asked for last."""

    render: ReelRender
    goes_at: datetime | None
    may_cancel: bool

    @property
    def is_open(self) -> bool:
        return self.render.state in OPEN_STATES

    @property
    def state_class(self) -> str:
        """The style sheet's name of the state."""
        return {"waiting": "queued", "working": "running"}.get(self.render.state, self.render.state)


@dataclass(frozen=True, slots=True)
class ReelPage:
    """A reel as its page shows it."""

    reel: Reel
    clips: Sequence[ClipCard]
    taken_out: Sequence[ClipCard]
    layout: Layout
    films: Mapping[int, dict[str, Any]]
    remarks: Sequence[str]
    why_no_edl: str
    render: RenderFacts | None
    steps: Sequence[ReelStep]
    may_edit: bool

    @property
    def seen(self) -> int:
        return len(self.layout.events)

    @property
    def total(self) -> str:
        """How long it is, as a timecode."""
        return format_timecode(self.layout.frame_count, fps=self.layout.rate, drop_frame=self.layout.is_drop_frame)

    @property
    def total_s(self) -> float:
        return float(self.layout.frame_count / self.layout.rate)

    @property
    def rate(self) -> str:
        return name_rate(self.layout.rate)

    @property
    def kinds(self) -> dict[str, Any]:
        """What it can be exported as."""
        return {name: kind for name, kind in EXPORT_KINDS.items() if name != "edl" or not self.why_no_edl}

    @property
    def facts(self) -> dict[str, Any]:
        """What the page's script needs: films by number, clips in their order, the reel's rate."""
        clips = [
            {
                "clip": card.clip.pk, "video": card.clip.video_id, "in": card.cut.span.start_frame,
                "out": card.cut.span.end_frame, "record": [card.event.record_in, card.event.record_out],
                "start_s": card.cut.span.start_s, "end_s": card.cut.span.end_s,
                "label": f"{card.cut.film.video.title}, {card.cut.span.timecode_in}",
            }
            for card in self.clips
            if card.cut is not None and card.event is not None
        ]  # fmt: skip
        rate = [self.layout.rate.numerator, self.layout.rate.denominator]
        return {"films": dict(self.films), "clips": clips, "fps": rate, "drop": self.layout.is_drop_frame,
                "frames": self.layout.frame_count}  # fmt: skip


def may_edit_reel(user: User, reel: Reel) -> bool:
    """Whether the user is editor or administrator of the reel's team."""
    return access_teams(user, roles=EDITING_ROLES).filter(pk=reel.team_id).exists()


def editing_teams(user: User) -> list[Team]:
    """The teams for which a person may make reels, by name."""
    return list(access_teams(user, roles=EDITING_ROLES).order_by("name"))


def reels_page(user: User, *, number: str) -> Page[ReelCard]:
    """The reels that a person sees, the newest first."""
    reels = access_reels(user).select_related("team", "created_by").order_by("-id")
    page = Paginator(reels, REELS_A_PAGE).get_page(number)
    page.object_list = _cards(list(page.object_list), user=user)
    return page


def deleted_reels(user: User) -> list[Reel]:
    """Reels that the person may bring back, those of the last ones."""
    found = access_deleted_reels(user, roles=EDITING_ROLES).select_related("team")
    return list(found.order_by("-id")[:SHOWN_DELETED])


def reel_page(reel: Reel, *, user: User) -> ReelPage:
    """A reel with its clips, what was taken out, its exports and what was done to it."""
    clips = list(reel.clips.filter(is_in=True).order_by("position", "id"))
    out = list(reel.clips.filter(is_in=False).order_by("-id")[:SHOWN_OUT])
    films = seen_films([*clips, *out], user=user)
    cuts = {clip.pk: cut_of(clip, films) for clip in [*clips, *out]}
    seen = [cut for clip in clips if (cut := cuts[clip.pk]) is not None]
    layout = layout_of(seen)
    events = {cut.clip.pk: event for cut, event in zip(seen, layout.events, strict=True)}
    remarks = [tell_hidden(len(clips) - len(seen)), tell_gone(reel), mixed_remark(layout)]
    may_edit = may_edit_reel(user, reel)
    return ReelPage(
        reel=reel,
        clips=_in_order(clips, cuts=cuts, events=events, layout=layout),
        taken_out=_left_out(out, cuts),
        layout=layout,
        films={pk: _film_facts(film) for pk, film in films.items()},
        remarks=[each for each in remarks if each],
        why_no_edl=_why_no_edl(layout),
        render=_render_facts(reel, user=user, may_edit=may_edit),
        steps=list(reel.steps.select_related("user").order_by("-id")[:SHOWN_STEPS]),
        may_edit=may_edit,
    )


def _in_order(
    clips: Sequence[ReelClip], *, cuts: Mapping[int, ReelCut | None], events: Mapping[int, Event], layout: Layout
) -> list[ClipCard]:
    numbers: list[int | None] = [None, *(clip.pk for clip in clips), None, None]
    return [
        ClipCard(
            place, clip, cuts[clip.pk], events.get(clip.pk), layout, before=numbers[place - 1],
            after_next=numbers[place + 2], is_last=place == len(clips),
        )
        for place, clip in enumerate(clips, start=1)
    ]  # fmt: skip


def _left_out(out: Sequence[ReelClip], cuts: Mapping[int, ReelCut | None]) -> list[ClipCard]:
    seen = [(clip, cut) for clip in out if (cut := cuts[clip.pk]) is not None]
    layouts = [layout_of([cut]) for _, cut in seen]
    return [
        ClipCard(0, clip, cut, layout.events[0], layout) for (clip, cut), layout in zip(seen, layouts, strict=True)
    ]


def _film_facts(film: ReelFilm) -> dict[str, Any]:
    video = film.video
    return {
        "fps": [film.info.fps.numerator, film.info.fps.denominator],
        "frame_count": film.info.frame_count,
        "first_s": film.info.time_s(0),
        "is_vfr": film.info.is_vfr,
        "start_timecode": film.film.start_timecode,
        "play": reverse("video-play", args=[video.pk]),
        "film": reverse("film", args=[video.pk]),
        "frame": reverse("video-frame", args=[video.pk, 0]).removesuffix("0.jpg") + "{n}.jpg",
    }


def _why_no_edl(layout: Layout) -> str:
    try:
        require_one_counting([event.clock for event in layout.events], most="clips", instead=INSTEAD)
    except UnfitForEdl as error:
        return str(error)
    return ""


def _render_facts(reel: Reel, *, user: User, may_edit: bool) -> RenderFacts | None:
    render = newest_render(reel, user=user)
    if render is None:
        return None
    return RenderFacts(render, goes_at(render), may_edit or render.created_by_id == user.pk)


def _cards(reels: Sequence[Reel], *, user: User) -> list[ReelCard]:
    clips: dict[int, list[ReelClip]] = {reel.pk: [] for reel in reels}
    for clip in ReelClip.objects.filter(reel__in=clips, is_in=True).order_by("position", "id"):
        clips[clip.reel_id].append(clip)
    wanted = {clip.video_id for each in clips.values() for clip in each}
    videos = access_videos(user).defer(*packed_fields()).in_bulk(wanted)
    cards = []
    for reel in reels:
        seen = [clip for clip in clips[reel.pk] if clip.video_id in videos]
        rates = {pk: Fraction(video.fps_num, video.fps_den) for pk, video in videos.items()}
        duration = sum(((clip.out_frame - clip.in_frame) / rates[clip.video_id] for clip in seen), Fraction(0))
        cards.append(ReelCard(reel, len(seen), float(duration), seen[:COVERS]))
    return cards
