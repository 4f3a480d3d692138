"""What a page tells of a flag beside its pictures."""

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F
from django.urls import reverse

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.models import User
from ava.video_facts import video_info
from qc.decisions import Scope, count_scope
from qc.flag_pictures import place_in_strip, strip_frames, strip_side_px
from qc.flag_places import at_place, in_shot
from qc.models import PixelDecision, PixelFlag
from qc.pixel.found import HALO_FRAMES
from qc.place_words import PlaceWord, word_of_place
from qc.reviewing import visible_decisions

PLAYED_S = 1.0
"""Of the film before and after the flag."""
SHOWN_WIDTH_PX = 1280
MOST_SPANS = 12
_MINUS = "−"


class StripFrame(NamedTuple):
    """One frame of a flag's strip: what stands below it, and whether the flag was raised in it."""

    label: str
    frame: int
    timecode: str
    is_flagged: bool


class TimeSpan(NamedTuple):
    """Frames in which a flag shows, the last one included, by timecode."""

    first: str
    last: str
    frames: int


class Neighbour(NamedTuple):
    """The flag that comes before or after in the film."""

    label: str
    flag: int
    timecode: str
    frames_away: int


@dataclass(frozen=True, slots=True)
class FlagCard:
    """A flag with what its page shows of it; positions in percent of the whole frame."""

    flag: PixelFlag
    timecode: str
    strip: tuple[StripFrame, ...]
    side_px: int
    strip_x: float
    strip_y: float
    left_percent: float
    top_percent: float
    place_count: int
    shot_count: int
    place_scope: int
    shot_scope: int
    spans: tuple[TimeSpan, ...]
    more_spans: int
    play_span: str
    neighbours: tuple[Neighbour, ...]
    decisions: tuple[PixelDecision, ...]
    place_word: PlaceWord | None
    """What was said of its whole place before."""

    @property
    def is_stuck(self) -> bool:
        return self.flag.kind == PixelFlag.Kind.STUCK

    @property
    def confidence_percent(self) -> int:
        return round(100 * self.flag.confidence)

    @property
    def frame_address(self) -> str:
        flag = self.flag
        return reverse("video-frame", args=[flag.video_id, min(flag.frame_index, flag.video.frame_count - 1)])

    @property
    def alt(self) -> str:
        """What the pictures show, in words."""
        flag = self.flag
        light = "dark" if flag.amplitude < 0 else "bright"
        return (
            f"{light} {flag.get_kind_display().lower()} pixel at {flag.x:.0f}, {flag.y:.0f}, frame {flag.frame_index}"
        )


def describe_flag(flag: PixelFlag, *, user: User) -> FlagCard:
    """The card of a flag whose video, title, shot, models and patch are at hand; a dozen small queries.

    The counts of its scopes are what a decision of the user's would judge.
    """
    info = video_info(flag.video)
    place, spans = place_in_strip(flag), _spans(flag, info)
    decisions = visible_decisions(PixelDecision.objects.filter(flag=flag, stands=True), user=user)
    return FlagCard(
        flag=flag,
        timecode=_timecode(info, flag.frame_index),
        strip=_strip(flag, info),
        side_px=strip_side_px(flag),
        strip_x=place.x,
        strip_y=place.y,
        left_percent=100 * (flag.x + 0.5) / flag.video.width,
        top_percent=100 * (flag.y + 0.5) / flag.video.height,
        place_count=at_place(flag).exclude(pk=flag.pk).count(),
        shot_count=in_shot(flag).exclude(pk=flag.pk).count(),
        place_scope=count_scope(flag, user=user, scope=Scope.POSITION),
        shot_scope=count_scope(flag, user=user, scope=Scope.SHOT) if flag.shot_id else 0,
        spans=spans[:MOST_SPANS],
        more_spans=len(spans) - len(spans[:MOST_SPANS]),
        play_span=_play_span(flag, info),
        neighbours=tuple(_neighbours(flag, info)),
        decisions=tuple(decisions.select_related("user").order_by("-id")[:6]),
        place_word=word_of_place(flag, user=user),
    )


def _timecode(info: VideoInfo, frame: int) -> str:
    return film_timecode(info, min(max(frame, 0), info.frame_count - 1))


def _strip(flag: PixelFlag, info: VideoInfo) -> tuple[StripFrame, ...]:
    is_stuck = flag.kind == PixelFlag.Kind.STUCK
    shown = []
    for number, frame in enumerate(strip_frames(flag), start=-HALO_FRAMES):
        timecode = _timecode(info, frame)
        offset = f"{_MINUS if number < 0 else '+'}{abs(number)}" if number else "flagged"
        shown.append(StripFrame(timecode if is_stuck else offset, frame, timecode, is_stuck or number == 0))
    return tuple(shown)


def _spans(flag: PixelFlag, info: VideoInfo) -> tuple[TimeSpan, ...]:
    return tuple(
        TimeSpan(_timecode(info, start), _timecode(info, end - 1), end - start) for start, end in flag.spans
    )


def _play_span(flag: PixelFlag, info: VideoInfo) -> str:
    """Seconds of the film around the flag, as the player takes them."""
    at_s = info.time_s(min(flag.frame_index, info.frame_count - 1))
    end_s = info.time_s(info.frame_count - 1) + 1 / float(info.fps)
    return f"{max(at_s - PLAYED_S, 0):.3f},{min(at_s + PLAYED_S, end_s):.3f}"


def _neighbours(flag: PixelFlag, info: VideoInfo) -> list[Neighbour]:
    """The nearest flags of the same film in other frames, before and after."""
    others = PixelFlag.objects.filter(video=flag.video_id, is_current=True)
    before = others.filter(frame_index__lt=flag.frame_index).order_by(F("frame_index").desc(), "id")
    after = others.filter(frame_index__gt=flag.frame_index).order_by("frame_index", "id")
    found = []
    for label, flags in (("Flag before", before), ("Flag after", after)):
        row = flags.values_list("pk", "frame_index").first()
        if row is not None:
            found.append(Neighbour(label, row[0], _timecode(info, row[1]), abs(row[1] - flag.frame_index)))
    return found
