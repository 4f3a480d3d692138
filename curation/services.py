"""Writing stills and decisions."""

from ava.stages import StageRun


def refresh_stills(run: StageRun) -> None:
    raise NotImplementedError
