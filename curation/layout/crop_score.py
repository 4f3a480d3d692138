"""How well windows of a picture suit a canvas: parts, each 0–1, and what they come to together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout.crop_interest import measure_interest_in, measure_rim_interest
from curation.layout.crop_scene import Boxes, CropScene
from curation.layout.crop_windows import Windows

Parts = dict[str, NDArray[np.float64]]

WEIGHTS: Mapping[str, float] = {
    "subject": 1.0,
    "faces": 1.0,
    "lettering": 0.6,
    "limbs": 0.25,
    "headroom": 0.45,
    "looking room": 0.3,
    "balance": 0.3,
    "margins": 0.3,
    "interest": 0.25,
    "rim": 0.3,
    "size": 0.2,
    "sharpness": 0.35,
}
"""Exponents of the parts in what they come to: 1 for what spoils a crop alone."""

WHOLE, OUT = 0.995, 0.005
"""Shares of a thing from which it counts as whole in a window, and up to which it counts as out of it."""

BEHEADED = 0.4
"""Share of what is below a face from which somebody is in a window without a head."""

EYES_LOWEST, EYES_SIGMA = 0.42, 0.13
"""Where the eyes are at the lowest, from the top of a window, and how fast lower ones lose; eyes belong on the upper
third."""

LEAST_HEADROOM, HEADROOM_SIGMA = 0.04, 0.04
RIM_COST = 1.5
ROOM_ABOVE_UNIT, ROOM_FREE = 0.56, 0.08
"""How far down a window the middle of a thing is best, and by how much it may be off: what is above it, the rest of
it perhaps, is missed more than what is below."""

NARROW_ASPECT, WIDE_ASPECT = 0.9, 1.25
LOOKS_ASIDE_DEG = 12.0
LARGE_ENOUGH = 0.3
"""Share of a window's longer part that a subject fills at least, or it is lost in it."""

LEAST = 1e-3


class KeptShares(NamedTuple):
    """Shares 0–1 that lie in windows: ``subject`` ``(N, 2)`` of what must be kept and of the extent, the rest of the
    scene's things ``(N, M)``."""

    subject: NDArray[np.float64]
    faces: NDArray[np.float32]
    heads: NDArray[np.float32]
    chests: NDArray[np.float32]
    lettering: NDArray[np.float32]


def judge(windows: Windows, *, scene: CropScene, canvas: Canvas, must: Box, largest_px: float) -> Parts:
    """Judge windows ``(N, 4)`` part by part: ``float64 (N,)`` from 0 to 1 each, in the order of ``WEIGHTS``.

    ``must`` is what of the subject fits at all, ``largest_px`` the width of the largest window that fits.
    """
    sides = windows[:, 2:] - windows[:, :2]
    zoom = np.minimum(sides[:, 0] / largest_px, 1.0).astype(np.float64)
    kept = _share_out(windows, scene=scene, must=must)
    return {
        "subject": _judge_subject(kept, scene=scene),
        "faces": _judge_faces(kept, scene=scene),
        "lettering": _judge_lettering(kept, scene=scene),
        "limbs": _judge_limbs(windows, scene=scene),
        "headroom": _judge_headroom(windows, scene=scene, must=must),
        "looking room": _judge_looking_room(windows, scene=scene, aspect=canvas.aspect),
        "balance": _judge_balance(windows, scene=scene, aspect=canvas.aspect, must=must),
        "margins": _judge_margins(windows, scene=scene, canvas=canvas, must=must),
        "interest": 0.6 * measure_interest_in(windows, interest=scene.interest) + 0.4 * zoom,
        "rim": np.exp(-RIM_COST * measure_rim_interest(windows, interest=scene.interest)),
        "size": _judge_size(sides, must=must),
        "sharpness": np.minimum(sides[:, 0] / canvas.width_px, 1.0).astype(np.float64),
    }


def weigh(parts: Parts) -> NDArray[np.float64]:
    """What parts come to together, 0–1: their product, each to the power of its weight."""
    weights = np.array([WEIGHTS[name] for name in parts])
    return np.asarray(np.exp(weights @ np.log(np.maximum(np.stack(list(parts.values())), LEAST))))


def measure_shares(windows: Windows, boxes: Boxes) -> NDArray[np.float32]:
    """Share 0–1 of each of ``(M, 4)`` boxes that lies in each of ``(N, 4)`` windows: ``float32 (N, M)``."""
    across = np.minimum(windows[:, None, 2], boxes[:, 2]) - np.maximum(windows[:, None, 0], boxes[:, 0])
    down = np.minimum(windows[:, None, 3], boxes[:, 3]) - np.maximum(windows[:, None, 1], boxes[:, 1])
    areas = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32(1e-6))
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0) / areas, dtype=np.float32)


def is_cut(shares: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of which things a window shows a part only."""
    return (shares > OUT) & (shares < WHOLE)


def cuts_any(windows: Windows, things: Boxes) -> NDArray[np.bool_]:
    """Which of ``(N, 4)`` windows show a part only of any of ``(M, 4)`` things: ``bool (N,)``."""
    return np.asarray(is_cut(measure_shares(windows, things)).any(axis=1))


def _share_out(windows: Windows, *, scene: CropScene, must: Box) -> KeptShares:
    """Measured at once: many small measurements take longer than a large one."""
    boxes = [np.array([must, scene.extent], dtype=np.float32), scene.faces, scene.heads, scene.chests, scene.lettering]
    shares = measure_shares(windows, np.concatenate(boxes))
    subject, faces, heads, chests, lettering = np.split(shares, np.cumsum([len(each) for each in boxes[:-1]]), axis=1)
    return KeptShares(subject.astype(np.float64), faces, heads, chests, lettering)


def _judge_subject(kept: KeptShares, *, scene: CropScene) -> NDArray[np.float64]:
    merit = kept.subject[:, 0] ** 3 * (0.6 + 0.4 * kept.subject[:, 1])
    if scene.main is not None:
        merit *= np.where(kept.faces[:, scene.main] >= WHOLE, 1.0, 0.25)
    return np.asarray(np.minimum(merit, 1.0))


def _judge_faces(kept: KeptShares, *, scene: CropScene) -> NDArray[np.float64]:
    """A cut face spoils much, however small, and so does a body without its head; a cut head less; a face left out as
    much as it matters."""
    faces, heads = kept.faces, kept.heads
    if not len(scene.faces):
        return np.ones(len(faces))
    weights = scene.face_weights.astype(np.float64)
    cut = is_cut(faces) @ (0.5 + weights)
    hair_lost, hair_left = (heads < WHOLE) & (faces >= WHOLE), (heads > OUT) & (faces <= OUT)
    beheaded = (faces <= OUT) & (kept.chests > BEHEADED)
    chopped = (hair_lost | hair_left) @ (0.3 * weights) + beheaded @ (0.7 * weights)
    whole = (faces >= WHOLE) @ weights / max(float(weights.sum()), LEAST)
    return np.asarray(np.exp(-cut - np.minimum(chopped, 1.0)) * (0.6 + 0.4 * whole))


def _judge_lettering(kept: KeptShares, *, scene: CropScene) -> NDArray[np.float64]:
    cut = is_cut(kept.lettering) @ scene.lettering_weights.astype(np.float64)
    return np.asarray(np.exp(-np.minimum(cut, 2.5)))


def _soften(merit: NDArray[np.floating]) -> NDArray[np.float64]:
    """What is a matter of taste never spoils a crop alone."""
    return np.asarray(0.1 + 0.9 * merit, dtype=np.float64)


def _judge_limbs(windows: Windows, *, scene: CropScene) -> NDArray[np.float64]:
    """How far every cut stays from elbows, wrists, knees and ankles; the picture's own rim cuts nothing."""
    if not len(scene.joints):
        return np.ones(len(windows))
    x, y, reach, weight = scene.joints.T
    x0, y0, x1, y1 = windows.T[:, :, None]
    along = (x > x0 - reach) & (x < x1 + reach)
    upright = (y > y0 - reach) & (y < y1 + reach)
    area = scene.area
    near = np.zeros((len(windows), len(x)), dtype=np.float32)
    for side, at, beside, rim in ((y1, y, along, area.y1), (x0, x, upright, area.x0), (x1, x, upright, area.x1)):
        closeness = np.maximum(1 - np.abs(side - at) / reach, 0) * beside * (side != rim)
        near = np.maximum(near, closeness)
    return np.asarray(np.exp(-np.minimum(near @ weight, 2.0)), dtype=np.float64)


def _judge_headroom(windows: Windows, *, scene: CropScene, must: Box) -> NDArray[np.float64]:
    """1 where there is a little room above the hair and the eyes are not below the upper part of the window; of a
    group that fits, hair and eyes of who is the highest."""
    head = scene.main_head
    if head is None:
        return np.ones(len(windows))
    is_whole_group = scene.is_group and must.holds(scene.extent)
    top, eye_y = (scene.extent.y0, scene.highest_eye_y) if is_whole_group else (head.y0, scene.eye_y)
    heights = (windows[:, 3] - windows[:, 1]).astype(np.float64)
    room = (top - windows[:, 1]) / heights
    eyes = (eye_y - windows[:, 1]) / heights
    # Who is above the picture's own rim cannot be given room; a window at that rim has all there is.
    wanted = np.where(windows[:, 1] <= scene.area.y0, np.minimum(LEAST_HEADROOM, np.maximum(room, 0)), LEAST_HEADROOM)
    tight = np.maximum(wanted - room, 0) / HEADROOM_SIGMA
    low = np.maximum(eyes - EYES_LOWEST, 0) / EYES_SIGMA
    return _soften(np.exp(-np.minimum(np.square(tight), 9) / 2) * np.exp(-np.square(low) / 2))


def _judge_looking_room(windows: Windows, *, scene: CropScene, aspect: float) -> NDArray[np.float64]:
    """1 where a face that looks aside has the larger part of the window before it, and more the more it does so."""
    face = scene.main_face
    if face is None or abs(scene.yaw_deg) < LOOKS_ASIDE_DEG:
        return np.ones(len(windows))
    turned = np.sin(np.radians(np.clip(scene.yaw_deg, -90, 90)))
    place = (face.centre[0] - windows[:, 0]) / (windows[:, 2] - windows[:, 0])
    wanted = 0.5 - (0.2 if aspect >= NARROW_ASPECT else 0.1) * turned
    short = np.maximum((place - wanted) * np.sign(turned), 0) / 0.16
    return _soften(np.exp(-np.square(short) / 2))


def _judge_balance(windows: Windows, *, scene: CropScene, aspect: float, must: Box) -> NDArray[np.float64]:
    """Narrow canvases and groups are centred; on wide ones a subject stands anywhere between the thirds."""
    face = scene.main_face
    middle = must.centre[0] if scene.is_group or face is None else face.centre[0]
    place = (middle - windows[:, 0]) / (windows[:, 2] - windows[:, 0])
    free = 0.0 if scene.is_group else np.interp(aspect, [NARROW_ASPECT, WIDE_ASPECT], [0.04, 1 / 6])
    off = np.maximum(np.abs(place - 0.5) - free, 0) / 0.14
    merit = np.exp(-np.square(off) / 2)
    if face is None:
        height = (must.centre[1] - windows[:, 1]) / (windows[:, 3] - windows[:, 1])
        merit *= np.exp(-np.square(np.maximum(np.abs(height - ROOM_ABOVE_UNIT) - ROOM_FREE, 0) / 0.14) / 2)
    return _soften(merit)


def _judge_margins(windows: Windows, *, scene: CropScene, canvas: Canvas, must: Box) -> NDArray[np.float64]:
    """What of the subject devices show for certain; of people, their heads."""
    box = scene.main_head if scene.main_head is not None and not scene.is_group else must
    width, height = (windows[:, 2:] - windows[:, :2]).T
    left, top, right, bottom = canvas.safe
    inner = windows + np.stack([left * width, top * height, -right * width, -bottom * height], axis=1)
    shares = measure_shares(inner.astype(np.float32), np.array([box], dtype=np.float32))[:, 0]
    return np.asarray(0.3 + 0.7 * np.square(np.minimum(shares, 1.0)), dtype=np.float64)


def _judge_size(sides: NDArray[np.float32], *, must: Box) -> NDArray[np.float64]:
    filled = np.maximum(must.width / sides[:, 0], must.height / sides[:, 1]) / LARGE_ENOUGH
    return np.asarray(np.minimum(filled, 1.0), dtype=np.float64)
