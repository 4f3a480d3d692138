"""What an annotator is, and how the folder is searched for them."""

import inspect
import pkgutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

RgbFrames = NDArray[np.uint8]
"""Frames as ``uint8 (T, H, W, 3)``, RGB, upright, square pixels."""

Signals = Mapping[str, NDArray[np.float32]]
"""Per-frame signals of a whole film keyed ``"annotator.column"``, each ``(frame_count,)``, NaN where not
measured."""


class InvalidAnnotator(Exception):
    """An annotator's file breaks the contract; the message says which file and how to mend it."""


class AnnotationTable(NamedTuple):
    """Measured rows: ``frame_index`` ``int64 (N,)`` strictly increasing, ``values`` ``float32 (N, C)``."""

    frame_index: NDArray[np.int64]
    values: NDArray[np.float32]


class Annotator(Protocol):
    """One measurement of every frame.

    ``columns`` names the C values of a row. ``max_side_px`` is the longer side of the frames it wants to see;
    it must accept any smaller picture down to one pixel. ``halo`` is the number of context frames it needs
    on each side of a frame. ``version`` rises with every change of values, so that stored rows can be told
    to be stale.

    The values of a row may depend on nothing but the frames within ``halo`` of it, found by their
    ``frame_index``: never on where a block of frames begins or ends.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    max_side_px: int
    halo: int

    def load(self) -> None:
        """Do what is slow (heavy imports, model files) once, before the first call of ``annotate``."""

    def annotate(self, frames: RgbFrames, *, frame_index: NDArray[np.int64]) -> AnnotationTable:
        """Measure frames: ``uint8 (T, H, W, 3)`` with film-wide numbers ``int64 (T,)`` gives T rows.

        The frames are lent until the call returns: copy what is to be kept.

        Rows closer to an end of the block than ``halo`` may hold anything; the runner drops them unless the
        film itself begins or ends there.
        """


class Detections(NamedTuple):
    """What was found in some frames, one row a thing.

    ``frame_index`` ``int64 (N,)``, never falling; ``values`` ``float32 (N, C)``, NaN for what is not known of a
    thing; ``words`` one text a row for detectors that read, else empty.
    """

    frame_index: NDArray[np.int64]
    values: NDArray[np.float32]
    words: tuple[str, ...] = ()

    def where(self, rows: NDArray[np.bool_]) -> "Detections":
        """Give the table of those rows ``bool (N,)`` alone."""
        words = tuple(word for word, mine in zip(self.words, rows, strict=True) if mine) if self.words else ()
        return Detections(self.frame_index[rows], self.values[rows], words)

    def values_at(self, frame_index: int | np.int64) -> NDArray[np.float32]:
        """Give the rows of one frame, ``float32 (n, C)``."""
        return np.asarray(self.values[self.frame_index == frame_index], dtype=np.float32)


def stack_rows(
    rows: Sequence[NDArray[np.float32]], *, frame_index: NDArray[np.int64], columns: int
) -> Detections:
    """Put what was found in each frame, ``float32 (n, C)`` a frame, into one table of ``columns`` values a row."""
    return Detections(
        np.repeat(frame_index, [len(each) for each in rows]),
        np.concatenate([np.empty((0, columns), np.float32), *rows]),
    )


class Detector(Protocol):
    """A costlier look at a few frames of every shot and at every still candidate.

    ``columns`` names the C values of a found thing. ``x_columns`` and ``y_columns`` are those that are pixel
    coordinates of the frames handed over (half-open boxes are ``x0, y0, x1, y1``; y down); whoever runs the
    detector converts them to pixels of the film. ``max_side_px`` is the longer side of the frames it wants;
    it must accept any smaller picture down to one pixel. ``weights`` are names in ``ava.weights.catalogue`` of
    the model files it cannot do without; it is not run while one is missing, and the interface says so.
    ``after`` names detectors whose findings it builds on. ``version`` rises with every change of values.

    What is found in a frame depends on that frame alone, and on what ``after`` found in it.

    ``frame_columns`` are the signals that ``summarise`` makes for each frame that was looked at.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    x_columns: tuple[str, ...]
    y_columns: tuple[str, ...]
    frame_columns: tuple[str, ...]
    max_side_px: int
    weights: tuple[str, ...]
    after: tuple[str, ...]

    def load(self, files: Mapping[str, Path]) -> None:
        """Do what is slow once, before the first call of ``detect``; ``files`` holds a path for each of ``weights``."""

    def detect(
        self, frames: RgbFrames, *, frame_index: NDArray[np.int64], found: Mapping[str, Detections]
    ) -> Detections:
        """Look at frames ``uint8 (T, H, W, 3)`` with film-wide numbers ``int64 (T,)``.

        ``found`` holds the findings of those of ``after`` that could be run, in the pixels of these frames. The
        frames are lent until the call returns.
        """

    def summarise(
        self, found: Detections, *, frame_index: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float32]:
        """Give the signals of the frames ``int64 (F,)`` that were looked at: ``float32 (F, K)``, one row a frame.

        ``found`` holds all that was found in them, in pixels of pictures of ``size`` (width, height); a frame with
        nothing found has a row as well (0 faces, not unknown). NaN where a frame has no value.
        """


def find_annotators() -> list[Annotator]:
    """Find every annotator in this folder, one new object of each, sorted by name.

    An annotator is a class that is defined in a file of this folder and has the attributes of ``Annotator``.
    Raises ``InvalidAnnotator`` when two carry one name or a class repeats a column.
    """
    found: dict[str, Annotator] = {}
    for kind in _classes_with("annotate"):
        annotator = cast(Annotator, kind())
        _check(annotator, kind, names=found)
        if annotator.halo < 0:
            raise InvalidAnnotator(f"{kind.__module__}: `halo` must be 0 or more.")
        found[annotator.name] = annotator
    return [found[name] for name in sorted(found)]


def find_detectors() -> list[Detector]:
    """Find every detector in this folder, one new object of each, those that others build on before these.

    Raises ``InvalidAnnotator`` as ``find_annotators`` does, and when ``after`` names none or goes in a circle.
    """
    found: dict[str, Detector] = {}
    for kind in _classes_with("detect"):
        detector = cast(Detector, kind())
        _check(detector, kind, names=found)
        if not {*detector.x_columns, *detector.y_columns} <= set(detector.columns):
            raise InvalidAnnotator(f"{kind.__module__}: name in `x_columns` and `y_columns` only `columns`.")
        found[detector.name] = detector
    order = TopologicalSorter({name: detector.after for name, detector in sorted(found.items())})
    try:
        return [found[name] for name in order.static_order()]
    except (CycleError, KeyError) as error:
        raise InvalidAnnotator(f"`after` must name other detectors, in no circle: {error}.") from error


def _classes_with(method: str) -> Iterator[type]:
    """Classes defined in this folder's files that have a name, columns and this method."""
    package = __name__.rpartition(".")[0]
    for module_info in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            own = kind.__module__ == module.__name__ and not getattr(kind, "_is_protocol", False)
            if own and all(hasattr(kind, each) for each in ("name", "version", "columns", "max_side_px", method)):
                yield kind


def _check(annotator: Annotator | Detector, kind: type, *, names: Collection[str]) -> None:
    where = kind.__module__
    if annotator.name in names:
        raise InvalidAnnotator(f"{where}: the name {annotator.name!r} is taken; choose another `name`.")
    if len(set(annotator.columns)) != len(annotator.columns) or not annotator.columns:
        raise InvalidAnnotator(f"{where}: name each column once in `columns`, and at least one.")
    if annotator.max_side_px < 1:
        raise InvalidAnnotator(f"{where}: `max_side_px` must be 1 or more.")
