"""Text: every line of lettering in a picture, how sure that is, and what it says."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Detections, RgbFrames, stack_rows
from ava.annotate.box_cover import covered_unit
from ava.annotate.text_boxes import TiltedBox
from ava.annotate.text_kinds import TextKind, guess_kinds
from ava.annotate.text_model import TextModel
from ava.annotate.text_reading import Reading
from ava.annotate.text_score import DOUBTFUL, LEAST_PROBABILITY, agree, judge

LEAST_SIDE_PX = 8
"""A picture with a side below this holds no line."""


class Line(NamedTuple):
    """One line: where, what it says, how far the views agree 0–1 (NaN where none was needed), how likely 0–1."""

    box: TiltedBox
    reading: Reading
    agreement: float
    probability: float


class Text:
    """One row a line. ``x0 y0 x1 y1``: the upright box around it. ``score``: probability that it is lettering, at least
    0.5, joined from the locating network, the reading and the agreement of views. ``reading``: mean probability of
    its letters; ``views_agree``: share of the words that transformed views of the line give again, NaN where
    detection and reading left no doubt; ``height_unit``: height of the line across its direction, as a share of the
    box's height (1 where the line is level); ``tilt_deg``: how far it falls to the
    right; ``kind``: a ``TextKind``, guessed from this frame alone. ``words`` is what it says.

    Of a frame: ``count`` of lines, ``area`` share under their boxes, ``probability`` of the surest line (0 without
    one), ``title_area`` the share under titles and credits.
    """

    name = "text"
    version = 1
    columns: tuple[str, ...] = (
        "x0",
        "y0",
        "x1",
        "y1",
        "score",
        "reading",
        "views_agree",
        "height_unit",
        "tilt_deg",
        "kind",
    )
    x_columns: tuple[str, ...] = ("x0", "x1")
    y_columns: tuple[str, ...] = ("y0", "y1")
    frame_columns: tuple[str, ...] = ("count", "area", "probability", "title_area")
    max_side_px = 960
    weights: tuple[str, ...] = ("text-detection", "text-recognition")
    after: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._model: TextModel | None = None

    def load(self, files: Mapping[str, Path]) -> None:
        """Open both networks."""
        self._model = TextModel(detection=files["text-detection"], recognition=files["text-recognition"])

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Find the lines of ``uint8 (T, H, W, 3)``; see the class for units and ranges."""
        size = (frames.shape[2], frames.shape[1])
        lines = [self.find_lines(frame) for frame in frames]
        rows = [_rows(each, size=size) for each in lines]
        table = stack_rows(rows, frame_index=frame_index, columns=len(self.columns))
        return table._replace(words=tuple(line.reading.words for each in lines for line in each))

    def find_lines(self, rgb: NDArray[np.uint8]) -> list[Line]:
        """Lines of one picture ``uint8 (H, W, 3)``, from top to bottom; raises ``RuntimeError`` before ``load``."""
        if self._model is None:
            raise RuntimeError("Call `load` with the model files before looking for text.")
        if min(rgb.shape[:2]) < LEAST_SIDE_PX:
            return []
        boxes = self._model.locate(rgb, side_px=self.max_side_px)
        lines = []
        for box, reading in zip(boxes, self._model.read(rgb, boxes), strict=True):
            agreement, probability = np.nan, judge(box.score, reading)
            if DOUBTFUL[0] <= probability < DOUBTFUL[1]:
                agreement = agree(reading, self._model.read_views(rgb, box, turned=reading.turned))
                probability = judge(box.score, reading, agreement=agreement)
            if probability >= LEAST_PROBABILITY:
                lines.append(Line(box, reading, agreement, probability))
        return lines

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Give ``float32 (F, 4)``; see the class for units and ranges."""
        column = {name: number for number, name in enumerate(self.columns)}
        values = np.zeros((len(frame_index), len(self.frame_columns)), dtype=np.float32)
        for row, index in enumerate(frame_index):
            lines = found.values_at(index)
            if len(lines):
                titles = np.isin(lines[:, column["kind"]], (TextKind.TITLE, TextKind.CREDITS))
                values[row] = (
                    len(lines),
                    covered_unit(lines[:, :4], size=size),
                    lines[:, column["score"]].max(),
                    covered_unit(lines[titles, :4], size=size),
                )
        return values


def _rows(lines: list[Line], *, size: tuple[int, int]) -> NDArray[np.float32]:
    values = np.empty((len(lines), len(Text.columns)), dtype=np.float32)
    for row, (box, reading, agreement, probability) in enumerate(lines):
        low = np.clip(box.corners.min(axis=0), 0, size)
        high = np.clip(box.corners.max(axis=0), 0, size)
        values[row, :9] = (
            *low,
            *high,
            probability,
            reading.confidence,
            agreement,
            (box.width_px if reading.turned else box.height_px) / float(np.ptp(box.corners[:, 1])),
            box.tilt_deg,
        )
    values[:, 9] = guess_kinds(values[:, :4], tilt_deg=values[:, 8], size=size)
    return values
