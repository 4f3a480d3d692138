"""Shot scale: how much of a person, or of a place, a frame and a shot show."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_gray

ScaleKind = Literal["extreme_close_up", "close_up", "medium", "cowboy", "full", "long", "extreme_long"]
Evidence = Literal["face", "body", "upper_body", "fallback"]

SCALES: tuple[ScaleKind, ...] = ("extreme_close_up", "close_up", "medium", "cowboy", "full", "long", "extreme_long")
"""From near to far."""

HEADS_IN_PICTURE = (0.9, 2.6, 5.2, 7.8, 15.0, 37.5)
"""Picture heights in heads (top to chin) at which one scale turns into the next.

Film grammar defines scales by where the lower edge cuts a standing figure (Bordwell & Thompson, Film Art, ch. 5; the
seven steps that Benini, Svanera, Adami, Leonardi & Kovács 2016 and Savardi, Signoroni, Migliorati & Benini 2018
annotate), and a figure is seven and a half heads high. A picture of 0.9 heads has no room for the whole head; 2.6 reach
the chest (their medium close-up, for which there is no kind of its own here, is split there); 5.2, with room above the
head, the hips; 7.8 the knees; a figure that is seen in full takes half of the picture at least, or it is a long shot;
one below a fifth is lost in an extreme long shot.
"""

FACE_HEADS, UPPER_BODY_HEADS, BODY_HEADS = 0.8, 2.2, 7.5
"""Heights in heads of what detectors frame: a face from forehead to chin, head and chest, a whole figure."""

BODY_PER_FACE = (3.5, 13.0)
"""Heights of a whole figure in faces: crouching, or standing under a face whose box came out small. A body's box
beyond that is somebody else's, or cut."""

NEAR_THRESHOLD = 0.12
"""Natural logarithm of a size's ratio to a threshold at which the scale is as good as certain only by half."""

SUREST: dict[Evidence, float] = {"face": 0.95, "body": 0.8, "upper_body": 0.7, "fallback": 0.4}

SMALL_SIDE_PX = 320
TILE_PX = 20
MARGIN_SHARE = 16
"""One part in so many of each side is left out: frames' edges hold bars, slides' mounts, vignettes."""

CUE_WEIGHTS, CUE_BIAS = (0.956, 1.566, -4.043), 3.397
CUE_THRESHOLDS = (2.4, 3.6, 5.2)
CUE_SCALES: tuple[ScaleKind, ...] = ("close_up", "medium", "long", "extreme_long")
"""Ridge regression of the scale's place in ``SCALES`` on hand-labelled photographs without people in sight. Left-out
photographs correlate with their labels at 0.48: it tells flowers from landscapes, not much more."""

LEAST_SHAPED = 0.05
"""A picture of which less has any shapes shows nothing that could be near or far."""

LEAST_PEOPLE_SHARE = 0.2
"""People seen in this share of a shot's frames speak for all of it."""


class FallbackCues(NamedTuple):
    """What a frame without people says about distance.

    ``layering``: logarithm of how much more rows differ than columns, + for sky over land. ``horizontal_edges``:
    logarithm of how much steeper the coarse slopes are downwards than across, + where horizontal edges prevail.
    ``soft_share``: share of the picture that has shapes but no detail, 0–1: out of focus. ``shaped_share``: share that
    has shapes at all, 0–1.
    """

    layering: float
    horizontal_edges: float
    soft_share: float
    shaped_share: float


class FrameScale(NamedTuple):
    """A frame's scale (None where there is nothing to go by), how sure 0–1, and by what."""

    kind: ScaleKind | None
    confidence: float
    by: Evidence | None


class ShotScale(NamedTuple):
    """A shot's scale, and that of each of its frames in their order, those without people drawn to their neighbours."""

    kind: ScaleKind | None
    confidence: float
    by: Evidence | None
    frames: tuple[FrameScale, ...]


UNKNOWN = FrameScale(None, 0.0, None)


def scale_of_frame(
    *,
    face_height_unit: float | None,
    body_height_unit: float | None,
    upper_body_height_unit: float | None,
    fallback: FallbackCues | None,
) -> FrameScale:
    """Name a frame's scale from its main person: by the whole body if all of it is seen, else the face, else the upper
    body.

    Heights are shares of the picture's height, of boxes as face and body detectors draw them (forehead to chin; head to
    feet; head and chest); None, NaN or 0 where there is none. Leave out a body whose box touches the picture's lower
    edge: it is cut. A body counts only if it fits the face. ``fallback`` judges where nobody is seen, with little
    confidence.
    """
    face, body, upper = (
        height_unit if height_unit is not None and height_unit > 0 else None
        for height_unit in (face_height_unit, body_height_unit, upper_body_height_unit)
    )
    if body is not None and (face is None or BODY_PER_FACE[0] < body / face < BODY_PER_FACE[1]):
        # Who crouches is as near as who stands, and seen in full: never nearer than a full shot.
        return _scale_of_heads(max(BODY_HEADS / body, HEADS_IN_PICTURE[3] + 0.5), by="body")
    if face is not None:
        return _scale_of_heads(FACE_HEADS / face, by="face")
    if upper is not None:
        return _scale_of_heads(UPPER_BODY_HEADS / upper, by="upper_body")
    return UNKNOWN if fallback is None else _scale_of_cues(fallback)


def scale_of_shot(frames: Sequence[FrameScale]) -> ShotScale:
    """Let a shot's frames vote on its scale: the median of their scales, weighted by confidence.

    Where people are seen in a fifth of the frames or more, only these vote. A frame that was judged by the fallback
    takes the scale of the nearest of those with people. Without frames, or none that says anything, the kind is None.
    """
    judged = [frame for frame in frames if frame.kind is not None]
    if not judged:
        return ShotScale(None, 0.0, None, tuple(frames))
    people = [frame for frame in judged if frame.by != "fallback"]
    voters = people if len(people) >= LEAST_PEOPLE_SHARE * len(judged) else judged
    places = np.array([SCALES.index(frame.kind) for frame in voters if frame.kind is not None])
    weight = np.array([frame.confidence for frame in voters])
    kind = SCALES[_weighted_median(places, weight)]
    agreeing = [frame for frame in voters if frame.kind == kind]
    share = sum(frame.confidence for frame in agreeing) / max(float(weight.sum()), 1e-9)
    best = max(agreeing, key=lambda frame: frame.confidence)
    drawn = _draw_to_people(frames) if voters is people else tuple(frames)
    return ShotScale(kind, share * best.confidence, best.by, drawn)


def fallback_cues(rgb: NDArray[np.uint8]) -> FallbackCues:
    """Measure what tells near from far without people, in a frame ``uint8 (H, W, 3)`` of any size.

    How a picture's structure lies in orientation and fineness tells the depth of its scene (Torralba & Oliva 2002,
    "Depth estimation from image structure"): the ground, the horizon and the sky of wide views make horizontal layers,
    and defocus takes the detail from what surrounds near things. Three such measures stand for their spectral
    signature. Flat pictures and those of less than four pixels give 0s.
    """
    luma = _shrink(to_gray(rgb)).astype(np.float32)
    if min(luma.shape) < 4:
        return FallbackCues(0.0, 0.0, 0.0, 0.0)
    fine, middle, coarse = (cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in (1.0, 4.0, 16.0))
    layering = np.log((coarse.mean(axis=1).std() + 1) / (coarse.mean(axis=0).std() + 1))
    down, across = (float(np.abs(np.diff(middle, axis=axis)).mean()) + 0.2 for axis in (0, 1))
    detail, shapes = _tile_strength(luma - fine), _tile_strength(cv2.GaussianBlur(luma, (0, 0), 2.0) - middle)
    shaped = shapes > 1
    soft = shaped & (detail < 0.5 * shapes)
    edges = float(np.log(down / across))
    return FallbackCues(float(layering), edges, float(soft.mean()), float(shaped.mean()))


def _scale_of_heads(heads: float, *, by: Evidence) -> FrameScale:
    """``heads``: the picture's height in heads of its main person."""
    away = min(abs(float(np.log(heads / limit))) for limit in HEADS_IN_PICTURE)
    kind = SCALES[int(np.searchsorted(HEADS_IN_PICTURE, heads, side="left"))]
    return FrameScale(kind, SUREST[by] * (away + NEAR_THRESHOLD) / (away + 2 * NEAR_THRESHOLD), by)


def _scale_of_cues(cues: FallbackCues) -> FrameScale:
    if cues.shaped_share < LEAST_SHAPED:
        return UNKNOWN
    place = float(np.dot(CUE_WEIGHTS, cues[: len(CUE_WEIGHTS)])) + CUE_BIAS
    away = min(abs(place - limit) for limit in CUE_THRESHOLDS)
    kind = CUE_SCALES[int(np.searchsorted(CUE_THRESHOLDS, place))]
    return FrameScale(kind, SUREST["fallback"] * (away + 0.5) / (away + 1), "fallback")


def _weighted_median(places: NDArray[np.intp], weight: NDArray[np.float64]) -> int:
    order = np.argsort(places, kind="stable")
    reached = np.cumsum(weight[order])
    return int(places[order][np.searchsorted(reached, reached[-1] / 2)])


def _draw_to_people(frames: Sequence[FrameScale]) -> tuple[FrameScale, ...]:
    """Frames by the fallback, or by nothing, as the nearest frame with people."""
    seen = np.array([number for number, frame in enumerate(frames) if frame.by not in (None, "fallback")])
    drawn = list(frames)
    for number in set(range(len(frames))) - set(seen.tolist()):
        nearest = frames[int(seen[np.argmin(np.abs(seen - number))])]
        drawn[number] = nearest._replace(confidence=nearest.confidence / 2)
    return tuple(drawn)


def _shrink(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most 320 px, without its margin."""
    scale = min(SMALL_SIDE_PX / max(luma.shape), 1.0)
    size = (max(round(luma.shape[1] * scale), 1), max(round(luma.shape[0] * scale), 1))
    small = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    down, across = small.shape[0] // MARGIN_SHARE, small.shape[1] // MARGIN_SHARE
    return small[down : small.shape[0] - down, across : small.shape[1] - across]


def _tile_strength(band: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of a band of frequencies in tiles of 20 px; a smaller picture is one tile."""
    rows, columns = (max(side // TILE_PX, 1) for side in band.shape)
    whole = np.square(band[: max(rows * TILE_PX, 1), : max(columns * TILE_PX, 1)])
    return np.asarray(np.sqrt(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)), dtype=np.float32)
