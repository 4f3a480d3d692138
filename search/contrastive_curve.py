"""The curve of a contrastive training: the loss, and recall on what is held out."""

from collections.abc import Sequence

from ava.training_curve import SHARES, Drawing, Scales, describe_points, draw_points


def draw_curve(curve: Sequence[Sequence[float | None]], *, steps_total: int) -> Drawing | None:
    """Draw ``[step, loss, recall 0–1 or None]`` points: recall by the left scale, the loss from 0 by the right one.

    None before there are any.
    """
    points = [(step, loss, recall) for step, loss, recall in curve if step is not None and loss is not None]
    if not points:
        return None
    highest = max(max(loss for _, loss, _ in points), 1e-9)
    scales = Scales(
        loss=lambda loss: loss / highest,
        held_out=lambda recall: recall,
        rows=[(share, f"{share:.0%}", f"{highest * share:.2g}") for share in SHARES],
        margins_px=(56, 56),
    )
    said = describe_points(points, held_out="held-out R@5", name=lambda recall: f"{recall:.0%}")
    return draw_points(points, steps_total=steps_total, scales=scales, description=said)
