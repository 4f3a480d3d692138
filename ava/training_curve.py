"""The curve of a training run as lines of a small drawing: the loss, and a figure on what is held out."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 220
TOP, BOTTOM = 12, 26
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)

Point = tuple[float, float, float | None]
"""A step, its loss, and the figure on what is held out, where it was measured."""


class Tick(NamedTuple):
    """A grid line at ``at`` of the drawing, with its value in words; ``other``: that of the right-hand scale."""

    at: float
    label: str
    other: str = ""


class Drawing(NamedTuple):
    """Points of both lines as SVG takes them, the grid between ``left`` and ``right``, and the text that says it."""

    loss: str
    held_out: str
    held_out_points: tuple[tuple[float, float], ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    description: str
    left: int
    right: int

    @property
    def label_at(self) -> int:
        """Where the left scale's words end."""
        return self.left - 6

    @property
    def other_label_at(self) -> int:
        """Where the right scale's words begin."""
        return self.right + 6


class Scales(NamedTuple):
    """How high each line lies, in shares of the drawing from its foot; ``rows``: shares and their words, left and
    right; ``margins_px``: room for these."""

    loss: Callable[[float], float]
    held_out: Callable[[float], float]
    rows: Sequence[tuple[float, str, str]]
    margins_px: tuple[int, int]


def draw_shares(curve: Iterable[Sequence[float | None]], *, steps_total: int, held_out: str) -> Drawing | None:
    """Draw ``[step, loss, share 0–1 or None]`` points: shares by the left scale, the loss from 0 by the right one.

    ``held_out`` says what the share is of. None before there are any points.
    """
    points = [(step, loss, share) for step, loss, share in curve if step is not None and loss is not None]
    if not points:
        return None
    highest = max(max(loss for _, loss, _ in points), 1e-9)
    scales = Scales(
        loss=lambda loss: loss / highest,
        held_out=lambda share: share,
        rows=[(share, f"{share:.0%}", f"{highest * share:.2g}") for share in SHARES],
        margins_px=(56, 56),
    )
    said = describe_points(points, held_out=held_out, name=lambda share: f"{share:.0%}")
    return draw_points(points, steps_total=steps_total, scales=scales, description=said)


def draw_points(points: Sequence[Point], *, steps_total: int, scales: Scales, description: str) -> Drawing:
    """Draw the points, of which there is one at least, over the steps that there are to be."""
    left, right = scales.margins_px[0], WIDTH - scales.margins_px[1]
    most = max(float(steps_total), points[-1][0], 1.0)

    def x(step: float) -> float:
        return round(left + (right - left) * step / most, 1)

    def y(share: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)

    held_out = tuple((x(step), y(scales.held_out(value))) for step, _, value in points if value is not None)
    return Drawing(
        loss=_line((x(step), y(scales.loss(loss))) for step, loss, _ in points),
        held_out=_line(held_out),
        held_out_points=held_out,
        rows=tuple(Tick(y(share), label, other) for share, label, other in scales.rows),
        columns=tuple(Tick(x(most * share), f"{most * share:,.0f}") for share in SHARES),
        description=description,
        left=left,
        right=right,
    )


def describe_points(points: Sequence[Point], *, held_out: str, name: Callable[[float], str]) -> str:
    """What the drawing shows, in words; ``held_out`` is what that line is called, ``name`` tells its values."""
    said = f"Loss from {points[0][1]:.3g} to {points[-1][1]:.3g} after {points[-1][0]:,.0f} steps"
    tried = [value for _, _, value in points if value is not None]
    return f"{said}; {held_out} from {name(tried[0])} to {name(tried[-1])}" if tried else said


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
