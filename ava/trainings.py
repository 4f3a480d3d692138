"""What `manage.py train` can train: apps register their networks here, and the command asks for nothing else."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NamedTuple


class TrainingTarget(NamedTuple):
    """Something to be trained from the shell, without a database.

    ``add_arguments`` adds its options to its parser. ``run`` trains with them, by their names, tells people through
    ``say``, and returns a summary of JSON values; raises ``Unfit`` with a sentence where it cannot.
    """

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[dict[str, Any], Callable[[str], None]], dict[str, Any]]


class Unfit(ValueError):
    """A training cannot be done, or not to its end; the sentence says why."""


_registered: dict[str, TrainingTarget] = {}


def register(target: TrainingTarget) -> None:
    """Have `manage.py train` know the target; called from `AppConfig.ready`."""
    _registered[target.name] = target


def targets() -> list[TrainingTarget]:
    """Whatever can be trained, by name."""
    return [_registered[name] for name in sorted(_registered)]
