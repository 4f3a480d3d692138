"""Every detector on the looked-at frames of some shots."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, crop, scale_area
from ava.annotate.base import Detections, Detector, find_detectors
from ava.media.decode import Frame, decode_frame_set
from ava.media.video_info import VideoInfo

LOOKS_AT_ONCE = 8
"""Frames handed to a detector at once: enough for it to batch, 12 MB at 960 × 540."""

OnProgress = Callable[[int], None]
"""Called with the number of frames looked at so far."""


class WholeSize(Protocol):
    """What has a width and a height in pixels: a film, or a single picture."""

    @property
    def width(self) -> int:
        """From left to right."""

    @property
    def height(self) -> int:
        """From top to bottom."""


def inspect_frames(
    path: Path,
    *,
    info: VideoInfo,
    area: Area | None,
    detectors: Sequence[Detector],
    looks: Iterable[int],
    known: Mapping[str, Detections] | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Detections]:
    """Run loaded detectors, given in an order that suits their ``after``, on the frames ``looks`` of a film.

    ``known`` are findings of detectors that need not run again, in pixels of the film, as are those returned: one
    entry a detector. Detectors see only ``area`` of the film. Frames that cannot be decoded have no findings.
    Raises what decoding raises.
    """
    if not detectors:
        return {}
    # As in measuring: whatever splits its work over threads may do so differently each time.
    cv2.setNumThreads(1)
    side_px = max(detector.max_side_px for detector in detectors)
    frames = decode_frame_set(path, info=info, frame_indices=looks, max_side_px=side_px)
    parts: dict[str, list[Detections]] = {detector.name: [] for detector in detectors}
    done = 0
    for block in _in_blocks(frames):
        found = run_detectors(block, detectors=detectors, info=info, area=area, known=known or {})
        for name, table in found.items():
            parts[name].append(table)
        done += len(block)
        if on_progress is not None:
            on_progress(done)
    return {
        detector.name: join_detections(parts[detector.name], columns=len(detector.columns)) for detector in detectors
    }


def run_detectors(
    frames: Sequence[Frame],
    *,
    detectors: Sequence[Detector],
    info: WholeSize,
    area: Area | None,
    known: Mapping[str, Detections],
) -> dict[str, Detections]:
    """Run loaded detectors on a few decoded frames of one size; see ``inspect_frames``."""
    view = _View(frames, info=info, area=area)
    all_detectors = {detector.name: detector for detector in find_detectors()}
    found = {name: table.where(np.isin(table.frame_index, view.frame_index)) for name, table in known.items()}
    for detector in detectors:
        pixels, places = view.at(detector.max_side_px)
        before = {name: places.enter(found[name], all_detectors[name]) for name in detector.after if name in found}
        table = detector.detect(pixels, frame_index=view.frame_index, found=before)
        found[detector.name] = places.leave(table, detector)
    return {detector.name: found[detector.name] for detector in detectors}


def join_detections(parts: Sequence[Detections], *, columns: int) -> Detections:
    """Put tables of ``columns`` values a row one behind the other."""
    if not parts:
        return Detections(np.empty(0, dtype=np.int64), np.empty((0, columns), dtype=np.float32))
    return Detections(
        np.concatenate([part.frame_index for part in parts]),
        np.concatenate([part.values for part in parts]),
        tuple(word for part in parts for word in part.words),
    )


def insert_rows(table: Detections, more: Detections) -> Detections:
    """Put the rows of frames that a table does not have where they belong in it."""
    joined = join_detections([table, more], columns=table.values.shape[1])
    order = np.argsort(joined.frame_index, kind="stable")
    words = tuple(joined.words[place] for place in order) if joined.words else ()
    return Detections(joined.frame_index[order], joined.values[order], words)


def lay_out_signals(
    table: Detections, detector: Detector, *, looks: NDArray[np.int64], area: Area, frame_count: int
) -> dict[str, NDArray[np.float32]]:
    """Lay a detector's signals of looked-at frames out over a film, keyed "detector.column".

    ``table`` is in film pixels, ``looks`` ``(F,)`` are the frames it was made from, ``area`` the film's picture
    without bars. Each signal is ``float32 (frame_count,)``, NaN in frames that nobody looked at; looks beyond
    ``frame_count`` are left out.
    """
    inside = _Places(scale=(1.0, 1.0), origin=(-area[0], -area[1])).leave(table, detector)
    values = detector.summarise(inside, frame_index=looks, size=(area[2] - area[0], area[3] - area[1]))
    signals: dict[str, NDArray[np.float32]] = {}
    for column, sampled in zip(detector.frame_columns, values.T, strict=True):
        signal = np.full(frame_count, np.nan, dtype=np.float32)
        signal[looks[looks < frame_count]] = sampled[looks < frame_count]
        signals[f"{detector.name}.{column}"] = signal
    return signals


class _Places:
    """Coordinates of a picture against those of its film: ``film = origin + scale × picture``."""

    def __init__(self, *, scale: tuple[float, float], origin: tuple[float, float]) -> None:
        self._scale, self._origin = scale, origin

    def leave(self, table: Detections, detector: Detector) -> Detections:
        """From the picture's pixels to the film's."""
        values = np.array(table.values, dtype=np.float32).reshape(-1, len(detector.columns))
        for axis, columns in enumerate((detector.x_columns, detector.y_columns)):
            places = [detector.columns.index(column) for column in columns]
            values[:, places] = values[:, places] * self._scale[axis] + self._origin[axis]
        return table._replace(values=values)

    def enter(self, table: Detections, detector: Detector) -> Detections:
        """From the film's pixels to the picture's."""
        back = _Places(
            scale=(1 / self._scale[0], 1 / self._scale[1]),
            origin=(-self._origin[0] / self._scale[0], -self._origin[1] / self._scale[1]),
        )
        return back.leave(table, detector)


class _View:
    """Some frames without their bars, at any smaller size."""

    def __init__(self, frames: Sequence[Frame], *, info: WholeSize, area: Area | None) -> None:
        height, width = frames[0].rgb.shape[:2]
        film = (info.width, info.height)
        within = scale_area(area or (0, 0, *film), film_size=film, size=(width, height))
        self._frames = np.stack([crop(frame.rgb, within) for frame in frames])
        self._film_per_pixel = (info.width / width, info.height / height)
        self._origin = (within[0] * self._film_per_pixel[0], within[1] * self._film_per_pixel[1])
        self.frame_index = np.array([frame.index for frame in frames], dtype=np.int64)

    def at(self, side_px: int) -> tuple[NDArray[np.uint8], _Places]:
        """The frames at a longer side of at most ``side_px``, and where their pixels are in the film."""
        height, width = self._frames.shape[1:3]
        factor = min(side_px / max(height, width), 1.0)
        size = (max(round(width * factor), 1), max(round(height * factor), 1))
        pixels = self._frames
        if factor < 1:
            shrunk = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in self._frames]
            pixels = np.asarray(np.stack(shrunk), dtype=np.uint8)
        scale = (self._film_per_pixel[0] * width / size[0], self._film_per_pixel[1] * height / size[1])
        return pixels, _Places(scale=scale, origin=self._origin)


def _in_blocks(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    while block := list(islice(frames, LOOKS_AT_ONCE)):
        yield block
