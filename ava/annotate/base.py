"""What an annotator is, and how the folder is searched for them."""

import inspect
import pkgutil
from collections.abc import Mapping
from importlib import import_module
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


def find_annotators() -> list[Annotator]:
    """Find every annotator in this folder, one new object of each, sorted by name.

    An annotator is a class that is defined in a file of this folder and has the attributes of ``Annotator``.
    Raises ``InvalidAnnotator`` when two carry one name or a class repeats a column.
    """
    found: dict[str, Annotator] = {}
    package = __name__.rpartition(".")[0]
    for module_info in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__ or not _is_annotator(kind):
                continue
            annotator = cast(Annotator, kind())
            _check(annotator, module_name=module.__name__, found=found)
            found[annotator.name] = annotator
    return [found[name] for name in sorted(found)]


def _is_annotator(kind: type) -> bool:
    attributes = ("name", "version", "columns", "max_side_px", "halo", "load", "annotate")
    return kind is not Annotator and all(hasattr(kind, attribute) for attribute in attributes)


def _check(annotator: Annotator, *, module_name: str, found: Mapping[str, Annotator]) -> None:
    if annotator.name in found:
        raise InvalidAnnotator(f"{module_name}: the name {annotator.name!r} is taken; choose another `name`.")
    if len(set(annotator.columns)) != len(annotator.columns) or not annotator.columns:
        raise InvalidAnnotator(f"{module_name}: name each column once in `columns`, and at least one.")
    if annotator.halo < 0 or annotator.max_side_px < 1:
        raise InvalidAnnotator(f"{module_name}: `halo` must be 0 or more and `max_side_px` 1 or more.")
