"""Finding every kind of defect in this folder."""

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from qc.defects.defect import Defect


@cache
def find_defects() -> tuple[Defect, ...]:
    """Find every kind of defect that lights pixels of one frame, one object of each, sorted by name.

    A kind is a class that is defined in a file of this folder and has ``name`` and ``draw``. Raises ValueError when two
    carry one name.
    """
    package = __name__.rpartition(".")[0]
    found: dict[str, Defect] = {}
    for module_info in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            is_own = kind.__module__ == module.__name__ and not getattr(kind, "_is_protocol", False)
            if not (is_own and hasattr(kind, "name") and hasattr(kind, "draw")):
                continue
            defect = cast(Defect, kind())
            if defect.name in found:
                raise ValueError(f"{kind.__module__}: the name {defect.name!r} is taken; choose another.")
            found[defect.name] = defect
    return tuple(found[name] for name in sorted(found))
