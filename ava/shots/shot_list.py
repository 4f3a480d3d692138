"""What shot detection finds: shots and the transitions between them."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

TransitionKind = Literal["start", "cut", "dissolve", "fade"]


class Shot(NamedTuple):
    """Frames ``start_frame``..``end_frame`` (half-open); ``transition`` is how the shot begins."""

    index: int  # type: ignore[assignment]
    start_frame: int
    end_frame: int
    transition: TransitionKind


class Transition(NamedTuple):
    """A gradual transition: its mixed, darkened or black frames ``start_frame``..``end_frame``
    (half-open)."""

    kind: TransitionKind
    start_frame: int
    end_frame: int


class ShotList(NamedTuple):
    """Shots in order, without gaps, covering the film; and the spans of its gradual transitions, in order."""

    shots: tuple[Shot, ...]
    transitions: tuple[Transition, ...]


class Boundary(NamedTuple):
    """The first frame of a new shot and how it begins."""

    frame: int
    kind: TransitionKind


def list_shots(
    boundaries: Iterable[Boundary], *, frame_count: int, transitions: Iterable[Transition] = ()
) -> ShotList:
    """Turn boundaries into shots that cover ``frame_count`` frames; a film without frames has no shots.

    Boundaries outside 1..frame_count−1 are dropped, and of several at one frame the first counts.
    """
    starts: dict[int, TransitionKind] = {0: "start"} if frame_count else {}
    for boundary in sorted(boundaries, key=lambda boundary: boundary.frame):
        if 0 < boundary.frame < frame_count:
            starts.setdefault(boundary.frame, boundary.kind)
    ends = [*list(starts)[1:], frame_count]
    shots = tuple(
        Shot(index, start, end, kind)
        for index, ((start, kind), end) in enumerate(zip(starts.items(), ends, strict=False))
    )
    return ShotList(shots, tuple(sorted(transitions, key=lambda transition: transition.start_frame)))
