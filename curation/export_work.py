"""Making exports."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ava.file_making import Making, end, hold, make_file, resend_lost
from ava.media.probe import UnusableVideo
from ava.stored_content import store_made
from ava.workspaces import workspace
from curation.export_archive import write_archive
from curation.export_canvases import UnusableCanvas
from curation.export_request import MAKE_TASK, publish_export
from curation.models import Export

TOLD_AT_MOST = 3
_NOTHING_DECODED = "None of these stills can be decoded; look at the films' own pages for why."
_NOTHING_READ = "None of these pictures can be read; bring the artwork again, and look at the films' own pages."
MAKING = Making(
    rows=Export,
    name="export",
    task=MAKE_TASK,
    claimed_for=timedelta(minutes=2),
    less="Export fewer stills or formats",
    refusals=(UnusableCanvas,),
    publish=publish_export,
)


def make_export(export_id: int) -> None:
    """Make an export that waits, or whose worker died; safe to call any number of times."""
    make_file(export_id, making=MAKING, work=_make)


def resend_lost_exports() -> None:
    """Send again what nobody makes, and delete what is older than it is kept."""
    resend_lost(MAKING)


def _make(export: Export) -> None:
    name = f"exports/{export.title_id}/{export.pk}.zip"
    with workspace(stores=name) as scratch:
        target = scratch / "export.zip"
        missing = write_archive(
            target,
            title=export.title,
            wanted=export.wanted,
            scratch=scratch,
            on_done=lambda count: hold(export, making=MAKING, done_count=count),
        )
        if len(missing) >= export.total_count:
            raise UnusableVideo(_NOTHING_READ if export.wanted.get("artworks") else _NOTHING_DECODED)
        store_made(target, name=name)
    export.file.name = name
    end(export, making=MAKING, state=Export.State.DONE, error=_tell_missing(missing, wanted=export.wanted))


def _tell_missing(missing: list[str], *, wanted: Mapping[str, Any]) -> str:
    if not missing:
        return ""
    named = ", ".join(missing[:TOLD_AT_MOST]) + (" and others" if len(missing) > TOLD_AT_MOST else "")
    if wanted.get("artworks"):
        count = "1 picture" if len(missing) == 1 else f"{len(missing):,} pictures"
        return f"{count} could not be read and stayed out: {named}. Bring artwork again; take neighbouring frames."
    count = "1 still" if len(missing) == 1 else f"{len(missing):,} stills"
    return f"{count} could not be decoded and stayed out: {named}. Take neighbouring frames."
