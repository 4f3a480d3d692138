"""Framing: how near a frame is to what it shows, from the people in it or, where there are none, from its structure."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames
from ava.annotate.people import FULL_BODY, UPPER_BODY, People
from ava.shots.shot_scale import SCALES, UNKNOWN, Evidence, FrameScale, fallback_cues, scale_of_frame

EVIDENCE: tuple[Evidence, ...] = ("face", "body", "upper_body", "fallback")


LEAST_FOOT_ROOM = 0.02
"""A body that ends nearer to the lower edge than this, as a share of the height, may go on below it: joints are guessed
where nothing is seen."""


class Framing:
    """One row a frame. ``scale``: place in ``SCALES``, 0 extreme close-up to 6 extreme long, NaN where there is nothing
    to go by; ``confidence`` 0–1; ``by``: place in ``EVIDENCE``, what it was judged by, NaN with the scale.
    """

    name = "framing"
    version = 1
    columns: tuple[str, ...] = ("scale", "confidence", "by")
    x_columns: tuple[str, ...] = ()
    y_columns: tuple[str, ...] = ()
    frame_columns: tuple[str, ...] = ("scale", "confidence")
    max_side_px = 320
    weights: tuple[str, ...] = ()
    after: tuple[str, ...] = ("faces", "people")

    def load(self, files: Mapping[str, Path]) -> None:
        """Nothing to load."""

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Judge the scale of ``uint8 (T, H, W, 3)``; see the class for the columns."""
        values = np.full((len(frames), len(self.columns)), np.nan, dtype=np.float32)
        people = found.get("people")
        for row, (index, frame) in enumerate(zip(frame_index, frames, strict=True)):
            edge = frame.shape[0] * (1 - LEAST_FOOT_ROOM)
            judged = scale_of_frame(
                face_height_unit=_tallest(found.get("faces"), int(index)) / frame.shape[0],
                body_height_unit=_tallest(people, int(index), framing=FULL_BODY, above=edge) / frame.shape[0],
                upper_body_height_unit=_tallest(people, int(index), framing=UPPER_BODY) / frame.shape[0],
                fallback=fallback_cues(frame),
            )
            values[row, 1] = judged.confidence
            if judged.kind is not None and judged.by is not None:
                values[row, 0], values[row, 2] = SCALES.index(judged.kind), EVIDENCE.index(judged.by)
        return Detections(frame_index, values)

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """``scale`` and ``confidence`` of each frame, as in the rows."""
        signals = np.full((len(frame_index), 2), np.nan, dtype=np.float32)
        rows = np.searchsorted(frame_index, found.frame_index)
        signals[rows] = found.values[:, :2]
        return signals


def read_scales(rows: NDArray[np.float32]) -> list[FrameScale]:
    """Give rows of the detector's table, ``float32 (N, 3)``, as the scales they stand for."""
    return [
        UNKNOWN if np.isnan(scale) else FrameScale(SCALES[int(scale)], float(confidence), EVIDENCE[int(by)])
        for scale, confidence, by in rows
    ]


def _tallest(
    boxes: Detections | None, frame_index: int, *, framing: int | None = None, above: float = np.inf
) -> float:
    """Height of a frame's tallest box in pixels, of a framing and ending ``above`` a row, if given; 0 without any."""
    if boxes is None:
        return 0.0
    rows = boxes.values_at(frame_index)
    rows = rows[rows[:, 3] < above]
    if framing is not None:
        rows = rows[rows[:, People.columns.index("framing")] == framing]
    return float((rows[:, 3] - rows[:, 1]).max(initial=0))
