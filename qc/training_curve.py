"""The curve of a training of the pixel network: its losses, on a logarithmic scale."""

import math
from collections.abc import Sequence

from ava.training_curve import Drawing, Scales, describe_points, draw_points


def draw_curve(curve: Sequence[Sequence[float | None]], *, steps_total: int) -> Drawing | None:
    """Draw ``[step, loss, held-out loss or None]`` points on a logarithmic scale; None before there are any."""
    points = [
        (float(step), loss, held_out if held_out is not None and held_out > 0 else None)
        for step, loss, held_out in curve
        if step is not None and loss is not None and loss > 0
    ]
    if not points:
        return None
    values = [value for _, *both in points for value in both if value is not None]
    low, high = math.floor(math.log10(min(values)) * 2) / 2, math.ceil(math.log10(max(values)) * 2) / 2
    high = max(high, low + 0.5)

    def share(value: float) -> float:
        return (math.log10(value) - low) / (high - low)

    rows = [(share(value), _number(value), "") for value in _round_values(low, high)]
    scales = Scales(loss=share, held_out=share, rows=rows, margins_px=(46, 12))
    said = describe_points(points, held_out="held-out loss", name=_number)
    return draw_points(points, steps_total=steps_total, scales=scales, description=said)


def _round_values(low: float, high: float) -> list[float]:
    """1, 3, 10, 30 … between two powers of ten."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    values = [digit * 10.0**decade for decade in decades for digit in (1, 3)]
    return [value for value in values if low - 1e-9 <= math.log10(value) <= high + 1e-9]


def _number(value: float) -> str:
    return f"{value:.3g}"
