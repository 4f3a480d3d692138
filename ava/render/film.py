"""Films: shots joined by cuts, dissolves and fades, rendered to a file whose truth is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.render.encode import film_writer
from ava.render.grade import Grain, make_vignette
from ava.render.lettering import draw_cue, letters_box
from ava.render.plate import Rgb
from ava.render.shot import ShotClock, ShotSpec, draw_shot, frame_travel_unit, visible_faces
from ava.render.truth import (
    DefectTruth,
    FaceTruth,
    FilmTruth,
    ShotTruth,
    Span,
    StuckTruth,
    TextTruth,
    TransitionName,
    TransitionTruth,
)

OnFrame = Callable[[int, int], None]
"""Told about the frames that are done and their number in all."""
Plant = Callable[[NDArray[np.uint8], np.random.Generator], tuple[NDArray[np.uint8], NDArray[np.bool_]]]
"""Puts pixel errors into frames ``uint8 (T, H, W, 3)`` and returns them with a mask ``bool (T, H, W)``."""

_BLACK_GAIN = 0.06
_SHOWN_GAIN = 0.3
_DEFOCUSED_UNIT = 0.003
_FAST_UNIT = 0.02


class Cut(NamedTuple):
    """The next shot begins at once."""


class Dissolve(NamedTuple):
    """Both shots are seen for ``frames`` frames, the one going, the other coming."""

    frames: int


class Fade(NamedTuple):
    """Down to black, black, up again."""

    out_frames: int
    black_frames: int
    in_frames: int


Join = Cut | Dissolve | Fade
AT_ONCE = Fade(0, 0, 0)


class PlannedDefect(NamedTuple):
    """Pixel errors to be planted by ``plant`` in one frame of the film."""

    frame_index: int
    plant: Plant


class PlannedStuck(NamedTuple):
    """Pixels that are wrong in every frame of a span; ``show`` puts them into a picture in place."""

    truth: StuckTruth
    show: Callable[[NDArray[np.uint8]], None]


@dataclass(frozen=True)
class FilmSpec:
    """A film: ``joins`` lie between its shots. ``opening`` and ``ending`` come up from and go down to black."""

    width: int
    height: int
    fps: Fraction
    shots: tuple[ShotSpec, ...]
    joins: tuple[Join, ...]
    opening: Fade = AT_ONCE
    ending: Fade = AT_ONCE
    grain: float = 0.0
    vignette_unit: float = 0.0
    defects: tuple[PlannedDefect, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0
    stuck: tuple[PlannedStuck, ...] = ()

    def __post_init__(self) -> None:
        if len(self.joins) != len(self.shots) - 1:
            raise ValueError(f"{len(self.shots)} shots need {len(self.shots) - 1} joins, not {len(self.joins)}.")


class Placed(NamedTuple):
    """Where a shot lies in the film: the frames in which it is drawn, and the frames that count as its own."""

    drawn_start: int
    drawn_end: int
    start_frame: int
    end_frame: int


class Timeline(NamedTuple):
    """All shots placed, the gradual transitions between them, and the film's length in frames."""

    shots: tuple[Placed, ...]
    transitions: tuple[TransitionTruth, ...]
    frame_count: int


def lay_out(film: FilmSpec) -> Timeline:
    """Place the shots of a film on its timeline."""
    drawn: list[tuple[int, int]] = []
    starts = [0]
    transitions: list[TransitionTruth] = []
    now = film.opening.black_frames
    if film.opening.in_frames:
        transitions.append(TransitionTruth("fade", 0, now + film.opening.in_frames))
    joins: Sequence[Join] = (*film.joins, Cut())
    for shot, join in zip(film.shots, joins, strict=True):
        end = now + shot.frames
        drawn.append((now, end))
        match join:
            case Cut():
                starts.append(end)
                now = end
            case Dissolve(frames):
                transitions.append(TransitionTruth("dissolve", end - frames, end))
                starts.append(end - frames // 2)
                now = end - frames
            case Fade(out_frames, black_frames, in_frames):
                now = end + black_frames
                transitions.append(TransitionTruth("fade", end - out_frames, now + in_frames))
                starts.append((end - out_frames + now + in_frames) // 2)
    frame_count = drawn[-1][1] + film.ending.black_frames
    if film.ending.out_frames:
        transitions.append(TransitionTruth("fade", drawn[-1][1] - film.ending.out_frames, frame_count))
    ends = [*starts[1:-1], frame_count]
    placed = tuple(Placed(*span, *own) for span, own in zip(drawn, zip(starts, ends, strict=False), strict=True))
    return Timeline(placed, tuple(transitions), frame_count)


def _gain(film: FilmSpec, timeline: Timeline, *, shot: int, frame: int) -> float:
    """How strongly a shot shows in a frame, 0–1: less than 1 in dissolves and fades."""
    placed = timeline.shots[shot]
    if not placed.drawn_start <= frame < placed.drawn_end:
        return 0.0
    before: Join = film.joins[shot - 1] if shot else film.opening
    after: Join = film.joins[shot] if shot < len(film.joins) else film.ending
    rise = before.frames if isinstance(before, Dissolve) else before.in_frames if isinstance(before, Fade) else 0
    fall = after.frames if isinstance(after, Dissolve) else after.out_frames if isinstance(after, Fade) else 0
    gain = 1.0
    if rise:
        gain = min(gain, (frame - placed.drawn_start + 1) / (rise + 1))
    if fall:
        gain = min(gain, (placed.drawn_end - frame) / (fall + 1))
    return gain


def draw_film(film: FilmSpec) -> Iterator[Rgb]:
    """Draw the film's frames in order, without pixel errors: each ``uint8 (height, width, 3)``."""
    cv2.setNumThreads(1)
    timeline = lay_out(film)
    vignette = make_vignette(width=film.width, height=film.height, strength_unit=film.vignette_unit)
    rng = np.random.default_rng([film.seed, 1])
    grain = Grain(width=film.width, height=film.height, strength=film.grain, rng=rng)
    for frame_index in range(timeline.frame_count):
        mixed = _mix(film, timeline, frame_index=frame_index, vignette=vignette)
        mixed = grain.apply(mixed, frame_index=frame_index)
        for shot, placed in zip(film.shots, timeline.shots, strict=True):
            for cue in shot.texts:
                mixed = draw_cue(mixed, cue, frame=frame_index - placed.drawn_start)
        yield mixed


def _mix(film: FilmSpec, timeline: Timeline, *, frame_index: int, vignette: NDArray[np.uint8]) -> Rgb:
    mixed: NDArray[np.uint8] | None = None
    for index, (shot, placed) in enumerate(zip(film.shots, timeline.shots, strict=True)):
        gain = _gain(film, timeline, shot=index, frame=frame_index)
        if gain <= 0:
            continue
        clock = ShotClock(frame_index - placed.drawn_start, shot.frames, float(film.fps))
        picture = draw_shot(shot, clock, width=film.width, height=film.height, vignette=vignette)
        if gain < 1:
            picture = np.asarray(cv2.convertScaleAbs(picture, alpha=gain), dtype=np.uint8)
        mixed = picture if mixed is None else np.asarray(cv2.add(mixed, picture), dtype=np.uint8)
    return np.zeros((film.height, film.width, 3), dtype=np.uint8) if mixed is None else mixed


def render_film(
    film: FilmSpec,
    path: Path,
    *,
    sound: NDArray[np.float32] | None = None,
    crf: int = 21,
    on_frame: OnFrame | None = None,
) -> FilmTruth:
    """Render a film to an .mp4 (H.264, AAC) and return its truth. The same film gives the same bytes."""
    timeline = lay_out(film)
    planned = {defect.frame_index: defect for defect in film.defects}
    defects: list[DefectTruth] = []
    with film_writer(path, width=film.width, height=film.height, fps=film.fps, crf=crf, sound=sound) as writer:
        for frame_index, drawn in enumerate(draw_film(film)):
            picture = drawn
            if frame_index in planned:
                rng = np.random.default_rng([film.seed, 2, frame_index])
                planted, mask = planned[frame_index].plant(drawn[None], rng)
                picture = planted[0]
                defects.extend(_list_defects(mask[0], frame_index=frame_index))
            for stuck in film.stuck:
                if stuck.truth.start_frame <= frame_index < stuck.truth.end_frame:
                    picture = picture.copy()
                    stuck.show(picture)
            writer.write(picture)
            if on_frame is not None:
                on_frame(frame_index + 1, timeline.frame_count)
    return describe_film(film, defects=tuple(defects))


def _list_defects(mask: NDArray[np.bool_], *, frame_index: int) -> list[DefectTruth]:
    count, _, statistics, centroids = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return [
        DefectTruth(
            frame_index,
            float(centroids[part][0]),
            float(centroids[part][1]),
            int(statistics[part, cv2.CC_STAT_AREA]),
            "hot",
        )
        for part in range(1, count)
    ]


def describe_film(film: FilmSpec, *, defects: tuple[DefectTruth, ...] = ()) -> FilmTruth:
    """Return a film's truth without rendering it; only the planted pixel errors need the rendered frames."""
    timeline = lay_out(film)
    texts = tuple(
        TextTruth(
            cue.text,
            cue.kind,
            placed.drawn_start + cue.start_frame,
            placed.drawn_start + cue.end_frame,
            letters_box(cue, width=film.width, height=film.height),
        )
        for shot, placed in zip(film.shots, timeline.shots, strict=True)
        for cue in shot.texts
    )
    gains = np.array(
        [
            max(_gain(film, timeline, shot=shot, frame=frame) for shot in range(len(film.shots)))
            for frame in range(timeline.frame_count)
        ]
    )
    return FilmTruth(
        width=film.width,
        height=film.height,
        fps=film.fps,
        frame_count=timeline.frame_count,
        shots=tuple(_describe_shot(film, timeline, index) for index in range(len(film.shots))),
        transitions=timeline.transitions,
        texts=texts,
        defects=defects,
        black=_spans(gains <= _BLACK_GAIN),
        defocused=_spans(_measure_shots(film, timeline, _is_defocused)),
        fast_motion=_spans(_measure_shots(film, timeline, _is_fast)),
        notes=film.notes,
        stuck=tuple(stuck.truth for stuck in film.stuck),
    )


def _describe_shot(film: FilmSpec, timeline: Timeline, index: int) -> ShotTruth:
    shot, placed = film.shots[index], timeline.shots[index]
    faces: list[FaceTruth] = []
    for frame in range(placed.start_frame, placed.end_frame):
        if _gain(film, timeline, shot=index, frame=frame) < _SHOWN_GAIN:
            continue
        clock = ShotClock(frame - placed.drawn_start, shot.frames, float(film.fps))
        faces.extend(
            FaceTruth(frame, person, box, visible)
            for person, box, visible in visible_faces(shot, clock, width=film.width, height=film.height)
        )
    transition: TransitionName = "start"
    if index:
        join = film.joins[index - 1]
        transition = "cut" if isinstance(join, Cut) else "dissolve" if isinstance(join, Dissolve) else "fade"
    return ShotTruth(
        index=index,
        name=shot.name,
        start_frame=placed.start_frame,
        end_frame=placed.end_frame,
        transition=transition,
        camera=shot.camera.name,
        people=tuple(dict.fromkeys(face.person for face in faces)),
        faces=tuple(faces),
    )


def _is_defocused(shot: ShotSpec, clock: ShotClock) -> bool:
    return shot.defocus(clock.time_unit) > _DEFOCUSED_UNIT


def _is_fast(shot: ShotSpec, clock: ShotClock) -> bool:
    return frame_travel_unit(shot, clock) > _FAST_UNIT


def _measure_shots(
    film: FilmSpec, timeline: Timeline, holds: Callable[[ShotSpec, ShotClock], bool]
) -> NDArray[np.bool_]:
    found = np.zeros(timeline.frame_count, dtype=np.bool_)
    for shot, placed in zip(film.shots, timeline.shots, strict=True):
        for frame in range(max(placed.start_frame, placed.drawn_start), min(placed.end_frame, placed.drawn_end)):
            found[frame] = holds(shot, ShotClock(frame - placed.drawn_start, shot.frames, float(film.fps)))
    return found


def _spans(flags: NDArray[np.bool_]) -> tuple[Span, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return tuple(Span(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True))
