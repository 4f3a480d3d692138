"""Workers without processes: a test takes the hints that would have gone to them, and works them off itself."""

from collections.abc import Callable, Mapping
from typing import Any

from ava import pipeline

_WORK: dict[str, Callable[..., Any]] = {
    "ava.tasks.work_off_next_unit": pipeline.work_off_next_unit,
    "ava.tasks.advance_job": pipeline.advance_job,
}


def work_off(hints: list[tuple], more: Mapping[str, Callable[..., Any]] | None = None) -> None:
    """Take hints until there are none, the light worker's first, as it is idle mostly; others are passed over.

    ``more``: what else is done, by the name of its task.
    """
    known = {**_WORK, **(more or {})}
    while hints:
        hints.sort(key=lambda hint: hint[0] != "ava.tasks.advance_job")
        name, *arguments = hints.pop(0)
        if name in known:
            known[name](*arguments)
