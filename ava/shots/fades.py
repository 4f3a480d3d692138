"""Fades: pictures that darken to black, or brighten to white, and come out of it."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.shots.film_signals import FilmSignals, correlate
from ava.shots.shot_list import Boundary, Transition

FLAT_CONTRAST = 0.012
"""RMS contrast below which a frame shows one tone only: black, white or any other."""

DIP_SHARE, DIP_REACH_S = 0.2, 2.0
"""A frame whose contrast is below this share of what both sides reach within this time is flat as well: two
fades may meet without one black frame between them, and a caption may stay over the black."""

FLOOR_SHARE = 0.02
"""Share of the full picture's contrast above the least of a flat run at which a picture begins to show."""

LONGEST_RAMP_S = 10.0
LONG_BLACK_S = 0.5
"""Black for at least this long is a shot of its own."""

HARD_EDGE_FRAMES = 2
"""A picture that comes or goes within so many mixed frames was cut."""

SHORTEST_OWN_BLACK_FRAMES = 3
"""Black between two cuts for fewer frames than this belongs to the join."""

SAME_TONE = 0.0003
"""RMS difference of cells that compression alone leaves between two frames of one tone."""

NEARLY = 0.97
"""Share of the full picture's distance from the flat tone that counts as full."""

RISING = 1.015
"""A ramp goes on as long as the picture grows by this factor a frame, measured over three frames."""

SAME_SHAPE = 0.98
"""Cosine between neighbouring half-faded frames, both less the flat tone, from which it is a fade: an
object that moves in front of the camera uncovers the picture piece by piece instead."""

VISIBLE_SHARE = 0.1
"""Share of the full picture's distance from the flat tone from which a half-faded frame shows its shape."""

SAME_PICTURE = 0.9

EdgeKind = Literal["none", "cut", "ramp", "other"]


class Edge(NamedTuple):
    """One side of a flat run: how the picture leaves or comes, and the first fully visible frame beyond
    it."""

    kind: EdgeKind
    full_frame: int


class FlatRun(NamedTuple):
    """Frames ``start_frame``..``end_frame`` (half-open) of one tone, and what lies on either side."""

    start_frame: int
    end_frame: int
    before: Edge
    after: Edge


class Fades(NamedTuple):
    """Boundaries that flat runs make, the spans of their transitions, and all frames they explain, bool
    ``(N,)``."""

    boundaries: tuple[Boundary, ...]
    transitions: tuple[Transition, ...]
    explained: NDArray[np.bool_]


def find_fades(film: FilmSignals, *, fps: float) -> Fades:
    """Find the boundaries at black or otherwise flat frames.

    Flat for less than half a second between two pictures is one boundary, at the first frame of the new
    picture; flat for longer is a shot of its own. A cut to black is a boundary where the black begins,
    however short it is (from three frames on). Flat frames between two views of one picture (a flash, an
    object that fills the view) are no boundary.
    """
    boundaries: list[Boundary] = []
    transitions: list[Transition] = []
    explained = np.zeros(film.frame_count, dtype=np.bool_)
    long_frames = LONG_BLACK_S * fps
    for run in find_flat_runs(film, fps=fps):
        if _is_for_others(run):
            continue
        explained[max(run.before.full_frame, 0) : run.after.full_frame + 1] = True
        if _is_interruption(film, run, long_frames=long_frames):
            continue
        boundaries += _boundaries_of(run, frame_count=film.frame_count, long_frames=long_frames)
        transitions += _transitions_of(run, long_frames=long_frames)
    return Fades(tuple(boundaries), tuple(transitions), explained)


def find_flat_runs(film: FilmSignals, *, fps: float) -> Iterator[FlatRun]:
    """Yield the runs of frames that show one tone only, in order, with the kinds of their edges."""
    reach, longest = round(DIP_REACH_S * fps), round(LONGEST_RAMP_S * fps)
    padded = np.pad(film.contrast, reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach).max(axis=1)
    sides = np.minimum(windows[: film.frame_count], windows[reach + 1 : reach + 1 + film.frame_count])
    flat = np.pad(film.contrast < np.maximum(FLAT_CONTRAST, DIP_SHARE * sides), 1).astype(np.int8)
    last = -1
    for start, end in zip(
        np.flatnonzero(np.diff(flat) == 1), np.flatnonzero(np.diff(flat) == -1), strict=True
    ):
        if start <= last:  # an earlier run has grown over this one
            continue
        contrast = film.contrast[start:end]
        visible = contrast.min() + FLOOR_SHARE * min(
            film.contrast[max(start - reach, 0) : end + reach].max(), 0.1
        )
        floor = start + np.flatnonzero(contrast <= visible)
        tone = film.luma[floor].mean(axis=0)
        distance = np.full(film.frame_count, np.nan, dtype=np.float32)
        around = slice(max(start - longest, 0), end + longest)
        distance[around] = np.sqrt(np.square(film.luma[around] - tone).mean(axis=1))
        flattest = distance[floor].max() + SAME_TONE
        first, last = int(floor[0]), int(floor[-1])
        while first and distance[first - 1] <= flattest:
            first -= 1
        while last + 1 < film.frame_count and distance[last + 1] <= flattest:
            last += 1
        yield FlatRun(
            first,
            last + 1,
            before=_follow_edge(film, distance, tone=tone, frame=first, step=-1),
            after=_follow_edge(film, distance, tone=tone, frame=last, step=1),
        )


def _follow_edge(
    film: FilmSignals, distance: NDArray[np.float32], *, tone: NDArray[np.float32], frame: int, step: int
) -> Edge:
    """Walk from the last flat frame towards the picture for as long as the picture grows.

    ``distance`` ``(frame_count,)`` from the flat tone is NaN beyond the longest ramp, where the walk ends.
    """
    end = frame + step
    if not 0 <= end < film.frame_count:
        return Edge("none", end)
    while 0 <= end + 3 * step < film.frame_count and distance[end + 3 * step] > RISING**3 * distance[end]:
        end += step
    # The walk stops where the next three frames no longer grow; the last growth may lie within them.
    reach = [end + lag * step for lag in range(4) if 0 <= end + lag * step < film.frame_count]
    reach = [number for number in reach if not np.isnan(distance[number])]
    full = next(number for number in reach if distance[number] >= NEARLY * distance[reach].max())
    ramp = np.arange(frame + step, full, step)
    if len(ramp) <= HARD_EDGE_FRAMES:
        return Edge("cut", full)
    visible = ramp[distance[ramp] > VISIBLE_SHARE * distance[full]]
    return Edge("ramp" if _keeps_shape(film.luma[visible] - tone) else "other", full)


def _keeps_shape(mixed: NDArray[np.float32]) -> bool:
    """Whether consecutive frames ``(T, cells)``, less the flat tone, differ in strength only."""
    norms = np.maximum(np.linalg.norm(mixed, axis=1), 1e-9)
    cosines = (mixed[1:] * mixed[:-1]).sum(axis=1) / (norms[1:] * norms[:-1])
    return len(cosines) > 0 and bool(np.median(cosines) >= SAME_SHAPE)


def _is_for_others(run: FlatRun) -> bool:
    """Whether the run is a moment between two breaks, or one side of it no fade: cut detection judges
    those."""
    edges = (run.before.kind, run.after.kind)
    is_moment = run.end_frame - run.start_frame < SHORTEST_OWN_BLACK_FRAMES
    return (edges == ("cut", "cut") and is_moment) or ("other" in edges and "ramp" not in edges)


def _is_interruption(film: FilmSignals, run: FlatRun, *, long_frames: float) -> bool:
    """Whether a short run lies between two views of one picture, or something that is no fade hides it."""
    if (
        run.before.kind == "none"
        or run.after.kind == "none"
        or run.end_frame - run.start_frame >= long_frames
    ):
        return False
    before, after = run.before.full_frame, run.after.full_frame
    alike = correlate(film.departure[[before]], film.departure[[after]])[0] >= SAME_PICTURE
    if "other" in (run.before.kind, run.after.kind):
        return bool(alike)
    return bool(alike and after - before < long_frames)


def _boundaries_of(run: FlatRun, *, frame_count: int, long_frames: float) -> Iterator[Boundary]:
    is_long = run.end_frame - run.start_frame >= long_frames
    is_own_shot = is_long or (
        run.before.kind == "cut" and run.end_frame - run.start_frame >= SHORTEST_OWN_BLACK_FRAMES
    )
    if is_own_shot and run.before.kind in ("cut", "ramp"):
        yield Boundary(run.start_frame, "cut" if run.before.kind == "cut" else "fade")
    if run.after.kind not in ("cut", "ramp") or (run.before.kind == "none" and not is_long):
        return
    is_fade = run.after.kind == "ramp" or (run.before.kind == "ramp" and not is_own_shot)
    yield Boundary(run.end_frame, "fade" if is_fade else "cut")


def _transitions_of(run: FlatRun, *, long_frames: float) -> Iterator[Transition]:
    is_long = run.end_frame - run.start_frame >= long_frames
    start = run.before.full_frame + 1 if run.before.kind == "ramp" else run.start_frame
    end = run.after.full_frame if run.after.kind == "ramp" else run.end_frame
    if not is_long and "ramp" in (run.before.kind, run.after.kind):
        yield Transition("fade", start, end)
    elif is_long:
        if run.before.kind == "ramp":
            yield Transition("fade", start, run.start_frame)
        if run.after.kind == "ramp":
            yield Transition("fade", run.end_frame, end)
