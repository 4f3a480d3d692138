"""Camera moves: where a virtual camera looks at each moment of a shot."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ava.render.truth import CameraName

Ease = Callable[[float], float]
"""Maps the share of time 0–1 that has gone by to the share 0–1 of the way."""


class View(NamedTuple):
    """What the camera frames: centre and width in scene pixels; the height follows from the film's shape."""

    x: float
    y: float
    width: float


class Shake(NamedTuple):
    """Unsteadiness of a hand: ``amount_unit`` is the largest sway as a share of the view's width."""

    amount_unit: float
    rate_hz: float = 0.9


def ease_in_out(time_unit: float) -> float:
    """Start and stop softly (cosine)."""
    return 0.5 - 0.5 * math.cos(math.pi * time_unit)


def ease_out(time_unit: float) -> float:
    """Begin at speed and settle (quadratic)."""
    return 1.0 - (1.0 - time_unit) ** 2


def linear(time_unit: float) -> float:
    """Move at a constant speed."""
    return time_unit


def whip(start_unit: float, end_unit: float) -> Ease:
    """Hold, swish from ``start_unit`` to ``end_unit`` of the time, hold."""

    def ease(time_unit: float) -> float:
        return ease_in_out(min(max((time_unit - start_unit) / (end_unit - start_unit), 0.0), 1.0))

    return ease


@dataclass(frozen=True, slots=True)
class CameraMove:
    """A move from one view to another, steady or not; ``name`` is what an editor would call it."""

    name: CameraName
    start: View
    end: View
    ease: Ease = ease_in_out
    shake: Shake | None = None

    def view(self, time_unit: float, *, time_s: float) -> View:
        """Return the view at a moment: ``time_unit`` 0–1 within the shot, ``time_s`` seconds into it."""
        share = self.ease(min(max(time_unit, 0.0), 1.0))
        # Widths multiply rather than add, so that a zoom looks equally fast all the way.
        width = self.start.width * (self.end.width / self.start.width) ** share
        x = self.start.x + (self.end.x - self.start.x) * share
        y = self.start.y + (self.end.y - self.start.y) * share
        if self.shake is not None:
            x += width * self.shake.amount_unit * _sway(time_s * self.shake.rate_hz, phase=0.0)
            y += width * self.shake.amount_unit * 0.7 * _sway(time_s * self.shake.rate_hz, phase=2.1)
        return View(x, y, width)


def hold(view: View, *, shake: Shake | None = None) -> CameraMove:
    """A camera that stays: on a tripod, or in a hand when it shakes."""
    return CameraMove("static" if shake is None else "handheld", view, view, shake=shake)


def _sway(cycles: float, *, phase: float) -> float:
    """Three sines without a common period look like a hand; the result stays within -1 to 1."""
    return (
        0.5 * math.sin(2 * math.pi * cycles + phase)
        + 0.3 * math.sin(2 * math.pi * 1.73 * cycles + 1.3 + phase)
        + 0.2 * math.sin(2 * math.pi * 3.19 * cycles + 2.9 + 2 * phase)
    )
