"""What all edit decision lists (CMX 3600) are made of: head, events, and what one of them cannot hold."""

from __future__ import annotations

from collections.abc import Sequence

from ava.handoff.cut_list import Layout
from ava.handoff.edit_clock import EditClock, frames_of_a_day
from ava.handoff.plain_text import one_line

MOST_EVENTS = 999
LINE_END = "\r\n"
INSTEAD = "take OTIO, FCPXML or Premiere XML, which"


class UnfitForEdl(ValueError):
    """What one edit decision list cannot hold; the text is one sentence that says what to do."""


def head_lines(title: str, *, is_drop_frame: bool) -> list[str]:
    """The lines before the first event: title and way of counting."""
    mode = "DROP FRAME" if is_drop_frame else "NON-DROP FRAME"
    return [f"TITLE: {one_line(title)}", f"FCM: {mode}"]


def event_line(number: int, *, reel: str, tracks: str, times: Sequence[str]) -> str:
    """A cut: 1-based number, reel of at most 8 letters, tracks ("V", "AA/V"), source in and out, record in and out."""
    return f"{number:03}  {reel:8} {tracks:5} C        {' '.join(times)}"


def require_edl(layout: Layout) -> None:
    """Raise UnfitForEdl for what an EDL cannot hold: over 999 clips, over a day, films counted differently."""
    require_few(len(layout.events), what="clips")
    require_a_day(layout)
    countings = {(event.clock.rate, event.clock.is_drop_frame) for event in layout.events}
    if len(countings) > 1:
        told = ", ".join(_counting(rate, is_drop) for rate, is_drop in sorted(countings))
        raise UnfitForEdl(f"An EDL counts at one rate, and these films count at {told}; {INSTEAD} hold several.")


def require_few(count: int, *, what: str) -> None:
    """Raise UnfitForEdl for more than 999 events."""
    if count > MOST_EVENTS:
        raise UnfitForEdl(f"An EDL holds at most {MOST_EVENTS} {what}, and these are {count:,}; {INSTEAD} hold more.")


def require_a_day(layout: Layout) -> None:
    """Raise UnfitForEdl for more than timecode can count."""
    if layout.frame_count > frames_of_a_day(layout.rate, is_drop_frame=layout.is_drop_frame):
        raise UnfitForEdl(f"Timecode counts 24 hours, and this is longer; {INSTEAD} do without.")


def why_by_clock(clock: EditClock) -> str:
    """Why labels of this film count by the clock, in an EDL's capitals."""
    what = "VARIABLE FRAME RATE" if clock.film.is_vfr else f"{float(clock.film.fps):g} FRAMES A SECOND"
    return f"{what}, COUNTED BY THE CLOCK AT {clock.rate}"


def _counting(rate: object, is_drop_frame: bool) -> str:
    return f"{rate} drop-frame" if is_drop_frame else str(rate)
