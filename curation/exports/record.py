"""What an export says of one picture, whichever document says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_OF_FRAMES = (
    "video", "frame_index", "timecode", "time_s", "fps", "bits", "rank", "score", "shot", "verdict", "stars", "notes",
    "lists",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StillRecord:
    """One still of an export, with all that is known of it; or an artwork, which no frame of a film stands behind.

    place: 1-based, in the order in which they were asked for, artworks last. frame_index: 0-based; time_s: when a
    player shows it. rank, score (0–1), shot (1-based): None where the frame was not ranked. verdict: "pick", "reject"
    or "". stars: 0–5. bits: a channel, of the film. notes: "name: text", oldest first. files: their names in the
    archive. artwork: its name, "" for a still; what is of frames alone is then empty or None.
    layout: its focal point and how it is laid out on the canvases that were asked for, as ``describe_layout`` tells
    it, with the faces and with the files of each canvas; None where it was not laid out.
    """

    place: int
    title: str
    video: str
    frame_index: int | None
    timecode: str
    time_s: float | None
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
    artwork: str = ""

    @property
    def source_name(self) -> str:
        """The name of the file that it comes from, a film or an artwork."""
        return self.artwork or self.video

    @property
    def label(self) -> str:
        """What people know it by in its title: "01:02:03:04 of reel.mov", or an artwork's name."""
        return self.artwork or f"{self.timecode} of {self.video}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values by name: those that such a picture can have, and `layout` where there is one."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        lacking = {*(_OF_FRAMES if self.artwork else ("artwork",)), *(() if self.layout is not None else ("layout",))}
        return {name: value for name, value in told.items() if name not in lacking}
