"""Composition: how the subject, the lines and the weights of a still are laid out in the frame."""

import math
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames
from ava.annotate.focus import measure_depth_of_field, measure_local_sharpness
from ava.annotate.lines import find_horizon, find_segments, measure_diagonal_share, measure_line_strength
from ava.annotate.saliency import X0, Y1, X, faces_of, find_subject, lift_faces, saliency_map
from ava.annotate.symmetry import measure_symmetry
from ava.media.colour import to_gray

EYE_LINE_UNIT = 0.4
"""Where the eyes are in a face box, from its top, as a share of its height."""

THIRDS_SIGMA_UNIT = 0.08
"""Distance from a third, as a share of the side, at which a place has lost two fifths of its merit."""


class Composition:
    """One row a frame. ``thirds``: how near the subjects are to the points where the thirds cross, 0–1;
    ``horizon_thirds``: how near the horizon is to a third, 0–1, NaN without one; ``symmetry_left_right`` and
    ``symmetry_top_bottom``: 0–1 (see ``measure_symmetry``); ``depth_of_field``: sharp subject before soft ground,
    0–1; ``balance``: 1 where the visual weight lies in the middle, 0 at a corner; ``horizon_tilt_deg``: −15–15,
    positive where the dominant line near horizontal falls to the right, NaN without one; ``horizon_y``: its height
    in pixels at the middle of the frame; ``line_strength`` and ``diagonal_share``: 0–1 (see ``ava.annotate.lines``).

    The subjects are the faces, where they were looked for and found, each with the weight of its area, else the
    centroid of the most salient region.
    """

    name = "composition"
    version = 1
    columns: tuple[str, ...] = (
        "thirds",
        "horizon_thirds",
        "symmetry_left_right",
        "symmetry_top_bottom",
        "depth_of_field",
        "balance",
        "horizon_tilt_deg",
        "line_strength",
        "diagonal_share",
        "horizon_y",
    )
    x_columns: tuple[str, ...] = ()
    y_columns: tuple[str, ...] = ("horizon_y",)
    frame_columns: tuple[str, ...] = columns[:-1]
    max_side_px = 640
    weights: tuple[str, ...] = ()
    after: tuple[str, ...] = ("faces", "saliency")

    def load(self, files: Mapping[str, Path]) -> None:
        """Nothing to load."""

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Look at frames ``uint8 (T, H, W, 3)``; one row a frame."""
        values = np.empty((len(frames), len(self.columns)), dtype=np.float32)
        for row, (rgb, index) in enumerate(zip(frames, frame_index, strict=True)):
            faces = faces_of(found, index)
            values[row] = _measure(rgb, faces=faces, region=_region_of(found, index))
        return Detections(frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """All columns but the pixel one; NaN where a frame has no row."""
        signals = np.full((len(frame_index), len(self.frame_columns)), np.nan, dtype=np.float32)
        signals[np.searchsorted(frame_index, found.frame_index)] = found.values[:, :-1]
        return signals


def _region_of(found: Mapping[str, Detections], index: np.int64) -> NDArray[np.float32] | None:
    """Box and centroid of the salient region of one frame, ``float32 (6,)``, where it was looked for."""
    saliency = found.get("saliency")
    rows = None if saliency is None else saliency.values_at(index)
    return None if rows is None or not len(rows) else rows[0, X0 : Y1 + 3]


def _measure(
    rgb: NDArray[np.uint8], *, faces: NDArray[np.float32], region: NDArray[np.float32] | None
) -> tuple[float, ...]:
    height, width = rgb.shape[:2]
    luma = to_gray(rgb)
    saliency = lift_faces(saliency_map(rgb), faces=faces)
    if region is None:
        region = np.asarray(find_subject(saliency), dtype=np.float32)
    segments = find_segments(luma)
    horizon = find_horizon(luma, segments=segments)
    sharpness = measure_local_sharpness(luma)
    subject = _subject_tiles(faces, region=region, shape=luma.shape, size=sharpness.shape)
    return (
        measure_thirds(_subject_points(faces, region=region), width=width, height=height),
        _near_third(horizon.y / height),
        measure_symmetry(rgb, axis=1),
        measure_symmetry(rgb, axis=0),
        measure_depth_of_field(sharpness, subject=subject),
        measure_balance(saliency),
        horizon.tilt_deg,
        measure_line_strength(segments, width=width, height=height),
        measure_diagonal_share(segments),
        horizon.y,
    )


def _subject_points(faces: NDArray[np.float32], *, region: NDArray[np.float32]) -> NDArray[np.float64]:
    """Points x, y and weights ``float64 (N, 3)``: between the eyes of each face, else the region's centroid."""
    if not len(faces):
        return np.array([[*region[X : X + 2], 1.0]], dtype=np.float64)
    x0, y0, x1, y1 = faces[:, :4].T.astype(np.float64)
    return np.stack([(x0 + x1) / 2, y0 + EYE_LINE_UNIT * (y1 - y0), np.maximum((x1 - x0) * (y1 - y0), 1)], axis=1)


def measure_thirds(points: NDArray[np.float64], *, width: int, height: int) -> float:
    """How near points ``(N, 3)`` of x, y and weight lie to the crossings of the thirds: 0–1, 1 on one.

    A Gaussian of the distance in shares of each side, as in the rule-of-thirds measures of Liu, Chen, Wolf &
    Cohen-Or (2010).
    """
    across, down = _to_third(points[:, 0] / width), _to_third(points[:, 1] / height)
    merit = np.exp(-(across**2 + down**2) / (2 * THIRDS_SIGMA_UNIT**2))
    return float((merit * points[:, 2]).sum() / points[:, 2].sum())


def _to_third(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(np.abs(place - 1 / 3), np.abs(place - 2 / 3))


def _near_third(place: float) -> float:
    return math.exp(-(min(abs(place - 1 / 3), abs(place - 2 / 3)) ** 2) / (2 * THIRDS_SIGMA_UNIT**2))


def _subject_tiles(
    faces: NDArray[np.float32], *, region: NDArray[np.float32], shape: tuple[int, ...], size: tuple[int, ...]
) -> NDArray[np.float64]:
    """Share of each tile that lies in a face or, without faces, in the salient region."""
    inside = np.zeros(shape, dtype=np.float32)
    boxes = faces[:, :4] if len(faces) else region[None, :4]
    for x0, y0, x1, y1 in np.maximum(np.round(boxes), 0).astype(int):
        inside[y0:y1, x0:x1] = 1
    return np.asarray(cv2.resize(inside, size[::-1], interpolation=cv2.INTER_AREA), dtype=np.float64)


def measure_balance(saliency: NDArray[np.float32]) -> float:
    """1 where the saliency ``(H, W)`` weighs evenly about the frame's middle, 0 where it all lies at a corner; 1 for
    a frame without any."""
    weights = saliency.astype(np.float64)
    total = float(weights.sum())
    if total <= 0:
        return 1.0
    height, width = saliency.shape
    x = float((weights.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total / width - 0.5
    y = float((weights.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total / height - 0.5
    return max(1 - math.hypot(x, y) / math.hypot(0.5, 0.5), 0.0)
