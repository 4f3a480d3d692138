"""Which colour a marker has in editing programs: by what it marks, in names that Avid, Resolve and OTIO share."""

from __future__ import annotations

from collections.abc import Mapping

_COLOURS: Mapping[str, str] = {"hot": "RED", "stuck": "CYAN"}
_OTHER_COLOUR = "YELLOW"


def marker_colour(kind: str) -> str:
    """The colour of a kind of mark, in capitals."""
    return _COLOURS.get(kind, _OTHER_COLOUR)
