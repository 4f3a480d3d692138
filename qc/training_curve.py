"""The losses of a training run as lines of a small drawing."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 26
_DECIMALS = 1


class Tick(NamedTuple):
    """A grid line at ``at`` of the drawing, with its value in words."""

    at: float
    label: str


class Drawing(NamedTuple):
    """Points of both lines as SVG takes them, the grid, and the text that says the same."""

    loss: str
    held_out: str
    held_out_points: tuple[tuple[float, float], ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    description: str


def draw_curve(curve: Sequence[Sequence[float | None]], *, steps_total: int) -> Drawing | None:
    """Draw ``[step, loss, held-out loss or None]`` points on a logarithmic scale; None before there are any."""
    points = [
        (float(step), loss, held_out)
        for step, loss, held_out in curve
        if step is not None and loss is not None and loss > 0
    ]
    if not points:
        return None
    values = [value for _, *both in points for value in both if value is not None and value > 0]
    low, high = math.floor(math.log10(min(values)) * 2) / 2, math.ceil(math.log10(max(values)) * 2) / 2
    high = max(high, low + 0.5)
    most = max(float(steps_total), points[-1][0], 1.0)

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / most, _DECIMALS)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(value)) / (high - low), _DECIMALS)

    tried = tuple((x(step), y(value)) for step, _, value in points if value is not None and value > 0)
    return Drawing(
        loss=_line((x(step), y(loss)) for step, loss, _ in points),
        held_out=_line(tried),
        held_out_points=tried,
        rows=tuple(Tick(y(value), _number(value)) for value in _round_values(low, high)),
        columns=tuple(Tick(x(most * share), f"{most * share:,.0f}") for share in (0, 0.25, 0.5, 0.75, 1)),
        description=_describe(points),
    )


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _round_values(low: float, high: float) -> list[float]:
    """1, 3, 10, 30 … between two powers of ten."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    values = [digit * 10.0**decade for decade in decades for digit in (1, 3)]
    return [value for value in values if low - 1e-9 <= math.log10(value) <= high + 1e-9]


def _number(value: float) -> str:
    return f"{value:.3g}"


def _describe(points: Sequence[tuple[float, float, float | None]]) -> str:
    said = f"Loss from {_number(points[0][1])} to {_number(points[-1][1])} after {points[-1][0]:,.0f} steps"
    tried = [value for _, _, value in points if value is not None]
    return f"{said}; held-out loss from {_number(tried[0])} to {_number(tried[-1])}" if tried else said
