"""Page-shaped reads of a reel: a constant number of queries, however many clips there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from ava.handoff.cut_list import Event, Layout, mixed_remark, name_rate
from ava.handoff.edl_lines import UnfitForEdl, require_edl
from ava.media.timecode import format_timecode
from ava.models import User
from ava.selectors import EDITING_ROLES, access_teams
from search.models import Reel, ReelClip, ReelRender, ReelStep
from search.reel_exports import EXPORT_KINDS, newest_render
from search.reel_films import ReelCut, ReelFilm, cut_of, layout_of, seen_films, tell_gone, tell_hidden
from search.reel_proposals import touched_clips
from search.string_out_part import StringOutPart, string_out_part

SHOWN_STEPS = 30
SHOWN_OUT = 30


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
class ReelPage:
    """A reel as its page shows it."""

    reel: Reel
    clips: Sequence[ClipCard]
    taken_out: Sequence[ClipCard]
    layout: Layout
    films: Mapping[int, dict[str, Any]]
    remarks: Sequence[str]
    why_no_edl: str
    render: ReelRender | None
    steps: Sequence[ReelStep]
    may_edit: bool
    may_cancel: bool
    string_out: StringOutPart | None

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


def reel_page(reel: Reel, *, user: User) -> ReelPage:
    """A reel with its clips, what people took out, its exports and what was done to it."""
    clips = list(reel.clips.filter(is_in=True).order_by("position", "id"))
    out = list(reel.clips.filter(is_in=False, pk__in=touched_clips(reel)).order_by("-id")[:SHOWN_OUT])
    films = seen_films([*clips, *out], user=user)
    cuts = {clip.pk: cut_of(clip, films) for clip in [*clips, *out]}
    seen = [cut for clip in clips if (cut := cuts[clip.pk]) is not None]
    layout = layout_of(seen)
    events = {cut.clip.pk: event for cut, event in zip(seen, layout.events, strict=True)}
    remarks = [tell_hidden(len(clips) - len(seen)), tell_gone(reel), mixed_remark(layout)]
    may_edit, render = may_edit_reel(user, reel), newest_render(reel, user=user)
    return ReelPage(
        reel=reel,
        clips=_in_order(clips, cuts=cuts, events=events, layout=layout),
        taken_out=_left_out(out, cuts),
        layout=layout,
        films={pk: _film_facts(film) for pk, film in films.items()},
        remarks=[each for each in remarks if each],
        why_no_edl=_why_no_edl(layout),
        render=render,
        steps=list(reel.steps.select_related("user").order_by("-id")[:SHOWN_STEPS]),
        may_edit=may_edit,
        may_cancel=may_edit or (render is not None and render.created_by_id == user.pk),
        string_out=string_out_part(reel, user=user, layout=layout),
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
    return [ClipCard(0, clip, cut, layout.events[0], layout) for (clip, cut), layout in zip(seen, layouts, strict=True)]


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
        require_edl(layout)
    except UnfitForEdl as error:
        return str(error)
    return ""
