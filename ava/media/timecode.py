"""Timecode: frame numbers as HH:MM:SS:FF and back, for exact rational rates, drop-frame and variable rates.

Counting follows SMPTE ST 12-1: labels run at the nominal rate (30 for 30000/1001), so that non-drop labels of
fractional rates fall behind the clock, and drop-frame labels skip two numbers (four at 59.94) at the start of
each minute that is not a multiple of ten.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ava.media.video_info import VideoInfo

NOMINAL_WITHIN = Fraction(1, 500)  # 23.976, and 23.98 as some files round it, count as 24
DROP_FRAME_SHARE = 15  # 2 of 30, 4 of 60: one in fifteen of the nominal rate
HALF_MILLISECOND_S = 0.0005  # by which labels in milliseconds are rounded
MINUTES_A_DAY = 24 * 60
PATTERN = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})")


class BadTimecode(ValueError):
    """A timecode that does not exist; the text is one sentence that says what would."""


def format_timecode(frame: int, *, fps: Fraction, drop_frame: bool = False, start: str | None = None) -> str:
    """The label of a frame: "HH:MM:SS:FF", or "HH:MM:SS;FF" in drop-frame counting.

    frame: 0-based number from the film's first frame; fps: its exact rate. start: the label of frame 0, whose
    separator decides on drop-frame counting in place of drop_frame. Labels run on from 23:59:59 to 00:00:00.
    At rates near no whole number (12.5) FF counts the frames since the second began.
    Raises BadTimecode for a start that does not exist and for drop-frame at a rate that has none.
    """
    if start:
        drop_frame = ";" in start
        frame += parse_timecode(start, fps=fps)
    nominal = _nominal_rate(fps)
    if nominal is None:
        second = int(frame / fps)
        return _label(second, frame - _first_frame_of(second, fps=fps), separator=":")
    if drop_frame:
        frame = _with_dropped_numbers(frame, dropped=_dropped_a_minute(fps), nominal=nominal)
    return _label(frame // nominal, frame % nominal, separator=";" if drop_frame else ":")


def parse_timecode(text: str, *, fps: Fraction) -> int:
    """The number of frames from 00:00:00:00 to a label; ";" before the frames means drop-frame counting.

    Raises BadTimecode when the text is no timecode or names a frame that the rate does not have.
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise BadTimecode(f"“{text}” is no timecode; write it as HH:MM:SS:FF.")
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    total_seconds = (hours * 60 + minutes) * 60 + seconds
    nominal = _nominal_rate(fps)
    if nominal is None:
        frame = _first_frame_of(total_seconds, fps=fps) + frames
        if frame >= _first_frame_of(total_seconds + 1, fps=fps):
            raise BadTimecode(f"“{text}” does not exist at {float(fps):g} frames a second.")
        return frame
    if frames >= nominal:
        raise BadTimecode(f"“{text}” does not exist at {nominal} frames a second; the last is {nominal - 1}.")
    if match[4] != ";":
        return total_seconds * nominal + frames
    dropped = _dropped_a_minute(fps)
    total_minutes = hours * 60 + minutes
    if seconds == 0 and frames < dropped and minutes % 10:
        raise BadTimecode(f"“{text}” is skipped in drop-frame counting; this minute begins with ;{dropped:02}.")
    return total_seconds * nominal + frames - dropped * (total_minutes - total_minutes // 10)


def film_timecode(info: VideoInfo, frame: int) -> str:
    """The label of a film's frame, counted from the film's own start timecode where it has one.

    In a film of variable rate no frame count tells the time: there it is "HH:MM:SS.mmm", the time at which a
    player shows the frame.
    """
    if info.is_vfr:
        milliseconds = round(info.time_s(frame) * 1000)
        return _label(milliseconds // 1000, milliseconds % 1000, separator=".", digits=3)
    return format_timecode(frame, fps=info.fps, start=_valid_start(info))


def film_frame(info: VideoInfo, timecode: str) -> int:
    """The frame with this label in a film, clamped to its first and last; what film_timecode gives is understood.

    Raises BadTimecode when the text is no timecode of this film.
    """
    match = PATTERN.fullmatch(timecode.strip())
    if match is not None and match[4] in ".,":
        whole_s = (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])
        return info.frame_at(whole_s + float(f"0.{match[5]}") + HALF_MILLISECOND_S)
    start = _valid_start(info)
    first = parse_timecode(start, fps=info.fps) if start else 0
    return min(max(parse_timecode(timecode, fps=info.fps) - first, 0), info.frame_count - 1)


def _valid_start(info: VideoInfo) -> str | None:
    """The film's start timecode; None where it has none or one that its own rate does not have."""
    try:
        parse_timecode(info.start_timecode or "", fps=info.fps)
    except BadTimecode:
        return None
    return info.start_timecode


def _nominal_rate(fps: Fraction) -> int | None:
    nominal = round(fps)
    return nominal if nominal and abs(fps - nominal) <= nominal * NOMINAL_WITHIN else None


def _dropped_a_minute(fps: Fraction) -> int:
    nominal = _nominal_rate(fps)
    if nominal is None or nominal % 30 or fps == nominal:
        raise BadTimecode(f"Drop-frame timecode exists at 29.97 and 59.94 frames a second, not at {float(fps):g}.")
    return nominal // DROP_FRAME_SHARE


def _with_dropped_numbers(frame: int, *, dropped: int, nominal: int) -> int:
    """The label's count for a frame: two (or four) more for each minute begun, but for every tenth."""
    a_minute = 60 * nominal - dropped
    ten_minutes = 10 * a_minute + dropped
    tens, rest = divmod(frame, ten_minutes)
    minutes = max(rest - dropped, 0) // a_minute
    return frame + dropped * (9 * tens + minutes)


def _first_frame_of(second: int, *, fps: Fraction) -> int:
    return -(-second * fps.numerator // fps.denominator)


def _label(total_seconds: int, frames: int, *, separator: str, digits: int = 2) -> str:
    minutes, seconds = divmod(total_seconds, 60)
    hours, minutes = divmod(minutes % MINUTES_A_DAY, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:0{digits}}"
