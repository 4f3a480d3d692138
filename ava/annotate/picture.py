"""A single picture, such as a poster, measured and looked at as a frame of a film is."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.base import Annotator, Detections, Detector
from ava.annotate.inspect import lay_out_signals, run_detectors
from ava.annotate.run import size_chain
from ava.media.decode import Frame

_ONLY = np.zeros(1, dtype=np.int64)


class PictureSize(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class PictureFindings(NamedTuple):
    """What was measured and found in a picture: ``signals`` by "name.column", without those that have no value, and
    ``found``, tables of detectors by name, in the picture's pixels, as of frame 0."""

    signals: dict[str, float]
    found: dict[str, Detections]


def measures_single_frames(annotator: Annotator) -> bool:
    """Whether an annotator needs no neighbouring frames, and can therefore measure a picture."""
    return annotator.halo == 0


def measure_picture(rgb: NDArray[np.uint8], *, annotators: Sequence[Annotator]) -> dict[str, float]:
    """Measure a picture, RGB ``uint8 (H, W, 3)``, with loaded annotators that ``measures_single_frames``.

    Its pixels come down the same chain of sizes as a film's frames, so that the values of both can be compared.
    """
    cv2.setNumThreads(1)
    signals: dict[str, float] = {}
    for annotator in annotators:
        pixels = rgb
        for size in size_chain((rgb.shape[1], rgb.shape[0]), side_px=annotator.max_side_px):
            pixels = _shrink(pixels, size)
        table = annotator.annotate(np.ascontiguousarray(pixels)[None], frame_index=_ONLY)
        named = zip(annotator.columns, table.values[0].tolist(), strict=True)
        signals |= {f"{annotator.name}.{column}": value for column, value in named if not np.isnan(value)}
    return signals


def look_at_picture(rgb: NDArray[np.uint8], *, detectors: Sequence[Detector]) -> PictureFindings:
    """Run loaded detectors, in an order that suits their ``after``, on a picture, RGB ``uint8 (H, W, 3)``."""
    size = PictureSize(rgb.shape[1], rgb.shape[0])
    if not detectors:
        return PictureFindings({}, {})
    cv2.setNumThreads(1)
    side_px = max(detector.max_side_px for detector in detectors)
    factor = min(side_px / max(size), 1.0)
    pixels = _shrink(rgb, (max(round(size.width * factor), 1), max(round(size.height * factor), 1)))
    found = run_detectors([Frame(0, pixels)], detectors=detectors, info=size, area=None, known={})
    signals: dict[str, float] = {}
    for detector in detectors:
        laid_out = lay_out_signals(
            found[detector.name], detector, looks=_ONLY, area=(0, 0, size.width, size.height), frame_count=1
        )
        signals |= {name: float(signal[0]) for name, signal in laid_out.items() if not np.isnan(signal[0])}
    return PictureFindings(signals, found)


def _shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
