"""The demo film's letters: one style for each kind."""

from collections.abc import Sequence

from ava.render.lettering import Line, TextCue

_SOFT_WHITE = (226, 226, 222)


def title(name: str, motto: str, *, start_frame: int, end_frame: int) -> TextCue:
    """The film's name in the middle of the picture."""
    lines = (
        Line(name, 0.098, tracking_unit=0.32, gap_unit=0.45),
        Line(motto, 0.031, tracking_unit=0.28, colour=_SOFT_WHITE),
    )
    return TextCue("title", lines, start_frame, end_frame, y_unit=0.41, fade_frames=14)


def lower_third(name: str, role: str, *, start_frame: int, end_frame: int) -> TextCue:
    """Who or where this is, low on the left."""
    lines = (Line(name, 0.05, gap_unit=0.3), Line(role, 0.029, tracking_unit=0.06, colour=_SOFT_WHITE))
    return TextCue("lower_third", lines, start_frame, end_frame, x_unit=0.07, y_unit=0.77, align_left=True)


def subtitle(text: str, *, start_frame: int, end_frame: int) -> TextCue:
    """What the narrator says."""
    return TextCue("subtitle", (Line(text, 0.046),), start_frame, end_frame, y_unit=0.86, fade_frames=0)


def credits_roll(cast: Sequence[str], *, start_frame: int, end_frame: int) -> TextCue:
    """Everybody, and where their pictures are from."""
    small, gap = 0.027, 0.8
    lines = [Line("NIGHT LAUNCH", 0.06, tracking_unit=0.3, gap_unit=1.2)]
    lines += [Line("with", small, gap_unit=gap, colour=_SOFT_WHITE)]
    lines += [Line(name, 0.044, gap_unit=0.45) for name in cast]
    lines += [Line("", small, gap_unit=gap)]
    for role, name in (
        ("portraits", "official, public domain"),
        ("pictures", "as shipped with scikit-image"),
        ("lettering", "Aileron"),
        ("camera, light and sound", "computed"),
    ):
        lines += [
            Line(role, small, gap_unit=0.3, colour=_SOFT_WHITE),
            Line(name, 0.036, gap_unit=0.9),
        ]
    lines += [Line("Nobody in this film said or did what it shows.", small, colour=_SOFT_WHITE)]
    return TextCue("credits", tuple(lines), start_frame, end_frame)
