"""The curve of a training run as lines of a small drawing: the loss, and recall on what is held out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 56, 12, 26
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


class Tick(NamedTuple):
    """A grid line at ``at`` of the drawing, with its value in words; ``other``: that of the right-hand scale."""

    at: float
    label: str
    other: str = ""


class Drawing(NamedTuple):
    """Points of both lines as SVG takes them, the grid, and the text that says the same."""

    loss: str
    recall: str
    recall_points: tuple[tuple[float, float], ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    description: str


def draw_curve(curve: Sequence[Sequence[float | None]], *, steps_total: int) -> Drawing | None:
    """Draw ``[step, loss, recall 0–1 or None]`` points: recall by the left scale, the loss from 0 by the right one.

    None before there are any.
    """
    points = [(step, loss, recall) for step, loss, recall in curve if step is not None and loss is not None]
    if not points:
        return None
    highest = max(max(loss for _, loss, _ in points), 1e-9)
    most = max(float(steps_total), points[-1][0], 1.0)

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / most, 1)

    def y(share: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)

    tried = tuple((x(step), y(recall)) for step, _, recall in points if recall is not None)
    return Drawing(
        loss=_line((x(step), y(loss / highest)) for step, loss, _ in points),
        recall=_line(tried),
        recall_points=tried,
        rows=tuple(Tick(y(share), f"{share:.0%}", f"{highest * share:.2g}") for share in SHARES),
        columns=tuple(Tick(x(most * share), f"{most * share:,.0f}") for share in SHARES),
        description=_describe(points),
    )


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _describe(points: Sequence[tuple[float, float, float | None]]) -> str:
    said = f"Loss from {points[0][1]:.3g} to {points[-1][1]:.3g} after {points[-1][0]:,.0f} steps"
    tried = [recall for _, _, recall in points if recall is not None]
    return f"{said}; held-out R@5 from {tried[0]:.0%} to {tried[-1]:.0%}" if tried else said
