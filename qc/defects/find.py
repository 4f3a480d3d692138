"""Finding every kind of defect, and everything that looks like one, in their folders."""

import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import cast

from qc.defects.defect import Defect
from qc.defects.lookalikes.lookalike import Lookalike


@cache
def find_defects() -> tuple[Defect, ...]:
    """Find every kind of defect that lights pixels of one frame, one object of each, sorted by name.

    A kind is a class that is defined in a file of ``qc.defects`` and has ``name`` and ``draw``. Raises ValueError when
    two carry one name.
    """
    return tuple(cast(Defect, kind()) for kind in _classes_with("draw", package="qc.defects"))


@cache
def find_lookalikes() -> tuple[Lookalike, ...]:
    """Find everything that looks like a defect and is none, as ``find_defects`` does: classes with ``add``."""
    return tuple(cast(Lookalike, kind()) for kind in _classes_with("add", package="qc.defects.lookalikes"))


def _classes_with(method: str, *, package: str) -> list[type]:
    found: dict[str, type] = {}
    for kind in _own_classes(package):
        name = getattr(kind, "name", None)
        if not isinstance(name, str) or not hasattr(kind, method):
            continue
        if name in found:
            raise ValueError(f"{kind.__module__}: the name {name!r} is taken; choose another.")
        found[name] = kind
    return [found[name] for name in sorted(found)]


def _own_classes(package: str) -> Iterator[type]:
    for module_info in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__:
                yield kind
