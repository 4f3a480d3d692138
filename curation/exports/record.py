"""What an export says of one still, whichever document says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StillRecord:
    """One still of an export, with all that is known of it.

    place: 1-based, in the order in which the stills were asked for. frame_index: 0-based; time_s: when a player shows
    it. rank, score (0–1), shot (1-based): None where the frame was not ranked. verdict: "pick", "reject" or "".
    stars: 0–5. bits: a channel, of the film. notes: "name: text", oldest first. files: their names in the archive.
    layout: how it is laid out on the canvases that were asked for, as ``describe_layout`` tells it, with the faces
    and with the files of each canvas; None where none was asked for.
    """

    place: int
    title: str
    video: str
    frame_index: int
    timecode: str
    time_s: float
    fps: str
    width: int
    height: int
    bits: int
    rank: int | None = None
    score: float | None = None
    shot: int | None = None
    verdict: str = ""
    stars: int = 0
    alt: str = ""
    notes: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    layout: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values by name; `layout` where there is one."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return told if self.layout is not None else {name: told[name] for name in told if name != "layout"}
