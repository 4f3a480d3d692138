"""A list as files of one kind: one, or several where an edit decision list cannot hold it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ava.handoff.cut_list import CutList
from ava.handoff.edl_lines import MOST_EVENTS, UnfitForEdl
from ava.handoff.kinds import HandoffKind


class Part(NamedTuple):
    """A file: what comes behind a list's name to make the file's, and its text."""

    ending: str
    text: str


def write_parts(cuts: CutList, *, kind: HandoffKind) -> Iterator[Part]:
    """The list as one file; else as one a span, numbered, and where marks are too many for that, one a 999 of them.

    Raises UnfitForEdl for a span of more than 24 hours.
    """
    try:
        yield Part(kind.suffix, kind.write(cuts))
        return
    except UnfitForEdl:
        pieces = _pieces(cuts)
        if len(pieces) < 2:
            raise
    for number, piece in enumerate(pieces, start=1):
        yield from (Part(f" {number}{part.ending}", part.text) for part in write_parts(piece, kind=kind))


def _pieces(cuts: CutList) -> list[CutList]:
    if len(cuts.spans) > 1:
        return [replace(cuts, spans=(cut,)) for cut in cuts.spans]
    return [
        replace(cuts, spans=(cut._replace(marks=cut.marks[start : start + MOST_EVENTS]),))
        for cut in cuts.spans
        for start in range(0, len(cut.marks), MOST_EVENTS)
    ]
