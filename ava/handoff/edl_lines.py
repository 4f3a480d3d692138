"""What all edit decision lists (CMX 3600) are made of: head, events, and names that fit into a line."""

from __future__ import annotations

from collections.abc import Sequence

from ava.handoff.edit_clock import EditClock

MOST_EVENTS = 999
LINE_END = "\r\n"


class UnfitForEdl(ValueError):
    """What one edit decision list cannot hold; the text is one sentence that says what to do."""


def head_lines(title: str, *, is_drop_frame: bool) -> list[str]:
    """The lines before the first event: title and way of counting."""
    mode = "DROP FRAME" if is_drop_frame else "NON-DROP FRAME"
    return [f"TITLE: {one_line(title)}", f"FCM: {mode}"]


def event_line(number: int, *, reel: str, tracks: str, times: Sequence[str]) -> str:
    """A cut: 1-based number, reel of at most 8 letters, tracks ("V", "AA/V"), source in and out, record in and out."""
    return f"{number:03}  {reel:8} {tracks:5} C        {' '.join(times)}"


def require_one_counting(clocks: Sequence[EditClock], *, most: str, instead: str) -> None:
    """Raise UnfitForEdl, which tells to do ``instead``, for more than 999 events, and for several rates or ways of
    counting; ``most`` names what there would be too many of."""
    if len(clocks) > MOST_EVENTS:
        raise UnfitForEdl(f"An EDL holds at most {MOST_EVENTS} {most}, and these are {len(clocks)}; {instead}.")
    countings = {(clock.rate, clock.is_drop_frame) for clock in clocks}
    if len(countings) > 1:
        told = ", ".join(_counting(rate, is_drop) for rate, is_drop in sorted(countings))
        raise UnfitForEdl(f"An EDL counts at one rate, and these films count at {told}; {instead}.")


def why_by_clock(clock: EditClock) -> str:
    """Why labels of this film count by the clock, in an EDL's capitals."""
    what = "VARIABLE FRAME RATE" if clock.film.is_vfr else f"{float(clock.film.fps):g} FRAMES A SECOND"
    return f"{what}, COUNTED BY THE CLOCK AT {clock.rate}"


def one_line(text: str) -> str:
    """Names may hold anything; a line of an EDL ends at its first line break."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _counting(rate: object, is_drop_frame: bool) -> str:
    return f"{rate} drop-frame" if is_drop_frame else str(rate)
