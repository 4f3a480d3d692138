"""Frames of a film as editing programs count them: at a whole or NTSC rate that never varies."""

from __future__ import annotations

import math
from fractions import Fraction

from ava.handoff.films import Film, Span
from ava.media.timecode import format_timecode, parse_timecode

MOST_FPS = 60
"""The fastest rate whose labels have two digits for the frame."""
_COMMON_FPS = tuple(Fraction(fps) for fps in (24, 25, 30, 50, 60))
_NOMINAL_WITHIN = Fraction(1, 500)
_HALF = Fraction(1, 2)


class EditClock:
    """Counts a film's frames from its own start timecode.

    At ``rate``, the film's own where programs have labels for it. Films of variable rate, of odd rates (12.5) and of
    more than 60 frames a second are counted by the clock instead, at the slowest common rate that is not below
    theirs, or 60: where a program that holds such a film at that rate shows the frame.
    """

    def __init__(self, film: Film) -> None:
        nominal = round(film.fps)
        has_labels = 0 < nominal <= MOST_FPS and abs(film.fps - nominal) <= nominal * _NOMINAL_WITHIN
        self.film = film
        self.is_exact = has_labels and not film.is_vfr
        fitting = [rate for rate in _COMMON_FPS if rate >= film.fps * (1 - _NOMINAL_WITHIN)]
        self.rate = film.fps if self.is_exact else min(fitting, default=_COMMON_FPS[-1])
        self.is_drop_frame = self.is_exact and film.is_drop_frame
        first = parse_timecode(film.start_timecode, fps=film.fps) if film.start_timecode else 0
        self.first = first if self.is_exact else round(first * self.rate / film.fps)
        self.frame_count = film.frame_count if self.is_exact else max(self._number_at(film.duration_s), 1)

    def position(self, span: Span) -> int:
        """The number of the span's first frame, counted from the film's first, at the clock's rate."""
        return span.start_frame if self.is_exact else min(self._number_at(span.start_s), self.frame_count - 1)

    def end_position(self, span: Span) -> int:
        """The number after the span's last frame, always behind ``position``."""
        end = span.end_frame if self.is_exact else min(self._number_at(span.end_s), self.frame_count)
        return max(end, self.position(span) + 1)

    def label(self, number: int) -> str:
        """The label of a frame counted from 00:00:00:00: HH:MM:SS:FF, or HH:MM:SS;FF in drop-frame counting."""
        return format_timecode(number, fps=self.rate, drop_frame=self.is_drop_frame)

    def _number_at(self, time_s: float) -> int:
        """The number whose beginning is next to a time, the later of two.

        As programs do that turn films of variable rate into constant ones: a number then shows, at its middle, the
        frame that begins at that time, unless that one is gone before.
        """
        return math.floor(Fraction(time_s) * self.rate + _HALF)


def frames_of_a_day(rate: Fraction, *, is_drop_frame: bool) -> int:
    """How many frames have a label of their own, from 00:00:00:00 to the last before midnight."""
    separator = ";" if is_drop_frame else ":"
    return parse_timecode(f"23:59:59{separator}{round(rate) - 1:02}", fps=rate) + 1
