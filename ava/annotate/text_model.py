"""The two networks of lettering: where lines are, and what they say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.text_boxes import TiltedBox, find_boxes
from ava.annotate.text_reading import Reading, as_batch, decode_letters, group_by_width, is_upright, straighten
from ava.annotate.text_views import VIEWS
from ava.media.colour import to_bgr, to_gray

STRIDE_PX = 32
"""Sides of the locating network's pictures are multiples of this."""

MOST_ENLARGED = 2.0
"""Pictures of small films are enlarged by up to this, so that small captions reach the letter heights that the
network knows."""

READING_MARGIN = 0.15
"""Ground around a line, in line heights, that the recogniser sees: without it words run together."""


class TextModel:
    """PP-OCR's networks (Li et al. 2022, "PP-OCRv3"; later versions keep input and output), on one thread."""

    def __init__(self, *, detection: Path, recognition: Path) -> None:
        self._detection = _open(detection)
        self._recognition = _open(recognition)
        known = self._recognition.get_modelmeta().custom_metadata_map["character"]
        self._letters = (*known.splitlines(), " ")

    def locate(self, rgb: NDArray[np.uint8], *, side_px: int) -> list[TiltedBox]:
        """Boxes of the lines in a picture ``uint8 (H, W, 3)``, looked at with a longer side of ``side_px``."""
        factor = min(side_px / max(rgb.shape[:2]), MOST_ENLARGED)
        height, width = (max(round(side * factor), 1) for side in rgb.shape[:2])
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        resized = np.asarray(cv2.resize(rgb, (width, height), interpolation=method), dtype=np.uint8)
        boxes = find_boxes(self.map_lettering(resized))
        return [box.scaled(rgb.shape[1] / width) for box in boxes]

    def map_lettering(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """How much each pixel of a picture ``uint8 (H, W, 3)`` belongs to a line: ``float32 (H, W)``, 0–1."""
        height, width = rgb.shape[:2]
        padded = cv2.copyMakeBorder(
            to_bgr(rgb), 0, -height % STRIDE_PX, 0, -width % STRIDE_PX, borderType=cv2.BORDER_REPLICATE
        )
        pixels = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(127.5) - 1
        lettering = _run(self._detection, pixels)[0, 0]
        return np.ascontiguousarray(lettering[:height, :width])

    def read(self, rgb: NDArray[np.uint8], boxes: Sequence[TiltedBox]) -> list[Reading]:
        """Read the line in each box of a picture ``uint8 (H, W, 3)``; a column both ways, the surer one stands."""
        bgr = to_bgr(rgb)
        boxes = [box.grown(READING_MARGIN) for box in boxes]
        lines = [straighten(bgr, box) for box in boxes]
        columns = [number for number, box in enumerate(boxes) if is_upright(box)]
        readings = self.read_lines(lines + [straighten(bgr, boxes[number], turned=True) for number in columns])
        for number, turned in zip(columns, readings[len(lines) :], strict=True):
            if turned.confidence > readings[number].confidence:
                readings[number] = turned._replace(turned=True)
        return readings[: len(lines)]

    def read_views(self, rgb: NDArray[np.uint8], box: TiltedBox, *, turned: bool) -> list[Reading]:
        """Read the line in a box once through each of the transformed views."""
        gray = straighten(to_gray(rgb)[..., None], box.grown(READING_MARGIN), turned=turned)[..., 0]
        views = [view(gray) for view in VIEWS.values()]
        return self.read_lines([np.repeat(view[..., None], 3, axis=2) for view in views])

    def read_lines(self, lines: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """Read straightened lines ``uint8 (48, w, 3)``, BGR."""
        readings = [Reading("", 0.0)] * len(lines)
        for width, numbers in group_by_width(lines):
            answer = _run(self._recognition, as_batch([lines[number] for number in numbers], width_px=width))
            for number, steps in zip(numbers, answer, strict=True):
                readings[number] = decode_letters(steps, letters=self._letters)
        return readings


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: Any, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(session.run(None, {session.get_inputs()[0].name: pixels})[0], dtype=np.float32)
