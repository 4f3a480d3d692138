"""The large view of the board: one frame, what is known of it, and its neighbours in the film and in the list."""

from collections.abc import Mapping
from dataclasses import dataclass

from ava.signal_names import SignalName, group_signals, name_signals
from curation.board_cards import StillCard, describe_frames
from curation.board_sequence import Explained
from curation.decisions import who_decided
from curation.frame_facts import FrameFacts, frame_facts
from curation.pages import BoardPage
from curation.palette_facts import Swatch, read_palette
from curation.stills.part_names import PART_NAMES
from curation.stills.parts import PART_WEIGHTS

_PERCENTS: Mapping[str, int] = {name: round(weight * 100) for name, weight in PART_WEIGHTS.items()}

STRIP_SIDE = 4
"""Stills before and after the open one that the strip of the culling mode begins with."""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a still's score: its value, 0–1, and how much of the whole it can give."""

    name: str
    label: str
    about: str
    value: float
    weight_percent: int | None


@dataclass(frozen=True, slots=True)
class MeasuredGroup:
    """What was measured of one thing, such as light: signals and their values as people read them."""

    label: str
    values: list[tuple[SignalName, str]]


@dataclass(frozen=True, slots=True)
class OpenStill:
    """A frame as the large view shows it; `came_from` is the still from which an editor stepped to it."""

    card: StillCard
    score: float | None
    who: str
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
    strip: list[StillCard]
    came_from: int | None
    shot_span_s: tuple[float, float] | None

    @property
    def origin(self) -> int:
        """The still that steps to neighbouring frames began at."""
        return self.card.frame_index if self.came_from is None else self.came_from

    @property
    def pair(self) -> str:
        """This frame and the next still, as an address asks to compare them."""
        return f"{self.card.frame_index},{self.next_frame}"


def open_still(
    board: BoardPage,
    *,
    frame_index: int,
    came_from: int | None = None,
    with_strip: bool = False,
    explained: Explained | None = None,
) -> OpenStill | None:
    """The frame as the large view shows it; None when the film has no such frame.

    `explained` says why it has its rank, where that is not the analysis's.
    """
    video = board.video
    if video is None or not 0 <= frame_index < video.frame_count:
        return None
    around = board.neighbours(frame_index, side=STRIP_SIDE)
    is_listed = around.place is not None
    if not is_listed and came_from is not None:  # it is left in the direction of the list from where one came from
        around = board.neighbours(came_from, side=STRIP_SIDE)._replace(place=None)
    near = [*around.before, frame_index, *around.after] if with_strip and is_listed else []
    cards = describe_frames(video, [frame_index, *near], cast=board.cast, ranks=board.ranks)
    card = cards[0]
    signals = card.still.signals if card.still else {}
    return OpenStill(
        card=card,
        score=explained.score if explained else card.still.score if card.still else None,
        who=who_decided(video, frame_index=frame_index),
        parts=_parts_of(card, explained),
        measured=[
            MeasuredGroup(group.label, [(name, name.write(signals[name.column])) for name in group.signals])
            for group in group_signals(name_signals(sorted(signals)))
        ],
        facts=frame_facts(video, frame_index),
        palette=read_palette(signals),
        before=frame_index - 1 if frame_index > 0 else None,
        after=frame_index + 1 if frame_index + 1 < video.frame_count else None,
        previous_frame=around.before[-1] if around.before else None,
        next_frame=around.after[0] if around.after else None,
        place=around.place + 1 if around.place is not None else None,
        of=around.of,
        strip=cards[1:],
        came_from=came_from if came_from != frame_index else None,
        shot_span_s=_shot_span_s(board, frame_index),
    )


def _shot_span_s(board: BoardPage, frame_index: int) -> tuple[float, float] | None:
    """When the frame's shot begins and ends in the film, in seconds; None before its shot is known."""
    video = board.video
    shot = video.shot_at(frame_index) if video else None
    if video is None or shot is None or not video.fps_num:
        return None
    frame_s = video.fps_den / video.fps_num
    return round(shot.start_frame * frame_s, 3), round(shot.end_frame * frame_s, 3)


def _parts_of(card: StillCard, explained: Explained | None) -> list[ScorePart]:
    if explained:
        percents = {name: round(value) for name, value in explained.percentages.items()}
        return score_parts(explained.parts, percents=percents)
    return score_parts(card.still.explanation) if card.still else []


def score_parts(explanation: Mapping[str, float], *, percents: Mapping[str, int] = _PERCENTS) -> list[ScorePart]:
    """The parts of a score, weightiest first; `percents` is what each can give of the whole."""
    parts = [
        ScorePart(
            name=name,
            label=PART_NAMES[name].label if name in PART_NAMES else name.replace("_", " ").capitalize(),
            about=PART_NAMES[name].about if name in PART_NAMES else "",
            value=value,
            weight_percent=percents.get(name),
        )
        for name, value in explanation.items()
    ]
    return sorted(parts, key=lambda part: -(part.weight_percent or 0))
