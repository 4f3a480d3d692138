"""Camera moves: what the camera does in each shot, and in each frame of it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Signals

CameraKind = Literal["static", "pan", "tilt", "zoom", "handheld", "tracking"]
CAMERA_KINDS: tuple[CameraKind, ...] = ("static", "pan", "tilt", "zoom", "handheld", "tracking")
AXES: tuple[CameraKind, ...] = ("pan", "tilt", "zoom")

SHORTEST_S = 0.4
"""A shorter shot, or less that can be measured of it, shows no move that anybody could name."""

END_S, END_SHARE = 0.25, 0.1
"""So much of either end, but not more than this share, is left out: wipes and dissolves mix two cameras there."""

LEAST_FIT = 0.3
BROKEN_STRUCTURE = 0.5
"""A frame whose structure changes more than this was cut, wiped or covered: its motion says nothing."""

LEAST_KNOWN = 0.4
"""Share of a shot's frames whose motion must be known."""

HEIGHT_PER_WIDTH, ZOOM_REACH = 0.56, 0.5
"""Tilts and growths are compared with pans as displacement in widths: at the usual shape of the picture, and half a
width from its middle."""

SMOOTH_S = 0.3
"""Standard deviation of the low-pass filter that parts the camera's way from its shaking."""

SHAKE_WINDOW_S = 1.0
"""Shaking is what a cubic through this long a stretch of the path leaves (Savitzky & Golay 1964): a move that begins
and ends softly leaves nothing, a hand, at 1 Hz and more, does."""

SHAKE_LASTS_S = 1 / 30
"""Only what lasts that long is shaking: film that weaves in its gate jumps from frame to frame."""

LEAST_WAY, LEAST_SPEED_S = 0.03, 0.01
"""A move goes this share of the width at least, and this much of it in a second."""

STRAIGHT = 0.6
"""Share of the path that the net way makes in a move; swaying goes back and forth."""

LONG_WAY = 0.2
"""Going so far is a move even if the camera comes back."""

LEAST_SHAKE = 0.0008
"""Root mean square of shaking, as a share of the width, from which a camera is not on a tripod."""

STEADY = 20.0
"""A move is this many times longer than its shaking, or a hand carries the camera."""

TRACKED_AREA, TRACKED_SHARE = 0.02, 0.4
"""The camera goes with somebody if, for this share of its move, at least this share of the picture stands still."""


class Span(Protocol):
    """Anything with frames ``start_frame``..``end_frame`` (half-open), such as a shot."""

    @property
    def start_frame(self) -> int: ...

    @property
    def end_frame(self) -> int: ...


class CameraMove(NamedTuple):
    """What the camera does in a shot.

    ``kind`` is None where the shot is too short or cannot be measured; ``confidence`` 0–1. ``pan_unit_s`` and
    ``tilt_unit_s``: mean speed over the shot in widths and heights of the picture a second, + right and up;
    ``zoom_s``: logarithm of the growth a second, + in. ``shake``: root mean square of the shaking, as a share of the
    width.
    """

    kind: CameraKind | None
    confidence: float
    pan_unit_s: float
    tilt_unit_s: float
    zoom_s: float
    shake: float


UNKNOWN = CameraMove(None, 0.0, 0.0, 0.0, 0.0, 0.0)


class _Travel(NamedTuple):
    """The camera's steps through T frames of a shot, beginning with frame ``first_frame``.

    ``raw`` ``(T, 3)``: pan, tilt, zoom as measured, ``step`` the same as displacement in widths; where unknown, between
    their neighbours. ``way`` ``(T, 3)``: the path that the smoothed steps make. ``shake``: root mean square, widths.
    """

    first_frame: int
    raw: NDArray[np.float64]
    step: NDArray[np.float64]
    speed: NDArray[np.float64]
    way: NDArray[np.float64]
    shake: float
    known: float


def describe_camera(signals: Signals, *, shots: Sequence[Span], fps: float) -> list[CameraMove]:
    """Say what the camera does in each of the shots, in their order.

    ``signals`` are the stitched signals of ``ava.annotate`` (``motion.*`` is read), each ``float32 (frame_count,)``,
    NaN where not measured. Kinds: ``static``; ``pan``, ``tilt`` and ``zoom`` (or dolly), whichever displaces the
    picture most; ``handheld``, where the camera sways and shakes more than it gets anywhere; ``tracking``, where it
    goes with a large subject that stands still in the picture while the background slides (a pan after somebody who
    walks along gives the same pictures). The thresholds are this module's constants, set on rendered moves and real
    footage.
    """
    moves = []
    for shot in shots:
        travel = _follow(signals, shot, fps=fps)
        moves.append(UNKNOWN if travel is None else _describe(travel, signals, fps=fps))
    return moves


def camera_kind_per_frame(signals: Signals, *, shots: Sequence[Span], fps: float) -> list[CameraKind | None]:
    """Say what the camera does in each frame: a shot's pan may begin late and end early.

    Returns a kind for each of the signals' frames, None outside the shots and where a shot's own is None. All of a
    hand-held shot is hand-held; elsewhere a frame carries its shot's kind of move, or that of the axis that moves most
    around it, and ``static`` where nothing moves. Whatever lasts less than 0.4 s goes with its neighbours.
    """
    kinds: list[CameraKind | None] = [None] * len(signals["motion.pan"])
    for shot in shots:
        travel = _follow(signals, shot, fps=fps)
        if travel is None:
            continue
        move = _describe(travel, signals, fps=fps)
        own = _kinds_along(travel, move, fps=fps)
        inner = np.clip(np.arange(shot.start_frame, shot.end_frame) - travel.first_frame, 0, len(own) - 1)
        kinds[shot.start_frame : shot.end_frame] = [own[place] for place in inner]
    return kinds


def _follow(signals: Signals, shot: Span, *, fps: float) -> _Travel | None:
    """Where the camera goes in a shot; None where that cannot be told."""
    length = shot.end_frame - shot.start_frame
    margin = int(min(END_S * fps, END_SHARE * length))
    # The first frame's motion leads over from the shot before.
    frames = slice(shot.start_frame + max(margin, 1), shot.end_frame - margin)
    known = _is_known(signals, frames)
    if known.sum() < max(SHORTEST_S * fps, LEAST_KNOWN * len(known), 2):
        return None
    numbers = np.arange(len(known))
    raw = np.stack(
        [
            np.interp(numbers, numbers[known], signals[f"motion.{axis}"][frames][known].astype(np.float64))
            for axis in AXES
        ],
        axis=1,
    )
    step = raw * (1.0, HEIGHT_PER_WIDTH, ZOOM_REACH)
    speed = _smooth(step, sigma=SMOOTH_S * fps)
    shake = _measure_shake(np.cumsum(step[:, :2], axis=0), fps=fps)
    return _Travel(frames.start, raw, step, speed, np.cumsum(speed, axis=0), shake, float(known.mean()))


def _is_known(signals: Signals, frames: slice) -> NDArray[np.bool_]:
    fit, change, difference = (
        signals[f"motion.{name}"][frames] for name in ("camera_fit", "structure_change", "frame_difference")
    )
    # A frame that repeats the one before shows that the camera stood still.
    return np.asarray(((fit >= LEAST_FIT) & (change < BROKEN_STRUCTURE)) | (difference == 0))


def _smooth(values: NDArray[np.float64], *, sigma: float) -> NDArray[np.float64]:
    """Gaussian means along the first axis of ``(T, columns)``; near the ends over what there is."""
    reach = max(int(3 * sigma), 1)
    kernel = np.exp(-np.square(np.arange(-reach, reach + 1) / max(sigma, 0.3)) / 2)
    amount = np.convolve(np.ones(len(values)), kernel)[reach:-reach]
    sums = [np.convolve(column, kernel)[reach:-reach] for column in values.T]
    return np.asarray(np.stack(sums, axis=1) / amount[:, None])


def _measure_shake(path: NDArray[np.float64], *, fps: float) -> float:
    """Root mean square of what cubics through stretches of a path ``(T, 2)`` leave in their middles, as far as it
    lasts; 0 for too short paths."""
    half = min(max(round(SHAKE_WINDOW_S * fps / 2), 3), (len(path) - 1) // 2)
    if half < 3:
        return 0.0
    powers = np.vander(np.arange(-half, half + 1) / half, 4)
    kernel = np.linalg.pinv(powers)[-1]
    left = np.stack([column[half:-half] - np.convolve(column, kernel[::-1], mode="valid") for column in path.T], axis=1)
    lag = max(round(SHAKE_LASTS_S * fps), 1)
    lasting = float((left[lag:] * left[:-lag]).sum(axis=1).mean()) if len(left) > lag else 0.0
    return float(np.sqrt(max(lasting, 0.0)))


def _describe(travel: _Travel, signals: Signals, *, fps: float) -> CameraMove:
    way = np.ptp(travel.way, axis=0)
    seconds = len(travel.way) / fps
    main = int(np.argmax(way))
    net = abs(float(travel.way[-1, main] - travel.way[0, main] + travel.speed[0, main]))
    straightness = net / max(float(np.abs(travel.speed[:, main]).sum()), 1e-9)
    least = max(LEAST_WAY, LEAST_SPEED_S * seconds)
    moves = way[main] >= least and (straightness >= STRAIGHT or way[main] >= LONG_WAY)
    shakes = travel.shake >= LEAST_SHAKE
    kind: CameraKind
    if shakes and (not moves or way[main] < STEADY * travel.shake):
        kind, sure = "handheld", _sureness(travel.shake, LEAST_SHAKE)
    elif not moves:
        kind, sure = "static", 1 - max(_sureness(way[main], least), _sureness(travel.shake, LEAST_SHAKE))
    else:
        rest = float(np.delete(way, main).max())
        kind, sure = AXES[main], _sureness(way[main], least) * way[main] / (way[main] + rest)
        if kind != "zoom" and _goes_with_subject(travel, signals):
            kind = "tracking"
    pan, tilt, zoom = (travel.raw.mean(axis=0) * fps).tolist()
    return CameraMove(kind, float(sure * travel.known), pan, tilt, zoom, travel.shake)


def _sureness(value: float, threshold: float) -> float:
    """0–1: a half at the threshold."""
    return value * value / (value * value + threshold * threshold)


def _goes_with_subject(travel: _Travel, signals: Signals) -> bool:
    frames = slice(travel.first_frame, travel.first_frame + len(travel.step))
    camera = np.sqrt(np.square(travel.step[:, :2]).sum(axis=1))
    moving = camera > camera.max() / 4
    held = np.nan_to_num(signals["motion.held_area"][frames]) >= TRACKED_AREA
    return bool(held[moving].mean() >= TRACKED_SHARE)


def _kinds_along(travel: _Travel, move: CameraMove, *, fps: float) -> list[CameraKind | None]:
    """Kinds of a travel's frames."""
    if move.kind == "handheld":
        return ["handheld"] * len(travel.step)
    speed = np.abs(travel.speed) * fps
    main = speed.argmax(axis=1)
    label = np.where(speed.max(axis=1) >= LEAST_WAY, main + 1, 0)
    label = _absorb_short_runs(label, least=SHORTEST_S * fps)
    names: list[CameraKind] = ["static", *AXES]
    if move.kind == "tracking":
        names[1:3] = ["tracking", "tracking"]
    return [names[each] for each in label]


def _absorb_short_runs(label: NDArray[np.intp], *, least: float) -> NDArray[np.intp]:
    """Give runs shorter than ``least`` frames, shortest first, to the longer of the runs beside them."""
    label = label.copy()
    while True:
        edges = np.concatenate([[0], np.flatnonzero(np.diff(label)) + 1, [len(label)]])
        lengths = np.diff(edges)
        shortest = int(np.argmin(lengths))
        if len(lengths) == 1 or lengths[shortest] >= least:
            return label
        beside = [place for place in (shortest - 1, shortest + 1) if 0 <= place < len(lengths)]
        taker = max(beside, key=lambda place: lengths[place])
        label[edges[shortest] : edges[shortest + 1]] = label[edges[taker]]
