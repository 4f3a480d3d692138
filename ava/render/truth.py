"""What a rendered film is known to hold, frame by frame: the truth that detectors are judged by."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

Box = tuple[float, float, float, float]
"""``x0, y0, x1, y1`` in pixels of the frame, y down."""

TransitionName = Literal["start", "cut", "dissolve", "fade"]
CameraName = Literal["static", "pan", "tilt", "push_in", "pull_out", "handheld", "whip"]
TextKind = Literal["title", "lower_third", "subtitle", "credits"]


class Span(NamedTuple):
    """Frames ``start_frame``..``end_frame``, half-open."""

    start_frame: int
    end_frame: int


class FaceTruth(NamedTuple):
    """One visible face in one frame.

    ``box`` is cut at the frame's edges; ``visible_unit`` is the share of the whole face that is inside.
    """

    frame_index: int
    person: str
    box: Box
    visible_unit: float


class TextTruth(NamedTuple):
    """Letters on screen from ``start_frame`` to ``end_frame`` (fades included).

    ``box`` holds all of the letters; for rolling credits it is the column that they roll through.
    """

    text: str
    kind: TextKind
    start_frame: int
    end_frame: int
    box: Box


class DefectTruth(NamedTuple):
    """A pixel error: the centroid of its pixels, and how many there are."""

    frame_index: int
    x: float
    y: float
    area_px: int
    kind: Literal["hot"]


class StuckTruth(NamedTuple):
    """Pixels of the sensor that show one level in all frames of a half-open span: their centroid and number."""

    start_frame: int
    end_frame: int
    x: float
    y: float
    area_px: int


class TransitionTruth(NamedTuple):
    """A gradual transition: its mixed, darkened or black frames, half-open."""

    kind: Literal["dissolve", "fade"]
    start_frame: int
    end_frame: int


@dataclass(frozen=True, slots=True)
class ShotTruth:
    """One shot; with a gradual transition it begins in the middle of the transition's span."""

    index: int
    name: str
    start_frame: int
    end_frame: int
    transition: TransitionName
    camera: CameraName
    people: tuple[str, ...]
    faces: tuple[FaceTruth, ...]


@dataclass(frozen=True, slots=True)
class FilmTruth:
    """Everything that is known about a rendered film.

    ``black`` are spans of (nearly) black frames, ``defocused`` spans out of focus, ``fast_motion`` spans
    whose picture moves more than 2 % of its width from one frame to the next. ``notes`` are sentences about what
    the film lacks and why.
    """

    width: int
    height: int
    fps: Fraction
    frame_count: int
    shots: tuple[ShotTruth, ...]
    transitions: tuple[TransitionTruth, ...]
    texts: tuple[TextTruth, ...]
    defects: tuple[DefectTruth, ...]
    black: tuple[Span, ...]
    defocused: tuple[Span, ...]
    fast_motion: tuple[Span, ...]
    notes: tuple[str, ...] = ()
    stuck: tuple[StuckTruth, ...] = ()

    @property
    def cuts(self) -> tuple[int, ...]:
        """First frames of the shots that begin with a hard cut."""
        return tuple(shot.start_frame for shot in self.shots if shot.transition == "cut")

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who appears, in the order of their first appearance."""
        return tuple(dict.fromkeys(person for shot in self.shots for person in shot.people))
